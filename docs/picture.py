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
from eks_lab.clock import SimClock
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


async def main() -> int:
    """Write every picture."""
    FOLDER.mkdir(exist_ok=True)
    for name, (lesson, keys) in PICTURES.items():
        with tempfile.TemporaryDirectory() as home:
            print(await take(name, lesson, keys, Path(home)))
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
