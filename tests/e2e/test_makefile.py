"""`make` on a machine that is not ready: words before anything is made."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        shutil.which("make") is None or shutil.which("awk") is None, reason="needs make and awk"
    ),
]


def make(*arguments: str, path: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run make in the repository, as somebody whose PATH is `path`."""
    return subprocess.run(
        [shutil.which("make") or "make", "--no-print-directory", *arguments],
        cwd=REPOSITORY,
        env={"PATH": path or os.environ["PATH"], "LC_ALL": "C", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_names_every_target_there_is() -> None:
    done = make("help")
    assert done.returncode == 0, done.stderr
    named = {line.split()[1] for line in done.stdout.splitlines()}
    lines = (REPOSITORY / "Makefile").read_text().splitlines()
    (phony,) = (line.split()[1:] for line in lines if line.startswith(".PHONY:"))
    assert named == set(phony)
    assert {"setup", "run", "test", "check", "bench"} <= named


def test_without_a_python_it_says_which_and_how(tmp_path: Path) -> None:
    for name in ("sh", "echo"):
        (tmp_path / name).symlink_to(shutil.which(name) or f"/bin/{name}")
    done = make("setup", f"VENV={tmp_path / 'venv'}", path=str(tmp_path))
    assert done.returncode == 2
    assert "eks-lab needs Python 3.11 or newer; none was found." in done.stderr
    assert "make PYTHON=/path/to/python3.12" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_a_python_that_is_named_is_looked_at_too(tmp_path: Path) -> None:
    old = tmp_path / "python3.10"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && { echo Python 3.10.13; exit 0; }\nexit 1\n')
    old.chmod(0o755)
    done = make("setup", f"VENV={tmp_path / 'venv'}", f"PYTHON={old}")
    assert done.returncode == 2
    assert f"needs Python 3.11 or newer; {old} is Python 3.10.13. Name another" in done.stderr
    done = make("setup", f"VENV={tmp_path / 'venv'}", f"PYTHON={tmp_path / 'none'}")
    assert f"{tmp_path / 'none'} is not a program. Name another" in done.stderr
    assert not (tmp_path / "venv").exists()


def python_that_sets_up(tmp_path: Path, pip: str) -> Path:
    """Write a Python whose venv holds a Python that answers `-m pip` with a line of shell."""
    inner = tmp_path / "inner"
    inner.write_text(f'#!/bin/sh\ncase "$2" in pip) {pip} ;; esac\nexit 0\n')
    inner.chmod(0o755)
    python = tmp_path / "python3.12"
    python.write_text(
        "#!/bin/sh\n"
        '[ "$1" = --version ] && { echo Python 3.12.1; exit 0; }\n'
        f'[ "$2" = venv ] && {{ mkdir -p "$4/bin" && cp {inner} "$4/bin/python"; exit $?; }}\n'
        "exit 0\n"
    )
    python.chmod(0o755)
    return python


def test_without_a_network_it_says_so_and_keeps_the_log(tmp_path: Path) -> None:
    python = python_that_sets_up(tmp_path, 'echo "ERROR: no matching distribution" >&2; exit 1')
    done = make("setup", f"VENV={tmp_path / 'venv'}", f"PYTHON={python}")
    assert done.returncode == 2
    assert "==> Fetching the installer\n    uv cannot be fetched" in done.stdout
    assert "Ready" not in done.stdout
    assert "ERROR: no matching distribution" in done.stderr
    assert f"Not everything could be installed; {tmp_path / 'venv'}/setup.log says more." in done.stderr
    assert "make clean run" in done.stderr
    assert not (tmp_path / "venv" / ".ready").exists()


def test_where_uv_fails_pip_goes_on(tmp_path: Path) -> None:
    uv = tmp_path / "uv"
    uv.write_text('#!/bin/sh\necho "uv $*" >> "$CALLS"\necho "error: no route" >&2\nexit 2\n')
    uv.chmod(0o755)
    python = python_that_sets_up(
        tmp_path,
        f'echo "$*" >> "$CALLS"; for last; do :; done; [ "$last" = uv ] && cp {uv} "${{0%python}}uv"',
    )
    done = make("setup", f"VENV={tmp_path / 'venv'}", f"PYTHON={python}", CALLS=str(tmp_path / "calls"))
    assert done.returncode == 0, done.stderr
    assert "    with pip, which is slower\n==> Ready." in done.stdout
    assert done.stderr == ""
    calls = (tmp_path / "calls").read_text().splitlines()
    assert [call.split()[0] for call in calls] == ["-m", "uv", "uv", "-m"]
    assert "--offline" in calls[2]
    assert all("-c constraints.txt" in call for call in calls)
    assert (tmp_path / "venv" / ".ready").exists()
