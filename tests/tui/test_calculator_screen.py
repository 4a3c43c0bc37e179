"""A calculator on its own screen: the answer follows the fields, whatever they hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Digits

from eks_lab.calc import registry
from eks_lab.tui.screens.calculator import CalculatorScreen
from eks_lab.tui.screens.home import HomeScreen
from eks_lab.tui.screens.settings import binding_groups
from eks_lab.tui.widgets.answer_view import AnswerView
from eks_lab.tui.widgets.calculator_field import CalculatorField
from eks_lab.tui.widgets.step_list import StepList
from tests.builders import SMALLEST, USUAL, WIDE, drawn, make_app, press, settle
from tests.fake_calculators import FAKES, SHOW, use_fakes
from tests.tui.calculator_journey import answer, opened, state, typed, until, words
from tests.tui.test_start import said

BESIDE = (100, 40)


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    use_fakes(monkeypatch)


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
            assert {"LineInput", "ChoiceInput", "FlagBox", "PlotView", "StepList", "GridTable"} <= set(seen)
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
