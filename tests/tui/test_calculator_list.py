"""The list of calculators, and calculators of pages on a screen of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input, OptionList

from eks_lab.tui.screens.calculators import CalculatorsScreen
from eks_lab.tui.screens.home import HomeScreen
from eks_lab.tui.screens.reader import ReaderScreen
from tests.builders import USUAL, drawn, make_app, press, settle
from tests.fake_calculators import SHOW, use_fakes
from tests.tui.calculator_journey import answer, screen, typed, words


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    use_fakes(monkeypatch)


class TestList:
    async def test_a_key_at_home_opens_it_and_enter_a_calculator(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=USUAL) as pilot:
            await settle(pilot)
            await press(pilot, "C")
            assert isinstance(app.screen, CalculatorsScreen)
            assert "Max pods of a node max-pods How many pods kubelet accepts" in words(app)
            assert "Show of everything show Shows what an answer can have." in words(app)
            assert "3 calculators" in drawn(app)
            await press(pilot, "down", "enter")
            assert screen(app).calculator is SHOW
            await press(pilot, "escape", "escape")
            assert isinstance(app.screen, CalculatorsScreen)
            assert app.screen.query_one(OptionList).highlighted == 1
            await press(pilot, "escape")
            assert isinstance(app.screen, HomeScreen)

    async def test_it_opens_from_a_lesson_and_leads_to_one(self, tmp_path: Path) -> None:
        app = make_app(tmp_path, lesson="basics.pods")
        async with app.run_test(size=USUAL) as pilot:
            await settle(pilot)
            await press(pilot, "C", "down", "l")
            assert isinstance(app.screen, ReaderScreen)
            assert app.screen.lesson is not None
            assert app.screen.lesson.id == "basics.nodes"

    async def test_the_lesson_is_offered_only_where_the_course_has_one(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=USUAL) as pilot:
            await settle(pilot)
            await press(pilot, "C", "down", "down")
            assert "Read the lesson" not in drawn(app)
            await press(pilot, "l", "up")
            assert isinstance(app.screen, CalculatorsScreen)
            assert "Read the lesson" in drawn(app)

    async def test_it_says_where_something_was_left(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=USUAL) as pilot:
            await settle(pilot)
            await press(pilot, "C", "down", "enter")
            await typed(pilot, "9")
            await press(pilot, "escape", "escape")
            assert "Show of everything show (inputs kept)" in words(app)

    async def test_a_calculator_opens_from_the_palette(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=USUAL) as pilot:
            await settle(pilot)
            await press(pilot, "ctrl+p")
            await pilot.press(*"show", "space", *"of", "space", *"every")
            await settle(pilot)
            await press(pilot, "down", "enter")
            assert screen(app).calculator is SHOW


class TestFromAPage:
    async def test_full_screen_takes_the_inputs_along(self, tmp_path: Path) -> None:
        app = make_app(tmp_path, lesson="basics.nodes")
        async with app.run_test(size=USUAL) as pilot:
            await settle(pilot)
            form = app.screen.query_one("CalculatorForm")
            form.query(Input).first().focus()
            await typed(pilot, "m5.large")
            await press(pilot, "escape", "o")
            assert screen(app).calculator.name == "max-pods"
            assert answer(app).inputs["instance"] == "m5.large"
            await press(pilot, "escape", "escape")
            assert isinstance(app.screen, ReaderScreen)
