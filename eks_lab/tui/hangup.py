"""Ends the program when its terminal is gone or somebody asks it to end, also when nothing can be drawn any more.

A terminal that goes away takes Textual's writing thread with it: what is drawn after that piles up, and the event loop
waits for ever to add to the pile, while the reading thread goes round and round at the end of its input. So the wish to
leave reaches the loop if it still runs, and the process ends in any case.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

LEAVE_AT_LATEST_SECONDS = 3.0
"""What there is to store is stored by then."""
_NAMES = ("SIGTERM", "SIGHUP")


def watch(leave: Callable[[], object]) -> None:
    """Watch for signals and for the end of the terminal; to be called in the main thread.

    Args:
        leave: asks the event loop to end the program; may be called from any thread, and more than once.
    """

    def on_signal(number: int, _frame: FrameType | None) -> None:
        _end(leave, number)

    for name in _NAMES:
        if (number := getattr(signal, name, None)) is not None:
            with suppress(ValueError, OSError):
                # Not the event loop's own way: it needs the loop, which may wait for the terminal that is gone.
                signal.signal(number, on_signal)
    if hasattr(select, "poll"):
        threading.Thread(target=_wait_for_the_end, args=(leave,), name="hangup", daemon=True).start()


def _wait_for_the_end(leave: Callable[[], object]) -> None:
    """Sleep until the terminal has hung up."""
    poll = select.poll()
    with suppress(OSError, ValueError):
        # No events are asked for: hanging up is told in any case.
        poll.register(sys.__stdin__.fileno() if sys.__stdin__ is not None else 0, 0)
        if any(event & select.POLLHUP for _, event in poll.poll()):
            _end(leave, signal.SIGHUP)


def _end(leave: Callable[[], object], number: int) -> None:
    last = threading.Timer(LEAVE_AT_LATEST_SECONDS, os._exit, (128 + number,))
    last.daemon = True
    last.start()
    leave()
