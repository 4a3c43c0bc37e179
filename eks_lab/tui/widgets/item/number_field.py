"""The field of a question about a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import HorizontalGroup
from textual.widgets import Input, Static

from eks_lab.content.items.given import Given
from eks_lab.content.items.number import typed_number
from eks_lab.content.items.variant import Variant
from eks_lab.tui.widgets.item.answer_field import AnswerField
from eks_lab.tui.widgets.number_input import NumberInput

if TYPE_CHECKING:
    from textual.app import ComposeResult


class NumberField(AnswerField):
    """A number with its unit behind it."""

    DEFAULT_CSS = """
    NumberField {
        HorizontalGroup { height: 1; }
        NumberInput { width: 20; height: 1; border: none; padding: 0 1; background: $panel; }
        NumberInput:focus { border: none; text-style: bold; }
        Static { width: 1fr; padding: 0 1; }
    }
    """

    def __init__(self, variant: Variant, given: Given | None) -> None:
        """Ask for a number.

        Args:
            variant: of a number question.
            given: an earlier answer.
        """
        super().__init__(variant)
        earlier = f"{given:g}" if isinstance(given, int | float) else ""
        self._input = NumberInput(earlier, placeholder="type a number", select_on_focus=False)

    def compose(self) -> ComposeResult:
        """Compose the line."""
        with HorizontalGroup():
            yield self._input
            yield Static(self.variant.unit, markup=False)

    @property
    def target(self) -> NumberInput:
        """The line."""
        return self._input

    def given(self) -> Given:
        """Return the number.

        Raises:
            InputError: none was typed, or it could be read in two ways.
        """
        return typed_number(self.variant, self._input.value)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Entered(self))

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(self))
