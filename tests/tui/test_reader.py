"""Journeys of a reader."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Button, Input

from eks_lab.clock import SimClock
from eks_lab.content.page import Page
from eks_lab.learning.progress import FILE_NAME, open_progress
from eks_lab.tui.app import EksLabApp
from eks_lab.tui.screens.bookmarks import BookmarksScreen
from eks_lab.tui.screens.home import HomeScreen
from eks_lab.tui.screens.reader import PageRead, ReaderScreen
from eks_lab.tui.widgets.code_block import CodeBlock
from eks_lab.tui.widgets.contents import Contents
from eks_lab.tui.widgets.lesson_end import LessonEnd
from eks_lab.tui.widgets.page_view import PageView
from eks_lab.tui.widgets.top_bar import TopBar
from tests.builders import NOON, USUAL, WIDE, copied_course, drawn, is_on, make_app, press, settle
from tests.tui.test_start import said

SIZES = [USUAL, WIDE]
PATIENCE_SECONDS = 60.0


def reader(app: EksLabApp) -> ReaderScreen:
    assert isinstance(app.screen, ReaderScreen)
    return app.screen


def view(app: EksLabApp) -> PageView:
    found = reader(app).page_view
    assert found is not None
    return found


def lesson_id(app: EksLabApp) -> str:
    lesson = reader(app).lesson
    assert lesson is not None
    return lesson.id


def top(app: EksLabApp) -> tuple[str, int]:
    return lesson_id(app), view(app).scroll_offset.y


async def click_button(pilot: Pilot[None], selector: str) -> None:
    pilot.app.screen.query_one(selector).scroll_visible(animate=False)
    await settle(pilot)
    await pilot.click(selector)
    await settle(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_open_read_answer_finish_quit_and_come_back(tmp_path: Path, size: tuple[int, int]) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "pagedown", "pagedown", "down")
        await press(pilot, "end")
        box = app.screen.query_one("QuizView Input", Input)
        box.focus()
        await press(pilot, *"29", "enter")
        await press(pilot, "escape", "f")
        assert app.library.status("basics.nodes") == "done"
        assert "✓ Finished" in said(app)
        await press(pilot, "n", "p", "pagedown", "down", "down")
        await pilot.press("down")
        await pilot.pause()
        here = top(app)
        assert here[1] > 3
        await press(pilot, "q")
    assert app.return_code == 0

    again = make_app(tmp_path)
    async with again.run_test(size=size) as pilot:
        await settle(pilot)
        label = str(again.screen.query_one("#home-continue", Button).label)
        assert label == "▶ Continue where you stopped: How many pods fit on a node"
        assert not again.screen.query("#home-welcome")
        assert label in drawn(again)
        assert "1 of 3 lessons finished, 33 %" in drawn(again)
        await press(pilot, "enter")
        assert top(again) == here
        answers = again.library.progress.answers()
        assert answers["basics.nodes.limit"].given == 29.0
        assert answers["basics.nodes.limit"].correct
        await press(pilot, "end")
        assert "Mark as unfinished" in str(again.screen.query_one("#end-finish", Button).label)


async def test_the_place_survives_without_a_proper_end(tmp_path: Path) -> None:
    """What is on the disk a moment after scrolling is where the reader is."""
    app = make_app(tmp_path, lesson="basics.nodes")
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "pagedown", "pagedown")
        reader(app)._save_timer_fired()
        await settle(pilot)
        with open_progress(tmp_path / "data" / FILE_NAME, SimClock(NOON)) as other:
            place = other.last_place()
        assert place is not None
        assert (place.anchor, place.fraction) == pytest.approx(view(app).place())


async def test_the_place_is_stored_soon_after_the_reader_moved(tmp_path: Path) -> None:
    app = make_app(tmp_path, lesson="basics.nodes")
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "pagedown")
        assert reader(app)._save_timer is not None or reader(app)._is_spot_saved


@pytest.mark.parametrize("size", SIZES)
async def test_next_previous_and_next_unfinished(tmp_path: Path, size: tuple[int, int]) -> None:
    app = make_app(tmp_path, lesson="basics.nodes")
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "n")
        assert lesson_id(app) == "basics.pods"
        await press(pilot, "f", "p")
        assert lesson_id(app) == "basics.nodes"
        await press(pilot, "u")
        assert lesson_id(app) == "network.addresses"
        await press(pilot, "n")
        assert lesson_id(app) == "network.addresses"
        await press(pilot, "f", "p", "p", "f", "u")
        assert "All done" in said(app)


async def test_history_leads_back_to_where_the_reader_was(tmp_path: Path) -> None:
    app = make_app(tmp_path, lesson="basics.nodes")
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "pagedown", "down")
        first = top(app)
        await press(pilot, "n", "n")
        await press(pilot, "left_square_bracket")
        assert lesson_id(app) == "basics.pods"
        await press(pilot, "left_square_bracket")
        assert top(app) == first
        await press(pilot, "right_square_bracket", "right_square_bracket", "right_square_bracket")
        assert lesson_id(app) == "network.addresses"


async def test_a_page_that_takes_long_to_read_does_not_replace_the_one_asked_for_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(tmp_path, lesson="basics.nodes")
    seen: list[Message] = []

    async def until(holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not holds():
                await pilot.pause()

    async with app.run_test(size=USUAL, message_hook=seen.append) as pilot:
        await settle(pilot)
        await press(pilot, "n", "n")
        assert lesson_id(app) == "network.addresses"
        begun, gate, read = threading.Event(), threading.Event(), app.library.page

        def page(lesson: str) -> Page:
            if lesson == "basics.pods":
                begun.set()
                assert gate.wait(PATIENCE_SECONDS)
            return read(lesson)

        monkeypatch.setattr(app.library, "page", page)
        await pilot.press("left_square_bracket")
        await until(begun.is_set)
        await pilot.press("left_square_bracket")
        await until(lambda: lesson_id(app) == "basics.nodes")
        seen.clear()
        gate.set()
        await until(lambda: any(isinstance(each, PageRead) for each in seen))
        await settle(pilot)
        assert lesson_id(app) == "basics.nodes"


async def test_links_lead_to_a_heading_of_another_lesson_and_back(tmp_path: Path) -> None:
    app = make_app(tmp_path, lesson="basics.pods")
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "l")
        assert "Links and terms on this page" in drawn(app)
        await press(pilot, "down", "enter")
        assert lesson_id(app) == "basics.nodes"
        assert view(app).section() == "the-formula"
        await press(pilot, "left_square_bracket")
        assert lesson_id(app) == "basics.pods"


async def test_a_link_can_be_clicked(tmp_path: Path) -> None:
    app = make_app(tmp_path, lesson="basics.pods")
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await click_text(pilot, "Counting")
        assert lesson_id(app) == "basics.nodes"


async def click_text(pilot: Pilot[None], text: str) -> None:
    """Click the first place on the screen where a text stands."""
    assert isinstance(pilot.app, EksLabApp)
    for y, row in enumerate(drawn(pilot.app).split("\n")):
        if text in row:
            await pilot.click(offset=(row.index(text) + 1, y))
            await settle(pilot)
            return
    raise AssertionError(f"{text!r} is not on the screen:\n{drawn(pilot.app)}")


async def test_a_term_shows_its_card_and_leads_to_its_lesson(tmp_path: Path) -> None:
    app = make_app(tmp_path, lesson="basics.nodes")
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await click_text(pilot, "network interfaces")
        assert "A network card of a virtual machine" in drawn(app)
        await press(pilot, "escape")
        assert lesson_id(app) == "basics.nodes"
        await click_text(pilot, "network interfaces")
        await press(pilot, "enter")
        assert lesson_id(app) == "network.addresses"


async def test_hovering_over_a_term_shows_its_definition(tmp_path: Path) -> None:
    app = make_app(tmp_path, lesson="basics.nodes")
    async with app.run_test(size=USUAL, tooltips=True) as pilot:
        await settle(pilot)
        app.TOOLTIP_DELAY = 0.001
        row = next(y for y, line in enumerate(drawn(app).split("\n")) if "network interfaces" in line)
        await pilot.hover(offset=(drawn(app).split("\n")[row].index("network interfaces") + 2, row))
        await settle(pilot)
        assert "ENI: A network card" in drawn(app)


async def test_an_outside_link_is_copied_not_opened(tmp_path: Path) -> None:
    app = make_app(tmp_path, lesson="basics.nodes")
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "l", "end", "enter")
        assert app.clipboard == "https://docs.example.com/nodes"
        assert "Address copied" in said(app)


@pytest.mark.parametrize("size", SIZES)
async def test_contents_lead_to_a_heading(tmp_path: Path, size: tuple[int, int]) -> None:
    app = make_app(tmp_path, lesson="basics.nodes")
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        contents = app.screen.query_one(Contents)
        assert contents.display is (size == WIDE)
        await press(pilot, "t")
        assert contents.display
        assert contents.has_focus
        await press(pilot, "down", "down", "down", "enter")
        assert view(app).section() == "see-it"
        assert view(app).has_focus
        assert contents.display is (size == WIDE)
        assert contents.section == "see-it"


async def test_contents_close_with_escape_or_their_own_key(tmp_path: Path) -> None:
    app = make_app(tmp_path, lesson="basics.nodes")
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        for key in ("escape", "t"):
            await press(pilot, "t")
            assert app.screen.query_one(Contents).display
            await press(pilot, key)
            assert not app.screen.query_one(Contents).display
            assert view(app).has_focus


async def test_contents_can_be_clicked_and_follow_the_reader(tmp_path: Path) -> None:
    app = make_app(tmp_path, lesson="basics.nodes")
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await click_text(pilot, "See it")
        assert view(app).section() == "see-it"
        await press(pilot, "home")
        assert app.screen.query_one(Contents).section == ""
        assert "▸ How many pods fit" in drawn(app)


async def test_escape_goes_from_a_widget_to_the_page_to_the_course(tmp_path: Path) -> None:
    app = make_app(tmp_path, lesson="basics.nodes")
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "tab")
        assert isinstance(app.focused, CodeBlock)
        await press(pilot, "escape")
        assert view(app).has_focus
        await press(pilot, "escape")
        assert is_on(app, HomeScreen)
        assert "◐ How many pods fit" in drawn(app)


async def test_bookmarks(tmp_path: Path) -> None:
    app = make_app(tmp_path, lesson="basics.nodes")
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "t", "down", "down", "down", "enter", "b")
        assert "Bookmarked" in said(app)
        await press(pilot, "n", "b", "B")
        assert is_on(app, BookmarksScreen)
        assert "How many pods fit on a node › See it" in drawn(app)
        assert "What a pod needs" in drawn(app)
        mark = next(n for n, each in enumerate(app.library.progress.bookmarks()) if each.anchor == "see-it")
        await press(pilot, *["down"] * mark, "enter")
        assert (lesson_id(app), view(app).section()) == ("basics.nodes", "see-it")
        await press(pilot, "b")
        assert [each.lesson_id for each in app.library.progress.bookmarks()] == ["basics.pods"]
        await press(pilot, "B", "d")
        assert app.library.progress.bookmarks() == []
        assert "No bookmarks yet" in drawn(app)
        await press(pilot, "escape")
        assert is_on(app, ReaderScreen)


@pytest.mark.parametrize("way", ["key", "button", "mouse"])
async def test_finishing(tmp_path: Path, way: str) -> None:
    app = make_app(tmp_path, lesson="basics.pods")
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "end")
        assert "✓ Mark as finished (f)" in drawn(app)
        if way == "key":
            await press(pilot, "f")
        elif way == "button":
            app.screen.query_one("#end-finish").focus()
            await press(pilot, "enter")
        else:
            await click_button(pilot, "#end-finish")
        assert app.library.status("basics.pods") == "done"
        assert app.screen.query_one(LessonEnd).finished
        assert "You finished this lesson" in drawn(app)
        view(app).focus()
        await press(pilot, "f")
        assert app.library.status("basics.pods") == "begun"
        assert "✓ Mark as finished (f)" in drawn(app)


async def test_the_end_leads_on(tmp_path: Path) -> None:
    app = make_app(tmp_path, lesson="basics.pods")
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "end")
        await click_button(pilot, "#end-next")
        assert lesson_id(app) == "network.addresses"
        await press(pilot, "end")
        assert not app.screen.query_one("#end-next").display


async def test_a_finished_lesson_opens_at_its_top(tmp_path: Path) -> None:
    app = make_app(tmp_path, lesson="basics.pods")
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "end", "f", "n", "p")
        assert top(app) == ("basics.pods", 0)


async def test_reading_time_is_counted(tmp_path: Path) -> None:
    from datetime import timedelta

    clock = SimClock(NOON)
    app = make_app(tmp_path, lesson="basics.pods", clock=clock)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        clock.advance(timedelta(seconds=50))
        await press(pilot, "down")
        await press(pilot, "escape")
        assert app.library.progress.lessons()["basics.pods"].seconds == 50


async def test_a_lesson_edited_away_or_broken_is_said_in_the_page(tmp_path: Path) -> None:
    course = copied_course(tmp_path)
    app = make_app(tmp_path, course=course, lesson="basics.nodes")
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        lesson = course / "01-basics" / "20-pods" / "lesson.md"
        whole = lesson.read_text()
        lesson.write_text(whole.replace("## Waiting", "::video{id=x}"))
        await press(pilot, "n")
        text = " ".join(drawn(app).split())
        assert "cannot be shown" in text
        assert "unknown directive ::video" in text
        assert "lesson.md:22" in text.replace(" ", "")
        lesson.write_text(whole)
        await press(pilot, "ctrl+r")
        assert "A pod needs a node" in drawn(app)
        lesson.unlink()
        await press(pilot, "ctrl+r")
        assert "cannot be shown" in drawn(app)
        await press(pilot, "n")
        assert lesson_id(app) == "network.addresses"


async def test_a_directive_that_cannot_be_shown_does_not_take_the_page_with_it(tmp_path: Path) -> None:
    course = copied_course(tmp_path)
    lesson = course / "01-basics" / "20-pods" / "lesson.md"
    lesson.write_text(lesson.read_text() + "\n::calculator{name=max-pod}\n\n::diagram{id=none}\n\n::quiz\n")
    app = make_app(tmp_path, course=course, lesson="basics.pods")
    async with app.run_test(size=(80, 60)) as pilot:
        await settle(pilot)
        await press(pilot, "end")
        text = " ".join(drawn(app).split())
        assert "::calculator, line" in text
        assert "::diagram, line" in text
        assert "::quiz, line" in text
        assert "A pod that is deleted gets 30 seconds" in text


async def test_the_line_above_says_where_one_is(tmp_path: Path) -> None:
    app = make_app(tmp_path, lesson="network.addresses")
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        bar = app.screen.query_one(TopBar)
        assert bar.crumbs == ("2 Network", "Where addresses come from")
        await press(pilot, "end")
        assert bar.remark == "100 %"
        assert drawn(app).startswith(" eks-lab  2 Network › Where addresses come from")
