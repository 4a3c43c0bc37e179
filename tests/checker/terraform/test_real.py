"""The learner's terraform: what it says becomes findings, and what did not run is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from eks_lab.checker.model import Severity
from eks_lab.checker.terraform.real import run_terraform

VALIDATE = (
    '{"valid": false, "diagnostics": [{"severity": "error", "summary": "Bad", "detail": "Very\\nbad.",'
    ' "range": {"filename": "main.tf", "start": {"line": 3}}}, {"severity": "warning", "summary": "Old"}]}'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "module"
    found.mkdir()
    (found / "main.tf").write_text("locals {}\n")
    return found


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a program named terraform into PATH that writes its arguments down."""
    (tmp_path / "answer.json").write_text(VALIDATE)
    programs = tmp_path / "bin"
    programs.mkdir()
    program = programs / "terraform"
    program.write_text(
        "#!/bin/sh\n"
        f'echo "$@" >> {tmp_path}/called\n'
        "case $1 in\n"
        "  fmt) echo main.tf; exit 3;;\n"
        f"  validate) cat {tmp_path}/answer.json; exit 1;;\n"
        "esac\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    return tmp_path / "called"


def test_without_terraform_it_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder))
    outcome = run_terraform([folder])
    assert outcome.findings == []
    assert outcome.said == ["terraform is not installed, so fmt and validate were not run."]


@pytest.mark.usefixtures("fake")
def test_without_a_provider_only_fmt_runs(folder: Path) -> None:
    outcome = run_terraform([folder])
    assert [(each.rule, each.file) for each in outcome.findings] == [
        ("terraform-fmt", (folder / "main.tf").as_posix())
    ]
    assert "no provider at hand" in outcome.said[1]


@pytest.mark.usefixtures("fake")
def test_where_terraform_was_initialised_validate_runs(folder: Path) -> None:
    (folder / ".terraform").mkdir()
    outcome = run_terraform([folder])
    error, warning = [each for each in outcome.findings if each.rule == "terraform-validate"]
    assert (error.line, error.severity, error.message) == (3, Severity.ERROR, "Bad: Very bad.")
    assert (warning.line, warning.severity) == (0, Severity.WARNING)


def test_plugins_are_taken_from_a_folder_and_the_module_is_not_touched(
    folder: Path, fake: Path, tmp_path: Path
) -> None:
    outcome = run_terraform([folder], tmp_path / "plugins")
    assert f"-plugin-dir={tmp_path / 'plugins'}" in fake.read_text()
    assert [path.name for path in folder.iterdir()] == ["main.tf"]
    assert any("validate looked at" in said for said in outcome.said)
