"""A calculator in a page: fields in, a worked answer out, at once."""

from __future__ import annotations

import gc
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import TypeVar

import pytest
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Digits, Input, Select
from textual.worker import WorkerError

from eks_lab.calc import registry
from eks_lab.calc.model import Answer, Calculator, Grid, Plot, Reference, Series, Step, Value
from eks_lab.calc.model import Input as Question
from eks_lab.errors import InputError
from eks_lab.tui.widgets.answer_text import answer_text, main_figure, step_name, value_text
from eks_lab.tui.widgets.answer_view import AnswerView
from eks_lab.tui.widgets.answer_working import AnswerWorking
from eks_lab.tui.widgets.calculator_field import CalculatorField
from eks_lab.tui.widgets.calculator_form import CalculatorForm
from eks_lab.tui.widgets.calculator_preset import catalogue_description, read_preset
from eks_lab.tui.widgets.flag_box import FlagBox
from eks_lab.tui.widgets.instance_input import InstanceInput

M = TypeVar("M", bound=Message)
NAMES = ("t3.nano", "t3.small", "t3.medium", "t3a.medium", "m5.large")


def search(prefix: str) -> Sequence[str]:
    return [name for name in NAMES if name.startswith(prefix.strip().lower())]


def rent(inputs: Mapping[str, Value]) -> Answer:
    """Nodes × price, with a discount that needs ten nodes."""
    nodes, price, reserved = inputs["nodes"], inputs["price"], inputs["reserved"]
    assert isinstance(nodes, int)
    assert isinstance(price, int | float)
    if reserved and nodes < 10:
        raise InputError("reserved: yes needs at least 10 nodes", hint="Set more nodes.")
    full = nodes * price
    total = full / 2 if reserved else full
    return Answer(
        calculator="rent", headline=f"{nodes} nodes cost {total:g} USD/h.", inputs=dict(inputs),
        result={"rent": total, "full": full, "note": None},
        steps=(
            Step("full = nodes × price", f"{nodes} × {price:g}", full, "USD/h", "Every node costs the same."),
            Step("total = full ÷ 2 if reserved", f"{full:g}", total, "USD/h"),
        ),
        sources=(Reference("The price list", "2026-11-01", "https://example.com/prices"),),
        warnings=("Prices change.",) if nodes > 100 else (),
    )  # fmt: skip


RENT = Calculator(
    name="rent", title="Rent", summary="What nodes cost.", compute=rent,
    inputs=(
        Question("nodes", "Nodes", "integer", 2, "How many nodes.", unit="nodes", minimum=1, maximum=1000),
        Question("price", "Price", "number", 0.5, "What one costs.", unit="USD/h", minimum=0),
        Question("reserved", "Reserved", "flag", False, "Whether they are reserved."),
        Question("region", "Region", "choice", "eu-west-1", "Where.", choices=("eu-west-1", "us-east-1")),
        Question("limit", "Limit", "integer", None, "At most.", minimum=1, optional=True),
    ),
    result_units={"rent": "USD/h", "full": "USD/h"},
)  # fmt: skip


class Host(App[None]):
    def __init__(self, calculator: Calculator = RENT, preset: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.seen: list[Message] = []
        if calculator.name == "rent":
            self.form = CalculatorForm(
                calculator, preset or {}, search=search, describe=lambda name: f"({name})"
            )
        else:
            self.form = CalculatorForm(calculator, preset or {})

    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield self.form

    def computed(self) -> list[Answer]:
        """Answers that were told, once each."""
        found = {id(m): m for m in self.seen if isinstance(m, CalculatorForm.Computed)}
        return [message.answer for message in found.values()]


@asynccontextmanager
async def run(host: Host, size: tuple[int, int] = (80, 60)) -> AsyncIterator[Pilot[None]]:
    async with host.run_test(size=size, message_hook=host.seen.append) as pilot:
        await pilot.pause()
        yield pilot
        # Textual's own fields break when the app goes before they are whole; the product's app minds that.
        with suppress(WorkerError):
            await host.workers.wait_for_complete([each for each in host.workers if each.group == "fill"])
        await pilot.pause()


def rows(host: Host) -> list[str]:
    strips = host.screen._compositor.render_strips(host.screen.size)
    return [strip.text.replace("▌", " ").rstrip() for strip in strips]


def screen(host: Host) -> str:
    return re.sub(r"\s+", " ", "\n".join(rows(host)))


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await pilot.pause()


async def test_the_pages_question_is_answered_at_once() -> None:
    host = Host(preset={"nodes": "4"})
    async with run(host):
        assert "4 nodes cost 2 USD/h." in screen(host)
        assert "1. full = nodes × price 4 × 0.5 = 2 USD/h Every node costs the same." in screen(host)
        assert "The price list, 2026-11-01" in screen(host)
        assert "Nodes 4 nodes" in screen(host)
        assert "Limit not set" in screen(host)
        assert host.query_one(Digits).value == "2"
    assert [answer.inputs["nodes"] for answer in host.computed()] == [4]


async def test_typing_recomputes_and_says_what_changed_since_the_field_was_entered() -> None:
    host = Host()
    async with run(host) as pilot:
        await press(pilot, "backspace", "2", "0", "0")
        assert "200 nodes cost 100 USD/h." in screen(host)
        assert "(1 → 100)" in screen(host), "compared with the answer before the typing, not with 2 or 20"
        assert "200 × 0.5 = 100 USD/h ← was 1 USD/h" in screen(host)
        assert "Warning: Prices change." in screen(host)
    assert [answer.inputs["nodes"] for answer in host.computed()] == [2, 20, 200]


async def test_a_flag_is_one_step() -> None:
    host = Host(preset={"nodes": "20", "reserved": "no"})
    async with run(host) as pilot:
        await press(pilot, "tab", "tab", "space")
        assert "[x] yes" in screen(host)
        assert "10 → 5" in screen(host)
        await press(pilot, "enter")
        assert "5 → 10" in screen(host)
        assert "[x] yes" not in screen(host)


async def test_a_choice_opens_and_recomputes() -> None:
    host = Host()
    async with run(host) as pilot:
        host.query_one(Select).focus()
        await press(pilot, "enter", "down", "enter")
        assert host.form.answer is not None
        assert host.form.answer.inputs["region"] == "us-east-1"


class TestProblems:
    async def test_stand_at_their_field_in_words(self) -> None:
        host = Host()
        async with run(host) as pilot:
            await press(pilot, "x")
            lines = rows(host)
            row = next(y for y, line in enumerate(lines) if "Nodes" in line)
            assert "✗ nodes: 'x' is not a whole number. Give a whole number from 1 to 1000" in lines[row + 1]
            assert "Not computed, a field needs another look. The last answer:" in screen(host)
            assert "2 nodes cost 1 USD/h." in screen(host), "the last answer stays, and says that it is old"
            await press(pilot, "backspace", "2")
            assert "✗" not in screen(host)
            assert "Not computed" not in screen(host)
        assert len(host.computed()) == 1, "back at the same answer: nothing new to tell"

    async def test_every_wrong_field_says_so(self) -> None:
        host = Host()
        async with run(host) as pilot:
            await press(pilot, "x", "tab", "x")
            assert screen(host).count("✗") == 2

    async def test_a_combination_that_the_calculator_refuses(self) -> None:
        host = Host()
        async with run(host) as pilot:
            host.query_one(FlagBox).focus()
            await press(pilot, "space")
            assert "✗ reserved: yes needs at least 10 nodes. Set more nodes." in screen(host)
            assert "Not computed" in screen(host)
            await press(pilot, "space")
            assert "✗" not in screen(host)


class TestPreset:
    @pytest.mark.parametrize("key", ["warm_ip", "warm-ip", "WARM-IP"])
    def test_names_with_dashes_or_underscores(self, key: str) -> None:
        calculator = replace(RENT, inputs=(Question("warm_ip", "Warm", "integer", 1, "…"),))
        assert read_preset(calculator, {key: "5"}).values == {"warm_ip": 5}

    async def test_a_wrong_value_is_told_in_place_and_the_default_taken(self) -> None:
        host = Host(preset={"nodes": "many", "price": "2"})
        async with run(host):
            assert "Warning: From the page: nodes: 'many' is not a whole number." in screen(host)
            assert "The form starts with 2." in screen(host)
            assert "2 nodes cost 4 USD/h." in screen(host)

    async def test_an_unknown_name_is_told_in_place(self) -> None:
        host = Host(preset={"nodse": "3"})
        async with run(host):
            assert "From the page: rent has no input 'nodse'. Did you mean nodes?" in screen(host)
            assert "2 nodes cost 1 USD/h." in screen(host)


class TestKeys:
    async def test_enter_goes_from_field_to_field_and_on_to_the_answer(self) -> None:
        host = Host()
        async with run(host) as pilot:
            assert "› Nodes" in screen(host)
            assert "How many nodes." in screen(host)
            await press(pilot, "enter")
            assert "› Price" in screen(host)
            host.query(Input).last().focus()
            await press(pilot, "enter")
            assert isinstance(host.focused, AnswerWorking)
            assert "›" not in screen(host)

    async def test_escape_leaves_the_fields_and_c_and_r_work_then(self) -> None:
        host = Host()
        async with run(host) as pilot:
            await press(pilot, "backspace", "5", "c", "backspace", "escape")
            assert isinstance(host.focused, AnswerWorking)
            await press(pilot, "c")
            assert host.clipboard == answer_text(RENT, rent({**host.computed()[-1].inputs}))
            await press(pilot, "r")
            assert "2 nodes cost 1 USD/h." in screen(host)
            assert "2.5 → 1" in screen(host)
            assert "Nodes 2 nodes" in screen(host)

    async def test_buttons_do_the_same(self) -> None:
        host = Host(preset={"reserved": "no", "region": "us-east-1"})
        async with run(host) as pilot:
            await press(pilot, "9", "9")
            await pilot.click("#copy")
            assert "99 nodes cost 49.5" in host.clipboard
            await pilot.click("#reset")
            await pilot.pause()
            assert "2 nodes cost 1 USD/h." in screen(host)
            assert host.form.answer is not None
            assert host.form.answer.inputs["region"] == "us-east-1"

    async def test_every_binding_can_be_rebound_and_explains_itself(self) -> None:
        for widget in (CalculatorForm, CalculatorField, FlagBox, InstanceInput):
            for binding in widget.BINDINGS:
                assert not isinstance(binding, tuple)
                assert binding.id
                assert binding.tooltip
        assert CalculatorForm.HELP
        assert AnswerWorking.HELP


INSTANCE = Calculator(
    name="name", title="Name", summary="…", compute=lambda inputs: Answer("name", f"It is {inputs['instance']}.",
    dict(inputs), {"length": len(str(inputs["instance"]))}, (), ()),
    inputs=(Question("instance", "Instance type", "instance", "m5.large", "The type."),
            Question("other", "Other", "text", "x", "Something.")),
)  # fmt: skip


class TestInstanceTypes:
    @staticmethod
    def host() -> Host:
        host = Host()
        host.form = CalculatorForm(INSTANCE, {}, search=search, describe=lambda name: f"({name} has a lot)")
        return host

    async def test_a_known_type_is_described(self) -> None:
        host = self.host()
        async with run(host):
            assert "(m5.large has a lot)" in screen(host)
            assert "It is m5.large." in screen(host)

    async def test_matches_are_offered_while_typing_and_enter_takes_the_first(self) -> None:
        host = self.host()
        async with run(host) as pilot:
            await press(pilot, "ctrl+u", "t", "3", "full_stop")
            assert "t3.nano t3.small t3.medium" in screen(host)
            assert "✗" not in screen(host), "the beginning of a name is no mistake yet"
            await press(pilot, "enter")
            assert "It is t3.nano." in screen(host)

    async def test_the_ghost_is_completed_with_right(self) -> None:
        host = self.host()
        async with run(host) as pilot:
            await press(pilot, "ctrl+u", "t", "3", "a")
            await pilot.pause()
            await press(pilot, "right")
            assert host.query_one(InstanceInput).value == "t3a.medium"

    async def test_a_completion_that_never_gets_to_start_leaves_nothing_behind(self) -> None:
        host = self.host()
        async with run(host) as pilot:
            host.query_one(InstanceInput).value = "t3"
            # As a program does that ends in this moment. A coroutine that nobody awaits is a warning, and so an error.
            host.workers.cancel_all()
            await pilot.pause()
        gc.collect()

    async def test_up_and_down_step_through_the_matches(self) -> None:
        host = self.host()
        async with run(host) as pilot:
            await press(pilot, "ctrl+u", "t", "3")
            field = host.query_one(InstanceInput)
            stepped = []
            for _ in range(5):
                await press(pilot, "down")
                stepped.append(field.value)
            assert stepped == ["t3.nano", "t3.small", "t3.medium", "t3a.medium", "t3.nano"]
            await press(pilot, "up")
            assert field.value == "t3a.medium"
            assert "It is t3a.medium." in screen(host)

    async def test_a_whole_name_steps_through_its_family(self) -> None:
        host = self.host()
        async with run(host) as pilot:
            field = host.query_one(InstanceInput)
            field.value = "t3.small"
            await press(pilot, "down")
            assert field.value == "t3.medium"

    async def test_a_beginning_is_a_mistake_once_the_field_is_left(self) -> None:
        host = self.host()
        async with run(host) as pilot:
            await press(pilot, "ctrl+u", "t", "3", "tab")
            assert "✗ instance: 't3' is no EC2 instance type of the catalogue" in screen(host)

    def test_the_catalogue_describes_types(self) -> None:
        assert catalogue_description("t3.medium") == "2 vCPUs · 4 GiB · 3 ENIs × 6 addresses"
        assert catalogue_description("t9.mega") == ""


def sized(inputs: Mapping[str, Value]) -> Answer:
    """One table longer than a page shows, and one plot."""
    rows = inputs["rows"]
    assert isinstance(rows, int)
    if rows == 13:
        raise ZeroDivisionError("a defect")
    return Answer(
        calculator="sized",
        headline=f"{rows} rows.",
        inputs=dict(inputs),
        result={"sized": rows},
        steps=(),
        sources=(),
        grids=(Grid("The rows", ("Number", "Square"), tuple((n, n * n) for n in range(rows))),),
        plots=(Plot("Squares", "number", "square", (Series("square", ((0.0, 0.0), (3.0, 9.0))),)),),
    )


SIZED = Calculator(
    name="sized", title="Sized", summary="…", compute=sized,
    inputs=(
        Question("rows", "Rows", "integer", 3, "How many.", minimum=1, maximum=100),
        Question("today", "Today", "date", None, "The day.", optional=True),
    ),
)  # fmt: skip


class TestTablesAndPlots:
    async def test_they_stand_in_the_page(self) -> None:
        host = Host(SIZED)
        async with run(host):
            assert "Squares square" in screen(host)
            assert "● square" in screen(host)
            assert "The rows Number Square" in screen(host)
            assert "2 4" in screen(host)
            assert "more rows" not in screen(host)

    async def test_a_long_table_is_cut_and_says_where_the_rest_is(self) -> None:
        host = Host(SIZED, {"rows": "20"})
        async with run(host):
            assert "11 121" in screen(host)
            assert "12 144" not in screen(host)
            assert "8 more rows on its own screen (o)." in screen(host)

    async def test_tab_leads_to_a_plot_and_its_keys_work(self) -> None:
        host = Host(SIZED)
        async with run(host) as pilot:
            await press(pilot, "escape", "tab", "end")
            assert "number 3: ● square 9" in screen(host)


class TestOnItsOwnScreen:
    @pytest.mark.parametrize("way", ["key", "button"])
    async def test_what_differs_from_the_calculators_own_values_is_handed_over(self, way: str) -> None:
        host = Host(preset={"price": "2"})
        async with run(host) as pilot:
            await press(pilot, "backspace", "7")
            if way == "key":
                await press(pilot, "escape", "o")
            else:
                await pilot.click("#open")
                await pilot.pause()
        opened = [message for message in host.seen if isinstance(message, CalculatorForm.Opened)]
        assert opened
        assert (opened[0].name, opened[0].typed) == ("rent", {"nodes": "7", "price": "2"})


async def test_today_is_filled_in() -> None:
    host = Host(SIZED)
    async with run(host):
        assert host.form.answer is not None
        assert str(host.form.answer.inputs["today"]) >= "2026-01-01"


async def test_a_defect_of_a_calculator_is_said_in_place() -> None:
    host = Host(SIZED)
    async with run(host) as pilot:
        await press(pilot, "backspace", "1", "3")
        assert "✗ This calculator has a defect with these inputs (ZeroDivisionError)." in screen(host)
        await press(pilot, "backspace", "4")
        assert "14 rows." in screen(host)


class TestWidths:
    @pytest.mark.parametrize("size", [(80, 24), (120, 36), (40, 60)])
    async def test_nothing_is_wider_than_the_page(self, size: tuple[int, int]) -> None:
        host = Host(preset={"nodes": "101"})
        async with run(host, size):
            for widget in host.form.query("*"):
                assert widget.region.right <= size[0]
            assert "101" in screen(host)

    async def test_the_answer_stands_beside_the_fields_where_there_is_room(self) -> None:
        for width, beside in ((83, False), (84, True), (120, True)):
            host = Host()
            async with run(host, (width, 40)):
                answer, field = host.query_one(AnswerView).region, host.query(CalculatorField).first().region
                assert (answer.y == field.y) is beside

    async def test_at_80_by_24_fields_and_answer_are_on_one_screen(self) -> None:
        host = Host(registry.get("max-pods"), {"instance": "t3.medium"})
        async with run(host, (80, 24)):
            assert "t3.medium: max pods 17" in screen(host)
            assert "Security groups for pods" in screen(host)


class TestMaxPods:
    """The real calculator: 17 becomes 242 and is capped to 110."""

    async def test_prefix_delegation(self) -> None:
        host = Host(registry.get("max-pods"), {"instance": "t3.medium"})
        async with run(host, (100, 80)) as pilot:
            assert host.query_one(Digits).value == "17"
            await press(pilot, "tab", "space")
            assert host.query_one(Digits).value == "110"
            assert "17 → 110" in screen(host)
            assert "242 pods ← was 17 pods" in screen(host)
            assert "min(242, 110) = 110 pods" in screen(host)
            assert "Warning:" in screen(host)

    async def test_every_calculator_answers_in_the_form_with_its_defaults(self) -> None:
        for name in registry.names():
            host = Host(registry.get(name), {})
            async with run(host, (200, 24)):
                assert host.form.answer is not None, name
                assert host.form.answer.headline.split(";")[0] in screen(host)


class TestText:
    def test_what_is_copied_has_inputs_working_and_sources(self) -> None:
        answer = rent({"nodes": 200, "price": 0.5, "reserved": True, "region": "eu-west-1", "limit": None})
        text = answer_text(RENT, answer)
        assert text.startswith("Rent (rent)\nNodes: 200 nodes\nPrice: 0.5 USD/h\nReserved: yes\n")
        assert "Limit: not set" in text
        assert "200 nodes cost 50 USD/h." in text
        assert "▲ Warning: Prices change." in text
        assert "200 × 0.5 = 100 USD/h" in text
        assert "• The price list, 2026-11-01\n  https://example.com/prices" in text
        assert text.endswith("\n")

    def test_the_large_figure_is_named_like_the_calculator_or_the_last_step(self) -> None:
        answer = rent({"nodes": 4, "price": 0.5, "reserved": False})
        figure = main_figure(RENT, answer)
        assert figure is not None
        assert (figure.name, figure.value, figure.unit) == ("rent", 2.0, "USD/h")
        other = main_figure(replace(RENT, name="other"), answer)
        assert other is not None
        assert (other.name, other.value) == ("", 2.0)
        assert main_figure(RENT, replace(answer, result={}, steps=())) is None
        assert main_figure(RENT, replace(answer, result={"rent": True}, steps=())) is None

    def test_step_names(self) -> None:
        assert step_name(Step("full = a × b", "", 1, "")) == "full"
        assert step_name(Step("a × b", "", 1, "")) == "a × b"

    @pytest.mark.parametrize(
        ("value", "unit", "text"),
        [
            (None, "pods", "not set"),
            (True, "", "yes"),
            (False, "", "no"),
            (1465, "MiB", "1,465 MiB"),
            ("cap", "", "cap"),
        ],
    )
    def test_values(self, value: object, unit: str, text: str) -> None:
        assert value_text(value, unit) == text


async def test_a_page_may_show_a_few_fields_and_the_rest_keeps_its_values() -> None:
    class Few(App[None]):
        def compose(self) -> ComposeResult:
            yield CalculatorForm(RENT, {"nodes": "20", "reserved": "yes"}, shown=("reserved", "price"))

    app = Few()
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.pause()
        form = app.query_one(CalculatorForm)
        assert [field.question.name for field in app.query(CalculatorField)] == ["reserved", "price"]
        assert form.answer is not None
        assert form.answer.inputs["nodes"] == 20
        assert "3 more inputs on its own screen: o." in str(
            app.query(".calculator--summary").first().render()
        )
        assert form._fields.typed == {"nodes": "20", "reserved": "yes"}
