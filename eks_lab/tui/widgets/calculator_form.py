"""A calculator in a page: change an input and the answer with its working changes at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Container, HorizontalGroup, VerticalGroup
from textual.message import Message
from textual.widgets import Button, Static

from eks_lab.calc.model import Answer, Calculator
from eks_lab.tui.widgets.answer_text import answer_text, working_flow
from eks_lab.tui.widgets.answer_view import AnswerView
from eks_lab.tui.widgets.answer_working import AnswerWorking
from eks_lab.tui.widgets.calculator_fields import Background, CalculatorFields
from eks_lab.tui.widgets.calculator_preset import catalogue_description, catalogue_search
from eks_lab.tui.widgets.instance_input import Search

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

WIDE = 84
"""From this width on the answer stands beside the fields."""


class CalculatorForm(VerticalGroup):
    """Fields and a worked answer that follows them."""

    HELP = """
## Calculator

`tab` goes from field to field, and every change is computed at once. `escape` leaves the fields for the
working; there `c` copies it as text, `r` puts the page's values back, and `o` opens the calculator on a screen of
its own with what-if, tables and saving.
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
        Binding(
            "o",
            "open",
            "Full screen",
            id="calculator.open",
            tooltip="The same inputs on a screen of its own, with what-if and saving",
        ),
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
        .calculator--columns { height: auto; layout: vertical; }
        .calculator--fields { height: auto; }
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
        CalculatorField .field--control { margin: 0 0 0 22; }
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

    @dataclass
    class Opened(Message):
        """The calculator is wanted on a screen of its own."""

        form: CalculatorForm
        name: str
        """Of the calculator."""
        typed: dict[str, str]
        """Content of the fields that differ from the calculator's own defaults, by input name."""

        @property
        def control(self) -> CalculatorForm:
            """The form."""
            return self.form

    def __init__(
        self,
        calculator: Calculator,
        preset: Mapping[str, str],
        *,
        shown: Sequence[str] = (),
        search: Search = catalogue_search,
        describe: Callable[[str], str] = catalogue_description,
        background: Background | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """Show a calculator.

        Args:
            calculator: the calculator.
            preset: inputs by name, as a page's directive gives them; names with dashes or
                underscores. A wrong one is told in place, and the default taken.
            shown: names of the inputs that have a field in the page; empty for all.
            search: finds instance types by the beginning of their names.
            describe: says in a few words what an instance type has.
            background: computes a slow answer; a process of its own when left out.
            id: of the widget.
            classes: of the widget.
        """
        super().__init__(id=id, classes=classes)
        self.calculator = calculator
        self._fields = CalculatorFields(
            calculator, preset, shown=shown, search=search, describe=describe, background=background
        )
        self._view = AnswerView(calculator)
        self._working = AnswerWorking()

    def compose(self) -> ComposeResult:
        """Compose title, fields and answer."""
        yield Static(f"Calculator · {self.calculator.title}", classes="calculator--title", markup=False)
        yield Static(self._summary(), classes="calculator--summary", markup=False)
        with Container(classes="calculator--columns"):
            yield self._view
            with VerticalGroup(classes="calculator--fields"):
                yield self._fields
                with HorizontalGroup(classes="calculator--buttons"):
                    yield Button("Reset", id="reset", compact=True, tooltip="Put the page's values back (r)")
                    yield Button(
                        "Copy", id="copy", compact=True, tooltip="Copy it with its working as text (c)"
                    )
                    yield Button(
                        "Full screen", id="open", compact=True, tooltip="With what-if and saving (o)"
                    )
        yield self._working

    def _summary(self) -> str:
        hidden = self._fields.hidden
        if not hidden:
            return self.calculator.summary
        return f"{self.calculator.summary} {hidden} more inputs on its own screen: o."

    @property
    def answer(self) -> Answer | None:
        """The last answer; None before the first."""
        return self._fields.answer

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
        self._fields.set_narrow(event.size.width)

    def action_copy(self) -> None:
        """Copy the answer as text."""
        if self.answer is None:
            self.notify("There is no answer yet.", severity="warning")
            return
        self.app.copy_to_clipboard(answer_text(self.calculator, self.answer))
        self.notify(self.answer.headline, title="Copied with its working", markup=False)

    def action_reset(self) -> None:
        """Put the page's values back."""
        self._fields.reset()

    def action_open(self) -> None:
        """Ask for the calculator on a screen of its own."""
        self.post_message(self.Opened(self, self.calculator.name, self._fields.typed))

    @on(CalculatorFields.Left)
    def _left(self, event: CalculatorFields.Left) -> None:
        event.stop()
        # Where the learner looks is the number above; only the keys go on.
        self._working.focus(scroll_visible=False)

    @on(CalculatorFields.Unsettled)
    def _unsettled(self, event: CalculatorFields.Unsettled) -> None:
        event.stop()
        self._view.set_stale(event.why if self.answer is not None else "")

    @on(CalculatorFields.Answered)
    def _answered(self, event: CalculatorFields.Answered) -> None:
        event.stop()
        self._view.show(event.answer, event.before)
        self._working.show(working_flow(self.calculator, event.answer, event.before), event.answer.plots)
        self.post_message(self.Computed(self, event.answer))

    @on(Button.Pressed, "#reset")
    def _reset(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_reset()

    @on(Button.Pressed, "#copy")
    def _copy(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_copy()

    @on(Button.Pressed, "#open")
    def _open(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_open()
