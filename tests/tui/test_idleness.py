"""What the tests of screens wait for."""

from __future__ import annotations

import asyncio
import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest
import textual.app
import textual.pilot
from textual.notifications import Notification

from tests import idleness
from tests.idleness import wait_for_idle


def test_pilots_wait_in_this_way() -> None:
    assert textual.app.wait_for_idle is wait_for_idle  # type: ignore[attr-defined]
    assert textual.pilot.wait_for_idle is wait_for_idle  # type: ignore[attr-defined]


async def test_what_is_ready_brings_more_and_all_of_it_is_awaited() -> None:
    happened: list[int] = []
    loop = asyncio.get_running_loop()

    def happen(number: int) -> None:
        happened.append(number)
        if number < 5:
            loop.call_soon(happen, number + 1)
        elif number == 5:
            loop.call_later(0.005, happen, 6)

    loop.call_soon(happen, 1)
    await wait_for_idle(0)
    assert happened == [1, 2, 3, 4, 5, 6]


async def test_what_takes_seconds_on_a_busy_machine_is_awaited(monkeypatch: pytest.MonkeyPatch) -> None:
    happened: list[int] = []
    loop = asyncio.get_running_loop()
    seconds = itertools.count()
    monkeypatch.setattr(idleness, "monotonic", lambda: float(next(seconds)))

    def happen(number: int) -> None:
        happened.append(number)
        if number < 10:
            loop.call_soon(happen, number + 1)

    loop.call_soon(happen, 1)
    await wait_for_idle(0)
    assert happened == list(range(1, 11))


async def test_what_is_due_later_is_not_awaited() -> None:
    handle = asyncio.get_running_loop().call_later(60, lambda: None)
    began = monotonic()
    await wait_for_idle(0)
    assert monotonic() - began < 30
    handle.cancel()


async def test_a_thread_that_works_is_awaited() -> None:
    """However little of the processor it uses at first: what it brings is there."""
    goes_on = threading.Event()
    brought: list[str] = []
    task = asyncio.ensure_future(asyncio.to_thread(lambda: goes_on.wait(30)))
    task.add_done_callback(lambda _: brought.append("something"))
    asyncio.get_running_loop().call_later(0.004, goes_on.set)
    await wait_for_idle(0)
    assert brought == ["something"]


async def test_a_thread_that_waits_itself_holds_nobody_up() -> None:
    goes_on = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(goes_on.wait, 30)
        began = monotonic()
        await wait_for_idle(0, 20)
        waited = monotonic() - began
        goes_on.set()
    assert waited < 15


async def test_it_ends_at_the_latest_when_it_should() -> None:
    """Also when something is always ready."""
    loop = asyncio.get_running_loop()
    ends = False

    def again() -> None:
        if not ends:
            loop.call_soon(again)

    again()
    began = monotonic()
    await wait_for_idle(0, 0.05)
    assert 0.05 <= monotonic() - began < 30
    ends = True


def test_a_message_stays_however_long_a_test_takes() -> None:
    notification = Notification("It is stored.", timeout=0.0)
    assert notification.time_left > 60
    assert not notification.has_expired
