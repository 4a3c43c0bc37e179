"""Help lists every key of the screen below."""

from __future__ import annotations

from pathlib import Path

import pytest

from eks_lab.tui.screens.help import HelpScreen, as_prose, gather
from eks_lab.tui.screens.save_code import SaveCode
from eks_lab.tui.typeset import typeset
from eks_lab.tui.widgets.prose import Prose
from tests.builders import SMALLEST, USUAL, WIDE, drawn, make_app, press, settle


@pytest.mark.parametrize("lesson", ["", "basics.nodes"])
@pytest.mark.parametrize("focus", ["", "tab"])
async def test_every_key_that_works_is_listed(tmp_path: Path, lesson: str, focus: str) -> None:
    app = make_app(tmp_path, lesson=lesson)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        if focus:
            await press(pilot, focus)
        expected = {
            app.get_key_display(active.binding)
            for active in app.screen.active_bindings.values()
            if active.binding.description and not active.binding.system
        }
        assert len(expected) > 10
        groups = gather(app.screen)
        listed = {key for group in groups for line in group.lines for key in line.keys}
        assert listed == expected
        text = typeset(as_prose(groups), 200).text
        for group in groups:
            assert group.title in text
            for line in group.lines:
                assert "  ".join(line.keys) in text


async def test_the_focused_widget_comes_first_with_its_own_words(tmp_path: Path) -> None:
    app = make_app(tmp_path, lesson="basics.nodes")
    async with app.run_test(size=(100, 120)) as pilot:
        await settle(pilot)
        await press(pilot, "tab", "question_mark")
        text = drawn(app)
        assert text.index("Code") < text.index("Reader") < text.index("Everywhere")
        assert "Copy the code" in text


@pytest.mark.parametrize("close", ["escape", "question_mark", "q", "enter"])
async def test_it_opens_with_its_key_and_closes_with_any_of_the_usual_ones(
    tmp_path: Path, close: str
) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        below = app.screen
        await press(pilot, "question_mark")
        assert isinstance(app.screen, HelpScreen)
        await press(pilot, close)
        assert app.screen is below
        assert app.is_running


async def test_a_click_beside_a_box_closes_it_unless_something_could_be_typed(tmp_path: Path) -> None:
    app = make_app(tmp_path, lesson="basics.nodes")
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        below = app.screen
        await press(pilot, "question_mark")
        await pilot.click("#help-keys", offset=(1, 0))
        assert isinstance(app.screen, HelpScreen)
        await pilot.click(offset=(1, 5))
        await settle(pilot)
        assert app.screen is below
        await press(pilot, "tab", "tab", "s")
        assert isinstance(app.screen, SaveCode)
        await pilot.click(offset=(1, 5))
        await settle(pilot)
        assert isinstance(app.screen, SaveCode)


async def test_help_while_typing(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=(80, 90)) as pilot:
        await settle(pilot)
        await press(pilot, "slash", "f1")
        assert isinstance(app.screen, HelpScreen)
        assert "Open the marked row" in drawn(app)


async def test_help_on_the_smallest_terminal_scrolls(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=SMALLEST) as pilot:
        await settle(pilot)
        await press(pilot, "question_mark", "end")
        assert app.screen.query_one("#help-scroll").scroll_offset.y > 0
        width = app.screen.query_one("#help-keys", Prose).size.width
        assert width <= 40
