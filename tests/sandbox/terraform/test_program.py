"""Which program, and what of a command is ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from eks_lab.errors import InputError, UnavailableError
from eks_lab.sandbox.terraform import program


def put(folder: Path, name: str) -> str:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def test_terraform_before_tofu_and_neither(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(UnavailableError, match="neither terraform nor tofu"):
        program.program()
    tofu = put(tmp_path / "bin", "tofu")
    assert program.program() == tofu
    terraform = put(tmp_path / "bin", "terraform")
    assert program.program() == terraform


@pytest.mark.parametrize("words", [["fmt"], ["version"], ["-help"]])
def test_what_looks_at_files_alone(tmp_path: Path, words: list[str]) -> None:
    assert not program.command(words, tmp_path).needs_account


def test_another_folder(tmp_path: Path) -> None:
    (tmp_path / "live").mkdir()
    found = program.command(["-chdir=live", "plan", "-out=x"], tmp_path)
    assert (found.name, found.arguments) == ("plan", ("plan", "-out=x"))
    assert found.folder == (tmp_path / "live").resolve()
    with pytest.raises(InputError, match="no such folder"):
        program.command(["-chdir=gone", "plan"], tmp_path)


@pytest.mark.parametrize(
    "option", [["-backend-config=bucket=states"], ["--backend-config", "file.tfbackend"]]
)
def test_what_names_a_backend_is_left_out(tmp_path: Path, option: list[str]) -> None:
    found = program.command(["init", *option, "-upgrade"], tmp_path)
    assert found.arguments == ("init", "-upgrade")
    assert found.dropped == tuple(option)


@pytest.mark.parametrize("name", ["login", "logout", "cloud"])
def test_services_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="HCP Terraform"):
        program.command([name], tmp_path)
