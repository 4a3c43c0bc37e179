"""The runtime: due moments, retries, the same trace every time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar

import pytest

from eks_lab.clock import SimClock
from eks_lab.sim.objects import ApiError, Key
from eks_lab.sim.runtime import DONE, Result, Runtime, Watch
from eks_lab.sim.store import Store, StoreEvent
from tests.sim.small_cluster import START


class Recorder:
    """A controller that notes when it ran."""

    name: ClassVar[str] = "recorder"

    def __init__(self, clock: SimClock, again: timedelta | None = None, failures: int = 0) -> None:
        self._clock, self._again, self._failures = clock, again, failures
        self.watches: Sequence[Watch] = (Watch("pods"),)
        self.ran: list[tuple[datetime, Key]] = []

    def reconcile(self, key: Key) -> Result:
        self.ran.append((self._clock.now(), key))
        if self._failures:
            self._failures -= 1
            raise ApiError(409, "Conflict", "again")
        return Result(self._again) if self._again else DONE


def obj(name: str) -> dict[str, object]:
    return {"metadata": {"name": name, "namespace": "default", "uid": name}}


def test_a_write_wakes_its_watchers_once() -> None:
    clock, store = SimClock(START), Store()
    controller = Recorder(clock)
    runtime = Runtime(clock, store, [controller])
    store.put("pods", obj("a"))
    store.put("pods", obj("a"))
    store.put("services", obj("b"))
    assert runtime.settle() == 1
    assert controller.ran == [(START, Key("default", "a"))]


def test_what_one_controller_cannot_read_harms_nobody_else(caplog: pytest.LogCaptureFixture) -> None:
    """Neither the author of a write nor a restart: the write is done when controllers hear of it."""

    def unreadable(event: StoreEvent) -> list[Key]:
        raise OverflowError

    clock, store = SimClock(START), Store()
    broken, other = Recorder(clock), Recorder(clock)
    broken.watches = (Watch("pods", unreadable),)
    runtime = Runtime(clock, store, [broken, other])
    store.put("pods", obj("a"))
    runtime.resync()
    runtime.settle()
    assert (broken.ran, other.ran) == ([], [(START, Key("default", "a"))])
    assert "recorder failed to take in" in caplog.text


def test_time_goes_to_each_due_moment() -> None:
    clock, store = SimClock(START), Store()
    controller = Recorder(clock, timedelta(minutes=10))
    runtime = Runtime(clock, store, [controller])
    store.put("pods", obj("a"))
    runtime.advance(timedelta(minutes=25))
    assert [moment for moment, _ in controller.ran] == [START + timedelta(minutes=10 * n) for n in range(3)]
    assert clock.now() == START + timedelta(minutes=25)


def test_refusals_are_tried_again_later_and_later() -> None:
    clock, store = SimClock(START), Store()
    controller = Recorder(clock, failures=3)
    runtime = Runtime(clock, store, [controller])
    store.put("pods", obj("a"))
    runtime.advance(timedelta(seconds=1))
    waits = [(moment - START) / timedelta(milliseconds=1) for moment, _ in controller.ran]
    assert waits == [0, 5, 15, 35]


def test_a_run_can_be_stopped() -> None:
    clock, store = SimClock(START), Store()
    controller = Recorder(clock)
    runtime = Runtime(clock, store, [controller])
    for name in "abc":
        store.put("pods", obj(name))
    assert not runtime.run_until(START, lambda: len(controller.ran) == 2)
    assert len(controller.ran) == 2
    assert runtime.run_until(START)
    assert len(controller.ran) == 3


def test_resync_queues_what_is_there() -> None:
    clock, store = SimClock(START), Store()
    store.put("pods", obj("a"))
    controller = Recorder(clock)
    runtime = Runtime(clock, store, [controller])
    assert runtime.settle() == 0
    runtime.resync()
    assert runtime.settle() == 1


def test_enqueue_wants_a_known_controller() -> None:
    clock = SimClock(START)
    runtime = Runtime(clock, Store(), [Recorder(clock)])
    runtime.enqueue("recorder", Key("", "x"), timedelta(seconds=3))
    assert runtime.next_due() == START + timedelta(seconds=3)
    with pytest.raises(KeyError):
        runtime.enqueue("nobody", Key("", "x"))
