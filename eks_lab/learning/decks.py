"""Cards that the learner brought along: kept in the database, reviewed like the others, rated by the learner."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from eks_lab.clock import Clock
from eks_lab.learning.database import Database
from eks_lab.learning.deck_file import DeckCard
from eks_lab.learning.timestamps import read_time, write_time

NO_DECK = "Imported"
"""Deck of cards whose file names none."""


@dataclass(frozen=True, slots=True)
class OwnCard:
    """A card the learner brought along."""

    own_id: str
    """Its card is called `own:<own_id>`."""
    deck: str
    """Name of its deck."""
    front: str
    """What is asked."""
    back: str
    """What is answered."""
    tags: tuple[str, ...]
    """Words."""
    changed_at: datetime
    """When it was imported last."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import changed."""

    new: int
    """Cards that were not there."""
    changed: int
    """Cards whose back or tags are others now; they go on where they stood."""
    same: int
    """Cards that were there already."""


class DeckRecords:
    """Own cards in the learner's record."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Serve an open database.

        Args:
            database: open and migrated.
            clock: gives the time of what is recorded.
        """
        self._database = database
        self._clock = clock

    def cards(self) -> dict[str, OwnCard]:
        """Return every own card by its id.

        Raises:
            DataError: the database cannot be read.
        """
        with self._database.read() as connection:
            return {
                own_id: OwnCard(own_id, deck, front, back, tuple(tags.split()), read_time(changed))
                for own_id, deck, front, back, tags, changed in connection.execute(
                    "SELECT own_id, deck, front, back, tags, changed_at FROM own_cards ORDER BY deck, front"
                )
            }

    def take_in(self, cards: Iterable[DeckCard], deck: str = "") -> Imported:
        """Import cards, each due at once; what the same deck asks already keeps its place.

        Args:
            cards: of a deck file.
            deck: name of the deck of those that name none.

        Returns:
            What changed.

        Raises:
            DataError: it could not be stored; nothing was changed.
        """
        counts = {"new": 0, "changed": 0, "same": 0}
        with self._database.write() as connection:
            now = write_time(self._clock.now())
            for card in cards:
                name = card.deck or deck or NO_DECK
                own_id = own_card_id(name, card.front)
                row = (card.back, " ".join(card.tags))
                known = connection.execute(
                    "SELECT back, tags FROM own_cards WHERE own_id = ?", (own_id,)
                ).fetchone()
                counts["new" if known is None else "same" if known == row else "changed"] += 1
                if known != row:
                    connection.execute(
                        "INSERT INTO own_cards (own_id, deck, front, back, tags, changed_at)"
                        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (own_id) DO UPDATE SET back = excluded.back,"
                        " tags = excluded.tags, changed_at = excluded.changed_at",
                        (own_id, name, card.front, *row, now),
                    )
                connection.execute(
                    "INSERT INTO cards (card_id, origin, rev, added_at, due) VALUES (?, 'deck', 1, ?, ?)"
                    " ON CONFLICT (card_id) DO UPDATE SET removed_at = NULL,"
                    " added_at = max(excluded.added_at, cards.removed_at) WHERE removed_at IS NOT NULL",
                    (f"own:{own_id}", now, now),
                )
        return Imported(**counts)


def own_card_id(deck: str, front: str) -> str:
    """Return the id of an own card: the same front in the same deck is the same card on every machine."""
    return hashlib.sha256(f"{deck}\0{front}".encode()).hexdigest()[:20]


def card_of_own(card: OwnCard) -> DeckCard:
    """Return an own card as it goes into a deck file."""
    return DeckCard(card.front, card.back, card.tags, card.deck)
