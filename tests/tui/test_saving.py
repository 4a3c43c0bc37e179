"""Saving code as a file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from eks_lab.errors import InputError, UnavailableError
from eks_lab.tui.saving import NameTakenError, free_name, resolve_name, save_new, save_over


def test_a_new_file_ends_with_a_line_end(tmp_path: Path) -> None:
    save_new(tmp_path / "a.yaml", "kind: Pod")
    assert (tmp_path / "a.yaml").read_text() == "kind: Pod\n"
    assert [path.name for path in tmp_path.iterdir()] == ["a.yaml"]


def test_what_is_there_stays_there(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("mine")
    with pytest.raises(NameTakenError, match="exists already"):
        save_new(path, "theirs")
    assert path.read_text() == "mine"


def test_a_dangling_link_is_something_too(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(NameTakenError):
        save_new(path, "theirs")
    assert path.is_symlink()


def test_another_name_is_offered(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    assert free_name(path) == path
    path.write_text("")
    (tmp_path / "a-2.yaml").write_text("")
    assert free_name(path).name == "a-3.yaml"


def test_overwriting_keeps_a_copy_each_time(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("first")
    assert save_over(path, "second").read_text() == "first"
    assert save_over(path, "third").read_text() == "second\n"
    assert path.read_text() == "third\n"
    assert (tmp_path / "a.yaml.bak").read_text() == "first"


def test_a_folder_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="There is no folder"):
        save_new(tmp_path / "no" / "a.yaml", "x")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_read_only_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UnavailableError, match="permission denied"):
        save_new(tmp_path / "a.yaml", "x")


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    path = tmp_path / "a.yaml"
    with pytest.raises(UnavailableError, match="no space left on device"):
        save_new(path, "x")
    assert list(tmp_path.iterdir()) == []


def test_an_overwrite_that_fails_gives_the_old_file_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("mine")
    real = os.rename

    def second_fails(source: Path, target: Path) -> None:
        if Path(target) == path and Path(source).name.startswith("."):
            raise OSError(5, "Input/output error")
        real(source, target)

    monkeypatch.setattr(os, "rename", second_fails)
    with pytest.raises(UnavailableError):
        save_over(path, "theirs")
    assert path.read_text() == "mine"


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "\x00", "sub/"])
def test_names_that_are_none(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        resolve_name(tmp_path, name)


def test_a_folder_is_no_file_name(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        resolve_name(tmp_path, "sub")


def test_names_are_taken_from_the_folder(tmp_path: Path) -> None:
    assert resolve_name(tmp_path, " a.yaml ") == tmp_path / "a.yaml"
    assert resolve_name(tmp_path, "sub/a.yaml") == tmp_path / "sub" / "a.yaml"
    assert resolve_name(tmp_path, str(tmp_path / "b")) == tmp_path / "b"
