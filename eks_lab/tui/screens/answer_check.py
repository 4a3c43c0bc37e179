"""The question of a check, answered in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Vertical
from textual.widgets import Input, Static

from eks_lab.tui.screens.base import LabModal
from eks_lab.tui.widgets.key_footer import KeyFooter

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from eks_lab.tui.lab_view import CheckRow


class AnswerCheck(LabModal[str]):
    """The result is what was typed; None after escape."""

    BINDING_GROUP_TITLE = "Question"

    def __init__(self, check: CheckRow) -> None:
        """Ask.

        Args:
            check: whose question it is.
        """
        super().__init__(name="answer-check")
        self._check = check

    def compose(self) -> ComposeResult:
        """Compose question, options and line."""
        check = self._check
        options = [f"{number}. {option}" for number, option in enumerate(check.options, 1)]
        how = "Their numbers in order, with commas; Enter takes it." if check.is_order else "Enter takes it."
        with Vertical(classes="dialog"):
            yield Static(check.question, classes="dialog--title", markup=False)
            if options:
                yield Static("\n".join(options), markup=False)
            yield Static(how, classes="dialog--hint", markup=False)
            yield Input(check.answer, id="value-box", compact=True)
        yield KeyFooter()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if text := event.value.strip():
            self.dismiss(text)
