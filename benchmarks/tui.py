"""The app: how soon it is there, how fast it turns pages, answers keys and searches, what it weighs."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks._terminal import Terminal
from eks_lab import locations
from eks_lab.clock import SystemClock

FIRST_FRAME_RATIO = 2.5
OPEN_LESSON_MS = 150.0
SEARCH_KEY_MS = 50.0
FORM_MS = 500.0
RESIDENT_MB = 120.0
KEY_MS = 50.0

_EMPTY = """
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("empty-app")
Empty().run()
"""
_RUNS = 7
_QUERIES = ("prefix delegation", "irsa token", "karpenter consolidation", "max pods")


def run() -> list[tuple[str, float, float, str]]:
    """Return name, measured, limit and note of each figure."""
    ratio, note = first_frame()
    inside = measure_inside()
    keys = key_to_repaint()
    return [
        ("first frame / empty Textual app", ratio, FIRST_FRAME_RATIO, note),
        ("open a lesson, slowest (ms)", inside["open_ms"], OPEN_LESSON_MS, str(inside["open_note"])),
        ("search, slowest key (ms)", inside["search_ms"], SEARCH_KEY_MS, str(inside["search_note"])),
        ("resident after ten lessons (MB)", inside["resident_mb"], RESIDENT_MB, "all lessons opened before"),
        ("key press to repaint, p95 (ms)", keys[0], KEY_MS, keys[1]),
        ("generator: key press to repaint, p95 (ms)", *generator_key()),
        (
            "largest calculator form to its first answer (ms)",
            inside["form_ms"],
            FORM_MS,
            str(inside["form_note"]),
        ),
    ]


def first_frame() -> tuple[float, str]:
    """Return the time to the first frame as a ratio to an empty app, side by side."""
    empty, ours = [], []
    with tempfile.TemporaryDirectory() as home:
        for _ in range(_RUNS):
            with Terminal(["-c", _EMPTY], {}) as terminal:
                empty.append(terminal.seconds_until(b"empty-app"))
            with Terminal(["-m", "eks_lab"], {"EKS_LAB_HOME": home}) as terminal:
                ours.append(terminal.seconds_until(b"eks-lab"))
    ratio = statistics.median(mine / theirs for mine, theirs in zip(ours, empty, strict=True))
    return ratio, f"{statistics.median(ours):.2f} s against {statistics.median(empty):.2f} s"


def key_to_repaint() -> tuple[float, str]:
    """Return the 95th percentile of the time from a key to what it draws, on the longest page."""
    taken = []
    with tempfile.TemporaryDirectory() as home:
        arguments = ["-m", "eks_lab", "--lesson", "networking.prefix-delegation"]
        with Terminal(arguments, {"EKS_LAB_HOME": home}) as terminal:
            terminal.seconds_until(b"eks-lab")
            terminal.drain(1.5, 20)
            for number in range(200):
                # Ten lines down and a screen, then the same way back: never at an end, where nothing is drawn.
                down = number // 20 % 2 == 0
                key = (b" " if down else b"\x1b[5~") if number % 10 == 9 else b"j" if down else b"k"
                taken.append(terminal.press(key) * 1000)
                terminal.drain(0.03)
    p95 = statistics.quantiles(taken, n=20)[-1]
    return p95, f"{len(taken)} keys, median {statistics.median(taken):.0f} ms"


def generator_key() -> tuple[float, float, str]:
    """Return p95, limit and note of a key in the form of the Terraform generator, twenty files beside it."""
    taken = []
    with (
        tempfile.TemporaryDirectory() as home,
        Terminal(["-m", "eks_lab"], {"EKS_LAB_HOME": home}) as terminal,
    ):
        terminal.seconds_until(b"eks-lab")
        terminal.drain(1.5, 20)
        terminal.write(b"G")
        terminal.drain(1.5, 20)
        terminal.write(b"\r")
        terminal.drain(2.0, 20)
        for number in range(60):
            # Six letters in, six out: the name stands in nearly every file.
            key = b"\x7f" if number % 12 >= 6 else b"abcdef"[number % 12 : number % 12 + 1]
            taken.append(terminal.press(key) * 1000)
            # Long enough that the files of every key are made, checked and drawn before the next.
            terminal.drain(0.3)
    p95 = statistics.quantiles(taken, n=20)[-1]
    return p95, KEY_MS, f"{len(taken)} keys, median {statistics.median(taken):.0f} ms"


def measure_inside() -> dict[str, Any]:
    """Measure in a process of its own, so that its memory is the app's."""
    code = "from benchmarks.tui import inside; inside()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent.parent,
        env={**os.environ, "TEXTUAL_ANIMATIONS": "none"},
    )
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def inside() -> None:
    """Print the figures that are taken in the app's own process, as JSON."""
    with tempfile.TemporaryDirectory() as home:
        figures = asyncio.run(_drive(Path(home)))
    print(json.dumps(figures))


async def _drive(home: Path) -> dict[str, Any]:
    import psutil
    from textual.events import Key

    from eks_lab.tui.app import EksLabApp
    from eks_lab.tui.screens.search import SearchScreen

    app = EksLabApp(
        content_root=locations.content_root() / "lessons",
        data_dir=home / "data",
        cache_dir=home / "cache",
        clock=SystemClock(),
    )
    async with app.run_test(size=(120, 36)) as pilot:
        await _until(lambda: app.is_open and bool(app.screen.query("#home-tree")))
        await pilot.press("c")
        await _until(lambda: app.reader is not None and app.reader.page_view is not None)
        await app.workers.wait_for_complete()
        reader = app.reader
        assert reader is not None
        # As the app does by itself in a real terminal.
        app.spare_collector()
        lessons = [lesson.id for lesson in app.library.course.lessons]
        taken: dict[str, float] = {}
        resident = 0.0
        # Forward, then back: the better of two visits, since other programs run on the machine too.
        visits = [("n", lesson_id) for lesson_id in lessons[1:]] + [
            ("p", lesson_id) for lesson_id in lessons[-2::-1]
        ]
        for number, (key, lesson_id) in enumerate(visits):
            before = reader.page_view
            start = time.perf_counter()
            app.post_message(Key(key, key))
            await _until(partial(_is_shown, reader, lesson_id, before))
            milliseconds = (time.perf_counter() - start) * 1000
            taken[lesson_id] = min(milliseconds, taken.get(lesson_id, milliseconds))
            await pilot.pause()
            await app.workers.wait_for_complete()
            await pilot.pause()
            # In a real terminal as soon as no key is pressed for a moment.
            app.tidy()
            if number == 9:
                resident = psutil.Process().memory_info().rss / 1e6
        await pilot.press("slash")
        await _until(lambda: isinstance(app.screen, SearchScreen) and bool(app.screen.query("#search-box")))
        await app.workers.wait_for_complete()
        keys = {text: await _search_key(app, text) for query in _QUERIES for text in _typed(query)}
        forms = [await _open_form(app) for _ in range(3)]
    slowest_text = max(keys, key=lambda text: keys[text])
    slowest = max(taken, key=lambda lesson_id: taken[lesson_id])
    return {
        "open_ms": taken[slowest],
        "open_note": f"{slowest}; {len(taken)} lessons, better of two, median {statistics.median(taken.values()):.0f} ms",
        "search_ms": keys[slowest_text],
        "search_note": f"{slowest_text!r}; {len(keys)} keys, median {statistics.median(keys.values()):.0f} ms",
        "resident_mb": resident,
        "form_ms": min(forms),
        "form_note": f"cluster-cost, first frame with an answer, best of {len(forms)}",
    }


async def _open_form(app: Any) -> float:
    """Return the milliseconds from asking for the calculator with most inputs to a frame with its answer."""
    from eks_lab.tui.screens.calculator import CalculatorScreen

    drawn: list[bool] = []
    start = time.perf_counter()
    app.show_calculator("cluster-cost")
    await _until(lambda: isinstance(app.screen, CalculatorScreen) and app.screen.answer is not None)
    app.screen.call_after_refresh(drawn.append, True)
    await _until(lambda: bool(drawn))
    taken = (time.perf_counter() - start) * 1000
    await app.workers.wait_for_complete()
    await app.pop_screen()
    return taken


def _is_shown(reader: Any, lesson_id: str, before: object) -> bool:
    view = reader.page_view
    return view is not None and view is not before and reader.lesson.id == lesson_id and view.is_shown


def _typed(query: str) -> list[str]:
    return [query[:length] for length in range(1, len(query) + 1)]


async def _search_key(app: Any, text: str) -> float:
    """Return the milliseconds from a changed box to the results for it."""
    from textual.widgets import Input

    start = time.perf_counter()
    app.screen.query_one("#search-box", Input).value = text
    await _until(lambda: app.screen.shown_query == text)
    return (time.perf_counter() - start) * 1000


async def _until(holds: Callable[[], bool], limit: float = 30.0) -> None:
    end = time.perf_counter() + limit
    while not holds():
        if time.perf_counter() > end:
            raise TimeoutError("the app did not get there")
        await asyncio.sleep(0.001)
