"""Labs in a real sandbox: how soon one begins, comes back and turns green, and whether a noisy shell freezes the app."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from textual.app import App, ComposeResult

from eks_lab.clock import SystemClock
from eks_lab.grading.catalogue import labs_root
from eks_lab.grading.session import Place
from eks_lab.learning.progress import open_progress
from eks_lab.sandbox import launch
from eks_lab.sandbox.state_directory import StateDirectory
from eks_lab.tui.local_labs import LocalLabs, run_course
from eks_lab.tui.screens.practice import PracticeScreen
from eks_lab.tui.widgets.terminal_pane import TerminalPane

START_SECONDS, RESET_SECONDS = 2.0, 1.0
LATENCY_MS = 200.0
FROZEN_MS = 250.0
"""A pause that is felt as one."""
FLOOD_SECONDS = 15.0
FLOOD = "yes | head -100000; echo the-end"
LOOKS = 9
_STEP_SECONDS = 0.005


def run() -> list[tuple[str, float, float, str]]:
    """Return name, measured, limit and note of each figure."""
    starts, resets, looks = _every_lab()
    every = PracticeScreen.LOOK_EVERY_SECONDS * 1000
    slow, slow_ms = max(looks.items(), key=lambda pair: pair[1])
    frozen, flooded = asyncio.run(_flood())
    return [
        ("start a lab, slowest (s)", max(starts.values()), START_SECONDS, _name(starts)),
        ("reset a lab, slowest (s)", max(resets.values()), RESET_SECONDS, _name(resets)),
        (
            "from a change to its check, at most (ms)",
            every + slow_ms,
            LATENCY_MS,
            f"a look each {every:.0f} ms, which takes {slow_ms:.0f} ms ({slow}, median of {LOOKS})",
        ),
        ("longest pause under a flood of output (ms)", frozen * 1000, FROZEN_MS, FLOOD),
        ("the flood, from first to last line (s)", flooded, FLOOD_SECONDS, "100,000 lines"),
    ]


def _name(found: dict[str, float]) -> str:
    return f"{max(found, key=lambda each: found[each])}; {len(found)} labs"


def _every_lab() -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
    """Return the seconds of each lab's start and reset, and the milliseconds of a look at it."""
    starts: dict[str, float] = {}
    resets: dict[str, float] = {}
    looks: dict[str, float] = {}
    with TemporaryDirectory() as home:
        directory = StateDirectory(Path(home) / "sandbox")
        place = Place(Path(home) / "labs", SystemClock(), run_course)
        launch.start(directory, {})
        try:
            with open_progress(Path(home) / "progress.sqlite3", SystemClock()) as progress:
                labs = LocalLabs(labs_root(), directory, place, lambda: progress.labs)
                for row in labs.rows():
                    starts[row.id] = _seconds(lambda row=row: labs.start(row.id, _ignore))  # type: ignore[misc]
                    taken = sorted(_seconds(labs.look) for _ in range(LOOKS))
                    looks[row.id] = taken[LOOKS // 2] * 1000
                    resets[row.id] = _seconds(lambda: labs.reset(_ignore))
                    labs.stop()
                labs.close()
        finally:
            launch.stop(directory)
    return starts, resets, looks


def _ignore(step: str, part: float) -> None:
    """Hear nothing."""


def _seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


class _Shell(App[None]):
    def compose(self) -> ComposeResult:
        yield TerminalPane("", id="pane")


async def _flood() -> tuple[float, float]:
    """Return the longest time that the event loop was held, and the seconds of the whole flood."""
    app = _Shell()
    longest = 0.0
    async with app.run_test(size=(120, 36)) as pilot:
        pane = app.query_one(TerminalPane)
        started = time.perf_counter()
        await pane.run(["sh", "-c", FLOOD])
        last = time.perf_counter()
        while pane.terminal is not None and time.perf_counter() - started < 4 * FLOOD_SECONDS:
            await asyncio.sleep(_STEP_SECONDS)
            now = time.perf_counter()
            longest, last = max(longest, now - last - _STEP_SECONDS), now
        seconds = time.perf_counter() - started
        await pilot.pause()
    return longest, seconds
