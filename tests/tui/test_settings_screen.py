"""Settings, themes and keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from eks_lab.tui.app import EksLabApp
from eks_lab.tui.keys import KeyChoice
from eks_lab.tui.screens.confirm import Confirm
from eks_lab.tui.screens.reader import ReaderScreen
from eks_lab.tui.screens.settings import SettingsScreen
from eks_lab.tui.widgets.row_list import RowList
from tests.builders import SMALLEST, USUAL, drawn, is_on, make_app, press, settle


def settings(app: EksLabApp) -> SettingsScreen:
    assert isinstance(app.screen, SettingsScreen)
    return app.screen


def go_to_row(app: EksLabApp, name: str) -> None:
    """Put the cursor on a setting or on a binding, by name or id."""
    screen = settings(app)
    found = [
        number
        for number, row in enumerate(screen._rows)
        if (row.id if isinstance(row, KeyChoice) else row.name) == name
    ]
    screen.query_one("#settings-list", RowList).highlighted = found[0]


async def test_a_theme_is_shown_before_it_is_chosen_and_kept(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        assert app.theme == "eks-dark"
        await press(pilot, "comma")
        go_to_row(app, "theme")
        await press(pilot, "enter", "down")
        assert app.theme == "eks-light"
        await press(pilot, "escape")
        assert app.theme == "eks-dark"
        await press(pilot, "enter", "down", "down", "enter")
        assert app.theme == "eks-high-contrast"
        assert "Theme: High contrast" in drawn(app)
    again = make_app(tmp_path)
    assert again.theme == "eks-high-contrast", "the first frame has other colours than the rest"
    async with again.run_test(size=USUAL) as pilot:
        await settle(pilot)
        assert again.theme == "eks-high-contrast"


async def test_values_are_checked_before_they_are_taken(tmp_path: Path) -> None:
    app = make_app(tmp_path, lesson="basics.nodes")
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "comma")
        go_to_row(app, "reading_width")
        await press(pilot, "enter")
        box = app.screen.query_one("#value-box", Input)
        box.value = "500"
        await press(pilot, "enter")
        assert "from 60 to 120" in drawn(app)
        box.value = "64"
        await press(pilot, "enter")
        assert app.settings.reading_width == 64
        await press(pilot, "escape")
        assert is_on(app, ReaderScreen)
        assert app.reader is not None
        assert app.reader.page_view is not None
        assert app.reader.page_view.column.outer_size.width <= 64


async def test_a_switch_flips_and_its_default_comes_back(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "comma")
        go_to_row(app, "confirm_quit")
        await press(pilot, "enter")
        assert app.settings.confirm_quit
        assert "Ask before quitting: yes" in drawn(app)
        await press(pilot, "d")
        assert not app.settings.confirm_quit


async def test_quitting_asks_when_told_to(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        app.change_setting("confirm_quit", True)
        await settle(pilot)
        await press(pilot, "q")
        assert is_on(app, Confirm)
        await press(pilot, "n")
        assert app.is_running
        assert not is_on(app, Confirm)
        await pilot.press("q")
        await pilot.pause()
        await pilot.press("y")
    assert app.return_code == 0


async def test_a_key_is_changed_used_shown_and_kept(tmp_path: Path) -> None:
    app = make_app(tmp_path, lesson="basics.nodes")
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "comma")
        go_to_row(app, "reader.next")
        await press(pilot, "enter", "m")
        assert app.settings.keys == {"reader.next": "m"}
        assert "(usually n)" in drawn(app)
        await press(pilot, "escape")
        assert "m Next" in drawn(app)
        await press(pilot, "n")
        assert app.reader is not None
        assert app.reader.lesson is not None
        assert app.reader.lesson.id == "basics.nodes"
        await press(pilot, "m")
        assert app.reader.lesson.id == "basics.pods"
        await press(pilot, "end")
        assert "(m) →" in drawn(app)
    again = make_app(tmp_path, lesson="basics.nodes")
    async with again.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "m")
        assert again.reader is not None
        assert again.reader.lesson is not None
        assert again.reader.lesson.id == "basics.pods"
        await press(pilot, "comma")
        go_to_row(again, "reader.next")
        await press(pilot, "d")
        assert again.settings.keys == {}


@pytest.mark.parametrize(
    ("key", "reason"), [("p", "Previous"), ("slash", "Search"), ("f1", "opens help"), ("j", "Down")]
)
async def test_a_key_that_is_taken_is_refused_with_the_reason(tmp_path: Path, key: str, reason: str) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "comma")
        go_to_row(app, "reader.next")
        await press(pilot, "enter", key)
        assert reason in drawn(app)
        await press(pilot, "escape")
        assert app.settings.keys == {}
        settings(app)


async def test_the_list_works_on_the_smallest_terminal(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=SMALLEST) as pilot:
        await settle(pilot)
        await press(pilot, "comma", "down", "down", "enter")
        assert "? Help" in drawn(app) or "F1 Help" in drawn(app)
        await press(pilot, "escape", "escape")


async def test_no_color_leaves_words_marks_and_underlines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = make_app(tmp_path, lesson="basics.nodes")
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        assert app.no_color
        assert "network interfaces" in drawn(app)
