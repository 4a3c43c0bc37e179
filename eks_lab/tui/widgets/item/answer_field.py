"""What every way to answer has in common."""

from __future__ import annotations

from dataclasses import dataclass

from textual.containers import VerticalGroup
from textual.message import Message
from textual.widget import Widget

from eks_lab.content.items.given import Given
from eks_lab.content.items.variant import Variant


class AnswerField(VerticalGroup):
    """Asks for the answer to one question; subclasses say how."""

    @dataclass
    class Entered(Message):
        """The learner answers with what stands in the field; whether it can be read is for `given` to say."""

        field: AnswerField

        @property
        def control(self) -> AnswerField:
            """The field."""
            return self.field

    @dataclass
    class Changed(Message):
        """Something else stands in the field."""

        field: AnswerField

        @property
        def control(self) -> AnswerField:
            """The field."""
            return self.field

    def __init__(self, variant: Variant) -> None:
        """Ask.

        Args:
            variant: the question.
        """
        super().__init__()
        self.variant = variant

    @property
    def target(self) -> Widget:
        """What takes the keys."""
        raise NotImplementedError

    def given(self) -> Given:
        """Return the answer.

        Raises:
            InputError: it is not complete, or cannot be read; says what to do.
        """
        raise NotImplementedError
