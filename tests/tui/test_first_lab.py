"""A newcomer's first lab: from opening the app to the first green check, by keys alone, in a real shell with real kubectl."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from eks_lab import locations
from eks_lab.clock import SystemClock
from eks_lab.sandbox import launch
from eks_lab.sandbox.state_directory import StateDirectory
from eks_lab.tui.lab_view import LabState
from eks_lab.tui.screens.confirm import Confirm
from eks_lab.tui.screens.labs import LabsScreen
from eks_lab.tui.screens.practice import PracticeScreen
from eks_lab.tui.widgets.terminal_pane import is_available
from tests.builders import USUAL, drawn, is_on, make_app, press

PATIENCE_SECONDS = 60.0

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform == "win32", reason="starts a process as POSIX systems do"),
    pytest.mark.skipif(not is_available(), reason="textual-tty is not installed"),
]


@pytest.fixture(autouse=True)
def stopped(own_home: Path) -> Iterator[None]:
    """End the sandbox with the test."""
    yield
    launch.stop(StateDirectory.default())


async def until(pilot: Pilot[Any], holds: Callable[[], bool], what: str) -> None:
    """Wait for another process: the sandbox, the shell, kubectl."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"{what} has not come about:\n{drawn(pilot.app)}"  # type: ignore[arg-type]
        await pilot.pause(0.05)


def green(app: Any) -> list[str]:
    """Return the titles of the checks that hold."""
    state: LabState | None = app.screen._state
    return [check.title for check in state.checks if check.holds] if state is not None else []


async def type_line(pilot: Pilot[Any], line: str) -> None:
    names = {" ": "space", "/": "slash", "=": "equals_sign", ":": "colon", ".": "full_stop", "-": "minus"}
    for letter in line:
        await pilot.press(names.get(letter, letter))
    await pilot.press("enter")


async def test_from_opening_the_app_to_the_first_green_check(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHELL", "/bin/sh")
    monkeypatch.setattr(PracticeScreen, "LOOK_EVERY_SECONDS", 0.3)
    app = make_app(own_home, course=locations.content_root() / "lessons", clock=SystemClock())
    async with app.run_test(size=USUAL) as pilot:
        await until(pilot, lambda: "Labs" in drawn(app), "the first screen")
        await press(pilot, "L")
        await until(pilot, lambda: is_on(app, LabsScreen) and "first Deployment" in drawn(app), "the list")
        # The first lab is the first line of the list.
        await press(pilot, "enter")
        await until(pilot, lambda: is_on(app, Confirm), "the question whether to begin")
        await pilot.press("y")
        await until(pilot, lambda: _is_begun(app), "the lab")
        assert green(app) == []
        screen = app.screen
        assert isinstance(screen, PracticeScreen)
        assert screen._state is not None
        name = screen._state.checks[0].title.split(" of ")[1].split(" ")[0]
        await until(pilot, lambda: screen.terminal.terminal is not None, "a shell")
        await pilot.press("t")
        await until(pilot, lambda: screen.is_typing, "the keys to go to the shell")
        await type_line(pilot, f"kubectl set image deployment/{name} web=nginx:1.27")
        await until(pilot, lambda: "image updated" in drawn(app), "what kubectl says")
        await until(pilot, lambda: len(green(app)) >= 1, "the first green check")
        assert any("ready" in title for title in green(app))
        # The keys of the shell are the shell's; f2 gives them back, and takes them again.
        await pilot.press("f2")
        assert not screen.is_typing
        await pilot.press("f2")
        await type_line(pilot, "exit")
        await until(pilot, lambda: screen.terminal.terminal is None, "the end of the shell")


def _is_begun(app: Any) -> bool:
    return is_on(app, PracticeScreen) and app.screen._state is not None
