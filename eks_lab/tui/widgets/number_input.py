"""The field of a number question."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input


class NumberInput(Input):
    """The field of a number question; escape leaves it, so that the page's keys work again."""

    HELP = """
## A number

Digits with a point for decimals: `17`, `1,465`, `0.1`. The unit may be left out. `enter` answers, `escape` leaves.
"""
    BINDING_GROUP_TITLE = "Number"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Answer", id="quiz.answer", tooltip="Answer with this number"),
        Binding("escape", "leave", "Leave the field", id="quiz.leave", tooltip="Leave the field"),
    ]

    def action_leave(self) -> None:
        """Move on to the next thing that takes keys."""
        self.screen.focus_next()
