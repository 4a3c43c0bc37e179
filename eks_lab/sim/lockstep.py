"""Plays several runtimes on one clock: always the one whose work is due first, ties in the order they came."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from eks_lab.clock import SimClock


class Plays(Protocol):
    """Something with work that is due at simulated moments: a runtime, or several in lockstep."""

    @property
    def reconciles(self) -> int:
        """Return how much work has run."""
        ...

    def next_due(self) -> datetime | None:
        """Return when something is to be done next."""
        ...

    def run_until(self, end: datetime, has_to_stop: Callable[[], bool] | None = None) -> bool:
        """Play up to a moment; True when it was reached."""
        ...


class Lockstep:
    """The runtimes of an account and of its clusters."""

    def __init__(self, clock: SimClock) -> None:
        """Start with nobody.

        Args:
            clock: that all of them share.
        """
        self.clock = clock
        self._members: dict[str, Plays] = {}
        self._gone = 0

    @property
    def reconciles(self) -> int:
        """Return how much work has run, that of former members included."""
        return self._gone + sum(each.reconciles for each in self._members.values())

    def add(self, name: str, member: Plays) -> None:
        """Let somebody take part from now on."""
        self._members[name] = member

    def remove(self, name: str) -> None:
        """Let a member's work rest for good; one that is not there is fine."""
        member = self._members.pop(name, None)
        self._gone += member.reconciles if member is not None else 0

    def next_due(self) -> datetime | None:
        """Return when something is to be done next."""
        dues = [due for each in self._members.values() if (due := each.next_due()) is not None]
        return min(dues, default=None)

    def settle(self, most: int = 1_000_000) -> None:
        """Do everything that is due now; time stands still."""
        now, before = self.clock.now(), self.reconciles
        self.run_until(now, lambda: self.reconciles - before >= most)

    def advance(self, by: timedelta) -> None:
        """Play simulated time."""
        self.run_until(self.clock.now() + by)

    def run_until(self, end: datetime, has_to_stop: Callable[[], bool] | None = None) -> bool:
        """Play simulated time up to a moment.

        Args:
            end: the moment; nothing happens when it is past.
            has_to_stop: asked after each piece of work; True ends the run early.

        Returns:
            True when the moment was reached and nothing is left to do at it.
        """
        clock = self.clock
        while True:
            first, first_due = None, None
            for member in self._members.values():
                due = member.next_due()
                if due is not None and (first_due is None or due < first_due):
                    first, first_due = member, due
            if first is None or first_due is None or first_due > max(end, clock.now()):
                break
            if first_due > clock.now():
                clock.advance(first_due - clock.now())
            # Members wake each other at one and the same moment: each does what is due now, then all look again.
            if not first.run_until(clock.now(), has_to_stop):
                return False
        if end > clock.now():
            clock.advance(end - clock.now())
        return True
