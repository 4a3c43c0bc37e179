"""Durations as authors write them: `90s`, `15m`, `1h30m`, `2d`."""

from __future__ import annotations

import re
from datetime import timedelta

from eks_lab.errors import InputError

_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
LONGEST = timedelta(days=366)


def parse_duration(text: str) -> timedelta:
    """Return a duration.

    Args:
        text: `90s`, `15m`, `1h30m`, `2d`.

    Raises:
        InputError: it is none, or longer than a year.
    """
    word = text.strip().lower()
    parts = list(_PART.finditer(word))
    if not parts or "".join(part.group(0) for part in parts) != word:
        raise InputError(f"{text!r} is no duration", hint="Write 90s, 15m, 1h30m or 2d.")
    found = timedelta(seconds=sum(float(part.group(1)) * _UNITS[part.group(2)] for part in parts))
    if found > LONGEST:
        raise InputError(f"{text!r} is longer than a year", hint="Write a shorter one.")
    return found


def duration_text(duration: timedelta) -> str:
    """Return a duration as a person reads it: `1h 5m`, `40s`; whole seconds."""
    seconds = round(duration.total_seconds())
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = [f"{hours}h"] * bool(hours) + [f"{minutes}m"] * bool(minutes)
    return " ".join([*parts, f"{seconds}s"] if seconds or not parts else parts)
