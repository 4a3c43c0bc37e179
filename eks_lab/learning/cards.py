"""Cards and reviews as rows of the database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from fsrs import Card

from eks_lab.learning.records import Origin
from eks_lab.learning.schedule import LogEntry, Rating, Schedule, retrievability
from eks_lab.learning.timestamps import read_time, write_time

CardKind = Literal["item", "lab", "lesson", "own"]
CARD_KINDS: tuple[CardKind, ...] = ("item", "lab", "lesson", "own")
LEECH_LAPSES = 8
"""A card forgotten so often needs another explanation, not another review (Anki's threshold)."""

CARD_COLUMNS = (
    "card_id, origin, rev, added_at, removed_at, due, state, stability, difficulty, seen_at, introduced_at,"
    " reviews, lapses"
)
LOG_ORDER = "reviewed_at, clock_at, rev, rating, seed, review_id"
"""The order of one card's reviews; those of two machines in the same instant come in the same order on both."""
LOG_COLUMNS = "card_id, rev, rating, retention, reviewed_at, clock_at, seed, seconds"


@dataclass(frozen=True, slots=True)
class CardRecord:
    """One card."""

    card_id: str
    """`item:<question>`, `lab:<lab>`, `lesson:<lesson>` or `own:<own card>`."""
    origin: Origin
    """Why there is a card."""
    rev: int
    """Revision of what it asks."""
    added_at: datetime
    """When it was made, or added again."""
    removed_at: datetime | None
    """When the learner took it away; None while it comes back."""
    due: datetime
    """When it comes back."""
    state: str | None
    """The library's own JSON; None before the first review."""
    stability: float | None
    """Days after which 90 % remember; None before the first review."""
    difficulty: float | None
    """1 to 10; None before the first review."""
    seen_at: datetime | None
    """Last review of this revision."""
    introduced_at: datetime | None
    """First review of any revision."""
    reviews: int
    """Reviews of this revision."""
    lapses: int
    """How often it was known for days and then forgotten."""

    @property
    def kind(self) -> str:
        """The part of the id before the colon."""
        return self.card_id.partition(":")[0]

    @property
    def target(self) -> str:
        """Id of the question, lab, lesson or own card."""
        return self.card_id.partition(":")[2]

    @property
    def is_leech(self) -> bool:
        """Whether it was forgotten so often that reviews do not help."""
        return self.lapses >= LEECH_LAPSES

    def retrievability(self, now: datetime) -> float:
        """Return how likely it is still known, 0 to 1; 0 before the first review."""
        if self.stability is None or self.seen_at is None:
            return 0.0
        return retrievability(self.stability, now - self.seen_at)


def card_of_row(row: tuple[Any, ...]) -> CardRecord:
    """Return the card that a row with `CARD_COLUMNS` holds.

    Raises:
        ValueError: the row holds something that was never written by this program.
    """
    card_id, origin, rev, added, removed, due, state, stability, difficulty, seen, introduced, *counts = row
    return CardRecord(
        card_id,
        origin,
        rev,
        read_time(added),
        read_time(removed) if removed else None,
        read_time(due),
        state,
        stability,
        difficulty,
        read_time(seen) if seen else None,
        read_time(introduced) if introduced else None,
        *counts,
    )


def entry_of_row(row: tuple[Any, ...]) -> LogEntry:
    """Return the review that a row with `LOG_COLUMNS` holds.

    Raises:
        ValueError: the row holds something that was never written by this program.
    """
    card_id, rev, rating, retention, reviewed, clock, seed, seconds = row
    return LogEntry(
        card_id, rev, Rating(rating), retention, read_time(reviewed), read_time(clock), seed, seconds
    )


def row_of_entry(entry: LogEntry) -> tuple[Any, ...]:
    """Return a review as the values of `LOG_COLUMNS`."""
    times = write_time(entry.reviewed_at), write_time(entry.clock_at)
    return (
        *(entry.card_id, entry.rev, int(entry.rating), entry.retention),
        *(*times, entry.seed, entry.seconds),
    )


def append_reviews(connection: sqlite3.Connection, entries: Iterable[LogEntry]) -> None:
    """Add reviews to the log."""
    connection.executemany(
        f"INSERT INTO reviews ({LOG_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [row_of_entry(entry) for entry in entries],
    )


def entries_of_card(connection: sqlite3.Connection, card_id: str) -> list[LogEntry]:
    """Return one card's reviews in their order."""
    rows = connection.execute(
        f"SELECT {LOG_COLUMNS} FROM reviews WHERE card_id = ? ORDER BY {LOG_ORDER}", (card_id,)
    )
    return [entry_of_row(row) for row in rows]


def entries_by_card(connection: sqlite3.Connection) -> Iterator[LogEntry]:
    """Yield every review, card by card, each card's in their order."""
    rows = connection.execute(f"SELECT {LOG_COLUMNS} FROM reviews ORDER BY card_id, {LOG_ORDER}")
    return map(entry_of_row, rows)


def schedule_of(card: CardRecord) -> Schedule:
    """Return where a stored card stands.

    Raises:
        ValueError: its state is not the library's.
    """
    if card.state is None:
        return Schedule(card.rev, introduced_at=card.introduced_at)
    return Schedule(
        card.rev,
        Card.from_json(card.state),
        card.due,
        card.seen_at,
        card.introduced_at,
        card.reviews,
        card.lapses,
    )


def store_schedule(connection: sqlite3.Connection, card_id: str, schedule: Schedule) -> None:
    """Write where a card stands; one without a review keeps the time it was due at."""
    card = schedule.card
    connection.execute(
        "UPDATE cards SET rev = ?, due = coalesce(?, due), state = ?, stability = ?, difficulty = ?, seen_at = ?,"
        " introduced_at = ?, reviews = ?, lapses = ? WHERE card_id = ?",
        (
            schedule.rev,
            write_time(schedule.due) if schedule.due else None,
            card.to_json() if card else None,
            card.stability if card else None,
            card.difficulty if card else None,
            write_time(schedule.seen_at) if schedule.seen_at else None,
            write_time(schedule.introduced_at) if schedule.introduced_at else None,
            schedule.reviews,
            schedule.lapses,
            card_id,
        ),
    )
