"""The log file: it keeps what a learner is spared."""

from __future__ import annotations

import os
import traceback
from pathlib import Path

from eks_lab.clock import Clock, SystemClock
from eks_lab.errors import UnavailableError
from eks_lab.locations import log_file

LARGEST_BYTES = 1_000_000
"""A larger log starts afresh; one older copy is kept."""


def log_exception(error: BaseException, clock: Clock | None = None) -> Path | None:
    """Append an error with its traceback and return the file, or None when it cannot be written.

    Args:
        error: what happened.
        clock: for the time of the entry; the machine's when left out.
    """
    try:
        path = log_file()
    except UnavailableError:
        return None
    when = (clock or SystemClock()).now().isoformat(timespec="seconds")
    text = f"--- {when}\n" + "".join(traceback.format_exception(error))
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.exists() and path.stat().st_size > LARGEST_BYTES:
            os.replace(path, path.with_suffix(".log.1"))
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.write(text)
    except OSError:
        return None
    return path
