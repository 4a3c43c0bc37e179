"""What the journeys through the calculators share: opening one, typing, reading the screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from textual.pilot import Pilot
from textual.widgets import Static

from eks_lab.calc.model import Answer
from eks_lab.tui.app import EksLabApp
from eks_lab.tui.screens.calculator import CalculatorScreen
from tests.builders import drawn, press, settle


def screen(app: EksLabApp) -> CalculatorScreen:
    assert isinstance(app.screen, CalculatorScreen)
    return app.screen


def words(app: EksLabApp) -> str:
    """Return what stands on the screen in the order one reads it: the fields, then what stands beside them."""
    lines = drawn(app).splitlines()
    if app.screen.has_class("-beside") and isinstance(app.screen, CalculatorScreen):
        lines = [line[:58] for line in lines] + [line[58:] for line in lines]
    return " ".join(" ".join(lines).split())


def answer(app: EksLabApp) -> Answer:
    found = screen(app).answer
    assert found is not None
    return found


def state(app: EksLabApp) -> str:
    """Return what stands beside the large figure: its unit, or why it is old."""
    return str(app.screen.query_one(".answer--unit", Static).render())


async def opened(pilot: Pilot[None], name: str = "show") -> None:
    """Open a calculator and wait for its answer."""
    await settle(pilot)
    app = pilot.app
    assert isinstance(app, EksLabApp)
    app.show_calculator(name)
    await settle(pilot)


async def typed(pilot: Pilot[None], text: str) -> None:
    """Write over the content of the focused field."""
    await press(pilot, "ctrl+u", "end", "ctrl+u")
    await pilot.press(*["space" if letter == " " else letter for letter in text])
    await settle(pilot)


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    """Let the app go on until something is so."""
    async with asyncio.timeout(60):
        while not condition():
            await pilot.pause()
