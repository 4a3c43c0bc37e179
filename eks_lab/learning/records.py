"""What is remembered, as frozen values: rows of the database never leave `learning` in another shape."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

Given = tuple[int, ...] | float
"""What a learner answered: indexes of the chosen options, or the number typed."""


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
    """Indexes of the chosen options, or the number typed."""
    correct: bool
    """Whether it was right when it was given."""
    answered_at: datetime
    """When, in UTC."""


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
