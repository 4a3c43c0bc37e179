"""When a card would come back, for each way to rate it: what stands on the rating keys."""

from __future__ import annotations

from datetime import datetime, timedelta

from eks_lab.learning.cards import CardRecord, schedule_of
from eks_lab.learning.schedule import LogEntry, Rating, moment_after, step

_STEPS = (
    (timedelta(minutes=90), timedelta(minutes=1), "min", "min"),
    (timedelta(hours=36), timedelta(hours=1), "hour", "hours"),
    (timedelta(days=60), timedelta(days=1), "day", "days"),
    (timedelta(days=700), timedelta(days=30.44), "month", "months"),
    (timedelta.max, timedelta(days=365.25), "year", "years"),
)
"""Up to, unit, its name for one and for several."""


def next_intervals(
    card: CardRecord, rev: int, last: LogEntry | None, retention: float, now: datetime
) -> dict[Rating, timedelta]:
    """Return after which time the card comes back, by rating; nothing is stored.

    The same arithmetic as `ReviewRecords.grade`, so what is promised is what happens.

    Args:
        card: as it stands.
        rev: revision of what is asked.
        last: the card's last review; None without one.
        retention: wanted retention, 0 to 1.
        now: the moment of the review.
    """
    schedule = schedule_of(card)
    moment = moment_after((last.reviewed_at, last.clock_at) if last is not None else None, now)
    found = {}
    for rating in Rating:
        after = step(schedule, LogEntry(card.card_id, rev, rating, retention, moment, now))
        due = after.due if after.due is not None else card.due
        found[rating] = max(timedelta(0), due - now)
    return found


def interval_words(interval: timedelta) -> str:
    """Return a time as it stands on a key: `10 min`, `4 days`, `3 months`."""
    for most, unit, one, several in _STEPS:
        if interval < most:
            count = max(1, round(interval / unit))
            return f"{count} {one if count == 1 else several}"
    raise AssertionError("every interval is shorter than the longest")
