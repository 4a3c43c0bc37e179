"""When a card comes back: FSRS, stepped one review at a time and replayed from the log.

The arithmetic is the library's (`fsrs`, FSRS-6 with its default parameters). Fuzzing is off: the same log always
gives the same schedule, on every machine, so that the log is the truth and the schedule can be made again.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fsrs import Card, Rating, Scheduler, State
from fsrs.scheduler import FSRS_DEFAULT_DECAY

__all__ = [
    "CLOCK_SLACK",
    "LONGEST_ABSENCE",
    "LogEntry",
    "Rating",
    "Schedule",
    "fresh",
    "moment_after",
    "rating_of_score",
    "replay",
    "retrievability",
    "step",
    "variant_seed",
]

CLOCK_SLACK = timedelta(hours=1)
"""A clock may be corrected by this much without a word."""
LONGEST_ABSENCE = timedelta(days=90)
"""A longer time without a review may as well be a wrong clock."""

_DECAY = -FSRS_DEFAULT_DECAY
_FACTOR = 0.9 ** (1 / _DECAY) - 1
_DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One review as the log keeps it."""

    card_id: str
    """Which card."""
    rev: int
    """Revision of what was asked."""
    rating: Rating
    """Again, Hard, Good or Easy."""
    retention: float
    """Wanted retention then, 0 to 1: intervals hang on it."""
    reviewed_at: datetime
    """Its place in the card's history: never goes back."""
    clock_at: datetime
    """What the clock said; earlier than `reviewed_at` when the clock was wrong once."""
    seed: int = 0
    """Which variant was asked."""
    seconds: float | None = None
    """Time the learner took; None when nobody measured it."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Where a card stands: all of it follows from the log."""

    rev: int
    """Revision that the reviews below belong to."""
    card: Card | None = None
    """The library's own state; None for a card without a review."""
    due: datetime | None = None
    """When it comes back; None for a card without a review."""
    seen_at: datetime | None = None
    """What the clock said at the last review of this revision."""
    introduced_at: datetime | None = None
    """What the clock said at the first review of any revision."""
    reviews: int = 0
    """Reviews of this revision."""
    lapses: int = 0
    """How often it was known for days and then forgotten."""


def fresh(rev: int) -> Schedule:
    """Return the schedule of a card without a review."""
    return Schedule(rev)


def step(schedule: Schedule, entry: LogEntry) -> Schedule:
    """Return the schedule after one more review.

    A review of a newer revision starts afresh; one of an older revision (another window with an older course)
    stays in the log and changes nothing.

    Args:
        schedule: before.
        entry: later than every entry that led to `schedule`.
    """
    introduced = schedule.introduced_at or entry.clock_at
    if entry.rev < schedule.rev:
        return replace(schedule, introduced_at=introduced)
    if entry.rev > schedule.rev:
        schedule = fresh(entry.rev)
    before = schedule.card or Card(card_id=_number(entry.card_id), due=entry.reviewed_at)
    forgotten = entry.rating is Rating.Again and before.state is State.Review
    after, _ = _scheduler(entry.retention).review_card(before, entry.rating, entry.reviewed_at)
    # A clock that once ran ahead must not put the card off by as much.
    behind = entry.reviewed_at - entry.clock_at
    return Schedule(
        rev=entry.rev,
        card=after,
        due=after.due - behind if behind > CLOCK_SLACK else after.due,
        seen_at=entry.clock_at,
        introduced_at=introduced,
        reviews=schedule.reviews + 1,
        lapses=schedule.lapses + forgotten,
    )


def replay(rev: int, entries: Iterable[LogEntry]) -> Schedule:
    """Return what a card's log leads to.

    Args:
        rev: revision the card is known to have at least.
        entries: of one card, in the order of `reviewed_at`.
    """
    return functools.reduce(step, entries, fresh(rev))


def moment_after(last: tuple[datetime, datetime] | None, now: datetime) -> datetime:
    """Return when a review counts as made: now, but never before the review ahead of it.

    After a clock that ran ahead was set right, time goes on from the last entry by what the clock says has passed
    since; by a microsecond when that is nothing, or so much that the clock must have been set again.

    Args:
        last: `reviewed_at` and `clock_at` of the card's last review, None without one.
        now: what the clock says.
    """
    if last is None or now > last[0]:
        return now
    reviewed_at, clock_at = last
    passed = now - clock_at
    if not timedelta(0) < passed <= LONGEST_ABSENCE:
        passed = timedelta(microseconds=1)
    return reviewed_at + passed


def retrievability(stability: float, elapsed: timedelta) -> float:
    """Return how likely a card is still known, 0 to 1: the forgetting curve of FSRS-6.

    Unlike the library's own function, which counts whole days, a part of a day counts too.

    Args:
        stability: days after which 90 % remember.
        elapsed: since the last review; a negative time counts as none.
    """
    days = max(0.0, elapsed.total_seconds() / _DAY_SECONDS)
    return float((1 + _FACTOR * days / stability) ** _DECAY)


def rating_of_score(score: float, *, correct: bool) -> Rating:
    """Return the rating that a result suggests: wrong Again, right in part Hard, right Good.

    Easy is for the learner to say.

    Args:
        score: 0 to 1.
        correct: whether the answer counts as right.
    """
    if correct:
        return Rating.Good
    return Rating.Hard if score > 0 else Rating.Again


def variant_seed(card_id: str, reviews: int, rev: int = 1) -> int:
    """Return the seed of the variant to ask: another one at every review, the same on every machine.

    Args:
        card_id: the card.
        reviews: how many reviews of this revision there were.
        rev: the revision.

    Returns:
        From 1 on: 0 is the variant that a lesson shows.
    """
    digest = hashlib.sha256(f"{card_id}\0{rev}\0{reviews}".encode()).digest()
    return 1 + int.from_bytes(digest[:4], "big") % (2**31 - 1)


@functools.lru_cache(maxsize=64)
def _scheduler(retention: float) -> Scheduler:
    return Scheduler(desired_retention=retention, enable_fuzzing=False)


def _number(card_id: str) -> int:
    """Return the number by which the library calls a card: left to itself, it would take the time."""
    return int.from_bytes(hashlib.sha256(card_id.encode()).digest()[:6], "big")
