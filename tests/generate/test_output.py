"""Files on the learner's disk: nothing is lost, nothing is half written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from eks_lab.errors import InputError, UnavailableError
from eks_lab.generate.model import GeneratedFile
from eks_lab.generate.output import joined, write_files


def test_a_new_file_and_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "c.yaml"
    (written,) = write_files([(path, "x\n")])
    assert path.read_bytes() == b"x\n"
    assert (written.backup, written.is_unchanged) == (None, False)
    assert str(written) == f"Wrote {path}."


def test_each_overwriting_leaves_a_copy(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    for text in ("one\n", "two\n", "three\n", "four\n"):
        (written,) = write_files([(path, text)])
    assert path.read_text() == "four\n"
    assert written.backup == tmp_path / "c.yaml.bak.2"
    kept = {entry.name: entry.read_text() for entry in tmp_path.iterdir()}
    assert kept == {
        "c.yaml": "four\n",
        "c.yaml.bak": "one\n",
        "c.yaml.bak.1": "two\n",
        "c.yaml.bak.2": "three\n",
    }
    assert "what was there is in" in str(written)


def test_the_same_text_touches_nothing(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("x\n")
    before = path.stat()
    (written,) = write_files([(path, "x\n")])
    assert written.is_unchanged
    assert path.stat() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_in_the_way_stops_everything(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        write_files([(tmp_path / "a.yaml", "a\n"), (tmp_path / "b.yaml", "b\n")])
    assert not (tmp_path / "a.yaml").exists()


def test_a_file_where_a_folder_is_needed(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("mine\n")
    with pytest.raises(InputError, match="is a file, and a folder is wanted"):
        write_files([(tmp_path / "a" / "b.yaml", "b\n")])
    assert (tmp_path / "a").read_text() == "mine\n"


def test_a_read_only_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `os.access` sees it: the tests may run as root, who may write anywhere."""
    (tmp_path / "c.yaml").write_text("mine\n")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(UnavailableError, match="read-only"):
        write_files([(tmp_path / "c.yaml", "x\n")])
    assert (tmp_path / "c.yaml").read_text() == "mine\n"


def test_a_failure_while_writing_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("mine\n")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UnavailableError, match="no space left"):
        write_files([(path, "x\n")])
    assert [entry.name for entry in tmp_path.iterdir()] == ["c.yaml"]
    assert path.read_text() == "mine\n"


def test_a_file_system_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("mine\n")
    (tmp_path / "c.yaml.bak").write_text("older\n")

    def unsupported(*names: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", unsupported)
    (written,) = write_files([(path, "x\n")])
    assert written.backup == tmp_path / "c.yaml.bak.1"
    assert written.backup.read_text() == "mine\n"
    assert (tmp_path / "c.yaml.bak").read_text() == "older\n"


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    target, link = tmp_path / "real.yaml", tmp_path / "link.yaml"
    target.write_text("mine\n")
    link.symlink_to(target)
    write_files([(link, "x\n")])
    assert link.is_symlink()
    assert target.read_text() == "x\n"
    assert (tmp_path / "real.yaml.bak").read_text() == "mine\n"


def test_permissions_stay(tmp_path: Path) -> None:
    path = tmp_path / "run.sh"
    path.write_text("mine\n")
    path.chmod(0o750)
    write_files([(path, "x\n")])
    assert path.stat().st_mode & 0o777 == 0o750


def test_joining() -> None:
    one = GeneratedFile("a.yaml", "a: 1\nb: 2\n", {2: "Two."})
    two = GeneratedFile("b.yaml", "c: 3\n", {1: "Three."})
    assert joined([one]) is one
    whole = joined([one, two])
    assert whole is not None
    assert whole.text == "# a.yaml\na: 1\nb: 2\n---\n# b.yaml\nc: 3\n"
    assert whole.reasons == {3: "Two.", 6: "Three."}
    assert joined([one, GeneratedFile("c.json", "{}\n")]) is None


def test_a_link_that_leads_to_itself_is_said_plainly(tmp_path: Path) -> None:
    loop = tmp_path / "loop.yaml"
    loop.symlink_to(loop.name)
    with pytest.raises(UnavailableError, match="cannot be written"):
        write_files([(loop, "a: 1\n")])
    assert loop.is_symlink()
