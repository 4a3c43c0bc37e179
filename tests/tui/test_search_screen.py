"""Search as you type."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from textual.events import Paste
from textual.widgets import Input, OptionList

from eks_lab.content.search import SearchIndex
from eks_lab.tui.app import EksLabApp
from eks_lab.tui.screens.home import HomeScreen
from eks_lab.tui.screens.reader import ReaderScreen
from eks_lab.tui.screens.search import SearchScreen
from eks_lab.tui.widgets.filter_box import LONGEST
from tests.builders import SMALLEST, USUAL, WIDE, drawn, make_app, press, settle


def search(app: EksLabApp) -> SearchScreen:
    assert isinstance(app.screen, SearchScreen)
    return app.screen


@pytest.mark.parametrize("size", [USUAL, WIDE, SMALLEST])
async def test_results_come_as_one_types_and_enter_opens_the_place(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "slash", *"sched")
        assert search(app).query_one("#search-box", Input).value == "sched"
        assert "What a pod needs" in drawn(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, ReaderScreen)
        view = app.screen.page_view
        assert app.screen.lesson is not None
        assert view is not None
        assert app.screen.lesson.id == "basics.pods"
        assert view.section() == "waiting"


async def test_matched_words_are_bold_and_underlined(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "slash", *"pending")
        strips = app.screen._compositor.render_strips()
        marked = [
            segment.text
            for strip in strips
            for segment in strip
            if segment.style is not None and segment.style.underline and segment.style.bold
        ]
        assert "Pending" in marked


async def test_arrow_keys_choose_while_the_box_has_the_focus(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "slash", *"node")
        hits = search(app).query_one("#search-hits", OptionList)
        assert hits.option_count > 2
        await press(pilot, "down", "down", "up")
        assert hits.highlighted == 1
        await press(pilot, *["pagedown"] * 9)
        assert hits.highlighted == hits.option_count - 1
        assert app.focused is search(app).query_one("#search-box")


async def test_a_term_opens_its_card(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "slash", *"worker", "enter")
        assert "A computer that runs pods" in drawn(app)


async def test_a_result_can_be_clicked(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "slash", *"subnet")
        await pilot.click("#search-hits", offset=(5, 2))
        await settle(pilot)
        assert isinstance(app.screen, ReaderScreen)


async def test_nothing_found_says_what_to_try(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "slash", *"zzz")
        assert "Nothing found for “zzz”" in drawn(app)
        await press(pilot, "enter")
        search(app)


@pytest.mark.parametrize("typed", ['"', "***", "a AND", "NEAR(", "col:x", "ü語", "-", "'; DROP"])
async def test_punctuation_is_no_syntax(tmp_path: Path, typed: str) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "slash")
        search(app).query_one("#search-box", Input).value = typed
        await settle(pilot)
        assert search(app).shown_query == typed


async def test_a_long_text_is_cut_where_nobody_searches_for_more(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "slash")
        box = search(app).query_one("#search-box", Input)
        box.post_message(Paste("node " * 2000 + "\nsecond line"))
        await settle(pilot)
        assert box.value == ("node " * 2000)[:LONGEST]
        await press(pilot, "x", "y")
        assert len(box.value) == LONGEST
        assert search(app).shown_query == box.value


async def test_escape_clears_then_leaves(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "slash", *"no", "escape")
        assert search(app).query_one("#search-box", Input).value == ""
        await press(pilot, "escape")
        assert isinstance(app.screen, HomeScreen)


async def test_searching_keeps_off_the_event_loop_and_the_index_is_built_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[bool] = []
    built: list[bool] = []
    real_search, real_build = SearchIndex.search, SearchIndex.build

    def searching(index: SearchIndex, query: str, limit: int = 20) -> object:
        threads.append(threading.current_thread() is threading.main_thread())
        return real_search(index, query, limit)

    def building(loaded: object) -> object:
        built.append(threading.current_thread() is threading.main_thread())
        return real_build(loaded)  # type: ignore[arg-type]

    monkeypatch.setattr(SearchIndex, "search", searching)
    monkeypatch.setattr(SearchIndex, "build", building)
    app = make_app(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "slash", *"pod", "escape", "escape", "slash", *"node")
    assert threads
    assert not any(threads)
    assert built == [False]
