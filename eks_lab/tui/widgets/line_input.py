"""The line of text in a row of a form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Input

if TYPE_CHECKING:
    from textual.suggester import Suggester
    from textual.validation import ValidationResult

CONTROL_CLASSES = "field--control -textual-compact"
"""Set when the control is made: a class that is added later styles the control once more."""


class LineInput(Input):
    """One line of text; what it means, and whether it is right, is for the row to say."""

    def __init__(self, value: str, *, placeholder: str = "", suggester: Suggester | None = None) -> None:
        """Hold a text.

        Args:
            value: text to start with.
            placeholder: shown while there is none.
            suggester: completes what is typed.
        """
        # Set before there is anybody to react to it; the class is there already.
        self.set_reactive(Input.compact, True)
        super().__init__(
            value, placeholder=placeholder, suggester=suggester, compact=True, classes=CONTROL_CLASSES
        )

    def validate(self, value: str) -> ValidationResult | None:
        """Judge nothing: Textual's own would set classes that nobody reads, for each of forty lines."""
        return None
