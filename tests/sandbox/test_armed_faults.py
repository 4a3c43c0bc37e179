"""Faults in a running sandbox: time goes through the driver, one piece of work at a time."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest

from eks_lab.aws.world import World
from eks_lab.errors import InputError
from eks_lab.sandbox.armed_faults import ArmedFaults
from eks_lab.sim.driver import Advanced, Driver
from tests.aws.faults.worlds import world

SLOW = "hpa-without-requests"
"""Its metrics take simulated minutes to be missed."""


async def test_a_fault_is_armed_seen_and_taken_back() -> None:
    whole = world()
    faults = ArmedFaults(whole, Driver(whole, time.monotonic, 0.0))
    before = whole.clock.now()
    armed = await faults.arm(SLOW, None)
    assert armed["armed"]
    assert armed["visible"]
    assert armed["commands"][0].startswith("kubectl patch deployment catalog -n catalog")
    assert whole.clock.now() > before
    listed = faults.listed()["faults"]
    assert [each["id"] for each in listed if each["armed"]] == [SLOW]
    cleared = await faults.clear(SLOW)
    assert (cleared["armed"], cleared["left"]) == ("", [])


class HeldDriver(Driver):
    """A driver whose time passes only once it is let go."""

    def __init__(self, whole: World) -> None:
        super().__init__(whole, time.monotonic, 0.0)
        self.let_go = asyncio.Event()

    async def advance(self, by: timedelta) -> Advanced:
        await self.let_go.wait()
        return await super().advance(by)


async def test_one_piece_of_work_at_a_time() -> None:
    whole = world()
    driver = HeldDriver(whole)
    faults = ArmedFaults(whole, driver)
    first = asyncio.create_task(faults.arm(SLOW, None))
    await asyncio.sleep(0)
    with pytest.raises(InputError, match=f"the sandbox is arming {SLOW}"):
        await faults.arm("locked-out", None)
    driver.let_go.set()
    await first
    assert [each["id"] for each in faults.listed()["faults"] if each["armed"]] == [SLOW]


async def test_what_fails_leaves_the_sandbox_free() -> None:
    whole = world()
    faults = ArmedFaults(whole, Driver(whole, time.monotonic, 0.0))
    with pytest.raises(InputError, match="nonsense"):
        await faults.arm("nonsense", None)
    with pytest.raises(InputError, match="is not armed"):
        await faults.clear(SLOW)
    assert (await faults.arm("locked-out", None))["visible"]
