"""A calculator in a page: change an input and the answer with its working changes at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Container, HorizontalGroup, VerticalGroup
from textual.message import Message
from textual.widgets import Button, Static

from eks_lab.calc.model import Answer, Calculator, Value
from eks_lab.content.questions import WRONG
from eks_lab.errors import EksLabError, InputError
from eks_lab.tui.widgets.answer_text import answer_text, spoken, working_flow
from eks_lab.tui.widgets.answer_view import AnswerView
from eks_lab.tui.widgets.answer_working import AnswerWorking
from eks_lab.tui.widgets.calculator_field import CalculatorField
from eks_lab.tui.widgets.calculator_preset import catalogue_description, catalogue_search, read_preset
from eks_lab.tui.widgets.instance_input import Search

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

WIDE = 84
"""From this width on the answer stands beside the fields."""
NARROW = 56
"""Below this width labels stand above their fields."""
_NO_HELP = "Tab goes from field to field; every change is computed at once."


class CalculatorForm(VerticalGroup):
    """Fields and a worked answer that follows them."""

    HELP = """
## Calculator

`tab` goes from field to field, and every change is computed at once. `escape` leaves the fields for the
working; there `c` copies it as text and `r` puts the page's values back.
"""
    BINDING_GROUP_TITLE = "Calculator"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "c",
            "copy",
            "Copy answer",
            id="calculator.copy",
            tooltip="Copy the answer with its working as text",
        ),
        Binding("r", "reset", "Reset", id="calculator.reset", tooltip="Put the page's values back"),
    ]

    DEFAULT_CSS = """
    CalculatorForm {
        padding: 0 1;
        border-left: outer $accent;
        background: $surface;
        Prose { background: $surface; }
        .prose--muted { color: $text-muted; }
        .prose--warning { color: $text-warning; }
        .prose--kicker { text-style: bold; }
        .calculator--title { text-style: bold; }
        .calculator--summary { color: $text-muted; margin: 0 0 1 0; }
        .calculator--preset { color: $text-warning; margin: 0 0 1 0; }
        .calculator--columns { height: auto; layout: vertical; }
        .calculator--fields { height: auto; }
        .calculator--help { color: $text-muted; height: auto; min-height: 2; margin: 1 0 0 0; }
        .calculator--refused { display: none; color: $text-error; }
        .calculator--refused.-shown { display: block; }
        .calculator--buttons { margin: 0 0 1 0; }
        AnswerView { margin: 0 0 1 0; }
        Button.-textual-compact {
            min-width: 0;
            margin: 0 2 0 0;
            background: $panel;
            color: $foreground;
            text-style: none;
            &:hover { text-style: underline; }
            &:focus {
                background: $block-cursor-background;
                color: $block-cursor-foreground;
                text-style: bold underline;
            }
        }
    }
    CalculatorForm.-wide {
        .calculator--columns { layout: horizontal; }
        .calculator--fields { width: 47; padding: 0 1 0 0; }
        AnswerView { width: 1fr; }
        CalculatorField .field--label { width: 20; }
        CalculatorField .field--unit { display: none; }
    }
    """

    @dataclass
    class Computed(Message):
        """There is an answer, the first one or another one."""

        form: CalculatorForm
        answer: Answer

        @property
        def control(self) -> CalculatorForm:
            """The form."""
            return self.form

    def __init__(
        self,
        calculator: Calculator,
        preset: Mapping[str, str],
        *,
        search: Search = catalogue_search,
        describe: Callable[[str], str] = catalogue_description,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """Show a calculator.

        Args:
            calculator: the calculator.
            preset: inputs by name, as a page's directive gives them; names with dashes or
                underscores. A wrong one is told in place, and the default taken.
            search: finds instance types by the beginning of their names.
            describe: says in a few words what an instance type has.
            id: of the widget.
            classes: of the widget.
        """
        super().__init__(id=id, classes=classes)
        self.calculator = calculator
        self._preset = read_preset(calculator, preset)
        self._search = search
        self._describe = describe
        self._fields: list[CalculatorField] = []
        self._help = Static(_NO_HELP, classes="calculator--help", markup=False)
        self._refused = Static("", classes="calculator--refused", markup=False)
        self._view = AnswerView(calculator)
        self._working = AnswerWorking()
        self._answer: Answer | None = None
        self._before: Answer | None = None
        self._at_entry: Answer | None = None

    def compose(self) -> ComposeResult:
        """Compose title, fields and answer."""
        # Not in the constructor: fields for text need a running app.
        self._fields = [
            CalculatorField(
                question, self._preset.values[question.name], search=self._search, describe=self._describe
            )
            for question in self.calculator.inputs
        ]
        yield Static(f"Calculator · {self.calculator.title}", classes="calculator--title", markup=False)
        yield Static(self.calculator.summary, classes="calculator--summary", markup=False)
        for problem in self._preset.problems:
            yield Static(f"Warning: {problem}", classes="calculator--preset", markup=False)
        with Container(classes="calculator--columns"):
            yield self._view
            with VerticalGroup(classes="calculator--fields"):
                yield from self._fields
                yield self._refused
                yield self._help
                with HorizontalGroup(classes="calculator--buttons"):
                    yield Button("Reset", id="reset", compact=True, tooltip="Put the page's values back (r)")
                    yield Button(
                        "Copy answer", id="copy", compact=True, tooltip="Copy it with its working as text (c)"
                    )
        yield self._working

    @property
    def answer(self) -> Answer | None:
        """The last answer; None before the first."""
        return self._answer

    def on_mount(self) -> None:
        """Answer the page's question."""
        self._compute(None)

    def _on_resize(self, event: events.Resize) -> None:
        is_wide = event.size.width >= WIDE
        if is_wide != self.has_class("-wide"):
            self.set_class(is_wide, "-wide")
            columns, fields = self.query_one(".calculator--columns"), self.query_one(".calculator--fields")
            # Beside the fields the answer comes second; below each other it comes first, so that on a
            # small screen it is seen while the fields are changed.
            if is_wide:
                columns.move_child(self._view, after=fields)
            else:
                columns.move_child(self._view, before=fields)
        for field in self._fields:
            field.set_class(event.size.width < NARROW, "-narrow")

    def action_copy(self) -> None:
        """Copy the answer as text."""
        if self._answer is None:
            self.notify("There is no answer yet.", severity="warning")
            return
        self.app.copy_to_clipboard(answer_text(self.calculator, self._answer))
        self.notify(self._answer.headline, title="Copied with its working", markup=False)

    def action_reset(self) -> None:
        """Put the page's values back."""
        for field in self._fields:
            field.reset()
        self._compute(self._answer)

    @on(CalculatorField.Edited)
    def _edited(self, event: CalculatorField.Edited) -> None:
        event.stop()
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
        place = self._fields.index(event.field) + 1
        if event.leaves or place == len(self._fields):
            # Where the learner looks is the number above; only the keys go on.
            self._working.focus(scroll_visible=False)
        else:
            self._fields[place].focus_control()

    @on(Button.Pressed, "#reset")
    def _reset(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_reset()

    @on(Button.Pressed, "#copy")
    def _copy(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_copy()

    def _on_descendant_blur(self, event: events.DescendantBlur) -> None:
        self._show_help(_NO_HELP)

    def _show_help(self, text: str) -> None:
        if self._help.content != text:
            self._help.update(text)

    def _compute(self, baseline: Answer | None) -> None:
        """Compute and show; `baseline` is what the answer is compared with."""
        values: dict[str, Value] = {}
        for field in self._fields:
            try:
                values[field.question.name] = field.read()
            except InputError:
                continue  # the field says what is wrong
        self._refuse("")
        answer = self._answer_to(values) if len(values) == len(self._fields) else None
        self._view.set_stale(answer is None and self._answer is not None)
        if answer is None or answer == self._answer:
            return
        before = baseline if baseline is not None and baseline.result != answer.result else None
        self._answer = answer
        self._view.show(answer, before)
        self._working.show(working_flow(self.calculator, answer, before))
        self.post_message(self.Computed(self, answer))

    def _answer_to(self, values: dict[str, Value]) -> Answer | None:
        try:
            return self.calculator.compute(values)
        except EksLabError as error:
            self._refuse(f"{WRONG} {spoken(error)}")
            return None

    def _refuse(self, why: str) -> None:
        if self._refused.content != why:  # each update lays the page out again
            self._refused.update(why)
        self._refused.set_class(bool(why), "-shown")
