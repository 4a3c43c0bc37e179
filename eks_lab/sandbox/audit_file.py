"""The file of the audit log: written behind the answers, turned over by size, never in anybody's way."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from pathlib import Path

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 0.2
"""Pause between two writes to the file."""
LARGEST_BYTES = 10_000_000
"""Of the file, before it is turned over."""
KEPT_FILES = 3
"""Older files beside it: `audit.log.1` is the youngest of them."""
MOST_PENDING_BYTES = 16_000_000
"""Lines that wait for the file; what comes on top of them is left out, and counted."""


class AuditFile:
    """Takes lines at once and writes them a moment later, in a thread."""

    def __init__(self, path: Path, largest_bytes: int = LARGEST_BYTES) -> None:
        """Name the file; it is opened when there is something to write.

        Args:
            path: of the file; readable by its owner only.
            largest_bytes: of one file.
        """
        self._path = path
        self._largest = largest_bytes
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        self._dirty = asyncio.Event()
        self._turn = threading.Lock()
        self._descriptor = -1
        self._size = 0
        self.left_out = 0
        """Lines that are in no file, because it could not be written."""
        self.trouble = ""
        """Why lines are left out at present; empty when all is well."""

    def write(self, line: bytes) -> None:
        """Take a line, its line feed included; this never fails and never waits."""
        if self._pending_bytes + len(line) > MOST_PENDING_BYTES:
            self.left_out += 1
            return
        self._pending.append(line)
        self._pending_bytes += len(line)
        if not self._dirty.is_set():
            self._dirty.set()

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await self._dirty.wait()
            await asyncio.sleep(FLUSH_SECONDS)
            self._dirty.clear()
            await asyncio.to_thread(self.flush)

    def flush(self) -> None:
        """Write what waits; should that fail, the lines are left out and `trouble` says why."""
        with self._turn:
            self._flush()

    def _flush(self) -> None:
        lines, self._pending = self._pending, []
        self._pending_bytes = 0
        try:
            for part in self._parts(lines):
                self._append(part)
        except OSError as error:
            self.left_out += len(lines)
            self._close()
            if not self.trouble:
                logger.error("%s: the audit log cannot be written: %s", self._path, error.strerror or error)
            self.trouble = (
                f"{self._path}: the audit log cannot be written ({error.strerror or error}); "
                f"{self.left_out} entries are left out. The cluster goes on without it."
            )
        else:
            self.trouble = ""

    def close(self) -> None:
        """Write what waits and close the file."""
        # The thread may still be writing, also when `run` was cancelled: its descriptor must not become another file's.
        with self._turn:
            if self._pending:
                self._flush()
            self._close()

    def _parts(self, lines: list[bytes]) -> list[bytes]:
        """Return the lines joined to pieces that fit into one file each."""
        parts: list[list[bytes]] = [[]]
        size = 0
        for line in lines:
            if parts[-1] and size + len(line) > self._largest:
                parts.append([])
                size = 0
            parts[-1].append(line)
            size += len(line)
        return [b"".join(each) for each in parts if each]

    def _append(self, content: bytes) -> None:
        if self._descriptor < 0:
            self._open()
        if self._size and self._size + len(content) > self._largest:
            self._turn_over()
        left = memoryview(content)
        try:
            while left:
                left = left[os.write(self._descriptor, left) :]
        except OSError:
            # Half a line would spoil the next one.
            os.ftruncate(self._descriptor, self._size)
            raise
        self._size += len(content)

    def _open(self) -> None:
        self._descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._size = os.fstat(self._descriptor).st_size

    def _turn_over(self) -> None:
        self._close()
        for number in range(KEPT_FILES, 0, -1):
            older = self._path if number == 1 else older_file(self._path, number - 1)
            if older.exists():
                os.replace(older, older_file(self._path, number))
        self._open()

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def older_file(path: Path, number: int) -> Path:
    """Return the name of an older file; 1 is the youngest of them."""
    return path.with_name(f"{path.name}.{number}")


def last_lines(path: Path, most: int) -> list[str]:
    """Return the last lines of a log, those of older files included, oldest first.

    Args:
        path: of the file that is written.
        most: how many.

    Raises:
        OSError: a file that is there cannot be read.
    """
    found: list[str] = []
    for number in range(KEPT_FILES + 1):
        file = path if number == 0 else older_file(path, number)
        if len(found) >= most or not file.exists():
            break
        found = [*file.read_text(encoding="utf-8", errors="replace").splitlines(), *found]
    return found[-most:] if most else []
