"""`eks-lab doctor` as a learner types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from eks_lab.cli.doctor import command
from tests.doctor.machines import machine


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EKS_LAB_HOME", str(tmp_path / "home"))
    lesson = tmp_path / "content" / "lessons" / "00-start" / "10-tools"
    lesson.mkdir(parents=True)
    (lesson / "lesson.md").write_text("")
    monkeypatch.setattr("eks_lab.locations.content_root", lambda: tmp_path / "content")
    return tmp_path / "home"


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str, **changed: object) -> Result:
    monkeypatch.setattr("eks_lab.doctor.machine.this_machine", lambda: machine(**changed))  # type: ignore[arg-type]
    return CliRunner().invoke(command, arguments)


def test_a_ready_machine_exits_with_0(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(monkeypatch)
    assert result.exit_code == 0
    assert "  ✓ ok      kubectl     v1.36.1 (/usr/bin/kubectl)" in result.stdout
    assert result.stdout.endswith("Ready.\n")


def test_absent_tools_exit_with_0(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, prints={}).exit_code == 0


def test_something_required_and_missing_exits_with_3(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(monkeypatch, is_writable=lambda path: False)
    assert result.exit_code == 3
    assert "✗ missing data folder" in result.stdout
    assert "Not ready: data folder." in result.stdout


def test_the_json_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(monkeypatch, "--json", is_writable=lambda path: False)
    assert result.exit_code == 3
    document = json.loads(result.stdout)
    assert document["ready"] is False
    statuses = {check["name"]: check["status"] for check in document["checks"]}
    assert statuses["data folder"] == "missing"
    assert statuses["terraform"] == "ok"


@pytest.mark.parametrize("encoding", ["ascii", "iso8859-1", "no-such-encoding"])
def test_a_terminal_without_our_signs_gets_others(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    result = run(monkeypatch, output_encoding=encoding, prints={})
    assert result.stdout.isascii()
    assert "  + ok      Python" in result.stdout
    assert "  x missing kubectl" in result.stdout


def test_it_looks_at_this_machine_and_changes_nothing(tmp_path: Path) -> None:
    """The one run without a made-up machine: real tools, real ports, real folders, in a child process."""
    home = tmp_path / "real home"
    home.mkdir()
    result = subprocess.run(
        [sys.executable, "-m", "eks_lab", "doctor", "--json"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "EKS_LAB_HOME": str(home), "TERM": "xterm-256color"},
    )
    assert result.returncode == 0, result.stderr
    document = json.loads(result.stdout)
    assert document["ready"] is True
    found = {check["name"]: check for check in document["checks"]}
    assert found["Python"]["found"] == ".".join(map(str, sys.version_info[:3]))
    assert found["lessons"]["status"] == "ok"
    assert {"kubectl", "aws", "terraform", "helm", "kind", "docker", "4566", "6443"} <= set(found)
    assert list(home.iterdir()) == []
