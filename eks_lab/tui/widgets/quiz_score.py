"""The end of a quiz."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual.containers import HorizontalGroup, VerticalGroup
from textual.widgets import Button

from eks_lab.content.model import Question
from eks_lab.content.questions import Given
from eks_lab.tui.widgets.prose import Prose
from eks_lab.tui.widgets.question_text import summary_flow

if TYPE_CHECKING:
    from textual.app import ComposeResult


class QuizScore(VerticalGroup):
    """The end of a quiz: how many were right, and which to look at again."""

    DEFAULT_CSS = """
    QuizScore {
        .quiz--buttons { margin: 1 0 0 0; }
    }
    """

    def __init__(self, questions: Sequence[Question], given: Mapping[str, Given]) -> None:
        """Show the score.

        Args:
            questions: all of the quiz.
            given: answers by question id.
        """
        super().__init__()
        self._questions = questions
        self._given = given

    def compose(self) -> ComposeResult:
        """Compose the score and the ways back."""
        yield Prose(summary_flow(self._questions, self._given))
        with HorizontalGroup(classes="quiz--buttons"):
            yield Button("Look at the answers", id="review", compact=True)
            yield Button("Start again", id="restart", compact=True)
            yield Button("More questions", id="more", compact=True)
