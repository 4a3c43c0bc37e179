"""`eks-lab sandbox` as far as it needs no running sandbox; tests/e2e has the rest."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from eks_lab.cli import root, run
from eks_lab.cli.sandbox import parse_duration
from eks_lab.errors import InputError
from eks_lab.sandbox import client
from eks_lab.sandbox.audit_file import older_file
from eks_lab.sandbox.backends.interface import BackendStatus, Cancel
from eks_lab.sandbox.state_directory import StateDirectory


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("1h30m", timedelta(minutes=90)),
        ("2d", timedelta(days=2)),
        ("1.5h", timedelta(minutes=90)),
        (" 250ms ", timedelta(milliseconds=250)),
    ],
)
def test_durations(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize("text", ["", "15", "m", "15 m", "-5m", "1h and 5m", "400d", "9" * 30 + "d"])
def test_no_durations(text: str) -> None:
    with pytest.raises(InputError, match="DURATION"):
        parse_duration(text)


@pytest.mark.parametrize("command", [["env"], ["advance", "5m"], ["speed", "60x"], ["shell"]])
def test_without_a_sandbox_the_next_step_is_named(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["sandbox", *command]) == 3
    assert "eks-lab sandbox up" in capsys.readouterr().err


def test_status_without_a_sandbox() -> None:
    done = CliRunner().invoke(root, ["sandbox", "status"])
    assert done.exit_code == 3
    assert "does not run" in done.output


def test_down_without_a_sandbox_is_fine() -> None:
    done = CliRunner().invoke(root, ["sandbox", "down"])
    assert done.exit_code == 0
    assert done.output == "No sandbox runs.\n"


class FakeClient:
    """Plays until it is cancelled, as the sandbox does."""

    def __init__(self, *, waits: bool) -> None:
        self.cancelled = threading.Event()
        self.playing = threading.Event()
        self.cancels = 0
        if not waits:
            self.cancelled.set()

    def advance(self, by: timedelta) -> dict[str, Any]:
        """Wait for the end."""
        self.playing.set()
        assert self.cancelled.wait(10)
        happening = {
            "at": "2026-01-01T12:00:03+00:00",
            "kind": "Warning",
            "about": "pod/web",
            "reason": "BackOff",
        }
        end = "2026-01-01T12:10:00+00:00" if self.cancels else "2026-01-01T13:00:00+00:00"
        return {
            "start": "2026-01-01T12:00:00+00:00",
            "end": end,
            "dropped": 0,
            "cancelled": bool(self.cancels),
            "happenings": [{**happening, "message": "Back-off restarting failed container"}],
        }

    def cancel_advance(self) -> bool:
        """End it; the first call comes before the request is there."""
        self.cancels += 1
        if self.cancels == 1 or not self.playing.is_set():
            return False
        self.cancelled.set()
        return True


@pytest.fixture
def fake_client(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], FakeClient]:
    def install(waits: bool) -> FakeClient:
        made = FakeClient(waits=waits)
        monkeypatch.setattr(client, "required", lambda directory: made)
        return made

    return install


def test_an_advance_says_what_happened(fake_client: Callable[[bool], FakeClient]) -> None:
    fake_client(False)
    done = CliRunner().invoke(root, ["sandbox", "advance", "1h"])
    assert done.exit_code == 0
    assert "12:00:03 ! pod/web: BackOff: Back-off restarting failed container" in done.output
    assert done.output.endswith("It is 2026-01-01 13:00:00 UTC in the sandbox.\n")


def test_ctrl_c_cancels_an_advance_and_says_how_far_it_came(
    fake_client: Callable[[bool], FakeClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = fake_client(True)
    real, interrupted = Future.result, threading.Event()

    def result(future: Future[Any], timeout: float | None = None) -> Any:
        if not interrupted.is_set():
            interrupted.set()
            raise KeyboardInterrupt
        return real(future, timeout)

    monkeypatch.setattr(Future, "result", result)
    done = CliRunner().invoke(root, ["sandbox", "advance", "1h"])
    assert done.exit_code == 130
    assert sandbox.cancels > 1
    assert "pod/web: BackOff" in done.output
    assert "Cancelled after 0:10:00 of simulated time." in done.output


def test_an_advance_of_another_terminal_is_cancelled(fake_client: Callable[[bool], FakeClient]) -> None:
    sandbox = fake_client(True)
    sandbox.playing.set()
    said = [CliRunner().invoke(root, ["sandbox", "advance", "--cancel"]).output for _ in range(2)]
    assert said == ["Nothing is being advanced.\n", "The advance is cancelled.\n"]


@pytest.mark.parametrize("words", [[], ["5m", "--cancel"]])
def test_an_advance_needs_a_duration_or_cancel(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sandbox", "advance", *words]) == 2
    assert "--cancel" in capsys.readouterr().err


def test_logs_of_the_process_and_of_the_audit() -> None:
    directory = StateDirectory.default()
    done = CliRunner().invoke(root, ["sandbox", "logs", "--audit"])
    assert done.exit_code != 0
    directory.create()
    directory.log.write_text("one\ntwo\nthree\n")
    older_file(directory.audit, 1).write_text('{"n":1}\n{"n":2}\n')
    directory.audit.write_text('{"n":3}\n')
    assert CliRunner().invoke(root, ["sandbox", "logs", "-n", "2"]).output == "two\nthree\n"
    assert CliRunner().invoke(root, ["sandbox", "logs", "--audit", "-n", "2"]).output == '{"n":2}\n{"n":3}\n'


def test_ctrl_c_that_comes_too_late_for_up_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from eks_lab.cli import sandbox
    from eks_lab.sandbox.backends import switching

    def finished_first(*arguments: Any) -> BackendStatus:
        cancel = next(each for each in arguments if isinstance(each, Cancel))
        cancel.cancel()
        return BackendStatus(name="embedded", running=True)

    monkeypatch.setattr(switching, "bring_up", finished_first)
    monkeypatch.setattr(sandbox, "_tell_embedded", lambda status: None)
    done = CliRunner().invoke(root, ["sandbox", "up"])
    assert done.exit_code == 130
    assert "To stop it: eks-lab sandbox down" in done.stderr
    assert "Next:" not in done.stdout
