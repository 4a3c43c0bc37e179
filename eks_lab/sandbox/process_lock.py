"""One process a folder: a lock that the system lets go of when its holder dies, however it dies."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from eks_lab.sandbox.state_directory import unwritable

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class ProcessLock:
    """An exclusive lock on a file."""

    def __init__(self, path: Path) -> None:
        """Name the file.

        Args:
            path: made when it is missing; its content does not matter.
        """
        self._path = path
        self._descriptor = -1

    def acquire(self) -> bool:
        """Take the lock.

        Returns:
            False when another process has it.

        Raises:
            DataError: the file cannot be opened.
        """
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise unwritable(self._path, error) from error
        try:
            _lock(descriptor)
        except OSError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Let go; without a lock nothing happens."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def is_held(path: Path) -> bool:
    """Say whether a living process holds the lock.

    Args:
        path: a file that need not exist.
    """
    if not path.exists():
        return False
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        # Shared: two who ask at the same moment must not take each other for the holder.
        _lock(descriptor, is_shared=True)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _lock(descriptor: int, *, is_shared: bool = False) -> None:
    if sys.platform == "win32":
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # it has no shared locks
    else:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
