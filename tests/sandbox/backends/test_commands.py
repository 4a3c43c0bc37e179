"""Outside programs: lines as they come, a time limit, and a way to stop that leaves nothing running."""

from __future__ import annotations

import sys
import threading
import time

import psutil
import pytest

from eks_lab.sandbox.backends.commands import (
    CommandMissingError,
    CommandTimeoutError,
    Exchange,
    Outcome,
    ProgramRunner,
    RecordedRunner,
)
from eks_lab.sandbox.backends.interface import Cancel, StoppedError

WAITS = "import threading; print('here', flush=True); threading.Event().wait(60)"


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_output_code_and_input() -> None:
    lines: list[str] = []
    code = "import sys; print(sys.stdin.read()); print('oops', file=sys.stderr); sys.exit(3)"
    outcome = ProgramRunner().run([sys.executable, "-c", code], stdin="hello", line=lines.append)
    assert outcome == Outcome(3, "hello\n", "oops\n")
    assert sorted(lines) == ["hello", "oops"]
    assert outcome.last_error == "oops"


def test_the_environment_is_what_was_given() -> None:
    code = "import os; print(os.environ.get('A'), 'HOME' in os.environ)"
    outcome = ProgramRunner().run([sys.executable, "-c", code], environment={"A": "1"})
    assert outcome.out == "1 False\n"


def test_a_missing_program_is_named() -> None:
    with pytest.raises(CommandMissingError, match="no-such-program is not installed"):
        ProgramRunner().run(["no-such-program"])
    assert ProgramRunner().find("no-such-program") == ""


def test_a_program_that_takes_too_long_is_ended() -> None:
    with pytest.raises(CommandTimeoutError, match=r"did not end within 0\.2 s"):
        ProgramRunner().run([sys.executable, "-c", WAITS], timeout_seconds=0.2)


def test_cancelling_ends_the_program_and_all_it_started() -> None:
    child = "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE);"
    code = f"{child} print(p.pid, flush=True); p.wait()"
    cancel = Cancel()
    pids: list[int] = []
    cancelled_at: list[float] = []

    def seen(line: str) -> None:
        pids.append(int(line))
        cancelled_at.append(time.monotonic())
        cancel.cancel()

    with pytest.raises(StoppedError, match="stopped before it was done"):
        ProgramRunner().run([sys.executable, "-c", code], cancel=cancel, line=seen)
    assert time.monotonic() - cancelled_at[0] < 5
    end = time.monotonic() + 5
    while not all(is_gone(each) for each in pids):
        assert time.monotonic() < end, "what it started still runs"
        threading.Event().wait(0.02)


def test_a_cancelled_run_starts_nothing() -> None:
    cancel = Cancel()
    cancel.cancel()
    with pytest.raises(StoppedError):
        ProgramRunner().run(["no-such-program"], cancel=cancel)


def test_waiting_on_a_cancel_ends_with_it() -> None:
    cancel = Cancel()
    threading.Thread(target=cancel.cancel).start()
    assert cancel.wait(60)
    assert cancel.is_cancelled


def test_recordings_play_in_order_with_any_word_for_a_star() -> None:
    lines: list[str] = []
    runner = RecordedRunner(
        [
            Exchange(("kind", "create", "*"), Outcome(0, "one\ntwo\n")),
            Exchange(("kind", "delete"), cancels=True),
            Exchange(("kind", "version"), hangs=True),
        ],
        programs=("kind",),
    )
    assert runner.run(("kind", "create", "anything"), line=lines.append).code == 0
    assert lines == ["one", "two"]
    cancel = Cancel()
    with pytest.raises(StoppedError):
        runner.run(("kind", "delete"), cancel=cancel)
    assert cancel.is_cancelled
    with pytest.raises(CommandTimeoutError):
        runner.run(("kind", "version"))
    assert runner.left == []
    with pytest.raises(CommandMissingError):
        runner.run(("docker", "ps"))
