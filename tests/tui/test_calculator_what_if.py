"""What if: an answer is kept, and others are compared with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from eks_lab.tui.screens.home import HomeScreen
from eks_lab.tui.widgets.what_if import WhatIf
from tests.builders import USUAL, drawn, make_app, press
from tests.fake_calculators import use_fakes
from tests.tui.calculator_journey import answer, opened, state, typed, words

BESIDE = (100, 40)


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    use_fakes(monkeypatch)


class TestWhatIf:
    async def test_a_is_kept_and_b_follows(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=BESIDE) as pilot:
            await opened(pilot)
            assert not app.screen.query_one(WhatIf).display
            await press(pilot, "escape", "w")
            assert "What if: A is kept, B is the present answer" in words(app)
            assert "B has the same inputs" in words(app)
            await press(pilot, "e")
            await typed(pilot, "6")
            text = words(app)
            assert "• Nodes: 4 nodes → 6 nodes" in text
            assert "A: 4 nodes are shown." in text
            assert "B: 6 nodes are shown." in text
            assert "show (nodes) 4 6 +2 (+50%)" in text
            assert "(4 → 6)" in state(app)
            await typed(pilot, "8")
            assert "show (nodes) 4 8 +4 (+100%)" in words(app), "A stays, whatever is typed"

    async def test_it_comes_into_view_below_the_fields_as_well(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=USUAL) as pilot:
            await opened(pilot)
            await press(pilot, "escape", "end", "w")
            assert "What if: A is kept" in drawn(app)
            assert "Drop A" in drawn(app), "the keys that work now stand in the footer"

    async def test_back_to_a_and_dropping_it(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=BESIDE) as pilot:
            await opened(pilot)
            await press(pilot, "escape", "w", "e")
            await typed(pilot, "6")
            await press(pilot, "tab", "tab", "space", "escape", "a")
            assert answer(app).inputs == {"nodes": 4, "zone": "a", "spot": False, "label": None}
            assert app.screen.query(Input).first().value == "4"
            await press(pilot, "d")
            assert not app.screen.query_one(WhatIf).display
            await press(pilot, "a")
            assert answer(app).result["show"] == 4

    async def test_a_survives_leaving_and_so_do_the_inputs(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=BESIDE) as pilot:
            await opened(pilot)
            await press(pilot, "escape", "w", "e")
            await typed(pilot, "6")
            await press(pilot, "tab", "tab", "space", "escape", "escape")
            assert isinstance(app.screen, HomeScreen)
            await opened(pilot)
            assert app.screen.query(Input).first().value == "6"
            assert answer(app).inputs["spot"] is True
            assert "• Nodes: 4 nodes → 6 nodes" in words(app)
            await press(pilot, "escape", "r")
            assert answer(app).result["show"] == 4

    async def test_half_a_number_is_kept_too(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=BESIDE) as pilot:
            await opened(pilot)
            await typed(pilot, "6x")
            await press(pilot, "escape", "escape")
            await opened(pilot)
            assert app.screen.query(Input).first().value == "6x"
            assert "✗ nodes: '6x' is not a whole number" in words(app)
