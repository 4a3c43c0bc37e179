"""Writing an export: the file is there whole or not at all."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from eks_lab.errors import DataError, InputError
from eks_lab.learning.export import write_export


def test_an_export_is_written_whole_and_for_the_owner_only(tmp_path: Path) -> None:
    target = tmp_path / "mine.json"
    write_export("text ×\n", target)
    assert target.read_bytes() == "text ×\n".encode()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["mine.json"]


def test_an_existing_file_is_replaced_only_on_request(tmp_path: Path) -> None:
    target = tmp_path / "mine.json"
    target.write_text("precious")
    with pytest.raises(InputError, match=r"mine\.json exists already") as caught:
        write_export("new", target)
    assert "--force" in caught.value.hint
    assert target.read_text() == "precious"
    write_export("new", target, force=True)
    assert target.read_text() == "new"
    assert [file.name for file in tmp_path.iterdir()] == ["mine.json"]


def test_a_link_to_nowhere_counts_as_existing(tmp_path: Path) -> None:
    (tmp_path / "mine.json").symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match="exists already"):
        write_export("new", tmp_path / "mine.json")


def test_a_file_that_appears_meanwhile_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "mine.json"
    target.write_text("precious")
    monkeypatch.setattr("eks_lab.learning.export.os.path.lexists", lambda _: False)
    with pytest.raises(InputError, match="exists already"):
        write_export("new", target)
    assert target.read_text() == "precious"
    assert [file.name for file in tmp_path.iterdir()] == ["mine.json"]


@pytest.mark.parametrize("there", [False, True])
def test_a_disk_without_hard_links_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    target = tmp_path / "mine.json"
    if there:
        target.write_text("precious")
    monkeypatch.setattr("eks_lab.learning.export.os.link", refuse)
    monkeypatch.setattr("eks_lab.learning.export.os.path.lexists", lambda _: False)
    if there:
        with pytest.raises(InputError, match="exists already"):
            write_export("new", target)
    else:
        write_export("new", target)
    assert target.read_text() == ("precious" if there else "new")
    assert [file.name for file in tmp_path.iterdir()] == ["mine.json"]


@pytest.mark.parametrize("force", [False, True])
def test_a_full_disk_leaves_neither_a_half_file_nor_the_old_one_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, force: bool
) -> None:
    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    target = tmp_path / "mine.json"
    if force:
        target.write_text("precious")
    monkeypatch.setattr("eks_lab.learning.export.os.fsync", refuse)
    with pytest.raises(DataError, match=r"mine\.json could not be written: No space left on device"):
        write_export("new", target, force=force)
    assert [file.read_text() for file in tmp_path.iterdir()] == (["precious"] if force else [])


def test_a_folder_or_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder") as caught:
        write_export("new", tmp_path)
    assert str(tmp_path / "progress.json") in caught.value.hint
    with pytest.raises(InputError, match="does not exist"):
        write_export("new", tmp_path / "no" / "mine.json")
