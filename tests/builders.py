"""What several tests build: the small course, the app on it, waiting for it."""

from __future__ import annotations

import shutil
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen
from textual.worker import WorkerError

from eks_lab.clock import Clock, SimClock
from eks_lab.tui.app import EksLabApp

COURSE = Path(__file__).parent / "data" / "course"
"""Two chapters and three lessons with every kind of block; fixed, so that pictures of it can be compared."""
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
WIDE, USUAL, SMALLEST = (120, 36), (80, 24), (40, 10)


def copied_course(folder: Path) -> Path:
    """Return a copy of the small course that a test may break."""
    return Path(shutil.copytree(COURSE, folder / "course"))


def make_app(home: Path, *, course: Path = COURSE, lesson: str = "", clock: Clock | None = None) -> EksLabApp:
    """Return the app with everything it writes below a folder.

    Args:
        home: keeps data, cache and saved files; an app made on the same folder finds them again.
        course: folder of the course.
        lesson: lesson to open first.
        clock: stands at noon when left out.
    """
    saved = home / "saved"
    saved.mkdir(parents=True, exist_ok=True)
    return EksLabApp(
        content_root=course,
        data_dir=home / "data",
        cache_dir=home / "cache",
        clock=clock if clock is not None else SimClock(NOON),
        open_lesson=lesson,
        save_dir=saved,
    )


async def settle(pilot: Pilot[Any]) -> None:
    """Wait until workers are done and what they brought is on the screen."""
    # Work brings messages and messages bring work: quiet twice in a row is quiet.
    quiet = 0
    while quiet < 2:
        # A worker that failed is the app's to tell of; one that must not fail ends the app.
        with suppress(WorkerError):
            await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        quiet = 0 if any(not worker.is_finished for worker in pilot.app.workers) else quiet + 1


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys one by one and wait for what each of them brings."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


def is_on(app: App[Any], kind: type[Screen[Any]]) -> bool:
    """Return whether a kind of screen is in front."""
    return isinstance(app.screen, kind)


def drawn(app: EksLabApp) -> str:
    """Return what stands on the screen, line by line."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)
