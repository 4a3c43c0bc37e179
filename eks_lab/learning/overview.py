"""Everything a readiness screen shows, gathered from the learner's record at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from eks_lab.content.items.bank import Bank
from eks_lab.content.items.model import ChoiceItem, DiagramItem, MultiItem
from eks_lab.content.model import Course
from eks_lab.content.tracks import Track
from eks_lab.learning.daily_queue import DailyQueue, daily_queue
from eks_lab.learning.forecast import DayForecast, retention_forecast
from eks_lab.learning.next_steps import NextStep, next_steps
from eks_lab.learning.progress import Progress
from eks_lab.learning.readiness import Evidence, KnownLab, TrackReadiness, track_readiness
from eks_lab.learning.review_material import card_revisions
from eks_lab.learning.timestamps import read_time


@dataclass(frozen=True, slots=True)
class Overview:
    """How a learner stands before one exam."""

    readiness: TrackReadiness
    """By domain."""
    queue: DailyQueue
    """What is to be reviewed."""
    steps: tuple[NextStep, ...]
    """Three things to do today."""
    forecast: tuple[DayForecast, ...]
    """The next 30 days."""


def evidence_of(progress: Progress) -> Evidence:
    """Return what the learner did.

    Raises:
        DataError: the database cannot be read.
    """
    return Evidence(
        answers=progress.history(),
        cards={card.card_id: card for card in progress.reviews.cards()},
        attempts=progress.labs.attempts(),
    )


def today(
    progress: Progress, track: Track, course: Course, bank: Bank, labs: Sequence[KnownLab], now: datetime
) -> Overview:
    """Return how a learner stands before an exam.

    Args:
        progress: the learner's.
        track: the exam.
        course: the course.
        bank: its questions.
        labs: its labs.
        now: the present.

    Raises:
        DataError: the database cannot be read.
    """
    evidence = evidence_of(progress)
    readiness = track_readiness(track, bank.entries.values(), labs, evidence, now)
    queue = daily_queue(progress.database, now, card_revisions(bank, [lab.id for lab in labs]), limit=0)
    lessons = progress.lessons()
    steps = next_steps(
        track,
        readiness,
        queue,
        course.lessons,
        {lesson_id for lesson_id, record in lessons.items() if record.finished_at is not None},
        labs,
        {attempt.lab_id for attempt in evidence.attempts if attempt.outcome == "solved"},
        _last_exam(progress, track.id),
        now,
    )
    retention = progress.settings().retention_percent / 100
    return Overview(readiness, queue, steps, retention_forecast(evidence.cards.values(), now, retention))


def option_names(bank: Bank, item_id: str) -> tuple[str, ...]:
    """Return what a question's options are called in figures: letters in the file's order, or parts of a diagram.

    Args:
        bank: the questions of the course.
        item_id: of a question, also one that is gone.

    Returns:
        Empty for questions without options.
    """
    if item_id not in bank or bank.entry(item_id).kind not in ("choice", "multi", "diagram"):
        return ()
    item = bank.item(item_id)
    if isinstance(item, ChoiceItem | MultiItem):
        return tuple("abcdef"[: len(item.options)])
    return tuple(point.part for point in item.points) if isinstance(item, DiagramItem) else ()


def _last_exam(progress: Progress, track_id: str) -> datetime | None:
    with progress.database.read() as connection:
        newest = connection.execute(
            "SELECT max(started_at) FROM exam_sittings WHERE track_id = ?", (track_id,)
        ).fetchone()[0]
    return read_time(newest) if newest else None
