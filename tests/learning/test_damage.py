"""Files that cannot be used: set aside, refused or left alone, but never overwritten and never a traceback."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from eks_lab.clock import SimClock
from eks_lab.errors import DataError
from eks_lab.learning.progress import Progress, open_progress
from eks_lab.learning.schema import load_migrations

ASIDE = "progress.sqlite3.damaged-20261122T093000Z"


def garbage(path: Path) -> None:
    path.write_bytes(b"\x93 not a database \x00" * 500)


def text(path: Path) -> None:
    path.write_text("my notes\n")


def empty(path: Path) -> None:
    path.write_bytes(b"")


def truncated(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2 + 100])


def header_only(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


def page_overwritten(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    whole[4096 : 4096 * 3] = b"\xa5" * (4096 * 2)
    path.write_bytes(whole)


def of_another_program(path: Path) -> None:
    change(path, "PRAGMA application_id = 1")


def without_a_table(path: Path) -> None:
    change(path, "DROP TABLE answers")


def without_a_version(path: Path) -> None:
    change(path, "PRAGMA user_version = 0")


def change(path: Path, sql: str) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(sql)


def a_learner(path: Path, clock: SimClock) -> None:
    with open_progress(path, clock) as progress:
        progress.mark_finished("a.one")
        for number in range(200):
            progress.record_answer(f"a.one.{number}", 1, (0,), True)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (garbage, "not a database"),
        (text, "not a database"),
        (empty, "it is empty"),
        (truncated, "it is damaged"),
        (header_only, "it is damaged"),
        (page_overwritten, "it is damaged"),
        (of_another_program, "another program"),
        (without_a_table, "it lacks answers"),
        (without_a_version, "its format is 0"),
    ],
)
def test_a_damaged_file_is_set_aside_whole_and_a_new_one_started(
    path: Path, clock: SimClock, damage: Callable[[Path], None], reason: str
) -> None:
    a_learner(path, clock)
    damage(path)
    before = path.read_bytes()
    with open_progress(path, clock) as progress:
        assert reason in progress.notice
        assert str(path.with_name(ASIDE)) in progress.notice
        assert progress.is_remembered
        assert progress.lessons() == {}
        progress.mark_opened("a.two")
    assert path.with_name(ASIDE).read_bytes() == before
    with open_progress(path, clock) as again:
        assert again.notice == ""
        assert list(again.lessons()) == ["a.two"]


def test_a_folder_in_its_place_is_set_aside_with_what_it_holds(path: Path, clock: SimClock) -> None:
    path.mkdir(parents=True)
    (path / "notes.txt").write_text("mine")
    with open_progress(path, clock) as progress:
        assert "a folder is in its place" in progress.notice
        progress.mark_opened("a.one")
    assert (path.with_name(ASIDE) / "notes.txt").read_text() == "mine"
    assert path.is_file()


def test_a_second_damaged_file_in_the_same_second_gets_its_own_name(path: Path, clock: SimClock) -> None:
    path.parent.mkdir(parents=True)
    for content in (b"first", b"second", b"third"):
        path.write_bytes(content)
        open_progress(path, clock).close()
    kept = [path.with_name(ASIDE + suffix).read_bytes() for suffix in ("", "-2", "-3")]
    assert kept == [b"first", b"second", b"third"]


def test_what_belongs_to_a_damaged_file_goes_with_it(path: Path, clock: SimClock) -> None:
    path.parent.mkdir(parents=True)
    garbage(path)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).write_bytes(suffix.encode())
    with open_progress(path, clock) as progress:
        assert progress.is_remembered
    assert path.with_name(ASIDE + "-wal").read_bytes() == b"-wal"
    assert path.with_name(ASIDE + "-shm").read_bytes() == b"-shm"
    assert sorted(file.name for file in path.parent.iterdir()) == sorted(
        ["progress.sqlite3", "progress.sqlite3.lock", ASIDE, ASIDE + "-wal", ASIDE + "-shm"]
    )


def test_a_journal_left_alone_is_not_played_into_a_new_file(path: Path, clock: SimClock) -> None:
    path.parent.mkdir(parents=True)
    journal = path.with_name(path.name + "-journal")
    journal.write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + b"\x00" * 5000)
    before = journal.read_bytes()
    with open_progress(path, clock) as progress:
        assert "only its journal is left" in progress.notice
        assert progress.lessons() == {}
    assert path.with_name(ASIDE + "-journal").read_bytes() == before


def test_a_half_made_new_file_of_a_killed_process_is_made_again(path: Path, clock: SimClock) -> None:
    path.parent.mkdir(parents=True)
    draft = path.with_name(path.name + ".new")
    draft.write_bytes(b"half")
    with open_progress(path, clock) as progress:
        assert progress.notice == ""
        assert progress.is_remembered
    assert not draft.exists()


def test_a_lock_file_with_something_in_it_is_still_a_lock(path: Path, clock: SimClock) -> None:
    path.parent.mkdir(parents=True)
    path.with_name(path.name + ".lock").write_bytes(b"garbage" * 1000)
    with open_progress(path, clock) as progress:
        assert progress.notice == ""
        assert progress.is_remembered


def test_a_newer_file_is_refused_and_untouched(path: Path, clock: SimClock) -> None:
    a_learner(path, clock)
    change(path, "PRAGMA user_version = 99")
    before = path.read_bytes()
    names = sorted(file.name for file in path.parent.iterdir())
    with pytest.raises(DataError) as caught:
        open_progress(path, clock)
    assert caught.value.message == (
        f"{path} was written by a newer eks-lab: its format is 99, "
        f"this program knows {load_migrations()[-1].number}"
    )
    assert "Update eks-lab" in caught.value.hint
    assert path.read_bytes() == before
    assert sorted(file.name for file in path.parent.iterdir()) == names


def test_damage_found_later_is_an_error_that_says_what_to_do(path: Path, clock: SimClock) -> None:
    a_learner(path, clock)
    with open_progress(path, clock) as progress:
        whole = path.read_bytes()
        changed = bytes([whole[27] ^ 1])  # the change counter, so that nothing is answered from memory
        path.write_bytes(whole[:27] + changed + whole[28:4096] + b"\xa5" * (len(whole) - 4096))
        with pytest.raises(DataError, match="has been damaged") as caught:
            progress.answers()
        assert "Start the program again" in caught.value.hint
    with open_progress(path, clock) as again:
        assert "it is damaged" in again.notice


def nothing_remembered(progress: Progress) -> None:
    assert not progress.is_remembered
    assert progress.notice.startswith("Nothing will be remembered this time: ")
    progress.mark_opened("a.two")
    progress.record_answer("a.two.q", 1, (0,), True)
    progress.set_setting("theme", "eks-light")
    assert "a.two" in progress.lessons()
    with pytest.raises(DataError, match="nothing to back up"):
        progress.reset()
    assert "a.two" in progress.lessons()


def test_where_no_folder_can_be_made_the_program_still_works(tmp_path: Path, clock: SimClock) -> None:
    (tmp_path / "file").write_text("in the way")
    with open_progress(tmp_path / "file" / "data" / "progress.sqlite3", clock) as progress:
        nothing_remembered(progress)
        assert f"{tmp_path / 'file'} is in the way: it is not a folder" in progress.notice
    assert (tmp_path / "file").read_text() == "in the way"


def test_where_nothing_can_be_written_what_is_stored_is_shown(path: Path, clock: SimClock) -> None:
    a_learner(path, clock)
    lock = path.with_name(path.name + ".lock")
    lock.unlink()
    lock.mkdir()
    before = path.read_bytes()
    with open_progress(path, clock) as progress:
        assert "What was stored before is shown" in progress.notice
        assert len(progress.answers()) == 200
        nothing_remembered(progress)
    assert path.read_bytes() == before


def test_a_damaged_file_that_cannot_be_set_aside_is_left_alone(
    path: Path, clock: SimClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.parent.mkdir(parents=True)
    garbage(path)
    before = path.read_bytes()

    def refuse(*_: object) -> Path:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("eks_lab.learning.database.set_aside", refuse)
    with open_progress(path, clock) as progress:
        assert "Permission denied" in progress.notice
        assert progress.lessons() == {}
        nothing_remembered(progress)
    assert path.read_bytes() == before


@pytest.mark.parametrize("mode", ["folder", "file"])
def test_what_may_not_be_written_is_shown_and_not_changed(
    path: Path, clock: SimClock, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    a_learner(path, clock)
    before = path.read_bytes()
    # Not with chmod: root, who runs many a container, may write everywhere.
    refused = path.parent if mode == "folder" else path
    monkeypatch.setattr("eks_lab.learning.database.os.access", lambda asked, _: asked != refused)
    with open_progress(path, clock) as progress:
        assert "may not be written" in progress.notice
        assert len(progress.answers()) == 200
        nothing_remembered(progress)
    assert path.read_bytes() == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_home_shows_what_is_stored(path: Path, clock: SimClock) -> None:
    a_learner(path, clock)
    path.parent.chmod(0o500)
    try:
        with open_progress(path, clock) as progress:
            assert len(progress.answers()) == 200
            nothing_remembered(progress)
    finally:
        path.parent.chmod(0o700)


def test_a_pipe_in_its_place_is_neither_read_nor_renamed(path: Path, clock: SimClock) -> None:
    path.parent.mkdir(parents=True)
    os.mkfifo(path)
    with open_progress(path, clock) as progress:
        assert "not an ordinary file" in progress.notice
        nothing_remembered(progress)
    assert path.is_fifo()


def test_a_link_is_followed(tmp_path: Path, clock: SimClock) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere" / "progress.sqlite3")
    with open_progress(tmp_path / "link", clock) as progress:
        progress.mark_opened("a.one")
    assert (tmp_path / "link").is_symlink()
    with open_progress(tmp_path / "elsewhere" / "progress.sqlite3", clock) as progress:
        assert list(progress.lessons()) == ["a.one"]
