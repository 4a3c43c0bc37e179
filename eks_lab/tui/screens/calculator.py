"""A calculator on a screen of its own: fields, the answer beside or below them, what-if, copying and saving."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import ScrollableContainer
from textual.widgets import Static

from eks_lab.calc.model import Answer, Calculator
from eks_lab.tui.answer_files import answer_files
from eks_lab.tui.drafts import Draft
from eks_lab.tui.screens.base import LabScreen
from eks_lab.tui.screens.choose import Choose
from eks_lab.tui.screens.save_code import SaveCode
from eks_lab.tui.screens.step import StepDialog
from eks_lab.tui.sending import Receiver, receivers
from eks_lab.tui.widgets.answer_details import AnswerDetails
from eks_lab.tui.widgets.answer_text import answer_text
from eks_lab.tui.widgets.answer_view import AnswerView
from eks_lab.tui.widgets.calculator_fields import Background, CalculatorFields
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.prose import Prose
from eks_lab.tui.widgets.step_list import StepList
from eks_lab.tui.widgets.top_bar import TopBar
from eks_lab.tui.widgets.what_if import WhatIf

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

WIDE = 100
"""From so many columns on the answer stands beside the fields."""
BESIDE = "-beside"


class CalculatorScreen(LabScreen[None]):
    """One calculator."""

    BINDING_GROUP_TITLE = "Calculator"
    HELP = """
`tab` goes from field to field and on to plots, steps and tables; every change is computed. `escape` leaves a
field, stops a long calculation, and goes back, in this order. Letters work outside of the fields: `w` keeps the
present answer as A, and from then on every answer is compared with it.
"""
    # One of three, set together with the screen's other classes: each set of classes styles every widget again.
    HORIZONTAL_BREAKPOINTS = [*LabScreen.HORIZONTAL_BREAKPOINTS, (WIDE, BESIDE)]  # noqa: RUF012
    AUTO_FOCUS = "CalculatorField .field--control"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "w",
            "pin",
            "What if",
            id="calc.what-if",
            tooltip="Keep this answer as A and compare others with it",
        ),
        Binding("d", "drop", "Drop A", id="calc.drop", tooltip="Compare with A no longer"),
        Binding("a", "back_to_a", "Back to A", id="calc.back-to-a", tooltip="Put A's inputs back"),
        Binding("c", "copy", "Copy", id="calc.copy", tooltip="Copy the answer with its working as text"),
        Binding("s", "save", "Save", id="calc.save", tooltip="Save the answer as text, JSON or CSV"),
        Binding(
            "t", "send", "To generator", id="calc.send", tooltip="Make Terraform or a manifest of this answer"
        ),
        Binding("l", "lesson", "Lesson", id="calc.lesson", tooltip="Read the lesson that explains it"),
        Binding("r", "reset", "Reset", id="calc.reset", tooltip="Put the calculator's own values back"),
        Binding("e", "edit", "Inputs", id="calc.edit", tooltip="To the first field, or to one that is wrong"),
        Binding(
            "escape", "leave", "Back", id="calc.leave", tooltip="Stop computing, or back to where you were"
        ),
    ]

    DEFAULT_CSS = """
    CalculatorScreen {
        #calc-body { height: 1fr; layout: vertical; overflow: hidden auto; scrollbar-size-vertical: 1; }
        #calc-form { height: auto; width: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
        #calc-answer { height: auto; width: 1fr; padding: 0 1 1 0; scrollbar-size-vertical: 1; }
        #calc-view { dock: top; padding: 0 1; margin: 0; background: $surface; }
        #calc-view Prose { background: $surface; }
        #calc-summary { color: $text-muted; margin: 0 0 1 0; }
        CalculatorField .field--control { margin: 0 0 0 28; }
        CalculatorField.-narrow .field--control { margin: 1 0 0 2; }
    }
    CalculatorScreen.-beside {
        #calc-body {
            layout: grid;
            grid-size: 2 2;
            grid-columns: 58 1fr;
            grid-rows: auto 1fr;
            overflow: hidden hidden;
        }
        #calc-form { row-span: 2; height: 1fr; overflow: hidden auto; padding: 0 1 0 1; }
        #calc-view { dock: none; }
        #calc-answer { height: 1fr; overflow: hidden auto; }
        CalculatorField .field--control { width: 22; margin: 0 0 0 23; }
    }
    """

    def __init__(self, calculator: Calculator, draft: Draft, *, background: Background | None = None) -> None:
        """Show a calculator as it was left.

        Args:
            calculator: the calculator.
            draft: what was left in it; kept up to date.
            background: computes a slow answer; a process of its own when left out.
        """
        super().__init__(name="calculator")
        self.calculator = calculator
        self._draft = draft
        self._fields = CalculatorFields(calculator, {}, typed=draft.typed, background=background)
        self._view = AnswerView(calculator)
        self._view.id = "calc-view"
        self._details = AnswerDetails(calculator)
        self._before: Answer | None = None
        self._receivers: list[Receiver] = []

    def compose(self) -> ComposeResult:
        """Compose fields and answer."""
        yield TopBar("Calculators", self.calculator.title)
        with ScrollableContainer(id="calc-body", can_focus=False):
            with ScrollableContainer(id="calc-form", can_focus=False):
                yield Static(self.calculator.summary, id="calc-summary", markup=False)
                yield self._fields
            yield self._view
            with ScrollableContainer(id="calc-answer", can_focus=False):
                yield self._details
        yield KeyFooter()

    def on_resize(self, event: events.Resize) -> None:
        """Put labels above their fields where lines are short."""
        self._fields.set_narrow(event.size.width)

    def on_screen_suspend(self) -> None:
        """Keep what was entered: the form may be opened again from further on."""
        self._keep()

    def on_unmount(self) -> None:
        """Keep what was entered."""
        self._keep()

    def _keep(self) -> None:
        if self._fields.is_attached:
            self._draft.keep(self._fields.typed)

    @property
    def answer(self) -> Answer | None:
        """The present answer; None before the first."""
        return self._fields.answer

    @on(CalculatorFields.Answered)
    def _answered(self, event: CalculatorFields.Answered) -> None:
        event.stop()
        self._before = event.before
        self._receivers = receivers(event.answer)
        with self.app.batch_update():
            self._view.show(event.answer, self._draft.pinned or event.before)
            self._details.show(event.answer, event.before, self._draft.pinned)
        self._draft.keep(self._fields.typed)
        self.refresh_bindings()

    @on(CalculatorFields.Unsettled)
    def _unsettled(self, event: CalculatorFields.Unsettled) -> None:
        event.stop()
        self._view.set_stale(event.why if self.answer is not None else "")
        self._draft.keep(self._fields.typed)
        self.refresh_bindings()

    @on(CalculatorFields.Left)
    def _left(self, event: CalculatorFields.Left) -> None:
        event.stop()
        self._details.steps.focus(scroll_visible=False)
        if not self.has_class(BESIDE):
            self._details.scroll_visible(animate=False, top=True)

    @on(StepList.Chosen)
    def _explain(self, event: StepList.Chosen) -> None:
        event.stop()
        if self.answer is not None:
            lesson = self.calculator.lesson if self.lab.has_lesson(self.calculator.lesson) else ""
            self.app.push_screen(StepDialog(self.answer, event.place, lesson), self._follow)

    def _follow(self, href: str | None) -> None:
        if href:
            self.lab.follow(href)

    def on_prose_link_opened(self, event: Prose.LinkOpened) -> None:
        """Hand the address of a source over."""
        event.stop()
        self.lab.follow(event.href)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what works now."""
        if action in ("pin", "copy", "save"):
            return self.answer is not None
        if action == "send":
            return bool(self._receivers) and not self._fields.why_old
        if action in ("drop", "back_to_a"):
            return self._draft.pinned is not None
        if action == "lesson":
            return self.lab.has_lesson(self.calculator.lesson)
        return True

    def _show_again(self) -> None:
        if self.answer is not None:
            self._view.show(self.answer, self._draft.pinned or self._before)
            self._view.set_stale(self._fields.why_old)
            self._details.show(self.answer, self._before, self._draft.pinned)
        self.refresh_bindings()

    def action_pin(self) -> None:
        """Keep the present answer as A."""
        self._draft.pinned = self.answer
        self._show_again()
        self.call_after_refresh(self.query_one(WhatIf).scroll_visible, animate=False, top=True)

    def action_drop(self) -> None:
        """Compare with A no longer."""
        self._draft.pinned = None
        self._show_again()

    def action_back_to_a(self) -> None:
        """Put A's inputs back into the fields."""
        if self._draft.pinned is not None:
            self._fields.put(self._draft.pinned.inputs)

    def action_copy(self) -> None:
        """Copy the answer as text."""
        if self.answer is not None:
            self.app.copy_to_clipboard(answer_text(self.calculator, self.answer))
            self.notify(self.answer.headline, title="Copied with its working", markup=False)

    def action_save(self) -> None:
        """Save the answer as a file."""
        if self.answer is None:
            return
        files = {file.name: file for file in answer_files(self.calculator, self.answer)}

        def ask_for_name(chosen: str | None) -> None:
            if chosen:
                file = files[chosen]
                self.app.push_screen(SaveCode(self.lab.save_folder(), file.name, file.text()))

        choices = [(file.name, f"{file.label}") for file in files.values()]
        self.app.push_screen(Choose("Save the answer as", choices, ""), ask_for_name)

    def action_send(self) -> None:
        """Open a generator filled in with what the answer decides; ask which when several take it."""
        by_name = {receiver.generator: receiver for receiver in self._receivers}

        def send(name: str | None) -> None:
            if name:
                self.lab.send_choices(name, by_name[name].choices)

        if len(by_name) == 1:
            send(next(iter(by_name)))
            return
        from eks_lab.generate import registry

        choices = [(name, registry.get(name).title) for name in by_name]
        self.app.push_screen(Choose("Send it to", choices, ""), send)

    def action_lesson(self) -> None:
        """Read the lesson that explains the calculator."""
        self.lab.follow(f"lesson:{self.calculator.lesson}")

    def action_reset(self) -> None:
        """Put the calculator's own values back."""
        self._fields.reset()

    def action_edit(self) -> None:
        """Go to the fields."""
        self._fields.focus_first()

    def action_leave(self) -> None:
        """Stop computing, or go back."""
        if not self._fields.cancel():
            self._keep()
            self.dismiss(None)
