"""How much will still be known in the coming days, with and without reviews."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from eks_lab.learning.cards import CardRecord, schedule_of
from eks_lab.learning.schedule import LogEntry, Rating, Schedule, retrievability, step

DAYS = 30
"""How far a forecast looks."""


@dataclass(frozen=True, slots=True)
class DayForecast:
    """One day."""

    day: int
    """From today, 0."""
    untouched: float
    """Mean retrievability when nothing is reviewed from now on, 0 to 1."""
    reviewed: float
    """Mean retrievability when the daily queue is done."""
    reviews: int
    """Cards that come due until then since the day before, when the daily queue is done."""


def retention_forecast(
    cards: Iterable[CardRecord], now: datetime, retention: float, days: int = DAYS
) -> tuple[DayForecast, ...]:
    """Return how much of what was reviewed will be known, day by day.

    Both curves are FSRS' own forgetting curve, averaged over the cards that have been reviewed at least once; cards
    that are still to begin are left out. "Reviewed" supposes that each card is reviewed on the day it comes due and
    known then (rated Good), so it is the most that regular reviews can reach.

    Args:
        cards: of the learner.
        now: the beginning of day 0.
        retention: wanted retention, 0 to 1.
        days: how many days after today.

    Returns:
        One forecast a day, today first; empty without a reviewed card.
    """
    known = [card for card in cards if card.stability is not None and card.seen_at is not None]
    if not known:
        return ()
    schedules = [schedule_of(card) for card in known]
    found = []
    for day in range(days + 1):
        moment = now + timedelta(days=day)
        reviews = 0
        for index, schedule in enumerate(schedules):
            if schedule.due is not None and schedule.due <= moment:
                schedules[index] = _reviewed(schedule, known[index].card_id, moment, retention)
                reviews += 1
        untouched = sum(card.retrievability(moment) for card in known) / len(known)
        found.append(DayForecast(day, untouched, _mean(schedules, moment), reviews))
    return tuple(found)


def _reviewed(schedule: Schedule, card_id: str, moment: datetime, retention: float) -> Schedule:
    # A card that is being learned takes its short steps on the same day.
    while schedule.due is not None and schedule.due <= moment:
        schedule = step(schedule, LogEntry(card_id, schedule.rev, Rating.Good, retention, moment, moment))
        moment += timedelta(minutes=10)
    return schedule


def _mean(schedules: Sequence[Schedule], moment: datetime) -> float:
    total = 0.0
    for schedule in schedules:
        assert schedule.card is not None
        assert schedule.card.stability is not None
        assert schedule.seen_at is not None
        total += retrievability(schedule.card.stability, moment - schedule.seen_at)
    return total / len(schedules)
