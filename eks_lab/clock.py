"""Time as an argument: whoever needs the time takes a Clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time, always aware and in UTC."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the machine's present moment in UTC."""
        return datetime.now(UTC)


class SimClock:
    """A clock that moves only when it is told to."""

    def __init__(self, start: datetime) -> None:
        """Start at a moment.

        Args:
            start: an aware datetime.

        Raises:
            ValueError: `start` has no time zone.
        """
        if start.tzinfo is None:
            raise ValueError(f"a clock needs a time zone: {start!r}")
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """Return the simulated moment."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move the clock forward; time never runs back.

        Raises:
            ValueError: `by` is negative.
        """
        if by < timedelta(0):
            raise ValueError(f"time cannot run back by {by!r}")
        self._now += by
