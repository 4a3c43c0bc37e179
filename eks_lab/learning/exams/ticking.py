"""The clock of a sitting: time that has passed, whatever the machine's clock does.

It only ever adds the steps that the machine's clock makes forward. A clock that is set back loses nothing and gives
nothing: from then on its steps count again from where it stands. A process that has its own steady clock
(`time.monotonic`) brings it along, so that not even the stretch in which the clock was set back is lost. Time in which
no program ran counts like any other, unless the sitting was paused. A clock set forward cannot be told from a machine
that slept: that time counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True)
class Ticking:
    """A clock as it was read last."""

    seen_at: datetime
    """What the machine's clock said then."""
    elapsed: timedelta
    """Time of the sitting by then, without pauses."""
    paused: timedelta
    """All pauses by then."""
    is_paused: bool

    @property
    def total(self) -> timedelta:
        """Return all time since the start, with pauses."""
        return self.elapsed + self.paused

    def at(self, now: datetime, at_least: timedelta = NO_TIME) -> Ticking:
        """Return the clock at a later reading.

        Args:
            now: what the machine's clock says; may lie before the last reading.
            at_least: all time since the start that a steady clock has counted; zero without one.
        """
        step = max(now - self.seen_at, at_least - self.total, NO_TIME)
        if self.is_paused:
            return replace(self, seen_at=now, paused=self.paused + step)
        return replace(self, seen_at=now, elapsed=self.elapsed + step)

    def held(self, is_paused: bool) -> Ticking:
        """Return the clock after a pause has begun or ended."""
        return replace(self, is_paused=is_paused)


def begun(now: datetime) -> Ticking:
    """Return the clock of a sitting that starts now."""
    return Ticking(now, NO_TIME, NO_TIME, False)
