"""The line of text in a row of a form."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from textual.suggester import Suggester
from textual.widgets import Input

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.validation import ValidationResult

CONTROL_CLASSES = "field--control -textual-compact"
"""Set when the control is made: a class that is added later styles the control once more."""


class Completion(Suggester):
    """Completes what is typed, and leaves nothing behind in a program that ends."""

    def _get_suggestion(  # type: ignore[override]
        self, requester: DOMNode, value: str
    ) -> Callable[[], Awaitable[None]]:
        """Return a function for the field's worker: a coroutine that never gets to start would be left behind."""
        return partial(super()._get_suggestion, requester, value)


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
