"""A daily review as it goes: which card now, what it asks, and what is remembered of the answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from eks_lab.clock import Clock
from eks_lab.content.items.bank import Bank
from eks_lab.content.items.entry import Entry
from eks_lab.content.items.given import Given
from eks_lab.content.items.result import Result
from eks_lab.learning.cards import CardRecord
from eks_lab.learning.daily_queue import DailyQueue, DueCard, daily_queue
from eks_lab.learning.decks import OwnCard
from eks_lab.learning.progress import Progress
from eks_lab.learning.review_material import card_revisions, lesson_question
from eks_lab.learning.schedule import Rating, rating_of_score


@dataclass(frozen=True, slots=True)
class ReviewTask:
    """What to do for one card: answer a question, recall an own card, or do a lab again."""

    due: DueCard
    """The card, and the seed of the variant."""
    entry: Entry | None = None
    """The question to ask, for cards of questions and lessons."""
    own: OwnCard | None = None
    """The own card to show."""

    @property
    def card_id(self) -> str:
        """Id of the card."""
        return self.due.card.card_id

    @property
    def lab_id(self) -> str:
        """Id of the lab to do; empty for other cards."""
        return self.due.card.target if self.due.card.kind == "lab" else ""


class ReviewSession:
    """One sitting at the daily queue. The queue is read anew for each card: another window may be at it, too."""

    def __init__(self, progress: Progress, bank: Bank, labs: list[str], clock: Clock) -> None:
        """Begin; labs that were done again since their cards came due count as reviews.

        Args:
            progress: the learner's.
            bank: the questions of the course.
            labs: ids of its labs.
            clock: the time.

        Raises:
            DataError: the database cannot be read or written.
        """
        self._progress = progress
        self._bank = bank
        self._clock = clock
        self._revisions = card_revisions(bank, labs)
        self._skipped: set[str] = set()
        self.settled_labs = progress.reviews.settle_labs()

    def queue(self, limit: int | None = None) -> DailyQueue:
        """Return what is to be reviewed now, skipped cards too.

        Raises:
            DataError: the database cannot be read.
        """
        return daily_queue(self._progress.database, self._clock.now(), self._revisions, limit)

    def next(self) -> ReviewTask | None:
        """Return what to do now; None when nothing is left but what was skipped.

        Raises:
            DataError: the database cannot be read.
        """
        queue = self.queue(len(self._skipped) + 1)
        for due in queue.cards:
            if due.card.card_id in self._skipped:
                continue
            if due.card.kind == "own":
                own = self._progress.decks.cards().get(due.card.target)
                if own is None:  # its text was lost with a damaged file; the card is kept
                    self._skipped.add(due.card.card_id)
                    return self.next()
                return ReviewTask(due, own=own)
            if due.card.kind == "lab":
                return ReviewTask(due)
            return ReviewTask(due, entry=self._entry(due))
        return None

    def skip(self, task: ReviewTask) -> None:
        """Leave a card for later: not again in this sitting."""
        self._skipped.add(task.card_id)

    def answer(
        self,
        task: ReviewTask,
        given: Given,
        result: Result,
        *,
        seconds: float | None = None,
        rating: Rating | None = None,
    ) -> CardRecord:
        """Remember the answer to a question, and grade its card.

        Args:
            task: with a question.
            given: the answer.
            result: its judgement.
            seconds: time taken; None when nobody measured it.
            rating: the learner's own; left out, what the result suggests.

        Returns:
            The card afterwards.

        Raises:
            InputError: the clock jumped ahead (see `ReviewRecords.grade`); the answer is kept, the review is not.
            DataError: it could not be stored.
        """
        assert task.entry is not None
        self._progress.record_answer(
            task.entry.id,
            task.entry.rev,
            given,
            result.correct,
            seed=task.due.seed,
            score=result.score,
            seconds=seconds,
            mode="review",
        )
        suggested = rating_of_score(result.score, correct=result.correct)
        return self.rate(task, suggested if rating is None else rating, seconds=seconds)

    def rate(self, task: ReviewTask, rating: Rating, *, seconds: float | None = None) -> CardRecord:
        """Grade a card by what the learner says.

        Returns:
            The card afterwards.

        Raises:
            InputError: the clock jumped ahead; nothing was recorded.
            DataError: it could not be stored.
        """
        return self._progress.reviews.grade(
            task.card_id, rating, rev=task.due.rev, seed=task.due.seed, seconds=seconds
        )

    def _entry(self, due: DueCard) -> Entry:
        if due.card.kind == "item":
            return self._bank.entry(due.card.target)
        return lesson_question(self._bank, due.card.target, self._progress.answers(), due.seed)


def waiting_words(next_due: datetime | None, now: datetime) -> str:
    """Return when the next card comes, in words, such as "The next card comes in 8 minutes."."""
    if next_due is None:
        return "No card waits."
    seconds = max(0.0, (next_due - now).total_seconds())
    for unit, length in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= length * 1.5 or unit == "minute":
            count = max(1, round(seconds / length))
            return f"The next card comes in {count} {unit}{'' if count == 1 else 's'}."
    return "The next card comes soon."
