"""Runs controllers in simulated time: no sleeping, no threads, the same order every time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from eks_lab.clock import SimClock
from eks_lab.sim.objects import ApiError, Key, key_of
from eks_lab.sim.store import Store, StoreEvent
from eks_lab.sim.workqueue import Work, WorkQueue

logger = logging.getLogger(__name__)

EVERYTHING = "*"
"""A watch on every resource."""
FIRST_RETRY = timedelta(milliseconds=5)
LONGEST_RETRY = timedelta(seconds=1000)
"""client-go's default rate limiter: 5 ms doubling up to 1000 s."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a reconcile asks for."""

    requeue_after: timedelta | None = None
    """Run again after this much simulated time, whatever happens."""


DONE = Result()


def own_key(event: StoreEvent) -> Iterable[Key]:
    """Map a write to the key of the object itself."""
    return (key_of(event.obj),)


@dataclass(frozen=True, slots=True)
class Watch:
    """Which writes wake a controller, and for which key."""

    resource: str
    """`pods`, `deployments.apps`; `*` for every resource."""
    keys: Callable[[StoreEvent], Iterable[Key]] = own_key
    """Write -> keys to reconcile; called on every write, so it must be quick."""


class Controller(Protocol):
    """Brings the world nearer to what an object asks for."""

    @property
    def name(self) -> str:
        """Return `deployment`, `node-lifecycle`."""
        ...

    watches: Sequence[Watch]

    def reconcile(self, key: Key) -> Result:
        """Act on the present state; running it twice writes once."""
        ...


class Runtime:
    """The queue, the clock and the controllers of one cluster."""

    def __init__(self, clock: SimClock, store: Store, controllers: Sequence[Controller]) -> None:
        """Wire controllers to the store.

        Args:
            clock: simulated time; only this class moves it.
            store: whose writes wake controllers.
            controllers: in the order that decides ties.
        """
        self.clock = clock
        self._store = store
        self._controllers = tuple(controllers)
        self._queue = WorkQueue()
        self._failures: dict[Work, int] = {}
        self._by_resource: dict[str, list[tuple[int, Watch]]] = {}
        for number, controller in enumerate(self._controllers):
            for watch in controller.watches:
                self._by_resource.setdefault(watch.resource, []).append((number, watch))
        self.reconciles = 0
        """How many have run."""
        store.subscribe(self._wake)

    def resync(self) -> None:
        """Queue every object for every controller that watches it, as after a restart."""
        for resource in self._store.resources():
            for obj in self._store.items(resource):
                self._wake(StoreEvent(self._store.revision, "ADDED", resource, obj, None))

    def enqueue(self, name: str, key: Key, after: timedelta = timedelta(0)) -> None:
        """Queue one key of one controller.

        Raises:
            KeyError: no controller has this name.
        """
        for number, controller in enumerate(self._controllers):
            if controller.name == name:
                self._queue.add(Work(number, key), self.clock.now() + after)
                return
        raise KeyError(name)

    def next_due(self) -> datetime | None:
        """Return when something is to be done next."""
        return self._queue.next_due()

    def settle(self, most: int = 1_000_000) -> int:
        """Run everything that is due now; time stands still.

        Returns:
            How many reconciles ran.
        """
        ran = 0
        while ran < most and (work := self._queue.pop(self.clock.now())) is not None:
            self._run(work)
            ran += 1
        return ran

    def advance(self, by: timedelta) -> None:
        """Play simulated time, each piece of work at its due moment."""
        self.run_until(self.clock.now() + by)

    def run_until(self, end: datetime, has_to_stop: Callable[[], bool] | None = None) -> bool:
        """Play simulated time up to a moment.

        Args:
            end: the moment; nothing happens when it is past.
            has_to_stop: asked after each reconcile; True ends the run early.

        Returns:
            True when the moment was reached and nothing is left to do at it.
        """
        while (due := self._queue.next_due()) is not None and due <= max(end, self.clock.now()):
            if due > self.clock.now():
                self.clock.advance(due - self.clock.now())
            work = self._queue.pop(self.clock.now())
            if work is not None:
                self._run(work)
            if has_to_stop is not None and has_to_stop():
                return False
        if end > self.clock.now():
            self.clock.advance(end - self.clock.now())
        return True

    def _wake(self, event: StoreEvent) -> None:
        for number, watch in self._by_resource.get(event.resource, ()):
            self._queue_keys(number, watch, event)
        for number, watch in self._by_resource.get(EVERYTHING, ()):
            self._queue_keys(number, watch, event)

    def _queue_keys(self, number: int, watch: Watch, event: StoreEvent) -> None:
        now = self.clock.now()
        try:
            for key in watch.keys(event):
                self._queue.add(Work(number, key), now)
        except Exception:
            # The write is done: neither its author nor a restart may fail of what one controller cannot read.
            logger.exception("%s failed to take in %s", self._controllers[number].name, key_of(event.obj))

    def _run(self, work: Work) -> None:
        controller = self._controllers[work.controller]
        self.reconciles += 1
        try:
            result = controller.reconcile(work.key)
        except ApiError as error:
            # Refusals (a quota, a conflict) are tried again later, as client-go does.
            logger.debug("%s %s: %s", controller.name, work.key, error)
            self._retry(work)
            return
        except Exception:
            logger.exception("%s failed for %s", controller.name, work.key)
            self._retry(work)
            return
        self._failures.pop(work, None)
        if result.requeue_after is not None:
            self._queue.add(work, self.clock.now() + result.requeue_after)

    def _retry(self, work: Work) -> None:
        failures = self._failures.get(work, 0)
        self._failures[work] = failures + 1
        delay = min(FIRST_RETRY * 2 ** min(failures, 20), LONGEST_RETRY)
        self._queue.add(work, self.clock.now() + delay)
