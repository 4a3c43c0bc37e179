"""The course at a glance."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Button

from eks_lab.tui.app import EksLabApp
from eks_lab.tui.screens.home import HomeScreen
from eks_lab.tui.screens.reader import ReaderScreen
from eks_lab.tui.widgets.course_tree import CourseTree
from tests.builders import SMALLEST, USUAL, WIDE, drawn, make_app, press, settle
from tests.tui.test_reader import click_text, lesson_id


def tree(app: EksLabApp) -> CourseTree:
    assert isinstance(app.screen, HomeScreen)
    return app.screen.query_one(CourseTree)


@pytest.mark.parametrize("size", [USUAL, WIDE, SMALLEST])
async def test_keys_lead_from_the_button_into_the_tree_and_to_a_lesson(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        assert isinstance(app.focused, Button)
        await press(pilot, "down")
        assert tree(app).has_focus
        await press(pilot, "down", "enter")
        assert lesson_id(app) == "basics.pods"


async def test_chapters_open_and_close(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "down", "left")
        assert "What a pod needs" not in drawn(app)
        await press(pilot, "right")
        assert "What a pod needs" in drawn(app)
        await press(pilot, "end", "enter")
        assert "Where addresses come from" in drawn(app)
        await press(pilot, "space")
        assert "○ Where addresses come from  6 min" not in drawn(app)


async def test_the_lesson_under_the_cursor_is_summarised(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "down", "down")
        text = drawn(app)
        assert "A short page without anything live in it." in text
        assert "• Name what every pod needs" in text
        assert "• Plan the size of a node" in text
        assert "○ How many pods fit on a node (new)" in text
        await press(pilot, "down")
        assert "0 of 1 lessons finished · 6 min in all" in drawn(app)


async def test_progress_has_marks_words_and_percent(tmp_path: Path) -> None:
    app = make_app(tmp_path, lesson="basics.nodes")
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "f", "n", "escape")
        text = drawn(app)
        assert "✓ How many pods fit on a node" in text
        assert "◐ What a pod needs" in text
        assert "1 Basics  ◐ 1/2" in text
        assert text.split("\n")[2].strip() == "▶ Continue where you stopped: What a pod needs"
        assert "1 Basics" in text.split("\n")[4]
        assert "○ new · ◐ begun · ✓ finished" in text
        assert "1 of 3 lessons finished, 33 %" in text


async def test_coming_back_the_cursor_is_on_the_lesson_that_was_read(tmp_path: Path) -> None:
    app = make_app(tmp_path, lesson="network.addresses")
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "escape")
        assert tree(app).has_focus
        await press(pilot, "enter")
        assert lesson_id(app) == "network.addresses"


async def test_everything_can_be_clicked(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await click_text(pilot, "What a pod needs")
        assert lesson_id(app) == "basics.pods"
        await click_text(pilot, "Esc Course")
        assert isinstance(app.screen, HomeScreen)
        await press(pilot, "slash")
        await pilot.click("TopBar", offset=(3, 0))
        await settle(pilot)
        assert isinstance(app.screen, HomeScreen), "the name above does not lead to the course"
        await click_text(pilot, "▶ Continue where you stopped")
        assert isinstance(app.screen, ReaderScreen)
        await press(pilot, "escape")
        await click_text(pilot, "? Help")
        assert "Keys that work here" in drawn(app)
        await press(pilot, "escape")
        await click_text(pilot, "How many pods fit on a node (")
        assert lesson_id(app) == "basics.nodes"


async def test_next_unfinished_and_bookmarks_from_here(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "b")
        assert "No bookmarks yet" in drawn(app)
        await press(pilot, "escape", "u")
        assert lesson_id(app) == "basics.nodes"


async def test_a_course_that_is_done_can_be_read_again(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        for lesson in app.library.course.lessons:
            app.library.progress.mark_finished(lesson.id)
        app.library.refresh()
        app.progress_changed()
        await settle(pilot)
        assert "3 of 3 lessons finished, 100 %" in drawn(app)
        assert str(app.screen.query_one("#home-continue", Button).label) == "▶ Read again from the beginning"
        await press(pilot, "u")
        assert isinstance(app.screen, HomeScreen)
        await press(pilot, "c")
        assert lesson_id(app) == "basics.nodes"
