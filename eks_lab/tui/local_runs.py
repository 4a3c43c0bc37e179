"""Quizzes, drills and the daily review on the learner's own record; see `eks_lab.tui.question_access`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from eks_lab.content.items.variant import make_variant
from eks_lab.learning.drill import Drill
from eks_lab.learning.intervals import interval_words, next_intervals
from eks_lab.learning.records import AnswerMode, AnswerRecord
from eks_lab.learning.review_session import ReviewSession, ReviewTask, waiting_words
from eks_lab.learning.schedule import Rating
from eks_lab.tui.question_rows import AskedQuestion, Due, JudgedAnswer, RatingChoice, ReviewCard

if TYPE_CHECKING:
    from eks_lab.clock import Clock
    from eks_lab.content.diagram.model import Diagram
    from eks_lab.content.items.entry import Entry
    from eks_lab.content.items.model import Item
    from eks_lab.learning.cards import CardRecord
    from eks_lab.learning.daily_queue import DailyQueue, DueCard
    from eks_lab.learning.progress import Progress
    from eks_lab.tui.question_access import QuestionAccess

DRILL_QUESTIONS = 10
"""How many a drill asks."""


def asked(access: QuestionAccess, entry: Entry, seed: int, about: str) -> AskedQuestion:
    """Return a question as it is put.

    Args:
        access: has the bank.
        entry: of the question.
        seed: of its variant.
        about: what it is asked for.

    Raises:
        ContentError: the question cannot be made.
    """
    item: Item = access.bank().item(entry.id)
    diagram: Diagram | None = access.diagram(item)
    return AskedQuestion(entry.id, entry.rev, make_variant(item, seed), diagram, about)


def keep_answer(progress: Progress, question: AskedQuestion, answer: JudgedAnswer, mode: AnswerMode) -> None:
    """Remember an answer.

    Raises:
        DataError: it could not be stored.
    """
    progress.record_answer(
        question.id,
        question.rev,
        answer.given,
        answer.result.correct,
        seed=question.variant.seed,
        score=answer.result.score,
        seconds=answer.seconds,
        mode=mode,
    )


class LocalQuiz:
    """Chosen questions, in their order."""

    def __init__(
        self,
        access: QuestionAccess,
        title: str,
        entries: Sequence[Entry],
        lesson_title: Callable[[str], str],
    ) -> None:
        """Begin.

        Args:
            access: has bank and record.
            title: what is asked about.
            entries: of the questions.
            lesson_title: of a lesson's id.
        """
        self.title = title
        self.total = len(entries)
        self._access = access
        self._left = list(entries)
        self._lesson_title = lesson_title

    def next(self) -> AskedQuestion | None:
        """Return the next question, as another variant at every try."""
        if not self._left:
            return None
        entry = self._left.pop(0)
        seed = len(self._access.record().attempts(entry.id))
        return asked(self._access, entry, seed, self._lesson_title(entry.lesson))

    def keep(self, question: AskedQuestion, answer: JudgedAnswer) -> None:
        """Remember an answer."""
        keep_answer(self._access.record(), question, answer, "quiz")


class LocalDrill:
    """What the learner knows least, one after the other."""

    def __init__(
        self, access: QuestionAccess, title: str, drill: Drill, total: int, skill_title: Callable[[str], str]
    ) -> None:
        """Begin.

        Args:
            access: has bank and record.
            title: what is asked about.
            drill: picks the questions.
            total: how many are asked.
            skill_title: of a skill's id.
        """
        self.title = title
        self.total = total
        self._access = access
        self._drill = drill
        self._asked = 0
        self._skill_title = skill_title

    def next(self) -> AskedQuestion | None:
        """Return the next question."""
        if self._asked == self.total:
            return None
        self._asked += 1
        pick = self._drill.next()
        entry = self._access.bank().entry(pick.item_id)
        return asked(self._access, entry, pick.seed, f"Skill: {self._skill_title(pick.skill)}")

    def keep(self, question: AskedQuestion, answer: JudgedAnswer) -> None:
        """Remember an answer; it changes what comes next."""
        progress = self._access.record()
        keep_answer(progress, question, answer, "drill")
        self._drill.note(
            AnswerRecord(
                question.id,
                question.rev,
                answer.given,
                answer.result.correct,
                progress.attempts(question.id)[-1].answered_at,
                question.variant.seed,
                answer.result.score,
                answer.seconds,
                "drill",
            )
        )


class LocalReview:
    """The daily review."""

    def __init__(
        self,
        access: QuestionAccess,
        session: ReviewSession,
        clock: Clock,
        lesson_title: Callable[[str], str],
        lab_title: Callable[[str], str],
    ) -> None:
        """Begin.

        Args:
            access: has bank and record.
            session: picks the cards.
            clock: the time.
            lesson_title: of a lesson's id.
            lab_title: of a lab's id.
        """
        self._access = access
        self._session = session
        self._clock = clock
        self._lesson_title = lesson_title
        self._lab_title = lab_title
        self._task: ReviewTask | None = None

    @property
    def settled_labs(self) -> int:
        """How many labs that were done again counted as reviews when it began."""
        return self._session.settled_labs

    def due(self) -> Due:
        """Return what is left."""
        return due_of(self._session.queue(0), self._clock)

    def next(self) -> ReviewCard | None:
        """Return the next card."""
        task = self._task = self._session.next()
        if task is None:
            return None
        due, ratings = task.due, self._ratings(task.due)
        if task.own is not None:
            return ReviewCard(
                task.card_id,
                "own",
                ratings,
                front=task.own.front,
                back=task.own.back,
                title=task.own.deck,
                is_new=due.is_new,
                is_leech=due.card.is_leech,
            )
        if task.entry is None:
            return ReviewCard(
                task.card_id,
                "lab",
                (),
                title=self._lab_title(task.lab_id),
                lab_id=task.lab_id,
                is_new=due.is_new,
                is_leech=due.card.is_leech,
            )
        about = self._lesson_title(task.entry.lesson)
        return ReviewCard(
            task.card_id,
            "question",
            ratings,
            asked(self._access, task.entry, due.seed, about),
            title=about,
            is_new=due.is_new,
            is_leech=due.card.is_leech,
        )

    def rate(self, card: ReviewCard, rating: int, answer: JudgedAnswer | None) -> str:
        """Remember a review; return when the card comes back, in words."""
        task = self._task
        assert task is not None
        assert task.card_id == card.id
        after: CardRecord
        if answer is None:
            after = self._session.rate(task, Rating(rating))
        elif task.entry is None:
            after = self._session.rate(task, Rating(rating), seconds=answer.seconds)
        else:
            after = self._session.answer(
                task, answer.given, answer.result, seconds=answer.seconds, rating=Rating(rating)
            )
        # From the moment of the review, as the key had it: a second later 5.5 minutes would be 5 instead of 6.
        moment = after.seen_at or self._clock.now()
        return interval_words(max(timedelta(0), after.due - moment))

    def skip(self, card: ReviewCard) -> None:
        """Leave a card for later."""
        if self._task is not None and self._task.card_id == card.id:
            self._session.skip(self._task)

    def _ratings(self, due: DueCard) -> tuple[RatingChoice, ...]:
        progress = self._access.record()
        log = progress.reviews.log(due.card.card_id)
        retention = progress.settings().retention_percent / 100
        now = self._clock.now()
        found = next_intervals(due.card, due.rev, log[-1] if log else None, retention, now)
        return tuple(
            RatingChoice(int(rating), rating.name, interval_words(interval))
            for rating, interval in found.items()
        )


def due_of(queue: DailyQueue, clock: Clock) -> Due:
    """Return a queue as its row."""
    return Due(
        queue.due,
        queue.new,
        queue.waiting,
        queue.missing,
        queue.leeches,
        waiting_words(queue.next_due, clock.now()),
    )
