"""`make picture`: make the pictures of the README from the program itself, without a terminal.

python docs/picture.py          writes docs/pictures/*.svg
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")

from eks_lab import locations
from eks_lab.clock import SimClock, SystemClock
from eks_lab.tui.app import EksLabApp

FOLDER = Path(__file__).parent / "pictures"
SIZE = (120, 36)
SETTLE_SECONDS = 1.0
"""The part of a page below the fold is mounted after its first screen."""
PICTURES = {
    "course": ("", ()),
    "lesson": ("networking.max-pods", ("tab", "tab", "right", "right")),
}
"""Name → lesson to open at, keys to press."""
LAB, LAB_LINE = "first-deployment", "kubectl get pods"


async def take(name: str, lesson: str, keys: tuple[str, ...], home: Path) -> Path:
    """Write one picture and return its path."""
    app = EksLabApp(
        content_root=locations.content_root() / "lessons",
        data_dir=home / "data",
        cache_dir=home / "cache",
        clock=SimClock(datetime(2026, 11, 22, 9, 0, tzinfo=UTC)),
        open_lesson=lesson,
    )
    async with app.run_test(size=SIZE) as pilot:
        await app.workers.wait_for_complete()
        while lesson and not app.screen.query("PageView"):
            await pilot.pause(SETTLE_SECONDS)
        await pilot.pause(SETTLE_SECONDS)
        for key in keys:
            await pilot.press(key)
            await pilot.pause(SETTLE_SECONDS)
        await app.workers.wait_for_complete()
        await pilot.pause()
        path = FOLDER / f"{name}.svg"
        path.write_text(app.export_screenshot(title="eks-lab"), encoding="utf-8")
        return path


async def take_lab(home: Path) -> Path:
    """Write the picture of a lab that runs, in a sandbox of its own."""
    from eks_lab.sandbox import launch
    from eks_lab.sandbox.state_directory import StateDirectory
    from eks_lab.tui.screens.practice import PracticeScreen

    os.environ |= {"EKS_LAB_HOME": str(home), "SHELL": "/bin/sh", "PS1": "$ "}
    app = EksLabApp(
        content_root=locations.content_root() / "lessons",
        data_dir=home / "data",
        cache_dir=home / "cache",
        clock=SystemClock(),
    )
    try:
        async with app.run_test(size=SIZE) as pilot:
            await app.workers.wait_for_complete()
            await pilot.pause(SETTLE_SECONDS)
            app.show_lab(LAB)
            await pilot.pause(SETTLE_SECONDS)
            await pilot.press("y")
            screen = app.screen
            while not isinstance(screen, PracticeScreen) or screen.terminal.terminal is None:
                await pilot.pause(SETTLE_SECONDS)
                screen = app.screen
            await pilot.press("t")
            for letter in LAB_LINE:
                await pilot.press("space" if letter == " " else letter)
            await pilot.press("enter")
            await pilot.pause(3 * SETTLE_SECONDS)
            path = FOLDER / "lab.svg"
            path.write_text(app.export_screenshot(title="eks-lab"), encoding="utf-8")
            return path
    finally:
        launch.stop(StateDirectory.default())


async def main() -> int:
    """Write every picture."""
    FOLDER.mkdir(exist_ok=True)
    for name, (lesson, keys) in PICTURES.items():
        with tempfile.TemporaryDirectory() as home:
            print(await take(name, lesson, keys, Path(home)))
    with tempfile.TemporaryDirectory() as home:
        print(await take_lab(Path(home)))
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
