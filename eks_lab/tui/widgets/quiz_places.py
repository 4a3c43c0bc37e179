"""The row above a quiz: number and state of every question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.message import Message
from textual.style import Style
from textual.widgets import Static


class QuizPlaces(Static):
    """Number and state of every question; a click goes there."""

    DEFAULT_CSS = """
    QuizPlaces {
        width: auto;
        link-color: $text-muted;
        link-style: none;
        link-background: transparent;
        link-color-hover: $text;
        link-style-hover: underline;
        link-background-hover: transparent;
    }
    """

    @dataclass
    class Chosen(Message):
        """A question was clicked."""

        places: QuizPlaces
        place: int

        @property
        def control(self) -> QuizPlaces:
            """The row of questions."""
            return self.places

    def show(self, symbols: Sequence[str], current: int | None) -> None:
        """Show the state of the questions.

        Args:
            symbols: one a question.
            current: the question on the screen; None at the score.
        """
        parts = []
        for place, mark in enumerate(symbols):
            text = f"{place + 1}{mark}"
            part = Content(f"[{text}]" if place == current else f" {text} ")
            parts.append(part.stylize(Style.from_meta({"@click": f"go({place})"})))
        self.update(Content(" ").join(parts))

    def action_go(self, place: int) -> None:
        """Pass a click on."""
        self.post_message(self.Chosen(self, place))
