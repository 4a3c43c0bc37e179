"""A program in a pseudo-terminal of its own: how long until something shows up."""

from __future__ import annotations

import fcntl
import os
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

COLUMNS, ROWS = 120, 36
_ANSWERS = {b"\x1b[c": b"\x1b[?62;c", b"\x1b[?2026$p": b"\x1b[?2026;2$y"}
"""What a terminal answers when it is asked what it can do."""


class Terminal:
    """Starts a program and reads what it draws."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start a program.

        Args:
            arguments: for this Python.
            environment: on top of the present one.
        """
        self._master, slave = os.openpty()
        self.seen = b""
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.started = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **environment},
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._master)

    def read(self, seconds: float) -> bytes:
        """Return what was drawn within some time; empty when nothing was."""
        ready, _, _ = select.select([self._master], [], [], seconds)
        if not ready:
            return b""
        try:
            drawn = os.read(self._master, 1 << 16)
        except OSError:
            return b""
        self.seen += drawn
        for question, answer in _ANSWERS.items():
            if question in drawn:
                os.write(self._master, answer)
        return drawn

    def seconds_until(self, marker: bytes, limit: float = 30.0) -> float:
        """Return the time from the start until a text is drawn.

        Raises:
            TimeoutError: it never was.
        """
        while time.perf_counter() - self.started < limit:
            self.read(0.05)
            if marker in self.seen:
                return time.perf_counter() - self.started
        raise TimeoutError(f"{marker!r} was not drawn within {limit} s: {self.seen[-400:]!r}")

    def drain(self, quiet: float = 0.3, limit: float = 10.0) -> None:
        """Read until nothing is drawn for a while."""
        end = time.perf_counter() + limit
        while self.read(quiet) and time.perf_counter() < end:
            pass

    def press(self, keys: bytes) -> float:
        """Send keys and return the seconds until the first thing is drawn; 1.0 when nothing is."""
        start = time.perf_counter()
        self.write(keys)
        drawn = self.read(1.0)
        return time.perf_counter() - start if drawn else 1.0

    def write(self, keys: bytes) -> None:
        """Send keys."""
        os.write(self._master, keys)

    def hang_up(self) -> None:
        """Take the terminal away, as a closed window does."""
        os.close(self._master)
        self._master = os.open(os.devnull, os.O_RDWR)

    def send_signal(self, number: int) -> None:
        """Send a signal to the program."""
        self._process.send_signal(number)

    def wait_unread(self, limit: float = 15.0) -> int:
        """Wait without reading until the program ends and return its exit code.

        Raises:
            subprocess.TimeoutExpired: it did not end.
        """
        return self._process.wait(limit)

    def wait(self, limit: float = 15.0) -> int:
        """Read until the program ends and return its exit code.

        Raises:
            TimeoutError: it did not end.
        """
        end = time.perf_counter() + limit
        while self._process.poll() is None:
            if time.perf_counter() > end:
                raise TimeoutError(f"the program goes on after {limit} s")
            self.read(0.05)
        self.read(0.05)
        return self._process.returncode
