"""The parts of an answer: steps, plots, tables."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.coordinate import Coordinate
from textual.widgets import DataTable, Input, Static

from eks_lab.calc.model import Grid
from eks_lab.tui.screens.reader import ReaderScreen
from eks_lab.tui.screens.step import StepDialog
from eks_lab.tui.widgets.grid_view import GridTable, GridView
from eks_lab.tui.widgets.plot_view import PlotView
from eks_lab.tui.widgets.step_list import StepList
from tests.builders import USUAL, drawn, make_app, press, settle
from tests.fake_calculators import use_fakes
from tests.tui.calculator_journey import answer, opened, typed, words

BESIDE = (100, 40)


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    use_fakes(monkeypatch)


class TestSteps:
    async def test_enter_explains_one_and_arrows_lead_to_the_others(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=BESIDE) as pilot:
            await opened(pilot)
            await press(pilot, "escape", "down", "enter")
            assert isinstance(app.screen, StepDialog)
            text = words(app)
            assert "Step 2 of 2" in text
            assert "half = show ÷ 2" in text
            assert "4 ÷ 2" in text
            assert "Half of them." in text
            assert "The handbook, 2026-11-01 │ │ https://example.com/handbook" in text
            await press(pilot, "left")
            assert "Step 1 of 2" in words(app)
            assert "Steps after it that use the value │ │ 2. half = show ÷ 2" in words(app)
            await press(pilot, "left")
            assert "Step 1 of 2" in words(app)
            await press(pilot, "escape")
            assert isinstance(app.focused, StepList)

    async def test_the_lesson_is_one_key_away(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=BESIDE) as pilot:
            await opened(pilot)
            await press(pilot, "escape", "enter", "l")
            assert isinstance(app.screen, ReaderScreen)

    async def test_a_click_explains_as_well(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=BESIDE) as pilot:
            await opened(pilot)
            steps = app.screen.query_one(StepList)
            steps.scroll_visible(animate=False)
            await settle(pilot)
            await pilot.click(StepList, offset=(12, 1))
            await settle(pilot)
            assert isinstance(app.screen, StepDialog)

    async def test_the_cursor_is_scrolled_into_view(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=USUAL) as pilot:
            await opened(pilot, "max-pods")
            await press(pilot, "escape", "end")
            line = next(line for line in drawn(app).splitlines() if "›" in line and "5." in line)
            assert "kube-reserved memory" in line


class TestPlots:
    async def test_values_are_read_off_with_the_arrow_keys(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=BESIDE) as pilot:
            await opened(pilot)
            app.screen.query(PlotView).first().focus()
            await press(pilot, "right", "right", "right", "right")
            assert "minutes 3: ● wanted 3 ▲ ready 2" in words(app)
            await press(pilot, "end", "right")
            assert "minutes 4: ● wanted 4 ▲ ready 4" in words(app)
            await press(pilot, "home", "left")
            assert "minutes 0: ● wanted 0" in words(app)

    async def test_in_numbers(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=BESIDE) as pilot:
            await opened(pilot)
            app.screen.query(PlotView).first().focus()
            await press(pilot, "x")
            assert "minutes wanted ready" in words(app)
            assert "3 3 2" in words(app)
            await press(pilot, "x")
            assert "● wanted ▲ ready" in words(app)

    async def test_a_new_answer_keeps_the_widgets_and_the_point(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=BESIDE) as pilot:
            await opened(pilot)
            before = list(app.screen.query(PlotView))
            before[0].focus()
            await press(pilot, "end", "shift+tab")
            app.screen.query(Input).first().focus()
            await typed(pilot, "2")
            assert list(app.screen.query(PlotView)) == before
            assert "minutes 2: ● wanted 2" in words(app)


class TestTables:
    async def test_rows_scroll_under_their_headings(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=BESIDE) as pilot:
            await opened(pilot)
            await typed(pilot, "40")
            table = app.screen.query(GridTable).first()
            table.focus()
            await settle(pilot)
            assert "Node Zone Price (USD/h) Spot" in words(app)
            assert "node-0 zone 0 0.000 yes" in words(app)
            await press(pilot, "ctrl+end")
            assert "node-39 zone 0 4.875 no" in words(app)
            assert "Node Zone Price (USD/h) Spot" in words(app)
            assert table.cursor_row == 39

    async def test_a_long_text_is_shown_whole_for_the_row_of_the_cursor(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=BESIDE) as pilot:
            await opened(pilot)
            view = app.screen.query(GridView).first()
            view.show(Grid("T", ("Name", "Families"), (("short", "c5"), ("long", "c5, " * 40))))
            table = view.query_one(GridTable)
            table.focus()
            await settle(pilot)
            assert not view.query_one(".grid--whole").display
            await press(pilot, "down")
            whole = view.query_one(".grid--whole", Static)
            assert whole.display
            assert str(whole.render()).count("c5") == 40
            assert table.get_cell_at(Coordinate(1, 1)).plain.endswith("…")
            await press(pilot, "up")
            assert not whole.display

    async def test_very_many_rows_are_cut_and_it_is_said(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=BESIDE) as pilot:
            await opened(pilot)
            await typed(pilot, "700")
            view = app.screen.query(GridView).first()
            assert view.query_one(DataTable).row_count == 500
            assert "The first 500 of 700 rows" in str(view.query_one(".grid--note").render())

    async def test_fewer_tables_than_before(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=BESIDE) as pilot:
            await opened(pilot)
            assert len(app.screen.query(GridView)) == 2
            group = app.screen.query(GridView).first().parent
            assert group is not None
            group.show(answer(app).grids[:1])  # type: ignore[attr-defined]
            await settle(pilot)
            assert len(app.screen.query(GridView)) == 1
