"""What several widgets and screens tell the app: facts about the course and wishes of the learner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from eks_lab.content.model import LoadedCourse
    from eks_lab.learning.progress import Progress


@dataclass
class ProgressOpened(Message):
    """The learner's record is open; settings are known from here on."""

    progress: Progress
    notice: str
    """What the learner should know about it; empty when all is well."""


@dataclass
class CourseOpened(Message):
    """The course can be read."""

    loaded: LoadedCourse


@dataclass
class CourseFailed(Message):
    """The course cannot be used."""

    problem: str
    hint: str


@dataclass
class LessonRequested(Message):
    """Somebody chose a lesson."""

    lesson_id: str
    anchor: str | None = None
    """Heading to open at, empty for the top. None: where the learner stopped, unless it is finished."""
    fraction: float = 0.0
    """How far from the heading to the next one."""


@dataclass
class LinkFollowed(Message):
    """Somebody followed a link in a page: `lesson:…`, `term:…`, `#anchor` or `https://…`."""

    href: str


@dataclass
class LabRequested(Message):
    """Somebody chose a lab."""

    lab_id: str


@dataclass
class DueCounted(Message):
    """It is known how many cards may be reviewed now."""

    count: int


@dataclass
class QuestionsRequested(Message):
    """Somebody wants to see what else can be done with questions."""
