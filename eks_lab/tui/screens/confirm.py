"""A question with two answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from eks_lab.tui.screens.base import LabModal
from eks_lab.tui.widgets.key_footer import KeyFooter

if TYPE_CHECKING:
    from textual.app import ComposeResult


class Confirm(LabModal[bool]):
    """Asks; the result is True for the first answer."""

    BINDING_GROUP_TITLE = "Question"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", show=False, id="confirm.yes", tooltip="The first answer"),
        Binding("n", "answer(False)", "No", show=False, id="confirm.no", tooltip="The second answer"),
    ]

    def __init__(self, question: str, detail: str, *, yes: str, no: str) -> None:
        """Ask.

        Args:
            question: the question.
            detail: a line below it.
            yes: label of the first answer.
            no: label of the second answer.
        """
        super().__init__(name="confirm")
        self._question = question
        self._detail = detail
        self._yes = yes
        self._no = no

    def compose(self) -> ComposeResult:
        """Compose question and answers."""
        with Vertical(classes="dialog"):
            yield Static(self._question, classes="dialog--title", markup=False)
            yield Static(self._detail, markup=False)
            with Horizontal(classes="dialog--buttons"):
                yield Button(f"{self._yes} (y)", id="confirm-yes", variant="primary", compact=True)
                yield Button(f"{self._no} (n)", id="confirm-no", compact=True)
        yield KeyFooter()

    def action_answer(self, answer: bool) -> None:
        """Close with an answer."""
        self.dismiss(answer)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.id == "confirm-yes")
