"""Simulated time follows wall time; wall time here is a number the test moves."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.errors import InputError
from eks_lab.sim.cluster import Cluster, ClusterOptions
from eks_lab.sim.driver import FASTEST, Driver, format_speed, parse_speed

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Wall:
    """Wall time of a test."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def new_driver(speed: float = 1.0, nodes: int = 0) -> tuple[Driver, Cluster, Wall]:
    cluster = Cluster(ClusterOptions(nodes=nodes), START)
    cluster.bootstrap()
    wall = Wall()
    return Driver(cluster, wall, speed), cluster, wall


def pod(name: str) -> dict[str, object]:
    return {"metadata": {"name": name}, "spec": {"containers": [{"name": "web", "image": "nginx"}]}}


def test_time_follows_at_its_speed() -> None:
    driver, cluster, wall = new_driver(60.0)
    wall.seconds += 2
    assert driver.catch_up()
    assert cluster.clock.now() - START == timedelta(minutes=2)


def test_another_speed_holds_from_now_on() -> None:
    driver, cluster, wall = new_driver(1.0)
    wall.seconds += 10
    driver.set_speed(10.0)
    wall.seconds += 1
    driver.catch_up()
    assert cluster.clock.now() - START == timedelta(seconds=20)


def test_paused_time_stands_still_but_work_at_hand_is_done() -> None:
    driver, cluster, wall = new_driver(0.0, nodes=1)
    cluster.api.create("pods", pod("web"), namespace="default")
    wall.seconds += 3600
    driver.catch_up()
    assert cluster.clock.now() == START
    assert cluster.store.items("pods")[0]["spec"]["nodeName"] == "ip-10-0-1-10.ec2.internal"


def test_fastest_jumps_to_the_next_work() -> None:
    driver, cluster, _ = new_driver(FASTEST, nodes=1)
    due = cluster.runtime.next_due()
    assert due is not None
    assert due > START
    driver.catch_up()
    assert cluster.clock.now() == due


def test_lag_does_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that cannot keep up lets simulated time slip instead of running after it for ever."""
    driver, cluster, wall = new_driver(1.0, nodes=3)
    run_until = cluster.runtime.run_until

    def slow(end: datetime, has_to_stop: object) -> bool:
        wall.seconds += 1
        return run_until(end, lambda: True)

    monkeypatch.setattr(cluster.runtime, "run_until", slow)
    wall.seconds += 3600
    while not driver.catch_up():
        pass
    assert driver.slept_late > 0
    assert cluster.clock.now() - START < timedelta(minutes=2)


async def test_advance_tells_what_happened() -> None:
    driver, cluster, wall = new_driver(1.0, nodes=1)
    cluster.api.create("pods", pod("web"), namespace="default")
    found = await driver.advance(timedelta(minutes=1))
    assert found.end - found.start == timedelta(minutes=1)
    assert cluster.clock.now() == found.end
    lines = [(each.about, each.reason) for each in found.happenings]
    assert ("pod/web", "Scheduled") in lines
    assert ("pod/web", "phase") in lines
    wall.seconds += 5
    driver.catch_up()
    assert cluster.clock.now() - found.end == timedelta(seconds=5)


async def test_advance_lets_others_run() -> None:
    """A long advance is played in slices; requests come in between."""
    driver, cluster, wall = new_driver(1.0, nodes=3)
    turns = 0

    def busy() -> float:
        wall.seconds += 0.004
        return wall.seconds

    driver._monotonic = busy

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    await driver.advance(timedelta(minutes=10))
    task.cancel()
    assert turns > 20
    assert cluster.clock.now() - START >= timedelta(minutes=10)


async def test_an_advance_is_cancelled_where_it_is() -> None:
    """It tells what was played, time goes on from there, and the next advance is its own."""
    driver, cluster, wall = new_driver(1.0, nodes=3)

    def busy() -> float:
        wall.seconds += 0.004
        return wall.seconds

    driver._monotonic = busy

    def target() -> datetime | None:
        return driver.advancing_to

    assert not driver.cancel_advance(), "nothing is under way"
    playing = asyncio.create_task(driver.advance(timedelta(days=1)))
    while cluster.clock.now() == START:
        await asyncio.sleep(0)
    assert (target() or START) >= START + timedelta(days=1)
    with pytest.raises(InputError, match="being advanced to 2026-01-02"):
        await driver.advance(timedelta(minutes=1))
    assert driver.cancel_advance()
    found = await playing
    assert found.is_cancelled
    assert timedelta(0) < found.end - found.start < timedelta(days=1)
    assert cluster.clock.now() == found.end
    assert target() is None
    again = await driver.advance(timedelta(minutes=1))
    assert not again.is_cancelled
    assert again.end - again.start == timedelta(minutes=1)


async def test_stopping_ends_an_advance() -> None:
    driver, cluster, wall = new_driver(1.0, nodes=3)

    def busy() -> float:
        wall.seconds += 0.004
        return wall.seconds

    driver._monotonic = busy
    playing = asyncio.create_task(driver.advance(timedelta(days=100)))
    await asyncio.sleep(0)
    driver.stop()
    assert (await playing).is_cancelled
    assert cluster.clock.now() - START < timedelta(days=100)


@pytest.mark.parametrize("by", [timedelta(seconds=-1), timedelta(days=400)])
async def test_advance_refuses(by: timedelta) -> None:
    driver, _, _ = new_driver()
    with pytest.raises(InputError):
        await driver.advance(by)


async def test_run_works_as_soon_as_something_is_written() -> None:
    """Nobody has to wait for a tick: a write wakes the driver."""
    driver, cluster, _ = new_driver(1.0, nodes=1)
    running = asyncio.create_task(driver.run())
    await asyncio.sleep(0)
    cluster.api.create("pods", pod("web"), namespace="default")
    for _ in range(1000):
        await asyncio.sleep(0)
        if cluster.store.items("pods")[0]["spec"].get("nodeName"):
            break
    driver.stop()
    await running
    assert cluster.store.items("pods")[0]["spec"]["nodeName"]


@pytest.mark.parametrize(
    ("text", "speed"), [("1x", 1.0), ("60X", 60.0), ("0.5", 0.5), ("pause", 0.0), ("max", FASTEST)]
)
def test_speeds(text: str, speed: float) -> None:
    assert parse_speed(text) == speed


@pytest.mark.parametrize("text", ["", "fast", "-1x", "nan", "inf", "1e9x", "x"])
def test_no_speeds(text: str) -> None:
    with pytest.raises(InputError, match="speed"):
        parse_speed(text)


@given(st.floats(0, 99_999).map(lambda each: float(f"{each:g}")))
def test_speeds_read_back(speed: float) -> None:
    assert parse_speed(format_speed(speed)) == speed
