"""Moving a damaged database out of the way without losing a byte of it."""

from __future__ import annotations

import contextlib
import os
from datetime import datetime
from pathlib import Path

from eks_lab.learning.timestamps import file_stamp

_SIDECAR_SUFFIXES = ("-journal", "-wal", "-shm")


def sidecars(path: Path) -> tuple[Path, ...]:
    """Return the files SQLite may keep beside a database, whether they exist or not."""
    return tuple(path.with_name(path.name + suffix) for suffix in _SIDECAR_SUFFIXES)


def unused_name(path: Path, word: str, now: datetime) -> Path:
    """Return `<path>.<word>-<time>`, with a number after it when that is taken."""
    plain = path.with_name(f"{path.name}.{word}-{file_stamp(now)}")
    candidate, number = plain, 1
    while any(os.path.lexists(taken) for taken in (candidate, *sidecars(candidate))):
        number += 1
        candidate = plain.with_name(f"{plain.name}-{number}")
    return candidate


def set_aside(path: Path, now: datetime) -> Path:
    """Rename a database and what belongs to it; nothing that exists is overwritten.

    The journal goes first: left behind, SQLite would play it into the next database of this name.

    Args:
        path: the database, or the folder or whatever else is in its place; it may be missing.
        now: for the new name.

    Returns:
        The new name of `path`; its journal keeps its suffix after that name.

    Raises:
        OSError: something could not be renamed.
    """
    target = unused_name(path, "damaged", now)
    for old, new in zip(sidecars(path), sidecars(target), strict=True):
        if os.path.lexists(old):
            old.rename(new)
    if os.path.lexists(path):
        path.rename(target)
    sync_folder(path.parent)
    return target


def sync_folder(folder: Path) -> None:
    """Make new names in a folder survive a power cut, where the system can do that."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
