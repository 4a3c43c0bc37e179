"""Going to and fro between screens: each is there once, Esc leads back, and no keys in any order end the app."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from textual import events
from textual.geometry import Offset
from textual.screen import Screen
from textual.widgets import OptionList, Static

from eks_lab.tui.app import EksLabApp
from eks_lab.tui.messages import LessonRequested
from eks_lab.tui.screens.choose import Choose
from eks_lab.tui.screens.help import HelpScreen
from eks_lab.tui.screens.home import HomeScreen
from eks_lab.tui.widgets.row_list import RowList
from tests.builders import USUAL, drawn, is_on, make_app, press, settle
from tests.fake_generators import InProcess, use_fake_generators
from tests.fake_labs import FakeLabs
from tests.fake_questions import CHOICE, MATCH, FakeQuestions
from tests.fake_sandbox import RUNNING, FakeSandbox
from tests.fake_try import FakeTry

EVERYWHERE = ("C", "G", "K", "S", "L", "comma", "B", "g")
"""Keys that open a full screen, or a list, from almost everywhere."""
ANY_KEY = (
    *EVERYWHERE, "C", "G", "S", "L", "Q", "slash", "question_mark", "escape", "escape", "escape", "enter", "enter",
    "tab", "shift+tab", "down", "up", "left", "right", "space", "pagedown", "home", "end", "n", "p", "t", "l", "f",
    "b", "c", "r", "x", "o", "w", "y", "s", "1", "2", "left_square_bracket", "right_square_bracket", "backspace",
)  # fmt: skip


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EksLabApp:
    use_fake_generators(monkeypatch)
    app = make_app(tmp_path)
    app.generation, app.sandbox = InProcess(), FakeSandbox(RUNNING)
    app.labs, app.questions, app.tries = FakeLabs(), FakeQuestions(CHOICE, MATCH), FakeTry()
    return app


def names(app: EksLabApp) -> list[str | None]:
    return [screen.name for screen in app.screen_stack]


async def test_a_screen_opened_again_comes_to_the_top(app: EksLabApp) -> None:
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        for _ in range(2):
            for key in EVERYWHERE:
                await press(pilot, key)
                assert len(set(names(app))) == len(names(app))
            await press(pilot, *["escape"] * 3)
        await press(pilot, "L", "C", "L", "C", "L")
        assert names(app)[-2:] == ["calculators", "labs"]
        await press(pilot, "escape")
        assert names(app)[-1] == "calculators"
        while len(app.screen_stack) > 1:
            await press(pilot, "escape")
        assert is_on(app, HomeScreen)


async def test_a_screen_opened_again_before_the_old_one_is_gone(app: EksLabApp) -> None:
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        for _ in range(10):
            app.action_calculators()
            app.pop_screen()
        app.action_calculators()
        await settle(pilot)
        assert names(app) == ["home", "calculators"]


async def test_a_form_opened_again_holds_what_was_entered(app: EksLabApp) -> None:
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        app.show_calculator("max-pods")
        await settle(pilot)
        app.screen.query_one("Input").focus()
        await press(pilot, "ctrl+u", *"c5.large")
        app.action_labs()
        await settle(pilot)
        app.show_calculator("max-pods")
        await settle(pilot)
        assert names(app).count("calculator") == 1
        assert "c5.large" in drawn(app)


async def test_a_box_leaves_once_and_the_screen_below_stays(app: EksLabApp) -> None:
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        app.show_calculator("max-pods")
        chosen: list[str | None] = []
        box = Choose("Which?", [("a", "A"), ("b", "B")], "a")
        app.push_screen(box, chosen.append)
        await settle(pilot)
        chooser = box.query_one(OptionList)
        chooser.action_select()
        chooser.action_select()  # as the second click of a double click, which is already on its way
        await settle(pilot)
        assert names(app) == ["home", "calculator"]
        assert chosen == ["a"]


async def test_a_screen_that_leaves_by_itself_takes_along_what_is_in_front_of_it(app: EksLabApp) -> None:
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        app.show_calculator("max-pods")
        await settle(pilot)
        below = app.screen
        app.action_help()
        await settle(pilot)
        assert is_on(app, HelpScreen)
        below.dismiss(None)
        await settle(pilot)
        assert names(app) == ["home"]


async def test_the_way_home_is_there_before_the_course_is(
    app: EksLabApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "open_course", lambda: None)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "C")
        assert names(app) == ["home", "calculators"]
        await pilot.click("TopBar", offset=(2, 0))
        await settle(pilot)
        assert names(app) == ["home"]
        assert app.is_running


@pytest.mark.parametrize("key", ["pagedown", "pageup", "shift+end", "shift+home", "up"])
async def test_a_list_that_is_not_there_yet_is_not_moved_through(app: EksLabApp, key: str) -> None:
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        app.action_command_palette()
        for _ in range(3):
            app.screen.post_message(events.Key(key, None))
            await press(pilot, key)
        await press(pilot, "escape")
        rows = RowList("one", "two")
        rows.display = False
        await app.screen.mount(rows)
        rows.action_page_down()
        rows.action_page_up()
        assert app.is_running


async def test_a_click_on_what_has_just_been_taken_away_is_no_click(
    app: EksLabApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        for opens in (app.action_calculators, app.action_help):
            opens()
            await settle(pilot)
            gone = Static("drawn a moment ago")
            with monkeypatch.context() as patch:
                patch.setattr(
                    Screen, "get_widget_and_offset_at", lambda screen, x, y, gone=gone: (gone, Offset(0, 0))
                )
                await pilot.mouse_down(offset=(30, 5))
                await pilot.mouse_up(offset=(30, 5))
            assert app.is_running


@pytest.mark.parametrize("leave", ["escape", "click"])
async def test_a_palette_that_a_page_came_in_front_of_closes_nothing_else(app: EksLabApp, leave: str) -> None:
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "ctrl+p")
        palette = app.screen
        app.post_message(LessonRequested("network.addresses"))
        await settle(pilot)
        before = names(app)
        assert before[-1] == "reader"
        if leave == "escape":
            palette._action_escape()  # type: ignore[attr-defined]
        else:
            palette.dismiss(None)
        await settle(pilot)
        assert names(app) == before


@pytest.mark.parametrize("seed", range(6))
async def test_no_keys_in_any_order_end_the_app(app: EksLabApp, seed: int) -> None:
    chance = random.Random(seed)
    typed: list[str] = []
    async with app.run_test(size=chance.choice([USUAL, (120, 36)])) as pilot:
        await settle(pilot)
        for _ in range(60):
            typed.append(chance.choice(ANY_KEY))
            await pilot.press(typed[-1])
            if chance.random() < 0.3:
                await settle(pilot)
            assert app.is_running, " ".join(typed)
    assert not app.return_code, " ".join(typed)
