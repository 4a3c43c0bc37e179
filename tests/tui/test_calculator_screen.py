"""Journeys through the calculators: list, form and answer, what-if, explaining, copying, saving, coming back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from textual.coordinate import Coordinate
from textual.widgets import DataTable, Digits, Input, OptionList, Static

from eks_lab.calc import registry
from eks_lab.calc.model import Grid
from eks_lab.tui.screens.calculator import CalculatorScreen
from eks_lab.tui.screens.calculators import CalculatorsScreen
from eks_lab.tui.screens.choose import Choose
from eks_lab.tui.screens.home import HomeScreen
from eks_lab.tui.screens.reader import ReaderScreen
from eks_lab.tui.screens.save_code import SaveCode
from eks_lab.tui.screens.settings import binding_groups
from eks_lab.tui.screens.step import StepDialog
from eks_lab.tui.widgets.answer_view import AnswerView
from eks_lab.tui.widgets.calculator_field import CalculatorField
from eks_lab.tui.widgets.grid_view import GridTable, GridView
from eks_lab.tui.widgets.plot_view import PlotView
from eks_lab.tui.widgets.step_list import StepList
from eks_lab.tui.widgets.what_if import WhatIf
from tests.builders import SMALLEST, USUAL, WIDE, drawn, make_app, press, settle
from tests.fake_calculators import FAKES, SHOW, use_fakes
from tests.tui.calculator_journey import answer, opened, screen, state, typed, until, words
from tests.tui.test_start import said

BESIDE = (100, 40)


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


class TestAnswer:
    async def test_it_follows_what_is_typed(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=BESIDE) as pilot:
            await opened(pilot)
            assert "4 nodes are shown." in drawn(app)
            await typed(pilot, "120")
            assert "120 nodes are shown." in drawn(app)
            assert app.screen.query_one(Digits).value == "120"
            assert "Warning: Many nodes." in words(app)
            await press(pilot, "escape", "end")
            assert "120 ÷ 2 = 60 nodes ← was 2 nodes" in words(app)

    async def test_a_wrong_field_marks_the_answer_as_old(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=BESIDE) as pilot:
            await opened(pilot)
            await typed(pilot, "x")
            assert "✗ nodes: 'x' is not a whole number" in words(app)
            assert "Not computed, a field needs another look. The last answer:" in state(app)
            assert app.screen.query_one(AnswerView).has_class("-stale")
            assert "4 nodes are shown." in drawn(app)
            await typed(pilot, "5")
            assert not app.screen.query_one(AnswerView).has_class("-stale")

    async def test_many_warnings_do_not_hide_the_working(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=(120, 120)) as pilot:
            await opened(pilot)
            await typed(pilot, "1099")
            text = words(app)
            assert "Warning: warning 2" in text
            assert text.index("Warning: warning 2") < text.index("6 more warnings stand below the working.")
            assert text.index("Working (Enter") < len(text)
            warnings = app.screen.query_one(".details--warnings")
            assert warnings.size.height == 4

    async def test_leaving_the_fields_shows_the_answer_below_them(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=USUAL) as pilot:
            await opened(pilot)
            assert "● wanted  ▲ ready" not in drawn(app)
            await press(pilot, "escape")
            assert "● wanted  ▲ ready" in drawn(app)
            await press(pilot, "e")
            assert "› Nodes" in drawn(app)

    async def test_a_refusal_is_told_below_the_fields(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=BESIDE) as pilot:
            await opened(pilot)
            await typed(pilot, "13")
            assert "✗ nodes: 13 is refused. Take another number." in words(app)
            assert "Not computed, see below the fields." in state(app)

    async def test_a_defect_of_a_calculator_does_not_end_the_program(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=BESIDE) as pilot:
            await opened(pilot)
            await press(pilot, "ctrl+u", "6", "6")
            assert "This calculator has a defect with these inputs (ZeroDivisionError)" in words(app)
            assert "Something went wrong here (ZeroDivisionError)" in said(app)
            await typed(pilot, "5")
            assert "5 nodes are shown." in drawn(app)

    @pytest.mark.parametrize(("width", "beside"), [(99, False), (100, True), (160, True)])
    async def test_it_stands_beside_the_fields_from_100_columns(
        self, tmp_path: Path, width: int, beside: bool
    ) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=(width, 36)) as pilot:
            await opened(pilot)
            field = app.screen.query(CalculatorField).first().region
            steps = app.screen.query_one(StepList).region
            assert (steps.x > field.right - 3) is beside
            head = app.screen.query_one(AnswerView).region
            assert head.y == 1
            assert (head.x > 50) is beside

    @pytest.mark.parametrize("size", [USUAL, SMALLEST, (40, 30), WIDE, (200, 60)])
    async def test_nothing_sticks_out_and_every_part_is_reached_by_tab(
        self, tmp_path: Path, size: tuple[int, int]
    ) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=size) as pilot:
            await opened(pilot)
            seen = []
            for _ in range(12):
                assert app.focused is not None
                seen.append(type(app.focused).__name__)
                region = app.focused.region
                assert region.right <= size[0]
                visible = region.intersection(app.screen.region)
                assert visible.area, f"{app.focused} has the focus and is not seen"
                await press(pilot, "tab")
            assert {"Input", "ChoiceInput", "FlagBox", "PlotView", "StepList", "GridTable"} <= set(seen)
            assert "4 nodes are shown." in words(app), "the head of the answer stays on the screen"

    async def test_light_dark_and_no_colour_draw_the_same_characters(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pictures = set()
        for number, theme in enumerate(("eks-dark", "eks-light", "none")):
            if theme == "none":
                monkeypatch.setenv("NO_COLOR", "1")
            app = make_app(tmp_path / str(number))
            async with app.run_test(size=WIDE) as pilot:
                await opened(pilot)
                if theme != "none":
                    app.theme = theme
                await press(pilot, "escape", "down")
                pictures.add(drawn(app))
        assert len(pictures) == 1
        assert "› 2. half = show ÷ 2" in pictures.pop(), "the chosen step is marked without colour"


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


class TestTakingItAlong:
    async def test_copy(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=BESIDE) as pilot:
            await opened(pilot)
            await press(pilot, "escape", "c")
            assert app.clipboard.startswith("Show of everything (show)\nNodes: 4 nodes\n")
            assert "Nodes and zones" in app.clipboard

    @pytest.mark.parametrize(
        ("downs", "name", "first"),
        [
            (0, "show.txt", "Show of everything (show)"),
            (1, "show.json", "{"),
            (2, "show.csv", "part,name,value,unit"),
            (3, "show-nodes-and-zones.csv", "Node,Zone,Price (USD/h),Spot"),
            (5, "show-nodes-over-time.csv", "minutes,wanted,ready"),
        ],
    )
    async def test_save(self, tmp_path: Path, downs: int, name: str, first: str) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=USUAL) as pilot:
            await opened(pilot)
            await press(pilot, "escape", "s")
            assert isinstance(app.screen, Choose)
            await press(pilot, *["down"] * downs, "enter")
            assert isinstance(app.screen, SaveCode)
            await press(pilot, "enter")
            screen(app)
        text = (tmp_path / "saved" / name).read_text()
        assert text.splitlines()[0] == first
        if name.endswith(".json"):
            assert json.loads(text)["result"]["show"] == 4

    async def test_nothing_is_overwritten(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        mine = tmp_path / "saved" / "show.txt"
        mine.write_text("mine")
        async with app.run_test(size=USUAL) as pilot:
            await opened(pilot)
            await press(pilot, "escape", "s", "enter", "enter")
            assert isinstance(app.screen, SaveCode)
            assert "exists already" in drawn(app)
            await press(pilot, "escape")
        assert mine.read_text() == "mine"

    async def test_the_lesson(self, tmp_path: Path) -> None:
        app = make_app(tmp_path)
        async with app.run_test(size=USUAL) as pilot:
            await opened(pilot)
            await press(pilot, "escape", "l")
            assert isinstance(app.screen, ReaderScreen)
            await press(pilot, "escape")
            await opened(pilot, "read")
            await press(pilot, "escape", "l")
            screen(app)


async def test_leaving_while_a_long_form_is_still_being_filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = replace(
        SHOW, inputs=(*SHOW.inputs, *(replace(SHOW.inputs[1], name=f"zone_{n}") for n in range(20)))
    )
    monkeypatch.setitem(FAKES, "show", many)
    app = make_app(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        for _ in range(2):
            app.show_calculator("show")
            await pilot._wait_for_screen()
            await app.pop_screen()
        assert isinstance(app.screen, HomeScreen)
        app.show_calculator("show")
        await pilot._wait_for_screen()
    assert app.return_code in (None, 0)


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


async def test_the_largest_forms_and_those_with_files_open_and_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("EKS_LAB_HOME", str(tmp_path / "home"))
    by_size = sorted((registry.get(name) for name in registry.names()), key=lambda found: len(found.inputs))
    wanted = [by_size[-1], *(found for found in by_size if any(i.kind == "document" for i in found.inputs))]
    app = make_app(tmp_path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        for calculator in wanted:
            app.show_calculator(calculator.name)
            await until(
                pilot, lambda: isinstance(app.screen, CalculatorScreen) and app.screen.answer is not None
            )
            await settle(pilot)
            assert answer(app).calculator == calculator.name
            assert answer(app).headline.split()[0] in drawn(app), calculator.name
            assert len(app.screen.query(CalculatorField)) == len(calculator.inputs)
            await app.pop_screen()


def test_every_key_can_be_changed_and_explains_itself() -> None:
    ids = []
    for _, bindings in binding_groups():
        for binding in bindings:
            assert binding.tooltip
            ids.append(binding.id)
    assert "calc.what-if" in ids
    assert "plot.numbers" in ids
    assert "steps.explain" in ids
