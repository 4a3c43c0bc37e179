"""The fields of a calculator, and an answer that follows them: at once, or from a process when it takes long.

Longer than most modules: fields, values, and the one answer they belong to change together, and parting them
would only part their state.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, NoReturn

from textual import on
from textual.containers import VerticalGroup
from textual.message import Message
from textual.widgets import Static
from textual.worker import Worker

from eks_lab.calc.model import Answer, Calculator, Input, Value
from eks_lab.clock import Clock, SystemClock
from eks_lab.content.questions import WRONG
from eks_lab.errors import EksLabError, InputError
from eks_lab.tui.calculation import CalculationProcess
from eks_lab.tui.widgets.answer_text import spoken
from eks_lab.tui.widgets.calculator_field import CalculatorField, control_text
from eks_lab.tui.widgets.calculator_preset import catalogue_description, catalogue_search, read_preset
from eks_lab.tui.widgets.instance_input import Search
from eks_lab.tui.widgets.pending_row import PendingRow

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

NARROW = 56
"""Below this width labels stand above their fields."""
SLOW_SECONDS = 0.15
"""A calculator that took longer several times in a row is computed in a process from then on."""
_SLOW_TIMES = 3
"""So often: the first answer loads tables, and a busy machine is no slow calculator."""
SETTLE_SECONDS = 0.25
"""A slow calculation starts when nothing was changed for so long."""
FIELDS_AT_ONCE = 20
"""More fields than a screen shows come after the first frame."""
_NO_HELP = "Tab goes from field to field; every change is computed at once."
Background = Callable[[Mapping[str, Value]], Awaitable[Answer]]
"""Takes checked inputs; cancelling it must really stop the work."""


class CalculatorFields(VerticalGroup):
    """A form that recomputes as it changes."""

    DEFAULT_CSS = """
    CalculatorFields {
        height: auto;
        .fields--help { color: $text-muted; height: auto; min-height: 2; margin: 1 0 0 0; }
        .fields--refused { display: none; color: $text-error; }
        .fields--refused.-shown { display: block; }
        .fields--preset { color: $text-warning; margin: 0 0 1 0; }
    }
    """

    @dataclass
    class Answered(Message):
        """There is an answer, the first one or another one."""

        fields: CalculatorFields
        answer: Answer
        before: Answer | None
        """What to compare it with; None when there is nothing, or nothing differs."""

        @property
        def control(self) -> CalculatorFields:
            """The form."""
            return self.fields

    @dataclass
    class Unsettled(Message):
        """The answer does or does not belong to what the fields hold."""

        fields: CalculatorFields
        why: str
        """Why the last answer is old; empty when it is not."""

        @property
        def control(self) -> CalculatorFields:
            """The form."""
            return self.fields

    @dataclass
    class Left(Message):
        """The learner is done with the fields."""

        fields: CalculatorFields

        @property
        def control(self) -> CalculatorFields:
            """The form."""
            return self.fields

    def __init__(
        self,
        calculator: Calculator,
        preset: Mapping[str, str],
        *,
        search: Search = catalogue_search,
        describe: Callable[[str], str] = catalogue_description,
        typed: Mapping[str, str] | None = None,
        background: Background | None = None,
        settle_seconds: float = SETTLE_SECONDS,
    ) -> None:
        """Ask for the inputs of a calculator.

        Args:
            calculator: the calculator.
            preset: inputs by name, as a page's directive gives them; a wrong one is told in place.
            search: finds instance types by the beginning of their names.
            describe: says in a few words what an instance type has.
            typed: content of fields left before, by input name.
            background: computes a slow answer; a process of its own when left out.
            settle_seconds: how long a slow calculation waits for further changes.
        """
        super().__init__()
        self.calculator = calculator
        self._preset = read_preset(calculator, preset)
        self._search = search
        self._describe = describe
        self._typed = dict(typed or {})
        self._fields: list[CalculatorField] = []
        self._help = Static(_NO_HELP, classes="fields--help", markup=False)
        self._refused = Static("", classes="fields--refused", markup=False)
        self._pending = PendingRow()
        self._answer: Answer | None = None
        self._at_entry: Answer | None = None
        self._why_old = ""
        self._is_narrow = False
        self._is_slow = False
        self._slow_times = 0
        self._settle_seconds = settle_seconds
        self._process = CalculationProcess(calculator)
        self._background = background or self._process.answer
        self._worker: Worker[None] | None = None
        self._asked: dict[str, Value] = {}

    def compose(self) -> ComposeResult:
        """Compose the fields and what is said below them."""
        for problem in self._preset.problems:
            yield Static(f"Warning: {problem}", classes="fields--preset", markup=False)
        # Not in the constructor: fields for text need a running app.
        self._fields = [
            CalculatorField(
                question,
                self._start(question, self._preset.values[question.name]),
                search=self._search,
                describe=self._describe,
                typed=self._typed.get(question.name),
            )
            for question in self.calculator.inputs
        ]
        # A form of forty fields shows an answer and its first fields before the others are there.
        yield from self._fields[:FIELDS_AT_ONCE]
        yield self._refused
        yield self._pending
        yield self._help

    def _start(self, question: Input, value: Value) -> Value:
        """Return what a field starts with: the value, or the present day for a `today` that is not set."""
        if question.name == "today" and question.kind == "date" and question.optional and value is None:
            # The app's clock where the app has one; a widget does not know which app it is in.
            clock: Clock = getattr(self.app, "clock", None) or SystemClock()
            return clock.now().date().isoformat()
        return value

    @property
    def answer(self) -> Answer | None:
        """The last answer; None before the first."""
        return self._answer

    @property
    def why_old(self) -> str:
        """Why the answer is older than what the fields hold; empty when it is not."""
        return self._why_old

    @property
    def is_computing(self) -> bool:
        """Whether an answer is on its way."""
        return self._worker is not None

    @property
    def typed(self) -> dict[str, str]:
        """Content of every field that is not as in a form without a preset, by input name."""
        typed = {}
        for field in self._fields:
            question = field.question
            is_document = question.kind == "document"
            fresh = "" if is_document else control_text(self._start(question, question.default))
            if field.raw != fresh:
                typed[question.name] = field.raw
        return typed

    def on_mount(self) -> None:
        """Answer what the fields start with."""
        self._compute(None)
        if len(self._fields) > FIELDS_AT_ONCE:
            self.call_after_refresh(self._mount_others)

    def _mount_others(self) -> None:
        if self.is_attached:
            self.mount_all(self._fields[FIELDS_AT_ONCE:], before=self._refused)
            for field in self._fields[FIELDS_AT_ONCE:]:
                field.set_class(self._is_narrow, "-narrow")

    def on_unmount(self) -> None:
        """Let no process outlive the form."""
        self._stop()
        self._process.close()

    def set_narrow(self, width: int) -> None:
        """Put labels above their fields where a line is too short for both.

        Args:
            width: cells the form has.
        """
        self._is_narrow = width < NARROW
        for field in self._fields:
            field.set_class(self._is_narrow, "-narrow")

    def focus_first(self) -> None:
        """Go to the first field, or to the first one that is wrong."""
        for field in self._fields:
            try:
                field.read()
            except InputError:
                field.focus_control()
                return
        if self._fields:
            self._fields[0].focus_control()

    def reset(self) -> None:
        """Put the first values back."""
        for field in self._fields:
            field.reset()
        self._compute(self._answer)

    def put(self, inputs: Mapping[str, Value]) -> None:
        """Put the inputs of an answer into the fields; documents stay, since an answer does not know their names.

        Args:
            inputs: value by input name.
        """
        for field in self._fields:
            if field.question.kind != "document" and field.question.name in inputs:
                field.put(control_text(inputs[field.question.name]))
        self._compute(self._answer)

    def cancel(self) -> bool:
        """Stop computing; return whether there was anything to stop."""
        if not self.is_computing:
            return False
        self._stop()
        self._pending.offer_again()
        self._set_old("Stopped before there was a new answer. The last one:")
        return True

    @on(CalculatorField.Edited)
    def _edited(self, event: CalculatorField.Edited) -> None:
        event.stop()
        if not self.is_attached:
            return  # losing the focus is the last thing that happens to a field
        # Typing `110` passes through 1 and 11; what counts is the answer from before the typing.
        self._compute(self._at_entry if event.is_typing else self._answer)

    @on(CalculatorField.Visited)
    def _visited(self, event: CalculatorField.Visited) -> None:
        event.stop()
        self._at_entry = self._answer
        self._show_help(event.field.help_text)

    @on(CalculatorField.Finished)
    def _finished(self, event: CalculatorField.Finished) -> None:
        event.stop()
        if event.leaves and self.cancel():
            return
        place = self._fields.index(event.field) + 1
        if event.leaves or place == len(self._fields):
            self.post_message(self.Left(self))
        else:
            self._fields[place].focus_control()

    @on(PendingRow.Pressed)
    def _stop_pressed(self, event: PendingRow.Pressed) -> None:
        event.stop()
        if not self.cancel():
            self._compute(self._answer)

    def _on_descendant_blur(self, event: events.DescendantBlur) -> None:
        self._show_help(_NO_HELP)

    def _show_help(self, text: str) -> None:
        if self._help.content != text:
            self._help.update(text)

    # Computing

    def _compute(self, baseline: Answer | None) -> None:
        """Compute and tell; `baseline` is what the answer is compared with."""
        values: dict[str, Value] = {}
        for field in self._fields:
            try:
                values[field.question.name] = field.read()
            except InputError:
                continue  # the field says what is wrong
        if self.is_computing and values == self._asked:
            return
        self._stop()
        self._refuse("")
        if len(values) < len(self._fields):
            self._set_old("Not computed, a field needs another look. The last answer:")
        elif self._is_slow or any(field.has_file for field in self._fields):
            # Whole files may hold anything: ten thousand pods take seconds.
            self._begin(values, baseline)
        else:
            began = perf_counter()
            self._answer_at_once(values, baseline)
            self._slow_times = self._slow_times + 1 if perf_counter() - began > SLOW_SECONDS else 0
            self._is_slow = self._slow_times >= _SLOW_TIMES

    def _answer_at_once(self, values: dict[str, Value], baseline: Answer | None) -> None:
        try:
            self._use(self.calculator.compute(values), baseline)
        except EksLabError as error:
            self._refused_with(error)
        except Exception as error:  # noqa: BLE001 - an edge: a defect of one calculator must not end the program
            self._broken(error)

    def _begin(self, values: dict[str, Value], baseline: Answer | None) -> None:
        self._asked = values
        self._pending.start()
        self._set_old("Computing. The last answer:")
        self._worker = self.app.run_worker(
            partial(self._answer_later, values, baseline),
            group=f"calculation-{id(self)}",
            exit_on_error=False,
        )

    async def _answer_later(self, values: dict[str, Value], baseline: Answer | None) -> None:
        await asyncio.sleep(self._settle_seconds)
        try:
            answer = await self._background(values)
        except EksLabError as error:
            self._ended()
            self._refused_with(error)
        except Exception as error:
            self._ended()
            self._set_old("Not computed. The last answer:")
            self._refuse(_defect(error))
            raise  # the app shows it and keeps the details
        else:
            self._ended()
            self._use(answer, baseline)

    def _ended(self) -> None:
        """Take the worker's end into account; called by the worker itself."""
        self._worker = None
        self._pending.finish(took=True)

    def _stop(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.cancel()
        self._pending.finish()

    def _use(self, answer: Answer, baseline: Answer | None) -> None:
        self._set_old("")
        if answer == self._answer:
            return
        before = baseline if baseline is not None and baseline.result != answer.result else None
        self._answer = answer
        self.post_message(self.Answered(self, answer, before))

    def _refused_with(self, error: EksLabError) -> None:
        self._set_old("Not computed, see below the fields. The last answer:")
        self._refuse(f"{WRONG} {spoken(error)}")

    def _broken(self, error: Exception) -> None:
        self._set_old("Not computed. The last answer:")
        self._refuse(_defect(error))

        async def fail() -> NoReturn:
            raise error

        # The app is who shows the failures of workers, and keeps the details.
        self.app.run_worker(fail, group="calculation", exit_on_error=False)

    def _refuse(self, why: str) -> None:
        if self._refused.content != why:  # each update lays the page out again
            self._refused.update(why)
        self._refused.set_class(bool(why), "-shown")

    def _set_old(self, why: str) -> None:
        if why != self._why_old:
            self._why_old = why
            self.post_message(self.Unsettled(self, why))


def _defect(error: Exception) -> str:
    return (
        f"{WRONG} This calculator has a defect with these inputs ({type(error).__name__}). Others may work."
    )
