"""A terminal in memory: runs the program behind a real pty and knows what its screen shows."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

from eks_lab.locations import HOME_VARIABLE

PATIENCE_SECONDS = 60.0


class Terminal:
    """One run of `eks-lab` in a terminal of its own."""

    def __init__(
        self, *arguments: str, home: Path, columns: int = 100, rows: int = 30, **environment: str
    ) -> None:
        """Start the program.

        Args:
            *arguments: after `eks-lab`.
            home: its data, cache and log.
            columns: width.
            rows: height.
            **environment: changes to the environment.
        """
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        variables = {
            **os.environ,
            HOME_VARIABLE: str(home),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
        }
        # A test runner may carry the size of its own terminal in COLUMNS and LINES; they would win over the pty.
        variables |= {
            "COLUMNS": str(columns),
            "LINES": str(rows),
            "TEXTUAL_ANIMATIONS": "none",
            **environment,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "eks_lab", *arguments],
            stdin=slave, stdout=slave, stderr=slave, env=variables, start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        self._master = master

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.kill()
        os.close(self._master)

    @property
    def text(self) -> str:
        """What the screen shows now."""
        return "\n".join(self.screen.display)

    def press(self, keys: str) -> None:
        """Type keys, control characters and escape sequences included."""
        os.write(self._master, keys.encode())

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size, as a person pulls its window."""
        self.screen.resize(lines=rows, columns=columns)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read_for(self, seconds: float) -> None:
        """Follow what is drawn for a while, or until the program is gone."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if not self._read(left) and self.process.poll() is not None:
                return

    def wait_for(self, wanted: str) -> str:
        """Return the screen once it shows a text; fail with the screen when it does not come."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while wanted not in self.text:
            if not self._read(deadline - time.monotonic()):
                raise AssertionError(f"{wanted!r} did not come:\n{self.text}")
        return self.text

    def wait_for_end(self) -> int:
        """Return the exit code, reading what is still written."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._read(deadline - time.monotonic()):
            pass
        return self.process.wait(PATIENCE_SECONDS)

    def kill(self) -> None:
        """End the program as `kill -9` does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE_SECONDS)

    def _read(self, seconds: float) -> bool:
        """Feed the screen with what comes next; False when nothing comes any more."""
        ready, _, _ = select.select([self._master], [], [], max(0.0, seconds))
        if not ready:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:
            return False
        self._stream.feed(data)
        return bool(data)
