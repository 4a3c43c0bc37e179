"""Killed, out of space, two at once: what was acknowledged is there, and nothing is damaged."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from eks_lab.clock import SimClock
from eks_lab.errors import DataError
from eks_lab.learning.progress import Progress, open_progress

REPOSITORY = Path(__file__).resolve().parents[2]

# Writes for ever; prints a number after the write of that number returned.
STORM = """
import os, sys
from pathlib import Path
from eks_lab.clock import SystemClock
from eks_lab.learning.progress import Place, open_progress
os.write(1, b"ready\\n")
if "wait" in sys.argv:
    sys.stdin.readline()
progress = open_progress(Path(sys.argv[1]), SystemClock())
name, last = sys.argv[2], int(sys.argv[3])
number = 0
while number != last:
    progress.record_answer(f"{name}.{number}", 1, (number % 4,), True)
    progress.save_place(Place(f"{name}.{number % 7}", "why", 0.5))
    progress.add_seconds(name, 1)
    os.write(1, b"%d\\n" % number)
    number += 1
os.write(1, f"done {progress.notice}\\n".encode())
"""


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> list[str]:
    """Return the lines that the process has still to say, and wait for its end."""
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.close()
        # Not communicate(): it passes over lines that `readline` has fetched together with the one it returned.
        out, errors = process.stdout.read(), process.stderr.read()
    assert errors == ""
    return out.splitlines()


def integrity(path: Path) -> str:
    connection = sqlite3.connect(path)
    try:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])
    finally:
        connection.close()


@pytest.mark.parametrize("writes_before_the_kill", [0, 1, 25, 150])
def test_every_acknowledged_write_survives_kill_9(
    path: Path, clock: SimClock, writes_before_the_kill: int
) -> None:
    process = start(STORM, path, "a.one", -1)
    assert process.stdout is not None
    for _ in range(writes_before_the_kill + 1):
        process.stdout.readline()
    process.kill()
    rest = finish(process)
    assert process.returncode == -signal.SIGKILL
    last = int(rest[-1]) if rest else writes_before_the_kill - 1
    with open_progress(path, clock) as progress:
        assert progress.notice == ""
        answers = progress.answers()
        assert {f"a.one.{number}" for number in range(last + 1)} <= set(answers)
        assert len(answers) <= last + 2, "at most the write that was under way may be there too"
        if last >= 0:
            assert progress.lessons()["a.one"].seconds >= last + 1
    assert integrity(path) == "ok"


# Makes SQLite write half a transaction into the file itself, then dies without any clean-up.
TORN = """
import os, signal, sys
from pathlib import Path
from eks_lab.clock import SystemClock
from eks_lab.learning.progress import open_progress
progress = open_progress(Path(sys.argv[1]), SystemClock())
progress.mark_finished("a.one")
with progress.database.write() as connection:
    connection.execute("PRAGMA cache_size = 2")
    connection.execute("UPDATE lessons SET finished_at = NULL")
    for number in range(2000):
        connection.execute(
            "INSERT INTO bookmarks VALUES (?, '', 'x', '2026-11-22T09:30:00.000000+00:00')", (f"torn.{number}",)
        )
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_half_a_transaction_is_undone_on_the_next_opening(path: Path, clock: SimClock) -> None:
    finish(start(TORN, path))
    assert path.with_name(path.name + "-journal").stat().st_size > 0, "the process died too early to matter"
    with open_progress(path, clock) as progress:
        assert progress.notice == ""
        assert progress.lessons()["a.one"].finished_at is not None
        assert progress.bookmarks() == []
    assert integrity(path) == "ok"
    assert not path.with_name(path.name + "-journal").exists()


def test_two_processes_write_at_once_and_a_third_reads(path: Path, progress: Progress) -> None:
    processes = [start(STORM, path, name, 100, "wait") for name in ("left", "right")]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    seen = 0
    while any(process.poll() is None for process in processes) and seen < 200:
        seen = len(progress.answers())
    for process in processes:
        assert finish(process)[-1] == "done "
    assert set(progress.answers()) == {f"{name}.{n}" for name in ("left", "right") for n in range(100)}
    assert {name: progress.lessons()[name].seconds for name in ("left", "right")} == {
        "left": 100,
        "right": 100,
    }
    assert integrity(path) == "ok"


def open_together(path: Path, count: int) -> list[str]:
    """Open the same place from several processes at once and return their last lines."""
    processes = [start(STORM, path, f"p{number}", 3, "wait") for number in range(count)]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return [finish(process)[-1] for process in processes]


def test_processes_that_start_together_share_one_new_file(path: Path, clock: SimClock) -> None:
    assert open_together(path, 3) == ["done "] * 3
    with open_progress(path, clock) as progress:
        assert len(progress.answers()) == 9


def test_of_processes_that_meet_a_damaged_file_one_sets_it_aside(path: Path, clock: SimClock) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"garbage" * 1000)
    endings = open_together(path, 3)
    assert sum("set aside" in ending for ending in endings) == 1
    aside = [file for file in path.parent.iterdir() if ".damaged-" in file.name]
    assert [file.read_bytes() for file in aside] == [b"garbage" * 1000]
    with open_progress(path, clock) as progress:
        assert len(progress.answers()) == 9


def fill(progress: Progress) -> tuple[int, DataError]:
    """Write until the disk is full; return how many writes were acknowledged and the error."""
    for number in range(100_000):
        try:
            progress.record_answer(f"a.one.{number}", 1, (0,), True)
        except DataError as error:
            return number, error
    pytest.fail("the disk never filled")


def test_a_full_disk_stops_writes_with_a_message_and_loses_nothing(
    path: Path, clock: SimClock, progress: Progress
) -> None:
    progress.set_setting("theme", "eks-light")
    with progress.database.read() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 3}")
    written, error = fill(progress)
    assert written > 10
    assert error.message == f"progress was not saved: the disk is full ({path})"
    assert "still there" in error.hint
    assert error.exit_code == 4
    assert len(progress.answers()) == written
    assert progress.settings().theme == "eks-light"
    with progress.database.read() as connection:
        connection.execute("PRAGMA max_page_count = 1000000")
    progress.record_answer("a.one.after", 1, (0,), True)
    assert len(progress.answers()) == written + 1
    assert integrity(path) == "ok"


# The operating system refuses to let any file grow beyond a size, as a full disk or a quota would.
REFUSED = """
import resource, sys
from pathlib import Path
from eks_lab.clock import SystemClock
from eks_lab.errors import DataError
from eks_lab.learning.progress import open_progress
progress = open_progress(Path(sys.argv[1]), SystemClock())
limit = Path(sys.argv[1]).stat().st_size + 3 * 4096
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
for number in range(100_000):
    try:
        progress.record_answer(f"a.one.{number}", 1, (0,), True)
    except DataError as error:
        print("refused", number, error.message)
        break
print("read", len(progress.answers()))
"""


def test_a_disk_that_refuses_stops_writes_with_a_message_and_loses_nothing(
    path: Path, clock: SimClock
) -> None:
    refused, read = finish(start(REFUSED, path))
    written = int(refused.split()[1])
    assert written > 10
    assert "progress was not saved" in refused
    assert str(path) in refused
    assert read == f"read {written}"
    with open_progress(path, clock) as progress:
        assert progress.notice == ""
        assert len(progress.answers()) == written
    assert integrity(path) == "ok"


def test_a_lock_that_is_never_let_go_is_an_error_not_a_wait_for_ever(
    path: Path, clock: SimClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eks_lab.learning.database.BUSY_TIMEOUT_MS", 1)
    monkeypatch.setattr("eks_lab.learning.database.BUSY_ATTEMPTS", 3)
    monkeypatch.setattr("eks_lab.learning.database.OPENING_TIMEOUT_SECONDS", 0.01)
    with open_progress(path, clock) as progress:
        progress.mark_opened("a.one")
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        try:
            before = path.read_bytes()
            with pytest.raises(DataError, match=r"another program keeps .* locked"):
                progress.mark_opened("a.two")
            with pytest.raises(DataError, match=r"another program keeps .* locked"):
                progress.lessons()
            with pytest.raises(DataError, match=r"cannot be opened: another program keeps .* locked"):
                open_progress(path, clock)
            assert path.read_bytes() == before
        finally:
            other.close()
        progress.mark_opened("a.two")
        assert list(progress.lessons()) == ["a.one", "a.two"]


def test_a_file_moved_away_while_open_is_reported_not_written_to(path: Path, progress: Progress) -> None:
    progress.mark_opened("a.one")
    path.rename(path.with_name("elsewhere"))
    with pytest.raises(DataError, match="moved or deleted while the program was running"):
        progress.mark_opened("a.two")


def test_no_write_is_acknowledged_before_it_is_synced(progress: Progress) -> None:
    with progress.database.read() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == 3
