"""Small terminals: everything works at 40×10, and below that one is asked for room."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from eks_lab.tui.screens.reader import ReaderScreen
from eks_lab.tui.screens.room import RoomScreen
from tests.builders import SMALLEST, USUAL, drawn, is_on, make_app, press, settle


@pytest.mark.parametrize(
    "keys",
    [
        (),
        ("slash",),
        ("g",),
        ("comma",),
        ("question_mark",),
        ("enter",),
        ("enter", "t"),
        ("enter", "l"),
        ("B",),
    ],
)
async def test_every_screen_shows_help_and_quit_at_40_by_10(tmp_path: Path, keys: tuple[str, ...]) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=SMALLEST) as pilot:
        await settle(pilot)
        await press(pilot, *keys)
        lines = drawn(app).split("\n")
        assert lines[-1].rstrip().endswith("Quit")
        assert "Help" in lines[-1]
        assert all(cell_len(line) <= 40 for line in lines)


async def test_reading_at_40_by_10(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=SMALLEST) as pilot:
        await settle(pilot)
        await press(pilot, "enter", *["space"] * 60)
        assert isinstance(app.screen, ReaderScreen)
        assert app.screen.page_view is not None
        assert app.screen.page_view.is_at_end
        assert "Mark as finished" in drawn(app)


@pytest.mark.parametrize("size", [(39, 24), (80, 9), (10, 3), (1, 1)])
async def test_below_that_it_asks_for_room_and_goes_on_when_there_is(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    app = make_app(tmp_path, lesson="basics.nodes")
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "pagedown", "pagedown")
        assert app.reader is not None
        assert app.reader.page_view is not None
        before = app.reader.page_view.scroll_offset.y
        await pilot.resize_terminal(*size)
        await settle(pilot)
        assert isinstance(app.screen, RoomScreen)
        await press(pilot, "n", "slash")
        assert isinstance(app.screen, RoomScreen)
        await pilot.resize_terminal(*USUAL)
        await settle(pilot)
        assert isinstance(app.screen, ReaderScreen)
        assert app.reader.page_view.scroll_offset.y == before


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
async def test_one_can_quit_without_room(tmp_path: Path, key: str) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=(30, 6)) as pilot:
        await settle(pilot)
        assert "q quits" in drawn(app)
        await pilot.press(key)
    assert app.return_code == 0


async def test_a_lesson_opened_without_room_waits_behind(tmp_path: Path) -> None:
    app = make_app(tmp_path, lesson="basics.pods")
    async with app.run_test(size=(30, 6)) as pilot:
        await settle(pilot)
        assert is_on(app, RoomScreen)
        await pilot.resize_terminal(*USUAL)
        await settle(pilot)
        assert is_on(app, ReaderScreen)
        assert "A pod needs a node" in drawn(app)


async def test_panes_stand_side_by_side_from_84_columns(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=(84, 24)) as pilot:
        await settle(pilot)
        tree, about = app.screen.query_one("#home-tree"), app.screen.query_one("#home-summary")
        assert tree.region.y == about.region.y
        await pilot.resize_terminal(83, 24)
        await settle(pilot)
        assert tree.region.bottom <= about.region.y
