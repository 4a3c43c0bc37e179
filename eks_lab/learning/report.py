"""How far a learner is in the course: what is remembered, laid against what the course holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from eks_lab.content.model import Course, Lesson
from eks_lab.learning.records import AnswerRecord, LessonRecord, Place


@dataclass(frozen=True, slots=True)
class Tally:
    """Figures of a chapter or of the whole course."""

    lessons: int
    """How many it has."""
    finished: int
    """How many of them are finished."""
    questions: int
    """How many its quizzes have."""
    answered: int
    """How many of them have an answer to their present revision."""
    right: int
    """How many of those answers are right."""
    seconds: int
    """Time spent reading."""


@dataclass(frozen=True, slots=True)
class ChapterReport:
    """One chapter."""

    id: str
    """Id in course.yaml."""
    number: str
    """As printed."""
    title: str
    """As printed."""
    tally: Tally
    """Its figures."""


@dataclass(frozen=True, slots=True)
class CourseReport:
    """The whole course."""

    chapters: tuple[ChapterReport, ...]
    """In reading order."""
    tally: Tally
    """All chapters together."""
    next_lesson: Lesson | None
    """Where to go on; None when every lesson is finished, or there is none."""


def report_course(
    course: Course,
    lessons: Mapping[str, LessonRecord],
    answers: Mapping[str, AnswerRecord],
    last_place: Place | None,
) -> CourseReport:
    """Return how far the learner is.

    Args:
        course: the course; what is remembered of lessons it no longer has is not counted.
        lessons: `Progress.lessons()`.
        answers: `Progress.answers()`; an answer to an older revision of a question does not count.
        last_place: `Progress.last_place()`.
    """
    chapters = tuple(
        ChapterReport(
            chapter.id,
            chapter.number,
            chapter.title,
            _tally(course.chapter_lessons(chapter.id), lessons, answers),
        )
        for chapter in course.file.chapters
    )
    return CourseReport(
        chapters, _tally(course.lessons, lessons, answers), next_lesson(course.lessons, lessons, last_place)
    )


def next_lesson(
    course_lessons: list[Lesson], lessons: Mapping[str, LessonRecord], last_place: Place | None
) -> Lesson | None:
    """Return where to go on: the lesson read last, or else the next one after it that is not finished.

    Args:
        course_lessons: in reading order.
        lessons: what is remembered, by lesson id.
        last_place: where the learner was; None, or a lesson that is gone, starts from the beginning.

    Returns:
        The lesson, found from the beginning again when all after the last place are finished; None when
        none is left.
    """
    ids = [lesson.id for lesson in course_lessons]
    start = ids.index(last_place.lesson_id) if last_place is not None and last_place.lesson_id in ids else 0
    for lesson in course_lessons[start:] + course_lessons[:start]:
        record = lessons.get(lesson.id)
        if record is None or record.finished_at is None:
            return lesson
    return None


def _tally(
    course_lessons: Iterable[Lesson], lessons: Mapping[str, LessonRecord], answers: Mapping[str, AnswerRecord]
) -> Tally:
    wanted = list(course_lessons)
    known = [lessons[lesson.id] for lesson in wanted if lesson.id in lessons]
    questions = [question for lesson in wanted for question in lesson.questions]
    counted = [
        answers[question.id]
        for question in questions
        if question.id in answers and answers[question.id].rev == question.rev
    ]
    return Tally(
        lessons=len(wanted),
        finished=sum(record.finished_at is not None for record in known),
        questions=len(questions),
        answered=len(counted),
        right=sum(answer.correct for answer in counted),
        seconds=sum(record.seconds for record in known),
    )
