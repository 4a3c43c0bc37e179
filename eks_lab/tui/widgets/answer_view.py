"""The answer of a calculator: the number large, and the sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import HorizontalGroup, VerticalGroup
from textual.widgets import Digits, Static

from eks_lab.calc.model import Answer, Calculator
from eks_lab.tui.widgets.answer_text import headline_flow, main_figure, value_text
from eks_lab.tui.widgets.prose import Prose

if TYPE_CHECKING:
    from textual.app import ComposeResult

_MOST_DIGITS = 9
"""Longer numbers leave no room for words at 40 columns; the sentence has them."""


class AnswerView(HorizontalGroup):
    """A worked answer that changes as the form does."""

    DEFAULT_CSS = """
    AnswerView {
        height: auto;
        min-height: 3;
        padding: 0 0 0 1;
        Digits { width: auto; margin: 0 2 0 0; color: $text-primary; text-style: bold; }
        Digits.-hidden { display: none; }
        .answer--words { width: 1fr; height: auto; }
        .answer--unit { color: $text-muted; }
        &.-stale .answer--unit { color: $text-warning; }
        &.-stale Digits { color: $text-muted; text-style: none; }
    }
    """

    def __init__(self, calculator: Calculator) -> None:
        """Wait for an answer.

        Args:
            calculator: whose answers are shown.
        """
        super().__init__()
        self._calculator = calculator
        self._digits = Digits("", classes="-hidden")
        self._unit = Static("", classes="answer--unit", markup=False)
        self._headline = Prose([])
        self._change = ""

    def compose(self) -> ComposeResult:
        """Compose the number beside its unit and the sentence."""
        yield self._digits
        with VerticalGroup(classes="answer--words"):
            yield self._unit
            yield self._headline

    def show(self, answer: Answer, before: Answer | None) -> None:
        """Show an answer.

        Args:
            answer: the answer.
            before: an earlier one to compare with.
        """
        figure = main_figure(self._calculator, answer)
        old = main_figure(self._calculator, before) if before else None
        text = value_text(figure.value) if figure else ""
        is_large = 0 < len(text) <= _MOST_DIGITS
        self._digits.set_class(not is_large, "-hidden")
        if is_large:
            # Digits has no glyph for the true minus sign.
            self._digits.update(text.replace("\u2212", "-"))
        self._change = figure.unit if figure else ""
        if figure and old and old.value != figure.value:
            self._change = f"{figure.unit}  ({value_text(old.value)} → {text})".strip()
        self._headline.set_items(headline_flow(answer))
        self.set_stale("")

    def set_stale(self, why: str) -> None:
        """Say whether what is shown is older than what the fields hold.

        Args:
            why: why it is; empty when it is not.
        """
        self.set_class(bool(why), "-stale")
        text = why or self._change
        if self._unit.content != text:  # each update lays the page out again
            self._unit.update(text)
