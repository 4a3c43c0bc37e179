"""What is remembered, as frozen values: rows of the database never leave `learning` in another shape."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from eks_lab.content.items.given import Given

__all__ = [
    "ANSWER_MODES",
    "AnswerMode",
    "AnswerRecord",
    "Bookmark",
    "Given",
    "LessonRecord",
    "Origin",
    "Place",
]

AnswerMode = Literal["lesson", "quiz", "review", "drill", "interview", "exam"]
"""Where a question was asked."""
ANSWER_MODES: tuple[AnswerMode, ...] = get_args(AnswerMode)
Origin = Literal["missed", "chosen", "lab", "lesson", "deck"]
"""Why there is a card."""


@dataclass(frozen=True, slots=True)
class LessonRecord:
    """What is known about one lesson that was opened at least once."""

    lesson_id: str
    """Id of the lesson's front matter."""
    opened_at: datetime
    """The first time it was opened, in UTC."""
    finished_at: datetime | None
    """The last time it was marked finished, in UTC; None while it is not."""
    seconds: int
    """Time spent reading it, in seconds."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a lesson the learner was reading."""

    lesson_id: str
    """Id of the lesson."""
    anchor: str
    """Anchor of the last heading above the top line; empty at the top of the page."""
    fraction: float
    """How far the top line is from that heading to the next one, 0 to 1."""


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """One answer to one question."""

    question_id: str
    """Id of the question."""
    rev: int
    """Revision of the question that was answered; an older one no longer counts."""
    given: Given
    """Indexes of what was chosen, the number or the text typed."""
    correct: bool
    """Whether it was right when it was given."""
    answered_at: datetime
    """When, in UTC."""
    seed: int = 0
    """Which variant was asked."""
    score: float = -1.0
    """0 to 1: what part of it was right; left out, 1 for a right answer and 0 for a wrong one."""
    seconds: float | None = None
    """Time the learner took; None when nobody measured it."""
    mode: AnswerMode = "lesson"
    """Where it was asked."""

    def __post_init__(self) -> None:
        """Fill in the score of an answer that is simply right or wrong."""
        if self.score < 0:
            object.__setattr__(self, "score", float(self.correct))


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A heading, or the top of a lesson, that the learner marked."""

    lesson_id: str
    """Id of the lesson."""
    anchor: str
    """Anchor of the heading; empty for the lesson itself."""
    title: str
    """What it was called when it was marked."""
    created_at: datetime
    """When, in UTC."""
