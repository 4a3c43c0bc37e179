"""The course beside what the learner did with it: the questions every screen asks.

No Textual here: which lesson comes next or how far a chapter is can be tested without a terminal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from eks_lab.content.model import Chapter, Course, Lesson, LoadedCourse, Term
    from eks_lab.content.page import Page
    from eks_lab.content.questions import Given
    from eks_lab.learning.progress import Progress
    from eks_lab.learning.records import LessonRecord, Place

Status = Literal["new", "begun", "done"]
MARKS: dict[Status, str] = {"new": "○", "begun": "◐", "done": "✓"}
WORDS: dict[Status, str] = {"new": "new", "begun": "begun", "done": "finished"}


@dataclass(frozen=True, slots=True)
class Tally:
    """How much of something is finished."""

    done: int
    total: int
    begun: int = 0
    """Opened, and not finished."""

    @property
    def percent(self) -> int:
        """The finished part in whole percent; 100 only when everything is."""
        return 100 * self.done // self.total if self.total else 0

    @property
    def status(self) -> Status:
        """The mark of the whole."""
        if self.total and self.done == self.total:
            return "done"
        return "begun" if self.done or self.begun else "new"


class Library:
    """A loaded course with the learner's progress in it."""

    def __init__(self, loaded: LoadedCourse, progress: Progress) -> None:
        """Serve a course.

        Args:
            loaded: the course.
            progress: the learner's record; read at once and after every `refresh`.
        """
        self.loaded = loaded
        self.progress = progress
        self._lessons = {lesson.id: lesson for lesson in loaded.course.lessons}
        self._terms = {term.id: term for term in loaded.course.terms}
        self._chapters = {chapter.id: chapter for chapter in loaded.course.file.chapters}
        self._records: dict[str, LessonRecord] = {}
        self.refresh()

    def refresh(self) -> None:
        """Read the learner's record again."""
        self._records = self.progress.lessons()

    @property
    def course(self) -> Course:
        """Tree, quizzes and glossary."""
        return self.loaded.course

    @property
    def chapters(self) -> list[Chapter]:
        """Chapters that have lessons, in order."""
        return [chapter for chapter in self.course.file.chapters if self.course.chapter_lessons(chapter.id)]

    def lesson(self, lesson_id: str) -> Lesson | None:
        """Return a lesson, or None."""
        return self._lessons.get(lesson_id)

    def term(self, term_id: str) -> Term | None:
        """Return a glossary entry, or None."""
        return self._terms.get(term_id)

    def chapter_of(self, lesson: Lesson) -> Chapter | None:
        """Return the chapter of a lesson."""
        return self._chapters.get(lesson.chapter)

    def page(self, lesson_id: str) -> Page:
        """Read the page of a lesson.

        Raises:
            ContentError: its file cannot be used; the message names file and line.
        """
        from eks_lab.content.body import read_page

        return read_page(self.loaded, lesson_id)

    # Progress

    def status(self, lesson_id: str) -> Status:
        """Return whether a lesson is new, begun or done."""
        record = self._records.get(lesson_id)
        if record is None:
            return "new"
        return "done" if record.finished_at is not None else "begun"

    def tally(self, chapter_id: str = "") -> Tally:
        """Return how many lessons of a chapter, or of the course, are finished."""
        lessons = self.course.chapter_lessons(chapter_id) if chapter_id else self.course.lessons
        standings = [self.status(lesson.id) for lesson in lessons]
        return Tally(standings.count("done"), len(standings), standings.count("begun"))

    @property
    def is_untouched(self) -> bool:
        """Whether nothing of this course was ever opened."""
        return not any(lesson_id in self._records for lesson_id in self._lessons)

    def resume_place(self) -> Place | None:
        """Return where the learner stopped last, when that lesson still exists."""
        place = self.progress.last_place()
        return place if place is not None and place.lesson_id in self._lessons else None

    def given_answers(self, lesson: Lesson) -> dict[str, Given]:
        """Return the learner's answers to the present revisions of a lesson's questions."""
        answers = self.progress.answers()
        revisions = {question.id: question.rev for question in lesson.questions}
        return {
            question_id: given
            for question_id, rev in revisions.items()
            if question_id in answers
            and answers[question_id].rev == rev
            and not isinstance(given := answers[question_id].given, str)
        }

    # Order

    def after(self, lesson_id: str) -> Lesson | None:
        """Return the next lesson in reading order, or None at the end."""
        return self._step(lesson_id, 1)

    def before(self, lesson_id: str) -> Lesson | None:
        """Return the lesson before, or None at the beginning."""
        return self._step(lesson_id, -1)

    def _step(self, lesson_id: str, by: int) -> Lesson | None:
        lessons = self.course.lessons
        here = next((number for number, lesson in enumerate(lessons) if lesson.id == lesson_id), None)
        if here is None or not 0 <= here + by < len(lessons):
            return None
        return lessons[here + by]

    def next_unfinished(self, lesson_id: str = "") -> Lesson | None:
        """Return the first lesson after this one that is not finished, from the start again at the end.

        Args:
            lesson_id: where to look from; empty for the beginning.
        """
        lessons = self.course.lessons
        here = next((number for number, lesson in enumerate(lessons) if lesson.id == lesson_id), -1)
        for lesson in [*lessons[here + 1 :], *lessons[: max(here, 0)]]:
            if self.status(lesson.id) != "done":
                return lesson
        return None

    # Links

    def explain(self, href: str) -> str:
        """Return what a link leads to, as the text of a tooltip; empty when nothing is known."""
        kind, _, rest = href.partition(":")
        if kind == "term" and (term := self.term(rest)) is not None:
            return f"{term.name}: {term.definition}"
        if kind == "lesson" and (lesson := self.lesson(rest.partition("#")[0])) is not None:
            return f"{lesson.title} ({lesson.head.minutes} min): {lesson.head.summary}"
        if kind == "https":
            return f"{href} (a click copies the address)"
        return ""
