"""The program in a real pseudo-terminal: killed, ended, piped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks._terminal import Terminal
from eks_lab.clock import SimClock
from eks_lab.learning.progress import FILE_NAME, open_progress
from eks_lab.learning.records import Place
from tests.builders import COURSE, NOON

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs pseudo-terminals"),
]


PATIENCE_SECONDS = 120.0
FURTHER_DOWN = b"Ask the node"
"""A text of the page that is on its second screen, however large the terminal is taken to be."""


def start(home: Path) -> Terminal:
    """Start the program at the first lesson of the small course."""
    arguments = ["-m", "eks_lab", "--content", str(COURSE), "--lesson", "basics.nodes"]
    return Terminal(arguments, {"EKS_LAB_HOME": str(home), "TEXTUAL_ANIMATIONS": "none"})


def read_on(terminal: Terminal) -> None:
    """Wait for the page, scroll it, and wait until what comes further down is drawn."""
    terminal.seconds_until(b"Compute the pod limit", PATIENCE_SECONDS)
    terminal.write(b" jj")
    terminal.seconds_until(FURTHER_DOWN, PATIENCE_SECONDS)


def stored_place(home: Path) -> Place | None:
    with open_progress(home / "data" / FILE_NAME, SimClock(NOON)) as progress:
        return progress.last_place()


def test_the_place_survives_kill_9_within_a_second(own_home: Path) -> None:
    with start(own_home) as terminal:
        read_on(terminal)
        terminal.drain(1.0)
        terminal.send_signal(signal.SIGKILL)
        assert terminal.wait() == -signal.SIGKILL
    place = stored_place(own_home)
    assert place is not None
    assert place.lesson_id == "basics.nodes"
    assert (place.anchor, place.fraction) > ("", 0.0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_place_is_stored_when_the_terminal_goes_away(own_home: Path, number: signal.Signals) -> None:
    with start(own_home) as terminal:
        read_on(terminal)
        terminal.drain(0.3)
        terminal.send_signal(number)
        assert terminal.wait(PATIENCE_SECONDS) == 0
    place = stored_place(own_home)
    assert place is not None
    assert (place.anchor, place.fraction) > ("", 0.0)


def test_a_program_whose_terminal_is_gone_ends(own_home: Path) -> None:
    with start(own_home) as terminal:
        read_on(terminal)
        terminal.drain(0.3)
        # No signal comes: the terminal does not control this session.
        terminal.hang_up()
        assert terminal.wait(PATIENCE_SECONDS) in (0, 128 + signal.SIGHUP)
    assert stored_place(own_home) is not None


def test_a_program_that_nobody_reads_ends_when_it_is_told_to(own_home: Path) -> None:
    with start(own_home) as terminal:
        terminal.seconds_until(b"Compute the pod limit", PATIENCE_SECONDS)
        # Far more than a terminal holds back: what is drawn piles up until the event loop waits to draw.
        for _ in range(12):
            terminal.write(b"?\x1b" * 20)
        terminal.send_signal(signal.SIGTERM)
        assert terminal.wait_unread(PATIENCE_SECONDS) in (0, 128 + signal.SIGTERM)


def test_quitting_leaves_the_terminal_as_it_was(own_home: Path) -> None:
    with start(own_home) as terminal:
        terminal.seconds_until(b"Compute the pod limit", PATIENCE_SECONDS)
        terminal.drain(0.3)
        terminal.write(b"q")
        assert terminal.wait(PATIENCE_SECONDS) == 0
        assert terminal.seen.rstrip().endswith(b"\x1b[?25h") or b"\x1b[?1049l" in terminal.seen
        assert b"Traceback" not in terminal.seen


def test_a_pipe_gets_one_sentence(own_home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "eks_lab"],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 3
    assert "terminal" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
