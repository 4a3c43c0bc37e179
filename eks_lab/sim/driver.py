"""Lets simulated time follow wall time: at a speed, as fast as possible, or not at all.

Runs in the event loop that serves requests, in short slices, so that a busy cluster still answers.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from eks_lab.clock import SimClock
from eks_lab.errors import InputError
from eks_lab.sim.happenings import Happening, Happenings
from eks_lab.sim.lockstep import Plays
from eks_lab.sim.store import StoreEvent

logger = logging.getLogger(__name__)

SLICE_SECONDS = 0.010
"""Longest time controllers run between two requests."""
MOST_LAG_SECONDS = 1.0
"""Wall time by which simulated time may trail before it gives up catching up."""
FASTEST = math.inf
"""The speed `max`: simulated time jumps from one piece of work to the next."""
LONGEST_ADVANCE = timedelta(days=366)
_LONGEST_WAIT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Advanced:
    """What happened while simulated time was played."""

    start: datetime
    """Simulated moment before."""
    end: datetime
    """Simulated moment after."""
    reconciles: int
    """How many pieces of work were done."""
    happenings: tuple[Happening, ...]
    """In the order in which they came about, shortened when there were very many."""
    dropped: int
    """How many happenings were left out."""
    is_cancelled: bool = False
    """True when somebody ended it before the moment that was asked for."""


def parse_speed(text: str) -> float:
    """Return a speed: simulated seconds a second of wall time.

    Args:
        text: `1x`, `60x`, `0.5x`, `pause`, `max`.

    Raises:
        InputError: it is none of these.
    """
    word = text.strip().lower()
    if word in ("pause", "paused", "stop"):
        return 0.0
    if word in ("max", "fastest"):
        return FASTEST
    try:
        speed = float(word.removesuffix("x"))
    except ValueError:
        speed = -1.0
    if not 0 <= speed <= 100_000 or "n" in word:
        raise InputError(
            f"speed: {text!r} is no speed", hint="Write 1x, 10x, 60x, max (as fast as possible) or pause."
        )
    return speed


def format_speed(speed: float) -> str:
    """Return a speed as it is typed: `60x`, `pause`, `max`."""
    if speed == FASTEST:
        return "max"
    return f"{speed:g}x" if speed else "pause"


class Playable(Protocol):
    """What a driver plays: one cluster, or an account with all of its clusters."""

    @property
    def clock(self) -> SimClock:
        """Return the one clock."""
        ...

    @property
    def runtime(self) -> Plays:
        """Return what has work to do."""
        ...

    def subscribe(self, callback: Callable[[StoreEvent], None]) -> Callable[[], None]:
        """Call a function after every write to any store; return what ends it."""
        ...


class Driver:
    """Plays one cluster, or one world, in real time."""

    def __init__(self, cluster: Playable, monotonic: Callable[[], float], speed: float = 1.0) -> None:
        """Wire it up; `run` starts it.

        Args:
            cluster: or world, whose clock is moved.
            monotonic: seconds of wall time from any origin.
            speed: see `parse_speed`.
        """
        self._cluster = cluster
        self._monotonic = monotonic
        self._speed = speed
        self._wake = asyncio.Event()
        self._advancing_to: datetime | None = None
        self._is_cancelled = False
        self._is_stopped = False
        self._wall = monotonic()
        self._simulated = cluster.clock.now()
        self.slept_late = 0
        """How often simulated time gave up catching up with wall time."""
        cluster.subscribe(lambda _event: self._wake.set())

    @property
    def speed(self) -> float:
        """Return simulated seconds a second of wall time; 0 stands still."""
        return self._speed

    @property
    def advancing_to(self) -> datetime | None:
        """Return the simulated moment that is played to at once; None when time runs by itself."""
        return self._advancing_to

    def set_speed(self, speed: float) -> None:
        """Go on at another speed from this moment."""
        self.catch_up()
        self._rebase()
        self._speed = speed
        self._wake.set()

    def catch_up(self) -> bool:
        """Do what is due by now, for one slice at most; called before each request, too.

        Returns:
            True when nothing that is due is left.
        """
        if self._advancing_to is not None or self._is_stopped:
            return True
        stop_at = self._monotonic() + SLICE_SECONDS

        def has_to_stop() -> bool:
            return self._monotonic() >= stop_at

        is_done = self._cluster.runtime.run_until(self._target(), has_to_stop)
        if not is_done:
            self._forgive_lag()
        return is_done

    async def run(self) -> None:
        """Play until `stop`."""
        while not self._is_stopped:
            self._wake.clear()
            if self._advancing_to is not None:
                await self._wait(_LONGEST_WAIT_SECONDS)
            elif self.catch_up():
                await self._wait(self._until_due())
            else:
                # Requests that came in the meantime go first.
                await asyncio.sleep(0)

    def stop(self) -> None:
        """End `run` and what is being advanced; simulated time stands still from here."""
        self._is_stopped = True
        self.cancel_advance()
        self._wake.set()

    async def advance(self, by: timedelta) -> Advanced:
        """Play simulated time at once, and tell what happened.

        Args:
            by: simulated time.

        Returns:
            What happened; up to the moment of `cancel_advance` when that was called.

        Raises:
            InputError: it is negative, longer than a year, or another advance is under way.
        """
        if not timedelta(0) <= by <= LONGEST_ADVANCE:
            raise InputError(f"advance: {by} is not between 0 and {LONGEST_ADVANCE.days} days")
        if self._advancing_to is not None:
            raise InputError(
                f"advance: simulated time is being advanced to {self._advancing_to:%Y-%m-%d %H:%M:%S} already",
                hint="Wait until it is done, or cancel it: eks-lab sandbox advance --cancel",
            )
        runtime, clock = self._cluster.runtime, self._cluster.clock
        seen, ran = Happenings(self._cluster.subscribe, clock), runtime.reconciles
        try:
            self.catch_up()
            start = clock.now()
            self._advancing_to, self._is_cancelled = start + by, False
            while not self._is_cancelled and not runtime.run_until(self._advancing_to, self._slice()):
                await asyncio.sleep(0)
        finally:
            seen.close()
            self._advancing_to = None
            self._rebase()
            self._wake.set()
        return Advanced(
            start,
            clock.now(),
            runtime.reconciles - ran,
            tuple(seen.found),
            seen.dropped,
            clock.now() < start + by,
        )

    def cancel_advance(self) -> bool:
        """End the advance that is under way at the moment it has reached; say whether there was one."""
        self._is_cancelled = True
        return self._advancing_to is not None

    def _slice(self) -> Callable[[], bool]:
        """Return a question that is answered yes once, when a slice is over, and then begins another."""
        stop_at = self._monotonic() + SLICE_SECONDS

        def has_to_stop() -> bool:
            nonlocal stop_at
            now = self._monotonic()
            if now < stop_at:
                return False
            stop_at = now + SLICE_SECONDS
            return True

        return has_to_stop

    def _target(self) -> datetime:
        """Return the simulated moment that wall time has reached."""
        now = self._cluster.clock.now()
        if self._speed == FASTEST:
            due = self._cluster.runtime.next_due()
            return max(due, now) if due is not None else now
        gone = (self._monotonic() - self._wall) * self._speed
        return max(self._simulated + timedelta(seconds=gone), now)

    def _until_due(self) -> float:
        """Return seconds of wall time until something is due."""
        due = self._cluster.runtime.next_due()
        if due is None or self._speed == 0:
            return _LONGEST_WAIT_SECONDS
        if self._speed == FASTEST:
            return 0.0
        left = (due - self._target()).total_seconds() / self._speed
        return min(max(left, 0.0), _LONGEST_WAIT_SECONDS)

    async def _wait(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return

    def _forgive_lag(self) -> None:
        """Let simulated time slip when this machine cannot keep up, so that lag does not pile up."""
        if self._speed in (0.0, FASTEST):
            return
        behind = (self._target() - self._cluster.clock.now()).total_seconds() / self._speed
        if behind > MOST_LAG_SECONDS:
            self.slept_late += 1
            self._rebase()

    def _rebase(self) -> None:
        """Count wall time from now on."""
        self._wall = self._monotonic()
        self._simulated = self._cluster.clock.now()
