"""Opening the app: what is imported, what the first frame shows, what goes wrong and is said."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from textual.widgets import Button

from eks_lab.errors import UnavailableError
from eks_lab.learning.progress import FILE_NAME
from eks_lab.tui.app import run_app
from eks_lab.tui.screens.home import HomeScreen
from eks_lab.tui.screens.reader import ReaderScreen
from tests.builders import USUAL, WIDE, copied_course, drawn, make_app, press, settle

HEAVY = ("pydantic", "markdown_it", "yaml", "pygments", "sqlite3", "hcl2")
LATER = (
    "eks_lab.tui.screens.reader",
    "eks_lab.tui.screens.search",
    "eks_lab.tui.commands",
    "eks_lab.content.load",
)


def test_importing_the_app_imports_nothing_heavy() -> None:
    code = f"import sys, eks_lab.tui.app\nprint([name for name in {HEAVY + LATER} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_the_first_frame_needs_neither_course_nor_progress(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(tmp_path)
    monkeypatch.setattr(app, "open_course", lambda: None)
    async with app.run_test(size=USUAL) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, HomeScreen)
        assert "eks-lab" in drawn(app)
        assert "Opening the course" in drawn(app)
        assert "? Help  q Quit" in drawn(app)
        assert not (tmp_path / "data").exists()
        await press(pilot, "slash", "g", "B", "c", "u")
        assert isinstance(app.screen, HomeScreen), "a key does something before there is a course"


async def test_a_newcomer_is_welcomed_in_three_lines_and_enter_starts(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        welcome = app.screen.query_one("#home-welcome")
        assert welcome.size.height == 3
        assert (
            str(app.screen.query_one("#home-continue", Button).label)
            == "▶ Start with: How many pods fit on a node"
        )
        await press(pilot, "enter")
        assert isinstance(app.screen, ReaderScreen)
        assert "How many pods fit on a node" in drawn(app)


async def test_a_lesson_can_be_opened_at_once(tmp_path: Path) -> None:
    app = make_app(tmp_path, lesson="basics.pods")
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        assert isinstance(app.screen, ReaderScreen)
        assert "A pod needs a node" in drawn(app)


async def test_a_lesson_that_does_not_exist_is_said(tmp_path: Path) -> None:
    app = make_app(tmp_path, lesson="basics.nothing")
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        assert isinstance(app.screen, HomeScreen)
        assert "There is no lesson basics.nothing" in said(app)


async def test_a_broken_course_is_said_with_file_and_line_and_can_be_mended(tmp_path: Path) -> None:
    course = copied_course(tmp_path)
    lesson = course / "01-basics" / "20-pods" / "lesson.md"
    whole = lesson.read_text()
    lesson.write_text(whole.replace("minutes: 5", "minutes: soon"))
    app = make_app(tmp_path, course=course)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        assert "The course cannot be opened" in drawn(app)
        assert "lesson.md:4" in drawn(app).replace("\n", "").replace(" ", "")
        lesson.write_text(whole)
        await press(pilot, "r")
        assert "Start with" in drawn(app)
        assert "The course cannot be opened" not in drawn(app)


async def test_a_folder_without_a_course_is_said(tmp_path: Path) -> None:
    app = make_app(tmp_path, course=tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        # The folder's name is as long as it likes, so the sentence may be broken anywhere.
        assert "holds no course.yaml" in " ".join(drawn(app).split())


async def test_progress_that_cannot_be_used_does_not_keep_anybody_from_reading(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / FILE_NAME).mkdir()
    app = make_app(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        assert said(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, ReaderScreen)


async def test_a_damaged_record_is_set_aside_and_said(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / FILE_NAME).write_bytes(b"not a database at all, but long enough to be looked at" * 20)
    app = make_app(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        assert "set aside" in said(app) or "damaged" in said(app)


def test_without_a_terminal_it_says_what_to_use(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="needs a terminal"):
        run_app(content_root=tmp_path, data_dir=tmp_path, cache_dir=tmp_path)


def said(app: object) -> str:
    """Return all notifications on the screen."""
    notifications = getattr(app, "_notifications", ())
    return "\n".join(f"{each.title} {each.message}" for each in notifications)


@pytest.mark.parametrize("keys", [("tab",), ("tab", "tab"), ("tab", "shift+tab", "tab")])
async def test_tab_waits_for_the_lesson_that_is_on_its_way(tmp_path: Path, keys: tuple[str, ...]) -> None:
    """It is meant for what is about to be there, not for the course below it."""
    slow, quick = (
        make_app(tmp_path / "a", lesson="basics.nodes"),
        make_app(tmp_path / "b", lesson="basics.nodes"),
    )
    focused = []
    for app, first in ((slow, True), (quick, False)):
        async with app.run_test(size=USUAL) as pilot:
            if first:
                await settle(pilot)
            for key in keys:
                await pilot.press(key)
            await settle(pilot)
            assert app.reader is not None
            assert app.focused is not None
            focused.append([type(node).__name__ for node in app.focused.ancestors_with_self])
    assert focused[0] == focused[1]
    assert "PageView" in focused[1]


async def test_tab_works_where_no_lesson_comes(tmp_path: Path) -> None:
    course = copied_course(tmp_path)
    (course / "course.yaml").write_text("format: 1\nid: [\n")
    app = make_app(tmp_path, course=course, lesson="basics.nodes")
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        before = app.focused
        await press(pilot, "tab")
        assert before is None or app.focused is not None
        assert not app._held_keys


async def test_an_unknown_lesson_gives_the_keys_back(tmp_path: Path) -> None:
    app = make_app(tmp_path, lesson="no.such")
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        before = app.focused
        await press(pilot, "tab")
        assert app.focused is not before
