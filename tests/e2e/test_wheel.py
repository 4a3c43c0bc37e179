"""An installed wheel, run from another folder, finds its content."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from eks_lab.locations import HOME_VARIABLE

REPOSITORY = Path(__file__).resolve().parents[2]


def run(*command: str, folder: Path, environment: dict[str, str] | None = None) -> str:
    """Run a command and return what it printed; fail with all of it."""
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.e2e
def test_the_wheel_carries_the_course(tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(
        sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(REPOSITORY),
        folder=tmp_path,
    )  # fmt: skip
    (wheel,) = out.glob("eks_lab-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert "eks_lab/_data/lessons/course.yaml" in names
    assert "eks_lab/content/schemas/lesson.json" in names
    assert not any("__pycache__" in name for name in names)

    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(site), HOME_VARIABLE: str(tmp_path / "home")}
    command = [sys.executable, "-m", "eks_lab"]
    where = run(sys.executable, "-c", "import eks_lab; print(eks_lab.__file__)", folder=elsewhere,
                environment=environment)  # fmt: skip
    assert where.startswith(str(site))
    listed = json.loads(run(*command, "lesson", "list", "--json", folder=elsewhere, environment=environment))
    assert len(listed["lessons"]) >= 45
    text = run(
        *command,
        "lesson",
        "show",
        "networking.max-pods",
        "--plain",
        folder=elsewhere,
        environment=environment,
    )
    assert "networking.max-pods" in text
    answer = json.loads(
        run(
            *command,
            "calc",
            "max-pods",
            "--instance",
            "t3.medium",
            "--json",
            folder=elsewhere,
            environment=environment,
        )
    )
    assert answer["result"]["max_pods"] == 17


@pytest.mark.e2e
def test_the_source_archive_is_whole_and_clean(tmp_path: Path) -> None:
    run(
        sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", str(tmp_path), str(REPOSITORY),
        folder=tmp_path,
    )  # fmt: skip
    (archive,) = tmp_path.glob("eks_lab-*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    needed = ("Makefile", "constraints.txt", "pyproject.toml", "README.md", "LICENSE", "eks_lab/__main__.py")
    content = ("lessons/course.yaml", "labs/max-pods/lab.yaml", "tests/e2e/test_wheel.py")
    assert {*needed, *content} <= names
    assert any(name.startswith("infra/") for name in names)
    clutter = ("__pycache__", ".venv", ".ready", ".pyc", ".hypothesis", "snapshot_report")
    assert [name for name in names if any(word in name for word in clutter)] == []
