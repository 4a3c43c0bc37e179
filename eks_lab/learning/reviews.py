"""Cards that come back before they are forgotten: which, when, and what the learner made of them.

Cards make themselves when a question is missed, a lesson read or a lab finished (triggers of the database), and the
learner may add more. Every review is kept for ever; where a card stands follows from its reviews alone, and `rebuild`
makes it again. Two windows may grade the same card: both reviews count, one after the other.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from eks_lab.clock import Clock
from eks_lab.errors import InputError
from eks_lab.learning.answer_text import LARGEST_REV
from eks_lab.learning.cards import (
    CARD_COLUMNS,
    CARD_KINDS,
    CardRecord,
    append_reviews,
    card_of_row,
    entries_by_card,
    entries_of_card,
    schedule_of,
    store_schedule,
)
from eks_lab.learning.database import Database
from eks_lab.learning.records import Origin
from eks_lab.learning.schedule import (
    CLOCK_SLACK,
    LONGEST_ABSENCE,
    LogEntry,
    Rating,
    Schedule,
    fresh,
    moment_after,
    replay,
    step,
)
from eks_lab.learning.settings import read_settings
from eks_lab.learning.timestamps import read_time, write_time

SOLID_POINTS = 70
"""A lab solved with fewer points took many hints or minutes: it comes back sooner."""


@dataclass(frozen=True, slots=True)
class ClockDoubt:
    """The clock does not fit the reviews there are."""

    last: datetime
    """What the clock said at the last review."""
    now: datetime
    """What it says now."""

    @property
    def is_ahead(self) -> bool:
        """Whether the clock may be ahead: reviews made now would spoil every schedule."""
        return self.now > self.last

    @property
    def sentence(self) -> str:
        """What to tell the learner."""
        days = abs(self.now - self.last).days
        if self.is_ahead:
            return (
                f"The clock says {self.now:%Y-%m-%d}, {days} days after your last review. If that is wrong, set "
                "the clock first: reviews made now would spoil the schedule."
            )
        return (
            f"The clock says {self.now:%Y-%m-%d}, but your last review is dated {self.last:%Y-%m-%d}. Nothing is "
            "lost: reviews are kept in their order. If the clock is wrong now, set it."
        )


class ReviewRecords:
    """Cards and reviews in the learner's record."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Serve an open database.

        Args:
            database: open and migrated.
            clock: gives the time of what is recorded.
        """
        self._database = database
        self._clock = clock
        self._trusts_clock = False

    # Cards

    def add(self, card_id: str, rev: int = 1, origin: Origin = "chosen") -> bool:
        """Make a card, due now; one that was taken away comes back where it stood.

        Args:
            card_id: `item:…`, `lab:…`, `lesson:…` or `own:…`.
            rev: revision of what it asks.
            origin: why.

        Returns:
            Whether the card is new, or was away.

        Raises:
            InputError: this is no id of a card, or `rev` is out of range.
            DataError: it could not be stored.
        """
        kind, _, target = card_id.partition(":")
        if kind not in CARD_KINDS or not target:
            raise InputError(f"{card_id!r} is no card", hint=f"Cards are called {':…, '.join(CARD_KINDS)}:….")
        _check_rev(card_id, rev)
        now = write_time(self._clock.now())
        with self._database.write() as connection:
            return bool(
                connection.execute(
                    "INSERT INTO cards (card_id, origin, rev, added_at, due) VALUES (?, ?, ?, ?, ?)"
                    " ON CONFLICT (card_id) DO UPDATE SET removed_at = NULL,"
                    " added_at = max(excluded.added_at, cards.removed_at) WHERE removed_at IS NOT NULL",
                    (card_id, origin, rev, now, now),
                ).rowcount
            )

    def remove(self, card_id: str) -> bool:
        """Take a card away until it is added again; its reviews are kept.

        Returns:
            Whether it was there.

        Raises:
            DataError: it could not be stored.
        """
        with self._database.write() as connection:
            return bool(
                connection.execute(
                    "UPDATE cards SET removed_at = max(?, added_at) WHERE card_id = ? AND removed_at IS NULL",
                    (write_time(self._clock.now()), card_id),
                ).rowcount
            )

    def card(self, card_id: str) -> CardRecord | None:
        """Return one card, taken away or not; None when there never was one.

        Raises:
            DataError: the database cannot be read.
        """
        with self._database.read() as connection:
            return _card(connection, card_id)

    def cards(self) -> list[CardRecord]:
        """Return every card that was not taken away, by id.

        Raises:
            DataError: the database cannot be read.
        """
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT {CARD_COLUMNS} FROM cards WHERE removed_at IS NULL ORDER BY card_id"
            )
            return [card_of_row(row) for row in rows]

    def has_cards(self) -> bool:
        """Return whether there is any card that was not taken away.

        Raises:
            DataError: the database cannot be read.
        """
        with self._database.read() as connection:
            return (
                connection.execute("SELECT 1 FROM cards WHERE removed_at IS NULL LIMIT 1").fetchone()
                is not None
            )

    def leeches(self) -> list[CardRecord]:
        """Return the cards that were forgotten too often, the worst first.

        Raises:
            DataError: the database cannot be read.
        """
        return sorted(
            (card for card in self.cards() if card.is_leech), key=lambda card: (-card.lapses, card.card_id)
        )

    # Reviews

    def grade(
        self, card_id: str, rating: Rating, *, rev: int = 1, seed: int = 0, seconds: float | None = None
    ) -> CardRecord:
        """Record a review and say when the card comes back.

        Args:
            card_id: a card that was made.
            rating: Again, Hard, Good or Easy.
            rev: revision of what was asked; a newer one than the card's starts the card afresh.
            seed: which variant was asked.
            seconds: time the learner took; None when nobody measured it.

        Returns:
            The card afterwards.

        Raises:
            InputError: there is no such card, or the clock jumped ahead and nobody said that this is right
                (see `clock_doubt`, `trust_clock`). Nothing was recorded.
            DataError: it could not be stored.
        """
        _check_rev(card_id, rev)
        with self._database.write() as connection:
            now = self._clock.now()
            self._refuse_doubtful(connection, now)
            card = _card(connection, card_id)
            if card is None:
                raise InputError(
                    f"there is no card {card_id}", hint="See them with: eks-lab review due --all"
                )
            entry = LogEntry(
                card_id=card_id,
                rev=rev,
                rating=Rating(rating),
                retention=_retention(connection),
                reviewed_at=moment_after(_last_times(connection, card_id), now),
                clock_at=now,
                seed=seed,
                seconds=seconds,
            )
            append_reviews(connection, [entry])
            store_schedule(connection, card_id, step(schedule_of(card), entry))
            after = _card(connection, card_id)
        assert after is not None
        return after

    def settle_labs(self) -> int:
        """Record what labs that were done again since their cards came due say about them.

        Solved is Good, solved with few points Hard; after a look at the solution the card is due Again.

        Returns:
            How many reviews were recorded.

        Raises:
            DataError: it could not be stored.
        """
        recorded = 0
        with self._database.write() as connection:
            doubt = None if self._trusts_clock else _doubt(connection, self._clock.now())
            if doubt is not None and doubt.is_ahead:
                return 0
            rows = connection.execute(
                "SELECT card_id, seed, ended_at, outcome, points, a.seconds FROM cards"
                " JOIN lab_attempts AS a ON card_id = 'lab:' || lab_id"
                " WHERE removed_at IS NULL AND outcome IN ('solved', 'shown') AND ended_at >= due"
                " AND ended_at > coalesce(seen_at, added_at) ORDER BY ended_at"
            ).fetchall()
            for card_id, seed, ended, outcome, points, seconds in rows:
                card = _card(connection, card_id)
                moment = read_time(ended)
                if card is None or moment < card.due:
                    continue  # the try before this one has moved the card on
                rating = Rating.Good if (points or 0) >= SOLID_POINTS else Rating.Hard
                entry = LogEntry(
                    card_id=card_id,
                    rev=card.rev,
                    rating=Rating.Again if outcome == "shown" else rating,
                    retention=_retention(connection),
                    reviewed_at=moment_after(_last_times(connection, card_id), moment),
                    clock_at=moment,
                    seed=seed,
                    seconds=seconds,
                )
                append_reviews(connection, [entry])
                store_schedule(connection, card_id, step(schedule_of(card), entry))
                recorded += 1
        return recorded

    def log(self, card_id: str) -> list[LogEntry]:
        """Return every review of one card in their order.

        Raises:
            DataError: the database cannot be read.
        """
        with self._database.read() as connection:
            return entries_of_card(connection, card_id)

    def rebuild(self) -> tuple[str, ...]:
        """Make every card's schedule again from its reviews.

        Returns:
            Ids of the cards that stood elsewhere before: none, unless a program or a disk spoiled them.

        Raises:
            DataError: the database cannot be read or written; nothing was changed.
        """
        with self._database.write() as connection:
            return rebuild_cards(connection)

    # The clock

    def clock_doubt(self) -> ClockDoubt | None:
        """Return why the clock may be wrong, or None.

        It may be ahead when more than `LONGEST_ABSENCE` went by without a review, and behind (now, or ahead at the
        last review) when the last review lies more than a day in the future.

        Raises:
            DataError: the database cannot be read.
        """
        with self._database.read() as connection:
            return None if self._trusts_clock else _doubt(connection, self._clock.now())

    def trust_clock(self) -> None:
        """Take the clock for right from now on: the learner was really away."""
        self._trusts_clock = True

    def _refuse_doubtful(self, connection: sqlite3.Connection, now: datetime) -> None:
        doubt = None if self._trusts_clock else _doubt(connection, now)
        if doubt is not None and doubt.is_ahead:
            raise InputError(
                f"the review was not recorded. {doubt.sentence}",
                hint="If the clock is right: eks-lab review --trust-clock",
            )


def rebuild_cards(connection: sqlite3.Connection, only: Iterable[str] | None = None) -> tuple[str, ...]:
    """Make schedules again from the log, inside a transaction.

    Args:
        connection: to the database.
        only: ids of the cards; all when left out.

    Returns:
        Ids of the cards whose schedule was another before.
    """
    cards = {
        card.card_id: card
        for card in map(card_of_row, connection.execute(f"SELECT {CARD_COLUMNS} FROM cards"))
    }
    replayed: dict[str, Schedule] = {}
    if only is None:
        replayed = {card_id: fresh(card.rev) for card_id, card in cards.items()}
        for card_id, entries in groupby(entries_by_card(connection), key=lambda entry: entry.card_id):
            if card_id in cards:
                replayed[card_id] = replay(cards[card_id].rev, entries)
    else:
        for card_id in only:
            if card_id in cards:
                replayed[card_id] = replay(cards[card_id].rev, entries_of_card(connection, card_id))
    changed = []
    for card_id, schedule in replayed.items():
        if not _is_at(cards[card_id], schedule):
            store_schedule(connection, card_id, schedule)
            changed.append(card_id)
    return tuple(changed)


def _is_at(card: CardRecord, schedule: Schedule) -> bool:
    """Return whether all that is stored of a card is what its schedule says."""
    state = schedule.card
    stands = (card.rev, card.state, card.stability, card.difficulty, card.seen_at, card.introduced_at)
    belongs = (
        *(schedule.rev, state.to_json() if state else None, state.stability if state else None),
        *(state.difficulty if state else None, schedule.seen_at, schedule.introduced_at),
    )
    counts = (card.reviews, card.lapses) == (schedule.reviews, schedule.lapses)
    return stands == belongs and counts and card.due == (schedule.due or card.due)


def _card(connection: sqlite3.Connection, card_id: str) -> CardRecord | None:
    row = connection.execute(f"SELECT {CARD_COLUMNS} FROM cards WHERE card_id = ?", (card_id,)).fetchone()
    return card_of_row(row) if row else None


def _last_times(connection: sqlite3.Connection, card_id: str) -> tuple[datetime, datetime] | None:
    row = connection.execute(
        "SELECT reviewed_at, clock_at FROM reviews WHERE card_id = ? ORDER BY reviewed_at DESC, review_id DESC"
        " LIMIT 1",
        (card_id,),
    ).fetchone()
    return (read_time(row[0]), read_time(row[1])) if row else None


def _doubt(connection: sqlite3.Connection, now: datetime) -> ClockDoubt | None:
    """Return why the clock may be wrong: held against the last review recorded, and the newest not in the future."""
    soon = now + timedelta(days=1) + CLOCK_SLACK
    last = connection.execute("SELECT clock_at FROM reviews ORDER BY review_id DESC LIMIT 1").fetchone()
    if last is not None and read_time(last[0]) > soon:
        return ClockDoubt(read_time(last[0]), now)
    newest = connection.execute(
        "SELECT max(clock_at) FROM reviews WHERE clock_at <= ?", (write_time(soon),)
    ).fetchone()[0]
    if newest is not None and now - read_time(newest) > LONGEST_ABSENCE:
        return ClockDoubt(read_time(newest), now)
    return None


def _retention(connection: sqlite3.Connection) -> float:
    stored = dict(connection.execute("SELECT name, value FROM settings WHERE name = 'retention_percent'"))
    return read_settings(stored)[0].retention_percent / 100


def _check_rev(card_id: str, rev: int) -> None:
    if not 1 <= rev <= LARGEST_REV:
        raise InputError(f"card {card_id}: revision {rev} is not between 1 and {LARGEST_REV}")
