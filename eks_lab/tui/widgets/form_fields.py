"""The fields of a form: what they hold, what is wrong with it, and where the focus goes.

What follows from a change is for the form that is built on it: an answer, or files.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on
from textual.containers import VerticalGroup
from textual.message import Message
from textual.widgets import Static

from eks_lab.calc.forms import Form
from eks_lab.calc.model import Input, Value
from eks_lab.clock import Clock, SystemClock
from eks_lab.content.questions import WRONG
from eks_lab.errors import InputError
from eks_lab.tui.widgets.calculator_field import CalculatorField, control_text
from eks_lab.tui.widgets.calculator_preset import Preset, catalogue_description, catalogue_search
from eks_lab.tui.widgets.instance_input import Search
from eks_lab.tui.widgets.pending_row import PendingRow

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.widget import AwaitMount
    from textual.worker import WorkType

NARROW = 56
"""Below this width labels stand above their fields."""
FIELDS_AT_ONCE = 9
"""So many fields come with the first frame and with each of the following ones, so that keys get through."""
_FILL_PAUSE_SECONDS = 0.01


class FormFields(VerticalGroup):
    """A form; what is built on it says what follows from a change."""

    NO_HELP = "Tab goes from field to field."
    """Stands below the fields while none of them has the focus."""

    DEFAULT_CSS = """
    FormFields {
        height: auto;
        .fields--help { color: $text-muted; height: auto; min-height: 2; margin: 1 0 0 0; }
        .fields--refused { display: none; color: $text-error; }
        .fields--refused.-shown { display: block; }
        .fields--preset { color: $text-warning; margin: 0 0 1 0; }
    }
    """

    @dataclass
    class Left(Message):
        """The learner is done with the fields."""

        fields: FormFields

        @property
        def control(self) -> FormFields:
            """The form."""
            return self.fields

    def __init__(
        self,
        form: Form,
        preset: Preset,
        *,
        shown: Sequence[str] = (),
        search: Search = catalogue_search,
        describe: Callable[[str], str] = catalogue_description,
        typed: Mapping[str, str] | None = None,
    ) -> None:
        """Ask for the inputs of a form.

        Args:
            form: the calculator or generator.
            preset: what the fields start with; what was wrong with it is told above them.
            shown: names of the inputs that have a field, in this order; the others keep what they start
                with. Empty for all.
            search: finds instance types by the beginning of their names.
            describe: says in a few words what an instance type has.
            typed: content of fields left before, by input name.
        """
        super().__init__()
        self.form = form
        self._preset = preset
        by_name = {question.name: question for question in form.inputs}
        self._questions = [by_name[name] for name in shown if name in by_name] or list(form.inputs)
        self._search = search
        self._describe = describe
        self._typed = dict(typed or {})
        self._fields: list[CalculatorField] = []
        self._waiting: list[CalculatorField] = []
        self._help = Static(self.NO_HELP, classes="fields--help", markup=False)
        self._refused = Static("", classes="fields--refused", markup=False)
        self._pending = PendingRow()
        self._is_narrow = False

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
            for question in self._questions
        ]
        # A form of forty fields shows an answer and its first fields before the others are there.
        yield from self._fields[:FIELDS_AT_ONCE]
        self._waiting = self._fields[FIELDS_AT_ONCE:]
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

    def on_mount(self) -> None:
        """Mount the rest of a long form."""
        if self._waiting:
            # A function, not a coroutine: one that never gets to start must not be left behind.
            fill: WorkType[None] = self._fill
            self.run_worker(fill, group="fill")

    async def _fill(self) -> None:
        """Mount the other fields, a few at a time, in steps that leave room for keys."""
        while self._waiting:
            await asyncio.sleep(_FILL_PAUSE_SECONDS)
            # The field below may leave the tree before the form knows that it goes.
            if not self._refused.is_attached:
                return
            await self._mount_next(FIELDS_AT_ONCE)

    def _mount_next(self, count: int) -> AwaitMount:
        batch, self._waiting = self._waiting[:count], self._waiting[count:]
        for field in batch:
            if self._is_narrow:
                field.add_class("-narrow")
        return self.mount_all(batch, before=self._refused)

    # What the fields hold

    @property
    def hidden(self) -> int:
        """How many inputs have no field here."""
        return len(self.form.inputs) - len(self._questions)

    @property
    def typed(self) -> dict[str, str]:
        """Content of every input that is not as in a form without a preset, by input name."""
        typed = {}
        held = {field.question.name: field.raw for field in self._fields}
        for question in self.form.inputs:
            fresh = self._fresh(question, question.default)
            text = held.get(question.name)
            if text is None:
                text = self._fresh(question, self._preset.values[question.name])
            if text != fresh:
                typed[question.name] = text
        return typed

    def _fresh(self, question: Input, value: Value) -> str:
        return "" if question.kind == "document" else control_text(self._start(question, value))

    def read_values(self) -> dict[str, Value] | None:
        """Return the value of every input; None when a field is wrong, which says so itself."""
        values: dict[str, Value] = {}
        is_whole = True
        for field in self._fields:
            try:
                values[field.question.name] = field.read()
            except InputError:
                is_whole = False  # the field says what is wrong
        if not is_whole:
            return None
        return {
            question.name: values[question.name]
            if question.name in values
            else self._start(question, self._preset.values[question.name])
            for question in self.form.inputs
        }

    @property
    def has_file(self) -> bool:
        """Whether a field holds the text of a file, which may be anything."""
        return any(field.has_file for field in self._fields)

    def reset(self) -> None:
        """Put the first values back."""
        for field in self._fields:
            field.reset()
        self._changed(is_typing=False)

    def put(self, inputs: Mapping[str, Value]) -> None:
        """Put values into the fields; documents stay, since a value does not know the name of its file.

        Args:
            inputs: value by input name.
        """
        for field in self._fields:
            if field.question.kind != "document" and field.question.name in inputs:
                field.put(control_text(inputs[field.question.name]))
        self._changed(is_typing=False)

    # Room and focus

    def set_narrow(self, width: int) -> None:
        """Put labels above their fields where a line is too short for both.

        Args:
            width: cells the form has.
        """
        self._is_narrow = width < NARROW
        for field in self._fields:
            if field not in self._waiting and field.has_class("-narrow") != self._is_narrow:
                field.set_class(self._is_narrow, "-narrow")

    def focus_first(self) -> None:
        """Go to the first field, or to the first one that is wrong."""
        for field in self._fields:
            try:
                field.read()
            except InputError:
                self._focus(field)
                return
        if self._fields:
            self._focus(self._fields[0])

    def _focus(self, field: CalculatorField) -> None:
        """Give a field the focus, mounting what is not mounted yet."""
        if field.is_mounted:
            field.focus_control()
            return
        self._mount_next(len(self._waiting))
        self.call_after_refresh(field.focus_control)

    def cancel(self) -> bool:
        """Stop what is going on; return whether there was anything to stop."""
        return False

    @on(CalculatorField.Edited)
    def _edited(self, event: CalculatorField.Edited) -> None:
        event.stop()
        if self.is_attached:  # losing the focus is the last thing that happens to a field
            self._changed(is_typing=event.is_typing)

    @on(CalculatorField.Visited)
    def _visited(self, event: CalculatorField.Visited) -> None:
        event.stop()
        self._came_to_field()
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
            self._focus(self._fields[place])

    def _on_descendant_blur(self, event: events.DescendantBlur) -> None:
        self._show_help(self.NO_HELP)

    def _show_help(self, text: str) -> None:
        if self._help.content != text:
            self._help.update(text)

    def _refuse(self, why: str) -> None:
        """Say below the fields why they lead to nothing; empty to say nothing."""
        text = f"{WRONG} {why}" if why else ""
        if self._refused.content != text:  # each update lays the page out again
            self._refused.update(text)
        self._refused.set_class(bool(text), "-shown")

    # What follows

    def _changed(self, *, is_typing: bool) -> None:
        """Take a change into account.

        Args:
            is_typing: more of the same is to be expected.
        """
        raise NotImplementedError

    def _came_to_field(self) -> None:
        """Note that the learner came to a field."""
