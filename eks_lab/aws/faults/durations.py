"""Durations as fault files write them."""

from __future__ import annotations

import re
from datetime import timedelta

from eks_lab.errors import ContentError

_PARTS = re.compile(r"(\d+)([smh])")
_SECONDS = {"s": 1, "m": 60, "h": 3600}


def duration(text: str) -> timedelta:
    """Return a duration.

    Args:
        text: `90s`, `15m`, `1h30m`.

    Raises:
        ContentError: it is none.
    """
    parts = list(_PARTS.finditer(text))
    if not parts or "".join(each[0] for each in parts) != text:
        raise ContentError(f"{text!r} is no duration", hint="Write 90s, 15m or 1h30m.")
    return timedelta(seconds=sum(int(each[1]) * _SECONDS[each[2]] for each in parts))
