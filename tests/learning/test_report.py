"""How far a learner is."""

from __future__ import annotations

from datetime import date

import pytest

from eks_lab.content.model import Chapter, Course, CourseFile, Lesson, LessonHead, Question, Source
from eks_lab.learning.progress import AnswerRecord, LessonRecord, Place
from eks_lab.learning.report import Tally, next_lesson, report_course
from tests.learning.conftest import START


def lesson(lesson_id: str, *questions: tuple[str, int]) -> Lesson:
    head = LessonHead(
        id=lesson_id,
        title=lesson_id.upper(),
        minutes=5,
        order=10,
        summary="",
        objectives=[],
        skills=[],
        terms=[],
        sources=[Source("x", "https://example.org", date(2026, 1, 1))],
    )
    return Lesson(
        head,
        lesson_id.partition(".")[0],
        lesson_id,
        [Question(id=name, kind="choice", prompt="?", source="x", rev=rev) for name, rev in questions],
    )


LESSONS = [lesson("a.one", ("a.one.q", 1), ("a.one.r", 2)), lesson("a.two", ("a.two.q", 1)), lesson("b.one")]
COURSE = Course(
    CourseFile(
        format=1,
        id="x",
        title="X",
        chapters=[Chapter("a", "1", "A", "", "a"), Chapter("b", "2", "B", "", "b")],
        skills=[],
    ),
    LESSONS,
    [],
)


def opened(lesson_id: str, seconds: int = 0) -> LessonRecord:
    return LessonRecord(lesson_id, START, None, seconds)


def done(lesson_id: str, seconds: int = 0) -> LessonRecord:
    return LessonRecord(lesson_id, START, START, seconds)


def records(*known: LessonRecord) -> dict[str, LessonRecord]:
    return {record.lesson_id: record for record in known}


def test_chapters_and_the_whole_are_counted() -> None:
    answers = {
        name: AnswerRecord(name, rev, (0,), correct, START)
        for name, rev, correct in [
            ("a.one.q", 1, True),
            ("a.one.r", 1, True),  # to an older revision: no longer counts
            ("a.two.q", 1, False),
            ("gone.q", 1, True),  # no longer in the course
        ]
    }
    report = report_course(
        COURSE, records(done("a.one", 300), opened("a.two", 59), done("gone", 999)), answers, None
    )
    assert report.tally == Tally(lessons=3, finished=1, questions=3, answered=2, right=1, seconds=359)
    assert [(chapter.id, chapter.number, chapter.title) for chapter in report.chapters] == [
        ("a", "1", "A"),
        ("b", "2", "B"),
    ]
    assert report.chapters[0].tally == Tally(
        lessons=2, finished=1, questions=3, answered=2, right=1, seconds=359
    )
    assert report.chapters[1].tally == Tally(
        lessons=1, finished=0, questions=0, answered=0, right=0, seconds=0
    )
    assert report.next_lesson is not None
    assert report.next_lesson.id == "a.two"


@pytest.mark.parametrize(
    ("finished", "last", "expected"),
    [
        ([], None, "a.one"),
        ([], "a.two", "a.two"),
        (["a.one"], None, "a.two"),
        (["a.two"], "a.two", "b.one"),
        (["a.two", "b.one"], "a.two", "a.one"),
        (["a.one"], "gone", "a.two"),
        (["a.one", "a.two", "b.one"], "a.two", None),
    ],
)
def test_where_to_go_on(finished: list[str], last: str | None, expected: str | None) -> None:
    place = Place(last, "", 0.0) if last else None
    found = next_lesson(LESSONS, records(*map(done, finished)), place)
    assert (found.id if found else None) == expected


def test_a_course_without_lessons_has_no_next_one() -> None:
    assert next_lesson([], {}, Place("a.one", "", 0.0)) is None
