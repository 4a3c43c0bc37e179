"""What is to be reviewed now: due cards, the most forgotten first, then a few new ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from eks_lab.learning.cards import CARD_COLUMNS, LEECH_LAPSES, CardRecord, card_of_row
from eks_lab.learning.database import Database
from eks_lab.learning.schedule import CLOCK_SLACK, retrievability, variant_seed
from eks_lab.learning.settings import read_settings
from eks_lab.learning.timestamps import read_time, write_time

OWN = "own:"
"""Start of the ids of own cards: they are always there, since the database holds them."""
_CLOCK_RAN_AHEAD = timedelta(days=1) + CLOCK_SLACK


@dataclass(frozen=True, slots=True)
class DueCard:
    """A card to review now."""

    card: CardRecord
    """The card as stored."""
    rev: int
    """Revision to ask: newer than the card's when the question has changed its meaning."""
    retrievability: float
    """How likely it is still known; 0 for a card that begins."""
    seed: int
    """Which variant to ask: another one at every review."""

    @property
    def is_new(self) -> bool:
        """Whether it begins, or begins afresh."""
        return self.card.state is None or self.rev > self.card.rev


@dataclass(frozen=True, slots=True)
class DailyQueue:
    """The cards of the moment."""

    cards: tuple[DueCard, ...]
    """The first ones, as many as were asked for."""
    due: int
    """How many that were reviewed before are due, or changed their meaning."""
    new: int
    """How many may begin today, of those that wait."""
    waiting: int
    """New cards for other days."""
    next_due: datetime | None
    """When the next card comes due after now, None when there is none."""
    missing: int
    """Cards whose question, lesson or lab this course does not have (any more): kept, not asked."""
    leeches: int
    """Cards that were forgotten too often."""

    @property
    def total(self) -> int:
        """How many may be reviewed now."""
        return self.due + self.new


def daily_queue(
    database: Database, now: datetime, revisions: Mapping[str, int], limit: int | None = None
) -> DailyQueue:
    """Return what is to be reviewed.

    Due cards come first, the least retrievable one ahead; then new ones, the oldest ahead, as many a day (in UTC)
    as the setting `new_cards_per_day` allows. A card that was reviewed while the clock ran ahead counts as due.

    Args:
        database: the learner's.
        now: what the clock says.
        revisions: by card id, the present revision of everything the course can ask; own cards need not be named.
        limit: how many cards to return at most.

    Raises:
        DataError: the database cannot be read.
    """
    now_text, ahead_text = write_time(now), write_time(now + _CLOCK_RAN_AHEAD)
    day_start = write_time(now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0))
    due: list[tuple[float, str, str, int]] = []
    fresh: list[tuple[str, str, int]] = []
    next_due = ""
    missing = leeches = 0
    with database.read() as connection:
        stored = dict(connection.execute("SELECT name, value FROM settings WHERE name = 'new_cards_per_day'"))
        begun_today = connection.execute(
            "SELECT count(*) FROM cards WHERE introduced_at >= ? AND introduced_at <= ?",
            (day_start, now_text),
        ).fetchone()[0]
        rows = connection.execute(
            "SELECT card_id, rev, due, seen_at, stability, introduced_at, lapses FROM cards"
            " WHERE removed_at IS NULL"
        )
        for card_id, card_rev, due_text, seen, stability, introduced, lapses in rows:
            rev = card_rev if card_id.startswith(OWN) else revisions.get(card_id, 0)
            if rev < card_rev:  # gone, or an older course than the one it was reviewed in
                missing += 1
                continue
            leeches += lapses >= LEECH_LAPSES
            if rev > card_rev or stability is None:
                if due_text > now_text and rev <= card_rev:
                    next_due = min(next_due or due_text, due_text)
                elif introduced is None:
                    fresh.append((due_text, card_id, rev))
                else:
                    due.append((0.0, due_text, card_id, rev))
            elif due_text <= now_text or seen > ahead_text:
                known = retrievability(stability, now - read_time(seen))
                due.append((known, due_text, card_id, card_rev))
            else:
                next_due = min(next_due or due_text, due_text)
        due.sort()
        fresh.sort()
        allowed = min(len(fresh), max(0, read_settings(stored)[0].new_cards_per_day - begun_today))
        chosen = [(card_id, rev, known) for known, _, card_id, rev in due[:limit]]
        room = allowed if limit is None else min(allowed, limit - len(chosen))
        chosen += [(card_id, rev, 0.0) for _, card_id, rev in fresh[:room]]
        cards = []
        for card_id, rev, known in chosen:
            card = card_of_row(
                connection.execute(
                    f"SELECT {CARD_COLUMNS} FROM cards WHERE card_id = ?", (card_id,)
                ).fetchone()
            )
            reviews = card.reviews if rev == card.rev else 0
            cards.append(DueCard(card, rev, known, variant_seed(card_id, reviews, rev)))
    return DailyQueue(
        cards=tuple(cards),
        due=len(due),
        new=allowed,
        waiting=len(fresh) - allowed,
        next_due=read_time(next_due) if next_due else None,
        missing=missing,
        leeches=leeches,
    )
