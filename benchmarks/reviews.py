"""What a review costs after years of them: issue 8 promises 50 ms for the next card and the grade together."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

from fsrs import Rating

from eks_lab.clock import SimClock
from eks_lab.learning.cards import append_reviews
from eks_lab.learning.daily_queue import daily_queue
from eks_lab.learning.forecast import retention_forecast
from eks_lab.learning.progress import Progress, open_progress
from eks_lab.learning.reviews import rebuild_cards
from eks_lab.learning.schedule import LogEntry
from eks_lab.learning.timestamps import write_time

REVIEWS = 100_000
CARDS = 2000
"""Every question of the course several times over."""
ROUNDS = 20
START = datetime(2026, 1, 1, 8, tzinfo=UTC)


def run() -> list[tuple[str, float, float, str]]:
    """Measure on the disk of the temporary folder.

    Returns:
        Name, median in ms, limit in ms and a note for each figure.
    """
    clock = SimClock(START)
    revisions = {f"item:question-{number}": 1 for number in range(CARDS)}
    with (
        tempfile.TemporaryDirectory() as folder,
        open_progress(Path(folder) / "p.sqlite3", clock) as progress,
    ):
        begun = time.perf_counter()
        _fill(progress)
        filled = time.perf_counter() - begun
        clock.advance(timedelta(days=3000))
        progress.reviews.trust_clock()
        ratings = cycle([Rating.Good, Rating.Good, Rating.Again, Rating.Easy])

        def next_and_grade() -> None:
            found = daily_queue(progress.database, clock.now(), revisions, limit=1)
            progress.reviews.grade(found.cards[0].card.card_id, next(ratings))

        note = f"{REVIEWS:,} reviews of {CARDS:,} cards, all due"
        figures = [
            (
                "next card and grade, ms",
                _median_ms(next_and_grade),
                50.0,
                note,
            ),
            (
                "whole queue, ms",
                _median_ms(lambda: daily_queue(progress.database, clock.now(), revisions, limit=0)),
                50.0,
                note,
            ),
            ("rebuild from the log, ms", _once_ms(progress.reviews.rebuild), 10_000.0, note),
            (
                "forecast of 30 days, ms",
                _once_ms(lambda: retention_forecast(progress.reviews.cards(), clock.now(), 0.9)),
                1000.0,
                f"{CARDS:,} cards; filling took {filled:.1f} s",
            ),
        ]
        assert progress.reviews.rebuild() == ()
    return figures


def _fill(progress: Progress) -> None:
    """Write the log and let the cards follow from it."""
    days = REVIEWS // CARDS
    with progress.database.write() as connection:
        connection.executemany(
            "INSERT INTO cards (card_id, origin, rev, added_at, due) VALUES (?, 'missed', 1, ?, ?)",
            [(f"item:question-{number}", write_time(START), write_time(START)) for number in range(CARDS)],
        )
        append_reviews(
            connection,
            (
                LogEntry(
                    f"item:question-{number}",
                    1,
                    Rating(1 + (number + 3 * day) % 4),
                    0.9,
                    moment := START - timedelta(days=30 * (days - day), seconds=-number),
                    moment,
                )
                for day in range(days)
                for number in range(CARDS)
            ),
        )
        rebuild_cards(connection)


def _once_ms(action: Callable[[], object]) -> float:
    begun = time.perf_counter()
    action()
    return (time.perf_counter() - begun) * 1000


def _median_ms(action: Callable[[], object]) -> float:
    return statistics.median(_once_ms(action) for _ in range(ROUNDS))
