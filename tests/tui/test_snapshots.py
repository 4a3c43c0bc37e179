"""Pictures of every screen, on the small course. `make snapshots` takes them anew; look at each one.

Only on the pinned Textual: another version draws other pictures of the same screen.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from eks_lab.checker.model import Report, Severity
from eks_lab.tui.lab_view import LabState
from eks_lab.tui.widgets import terminal_pane
from tests.builders import COURSE, USUAL, WIDE, copied_course, make_app, press, settle
from tests.fake_generators import InProcess, finding, use_fake_generators
from tests.fake_labs import SOLVED, STATE, FakeLabs
from tests.fake_sandbox import RUNNING, WHOLE, FakeSandbox

pytestmark = pytest.mark.skipif(version("textual") != "8.2.8", reason="pictures are made with Textual 8.2.8")
SIZES = pytest.mark.parametrize("size", [USUAL, WIDE], ids=["80x24", "120x36"])
Snap = Callable[..., bool]

SCREENS: dict[str, tuple[str, tuple[str, ...]]] = {
    "home-first": ("", ()),
    "home-chapter": ("", ("down", "left")),
    "reader-top": ("basics.nodes", ()),
    "reader-boxes": ("basics.nodes", ("t", "down", "down", "enter")),
    "reader-code": ("basics.nodes", ("t", "down", "down", "down", "enter", "tab")),
    "reader-end": ("basics.pods", ("end",)),
    "reader-contents": ("basics.nodes", ("t",)),
    "links": ("basics.nodes", ("l",)),
    "term": ("basics.nodes", ("l", "enter")),
    "save": ("basics.nodes", ("tab", "tab", "s")),
    "search": ("", ("slash", "n", "o", "d", "e")),
    "search-empty": ("", ("slash",)),
    "glossary": ("basics.nodes", ("g",)),
    "bookmarks": ("basics.nodes", ("b", "n", "b", "B")),
    "bookmarks-none": ("", ("B",)),
    "settings": ("", ("comma",)),
    "settings-theme": ("", ("comma", "enter")),
    "help": ("basics.nodes", ("question_mark",)),
    "palette": ("basics.nodes", ("ctrl+p", "t", "h", "e", "m", "e")),
}
"""Name → lesson to open, keys to press."""


async def still(pilot: Pilot[Any]) -> None:
    """Wait, and keep cursors from blinking."""
    await settle(pilot)
    for box in pilot.app.screen.query(Input):
        box.cursor_blink = False
        box._cursor_visible = True
    for editor in pilot.app.screen.query(TextArea):
        # Above a placeholder it draws only a cursor that may blink.
        editor._pause_blink(visible=editor.has_focus)
    # Messages that come and go are not part of a screen.
    pilot.app.clear_notifications()
    await settle(pilot)


@SIZES
@pytest.mark.parametrize("name", SCREENS)
def test_screen(
    snap_compare: Snap, tmp_path: Path, name: str, size: tuple[int, int], monkeypatch: Any
) -> None:
    lesson, keys = SCREENS[name]
    app = make_app(tmp_path, lesson=lesson)
    # The folder of the test is another one each time.
    monkeypatch.setattr(app, "save_folder", lambda: Path("course-files"))

    async def run(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await press(pilot, *keys)
        await still(pilot)

    assert snap_compare(app, terminal_size=size, run_before=run)


FOUND = finding(), finding(line=1, severity=Severity.ERROR)
FORMS: dict[str, tuple[str, ...]] = {
    "generators": ("G",),
    "generator-form": ("G", "enter"),
    "generator-files": ("G", "enter", "escape", "n", "n"),
    "generator-compare": ("G", "enter", "escape", "d"),
    "generator-many": ("G", "down", "enter", "escape", "w", "w"),
    "generator-save": ("G", "down", "enter", "escape", "s"),
    "checker": ("K", "i", "n", "f", "r", "a", "enter"),
}
"""Name → keys to press."""


@SIZES
@pytest.mark.parametrize("name", FORMS)
def test_form(
    snap_compare: Snap, tmp_path: Path, name: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    use_fake_generators(monkeypatch)
    app = make_app(tmp_path)
    generation = InProcess(*FOUND)
    generation.report = Report(FOUND, ("one.yaml",))
    app.generation = generation
    monkeypatch.setattr(app, "save_folder", lambda: Path("course-files"))

    async def run(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await press(pilot, *FORMS[name])
        await still(pilot)

    assert snap_compare(app, terminal_size=size, run_before=run)


@SIZES
def test_sandbox(snap_compare: Snap, tmp_path: Path, size: tuple[int, int]) -> None:
    app = make_app(tmp_path)
    app.sandbox = FakeSandbox(RUNNING)

    async def run(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await press(pilot, "S", "a")
        await still(pilot)

    assert snap_compare(app, terminal_size=size, run_before=run)


ACCOUNT = {"eks": 1, "network": 2, "access": 3, "cost": 4, "faults": 5}
"""Page → how many pages further it is than the first."""


@SIZES
@pytest.mark.parametrize("page", ACCOUNT)
def test_account(snap_compare: Snap, tmp_path: Path, page: str, size: tuple[int, int]) -> None:
    app = make_app(tmp_path)
    app.sandbox = FakeSandbox(WHOLE)

    async def run(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await press(pilot, "S", *"v" * ACCOUNT[page])
        await still(pilot)

    assert snap_compare(app, terminal_size=size, run_before=run)


LABS: dict[str, tuple[LabState | None, tuple[str, ...]]] = {
    "labs": (None, ("L",)),
    "labs-begin": (None, ("L", "down", "enter")),
    "lab": (STATE, ("L", "down", "enter")),
    "lab-solved": (SOLVED, ("L", "down", "enter")),
    "lab-debrief": (SOLVED, ("L", "down", "enter", "d")),
}
"""Name → the lab that runs, keys to press."""


@SIZES
@pytest.mark.parametrize("name", LABS)
def test_lab(
    snap_compare: Snap, tmp_path: Path, name: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whether a terminal can be had depends on the machine.
    monkeypatch.setattr(terminal_pane, "MODULE", "textual_tty_that_is_not_there")
    state, keys = LABS[name]
    app = make_app(tmp_path)
    app.labs, app.sandbox = FakeLabs(state), FakeSandbox(RUNNING)

    async def run(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await press(pilot, *keys)
        await still(pilot)

    assert snap_compare(app, terminal_size=size, run_before=run)


@SIZES
def test_home_with_progress(snap_compare: Snap, tmp_path: Path, size: tuple[int, int]) -> None:
    app = make_app(tmp_path, lesson="basics.nodes")

    async def run(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await press(pilot, "f", "n", "escape")
        await still(pilot)

    assert snap_compare(app, terminal_size=size, run_before=run)


@SIZES
@pytest.mark.parametrize("theme", ["eks-light", "eks-high-contrast", "eks-colour-blind"])
def test_theme(snap_compare: Snap, tmp_path: Path, theme: str, size: tuple[int, int]) -> None:
    app = make_app(tmp_path, lesson="basics.nodes")

    async def run(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        app.change_setting("theme", theme)
        await press(pilot, "t", "down", "down", "enter")
        await still(pilot)

    assert snap_compare(app, terminal_size=size, run_before=run)


def broken_course(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a course with a broken page, under a path that is the same in every run."""
    monkeypatch.chdir(folder)
    copied_course(folder)
    course = Path("course")
    lesson = course / "01-basics" / "20-pods" / "lesson.md"
    lesson.write_text(lesson.read_text().replace("## Waiting", "::video{id=x}"))
    return course


@SIZES
def test_broken_lesson(
    snap_compare: Snap, tmp_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(tmp_path, course=broken_course(tmp_path, monkeypatch), lesson="basics.pods")

    async def run(pilot: Pilot[Any]) -> None:
        await still(pilot)

    assert snap_compare(app, terminal_size=size, run_before=run)


@SIZES
def test_broken_course(
    snap_compare: Snap, tmp_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    course = broken_course(tmp_path, monkeypatch)
    (course / "course.yaml").write_text("format: 1\nid: [\n")
    app = make_app(tmp_path, course=course)

    async def run(pilot: Pilot[Any]) -> None:
        await still(pilot)

    assert snap_compare(app, terminal_size=size, run_before=run)


@SIZES
def test_first_frame(
    snap_compare: Snap, tmp_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(tmp_path)
    monkeypatch.setattr(app, "open_course", lambda: None)
    assert snap_compare(app, terminal_size=size)


def test_smallest(snap_compare: Snap, tmp_path: Path) -> None:
    """40×10, the smallest terminal that is served."""
    app = make_app(tmp_path, lesson="basics.nodes")

    async def run(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await press(pilot, "space")
        await still(pilot)

    assert snap_compare(app, terminal_size=(40, 10), run_before=run)


def test_too_small(snap_compare: Snap, tmp_path: Path) -> None:
    async def run(pilot: Pilot[Any]) -> None:
        await still(pilot)

    assert snap_compare(make_app(tmp_path), terminal_size=(34, 8), run_before=run)


def test_the_small_course_is_the_one_in_the_pictures() -> None:
    """Somebody who changes it has to take the pictures anew, and should know why they differ."""
    assert sorted(path.name for path in COURSE.iterdir()) == [
        "01-basics",
        "02-network",
        "course.yaml",
        "diagrams",
        "glossary",
    ]
