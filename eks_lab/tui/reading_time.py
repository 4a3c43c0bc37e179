"""How long somebody really read: time counts only while there are signs of life."""

from __future__ import annotations

from datetime import datetime, timedelta

from eks_lab.clock import Clock

IDLE_AFTER = timedelta(minutes=2)
"""Without a key or a click for this long, a reader has left."""


class ReadingTime:
    """Counts seconds between signs of life."""

    def __init__(self, clock: Clock) -> None:
        """Start now.

        Args:
            clock: tells the time.
        """
        self._clock = clock
        self._counted_until: datetime = clock.now()
        self._last_sign: datetime = self._counted_until
        self._left = 0.0

    def sign_of_life(self) -> None:
        """Note a key or a click."""
        self._count()
        self._last_sign = self._clock.now()
        self._counted_until = max(self._counted_until, self._last_sign)

    def take(self) -> int:
        """Return the whole seconds since the last call and start again; fractions are kept."""
        self._count()
        whole = int(self._left)
        self._left -= whole
        return whole

    def _count(self) -> None:
        until = min(self._clock.now(), self._last_sign + IDLE_AFTER)
        if until > self._counted_until:
            self._left += (until - self._counted_until).total_seconds()
            self._counted_until = until
