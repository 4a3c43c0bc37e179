"""One input of a calculator as a row of a form: label, control, unit, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Container, HorizontalGroup, VerticalGroup
from textual.message import Message
from textual.widgets import Input, Select, Static

from eks_lab.calc import forms, model
from eks_lab.content.questions import WRONG
from eks_lab.errors import InputError
from eks_lab.tui.widgets.answer_text import spoken
from eks_lab.tui.widgets.flag_box import FlagBox
from eks_lab.tui.widgets.instance_input import InstanceInput, Search

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

_SHOWN_MATCHES = 8


def control_text(value: model.Value) -> str:
    """Return a value as a control holds it: empty for one that is not set."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.12g}"
    return "" if value is None else str(value)


class CalculatorField(VerticalGroup):
    """A row of the form; reads its own value and shows its own problem."""

    BINDING_GROUP_TITLE = "Field"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave", id="calculator.leave", show=False, tooltip="Leave the field"),
    ]

    DEFAULT_CSS = """
    CalculatorField {
        .field--row { height: auto; }
        .field--parts { width: 1fr; height: auto; layout: horizontal; }
        .field--pointer { width: 2; }
        .field--label { width: 25; padding: 0 1 0 0; }
        .field--label.-current { text-style: bold; }
        .field--control { width: 24; height: 1; }
        Input.-textual-compact { border: none; padding: 0 1; background: $panel; }
        Input.-textual-compact:focus { border: none; text-style: bold; }
        Select.-textual-compact SelectCurrent { padding: 0 1; background: $panel; }
        Select:focus SelectCurrent #label { text-style: bold; }
        .field--unit { width: auto; padding: 0 0 0 1; color: $text-muted; }
        .field--note { display: none; padding: 0 0 0 2; color: $text-muted; }
        .field--note.-shown { display: block; }
        .field--note.-problem { color: $text-error; }
    }
    CalculatorField.-narrow {
        .field--parts { layout: vertical; }
        .field--label, .field--control { width: 1fr; }
        .field--unit { display: none; }
    }
    """

    @dataclass
    class Edited(Message):
        """The content of the field changed."""

        field: CalculatorField
        is_typing: bool
        """Whether more of the same is to be expected: somebody types."""

        @property
        def control(self) -> CalculatorField:
            """The field."""
            return self.field

    @dataclass
    class Visited(Message):
        """The learner came to the field."""

        field: CalculatorField

        @property
        def control(self) -> CalculatorField:
            """The field."""
            return self.field

    @dataclass
    class Finished(Message):
        """The learner is done with the field."""

        field: CalculatorField
        leaves: bool
        """True to leave the fields, False to go on with the next one."""

        @property
        def control(self) -> CalculatorField:
            """The field."""
            return self.field

    def __init__(
        self, question: model.Input, value: model.Value, *, search: Search, describe: Callable[[str], str]
    ) -> None:
        """Ask for one input.

        Args:
            question: the input.
            value: what the field holds at first, and after a reset.
            search: finds instance types by the beginning of their names.
            describe: says in a few words what an instance type has.
        """
        super().__init__()
        self._describe = describe
        self.question = question
        self.start = value
        self._pointer = Static("", classes="field--pointer", markup=False)
        self._label = Static(question.label, classes="field--label", markup=False)
        self._note = Static("", classes="field--note", markup=False)
        self._control = self._make_control(value, search)
        self._control.add_class("field--control")

    def _make_control(self, value: model.Value, search: Search) -> Input | Select[str] | FlagBox:
        question = self.question
        text = control_text(value)
        if question.kind == "flag":
            return FlagBox(value is True)
        if question.kind == "choice":
            options = [(choice, choice) for choice in question.choices]
            return Select(
                options,
                value=text or Select.NULL,
                allow_blank=question.optional,
                prompt="not set",
                compact=True,
            )
        if question.kind == "instance":
            return InstanceInput(text, search=search)
        return Input(text, placeholder="not set" if question.optional else "type a value", compact=True)

    def compose(self) -> ComposeResult:
        """Compose the row and the line below it."""
        with HorizontalGroup(classes="field--row"):
            yield self._pointer
            with Container(classes="field--parts"):
                yield self._label
                yield self._control
                if self.question.unit:
                    yield Static(self.question.unit, classes="field--unit", markup=False)
        yield self._note

    @property
    def raw(self) -> str:
        """What the control holds, as text; empty for nothing."""
        match self._control:
            case FlagBox():
                return control_text(self._control.value)
            case Input():
                return self._control.value
            case _:
                selected = self._control.value
                return selected if isinstance(selected, str) else ""

    @property
    def help_text(self) -> str:
        """What the field asks for and which keys help."""
        match self._control:
            case InstanceInput():
                keys = " ↑ ↓ step through matches, → completes."
            case FlagBox():
                keys = " Space changes it."
            case Select():
                keys = " Enter opens the choices."
            case _:
                keys = " May stay empty." if self.question.optional else ""
        return f"{self.question.help}{keys}"

    def read(self) -> model.Value:
        """Return the checked value.

        Raises:
            InputError: it cannot be used; the field shows why.
        """
        try:
            value = forms.read_value(self.question, self.raw)
        except InputError as error:
            self._show_problem(error)
            raise
        self._show_note(
            self._describe(value) if self.question.kind == "instance" and isinstance(value, str) else ""
        )
        return value

    def reset(self) -> None:
        """Put the first value back, without telling."""
        with self.prevent(Input.Changed, Select.Changed, FlagBox.Changed):
            match self._control:
                case FlagBox():
                    self._control.value = self.start is True
                case Input():
                    self._control.value = control_text(self.start)
                case _:
                    self._control.value = control_text(self.start) or Select.NULL

    def focus_control(self) -> None:
        """Give the control the focus."""
        self._control.focus()

    def action_leave(self) -> None:
        """Leave the fields, so that the page's keys work again."""
        self.post_message(self.Finished(self, leaves=True))

    @property
    def is_being_typed(self) -> bool:
        """Whether the field holds the beginning of a name that somebody is typing."""
        control = self._control
        return (
            isinstance(control, InstanceInput)
            and control.has_focus
            and bool(control.value.strip() and control.matches)
        )

    def _show_problem(self, error: InputError) -> None:
        if self.is_being_typed and isinstance(self._control, InstanceInput):
            matches = self._control.matches
            more = f" … {len(matches)} in all" if len(matches) > _SHOWN_MATCHES else ""
            self._show_note("  ".join(matches[:_SHOWN_MATCHES]) + more)
            return
        self._show_note(f"{WRONG} {spoken(error)}", is_problem=True)

    def _show_note(self, text: str, *, is_problem: bool = False) -> None:
        if self._note.content != text:  # each update lays the page out again
            self._note.update(text)
        self._note.set_class(bool(text), "-shown")
        self._note.set_class(is_problem, "-problem")

    def _on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._mark(True)
        self.post_message(self.Visited(self))

    def _on_descendant_blur(self, event: events.DescendantBlur) -> None:
        self._mark(False)
        if isinstance(self._control, InstanceInput):
            # What was tolerated while it was typed is a mistake once it is left.
            self.post_message(self.Edited(self, is_typing=True))

    def _mark(self, is_current: bool) -> None:
        self._pointer.update("›" if is_current else "")
        self._label.set_class(is_current, "-current")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Edited(self, is_typing=True))

    @on(Select.Changed)
    @on(FlagBox.Changed)
    def _chosen(self, event: Select.Changed | FlagBox.Changed) -> None:
        event.stop()
        self.post_message(self.Edited(self, is_typing=False))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if not (isinstance(self._control, InstanceInput) and self._control.complete()):
            self.post_message(self.Finished(self, leaves=False))
