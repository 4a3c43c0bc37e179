"""The page knows where the reader is and puts them back there."""

from __future__ import annotations

from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.events import Key
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Static

from eks_lab.content.body import read_page
from eks_lab.content.load import load_course
from eks_lab.content.page import Code, Directive, Page, Paragraph, Span
from eks_lab.tui.typeset import Flow
from eks_lab.tui.widgets.page_blocks import PageContext
from eks_lab.tui.widgets.page_view import PageView
from tests.builders import COURSE, settle

HEAD = [Flow(Paragraph((Span("How many pods fit on a node"),), 0))]


class Growing(Static):
    """A live widget that becomes higher when somebody uses it."""

    rows = 3

    def grow(self, rows: int) -> None:
        self.update("\n".join(f"row {number}" for number in range(rows)))


def context() -> PageContext:
    def code(block: Code) -> Widget:
        return Static(block.text, markup=False)

    def live(directive: Directive) -> Widget:
        return Growing("\n".join(["live"] * 3), classes=f"live-{directive.name}")

    return PageContext(code, live, lambda callout: (), lambda href: "")


class PageApp(App[None]):
    def __init__(self, anchor: str = "", fraction: float = 0.0, page: Page | None = None) -> None:
        super().__init__()
        self.shown = page if page is not None else read_page(load_course(COURSE), "basics.nodes")
        self.place = (anchor, fraction)
        self.told: list[PageView.PlaceChanged] = []

    def compose(self) -> ComposeResult:
        anchor, fraction = self.place
        yield PageView(HEAD, self.shown, context(), anchor=anchor, fraction=fraction, viewport=self.size)

    def on_page_view_place_changed(self, event: PageView.PlaceChanged) -> None:
        self.told.append(event)

    @property
    def view(self) -> PageView:
        return self.query_one(PageView)


def top_line(app: App[Any]) -> str:
    """Return the text of the line at the top of the page."""
    strip = app.screen._compositor.render_strips()[0]
    return "".join(segment.text for segment in strip)[:-1].strip(" ─")


async def open_page(pilot: Pilot[None]) -> None:
    await settle(pilot)
    pilot.app.query_one(PageView).focus()
    await settle(pilot)


async def test_it_opens_at_the_top() -> None:
    app = PageApp()
    async with app.run_test(size=(60, 12)) as pilot:
        await open_page(pilot)
        assert top_line(app) == "How many pods fit on a node"
        assert app.view.place() == ("", 0.0)
        assert app.view.is_complete


@pytest.mark.parametrize(
    "keys", [("pagedown",), ("pagedown",) * 4, ("j",) * 17, ("end",), ("end", "pageup", "k")]
)
async def test_the_place_leads_back_to_the_same_line(keys: tuple[str, ...]) -> None:
    app = PageApp()
    async with app.run_test(size=(60, 12)) as pilot:
        await open_page(pilot)
        await pilot.press(*keys)
        await settle(pilot)
        (anchor, fraction), line, offset = app.view.place(), top_line(app), app.view.scroll_offset.y
    again = PageApp(anchor, fraction)
    async with again.run_test(size=(60, 12)) as pilot:
        await open_page(pilot)
        assert again.view.scroll_offset.y == offset
        assert top_line(again) == line


@pytest.mark.parametrize(
    ("keys", "lines"), [("jj", 2), ("  jj", 22), ("jjk", 1)], ids=["lines", "pages and lines", "back"]
)
async def test_keys_that_come_faster_than_the_screen_is_drawn_all_count(keys: str, lines: int) -> None:
    app = PageApp()
    async with app.run_test(size=(60, 12)) as pilot:
        await open_page(pilot)
        for key in keys:
            app.post_message(Key("space" if key == " " else key, key))
        await settle(pilot)
        assert app.view.scroll_offset.y == lines


@pytest.mark.parametrize("anchor", ["the-formula", "in-numbers", "see-it"])
async def test_a_heading_comes_to_the_top(anchor: str) -> None:
    app = PageApp(anchor)
    async with app.run_test(size=(60, 12)) as pilot:
        await open_page(pilot)
        assert top_line(app).lower().replace(" ", "-") == anchor
        assert app.view.section() == anchor


@pytest.fixture
def never_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave pages as they are at their first frame."""

    async def nothing(view: PageView) -> None:
        return None

    monkeypatch.setattr(PageView, "_fill", nothing)


@pytest.mark.usefixtures("never_filled")
async def test_going_to_a_heading_that_is_not_mounted_yet() -> None:
    app = PageApp()
    async with app.run_test(size=(60, 12)) as pilot:
        await open_page(pilot)
        assert not app.view.is_complete, "a whole page is mounted before its first frame"
        assert len(app.view.column.children) < 8
        assert app.view.go_to("see-it")
        await settle(pilot)
        assert top_line(app) == "See it"


@pytest.mark.usefixtures("never_filled")
async def test_end_works_before_everything_is_mounted() -> None:
    app = PageApp()
    async with app.run_test(size=(60, 12)) as pilot:
        await open_page(pilot)
        await pilot.press("end")
        await settle(pilot)
        assert app.view.is_at_end


async def test_an_unknown_heading_is_refused_and_nothing_moves() -> None:
    app = PageApp("see-it")
    async with app.run_test(size=(60, 12)) as pilot:
        await open_page(pilot)
        assert not app.view.go_to("nowhere")
        assert top_line(app) == "See it"


async def test_a_place_that_was_edited_away_opens_the_top() -> None:
    app = PageApp("nowhere", 0.7)
    async with app.run_test(size=(60, 12)) as pilot:
        await open_page(pilot)
        assert app.view.scroll_offset.y == 0


async def test_another_width_keeps_the_paragraph() -> None:
    app = PageApp("the-formula")
    async with app.run_test(size=(60, 12)) as pilot:
        await open_page(pilot)
        await pilot.press("down", "down")
        await settle(pilot)
        assert top_line(app).startswith("The limit is the number")
        await pilot.resize_terminal(100, 30)
        await settle(pilot)
        assert app.view.place()[0] == "the-formula"
        await pilot.resize_terminal(60, 12)
        await settle(pilot)
        assert top_line(app).startswith("The limit is the number")


async def test_what_grows_above_does_not_move_the_line_being_read() -> None:
    app = PageApp("check-yourself")
    async with app.run_test(size=(60, 8)) as pilot:
        await open_page(pilot)
        await pilot.press("down")
        await settle(pilot)
        line, offset = top_line(app), app.view.scroll_offset.y
        app.query_one(".live-calculator", Growing).grow(30)
        await settle(pilot)
        assert top_line(app) == line
        assert app.view.scroll_offset.y == offset + 27


async def test_the_reader_hears_of_every_move() -> None:
    app = PageApp()
    async with app.run_test(size=(60, 12)) as pilot:
        await open_page(pilot)
        await pilot.press("end")
        await settle(pilot)
        last = app.told[-1]
        assert (last.section, last.percent) == ("check-yourself", 100)
        await pilot.press("home")
        await settle(pilot)
        assert (app.told[-1].anchor, app.told[-1].fraction, app.told[-1].section) == ("", 0.0, "")


async def test_the_mouse_wheel_moves_it_too() -> None:
    app = PageApp()
    async with app.run_test(size=(60, 12)) as pilot:
        await open_page(pilot)
        await pilot._post_mouse_events([_wheel()], widget=PageView, offset=(5, 5))
        await settle(pilot)
        assert app.view.scroll_offset.y > 0
        assert app.told[-1].fraction > 0


def _wheel() -> Any:
    from textual.events import MouseScrollDown

    return MouseScrollDown


async def test_lines_are_not_wider_than_asked() -> None:
    app = PageApp()
    async with app.run_test(size=(160, 30)) as pilot:
        await open_page(pilot)
        assert app.view.column.size.width <= 88
        left = app.view.column.region.x
        assert left > 30, "the column is not in the middle of a wide terminal"
        app.view.reading_width = 60
        await settle(pilot)
        assert app.view.column.outer_size.width <= 60


async def test_an_empty_page_is_no_problem() -> None:
    app = PageApp(page=Page(()))
    async with app.run_test(size=(60, 12)) as pilot:
        await open_page(pilot)
        await pilot.press("end", "pagedown", "home")
        assert app.view.place() == ("", 0.0)
