"""Faults in a running sandbox: time passes through its driver, so that requests are answered meanwhile."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from eks_lab.aws.world import BASE_CLUSTER
from eks_lab.errors import InputError

if TYPE_CHECKING:
    from eks_lab.aws.faults.engine import Faults, Listed
    from eks_lab.aws.faults.stage import Playing
    from eks_lab.aws.world import World
    from eks_lab.sim.driver import Driver

LOOK_SECONDS = 0.02
"""Pause between two looks at an advance that somebody else has asked for."""


class ArmedFaults:
    """The faults of the base cluster."""

    def __init__(self, world: World, driver: Driver) -> None:
        """Take a world.

        Args:
            world: whose faults.
            driver: plays its time.
        """
        self._world = world
        self._driver = driver
        self._busy = ""

    @property
    def _faults(self) -> Faults:
        # Fault files are read when somebody asks for faults, not when a sandbox starts.
        from eks_lab.aws.faults.engine import Faults

        return Faults(self._world, BASE_CLUSTER)

    def listed(self) -> dict[str, Any]:
        """Return all faults, as JSON values."""
        return {"faults": [self._document(each) for each in self._faults.listed()]}

    async def arm(self, id: str, seed: int | None) -> dict[str, Any]:
        """Bring a fault about.

        Args:
            id: of the fault.
            seed: of its variables; the world's when None.

        Returns:
            The fault, as JSON values.

        Raises:
            EksLabError: it cannot be armed; see `Faults.arm`.
        """
        await self._play(self._faults.arm(id, seed), f"arming {id}")
        return self._one(id)

    async def clear(self, id: str) -> dict[str, Any]:
        """Take a fault back.

        Args:
            id: of the fault.

        Returns:
            The fault, as JSON values, and as `left` what could not be taken back.

        Raises:
            EksLabError: it is not armed.
        """
        left = await self._play(self._faults.clear(id), f"clearing {id}")
        return {**self._one(id), "left": left}

    async def _play(self, playing: Playing[Any], what: str) -> Any:
        if self._busy:
            playing.close()
            raise InputError(f"fault: the sandbox is {self._busy}", hint="Wait until it is done.")
        self._busy = what
        try:
            self._driver.catch_up()
            while True:
                try:
                    wait = next(playing)
                except StopIteration as end:
                    return end.value
                while self._driver.advancing_to is not None:
                    await asyncio.sleep(LOOK_SECONDS)
                await self._driver.advance(wait)
        finally:
            self._busy = ""

    def _one(self, id: str) -> dict[str, Any]:
        return next(self._document(each) for each in self._faults.listed() if each.fault.id == id)

    def _document(self, listed: Listed) -> dict[str, Any]:
        fault = listed.fault
        return {
            "id": fault.id,
            "title": fault.title,
            "number": fault.number,
            "mark": fault.mark,
            "says": fault.says,
            "cause": fault.cause,
            "remedy": fault.remedy,
            "sources": fault.sources,
            "armed": listed.armed_at.isoformat() if listed.armed_at is not None else "",
            "visible": listed.is_visible,
            "commands": self._faults.commands(fault.id) if listed.armed_at is not None else [],
        }
