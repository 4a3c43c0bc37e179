"""Cards, reviews and own cards on their way into the document and out of it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from typing import Any

from eks_lab.learning.cards import LOG_COLUMNS, append_reviews, entries_by_card, entry_of_row, row_of_entry
from eks_lab.learning.document import CardEntry, OwnCardEntry, ProgressDocument, ReviewEntry
from eks_lab.learning.reviews import rebuild_cards
from eks_lab.learning.schedule import LogEntry, Rating
from eks_lab.learning.timestamps import read_time, write_time

_KEPT = "origin, rev, added_at, removed_at, due"


def card_entries(connection: sqlite3.Connection) -> tuple[CardEntry, ...]:
    """Return every card, those taken away too."""
    return tuple(
        CardEntry(
            card_id, origin, rev, read_time(added), read_time(removed) if removed else None, read_time(due)
        )
        for card_id, origin, rev, added, removed, due in connection.execute(
            f"SELECT card_id, {_KEPT} FROM cards ORDER BY card_id"
        )
    )


def review_entries(connection: sqlite3.Connection) -> tuple[ReviewEntry, ...]:
    """Return every review, oldest first."""
    return tuple(
        ReviewEntry(
            entry.card_id,
            entry.rev,
            int(entry.rating),
            entry.retention,
            entry.reviewed_at,
            entry.clock_at,
            entry.seed,
            entry.seconds,
        )
        for entry in sorted(entries_by_card(connection), key=lambda entry: entry.reviewed_at)
    )


def own_card_entries(connection: sqlite3.Connection) -> tuple[OwnCardEntry, ...]:
    """Return every own card."""
    return tuple(
        OwnCardEntry(own_id, deck, front, back, tags, read_time(changed))
        for own_id, deck, front, back, tags, changed in connection.execute(
            "SELECT own_id, deck, front, back, tags, changed_at FROM own_cards ORDER BY own_id"
        )
    )


def merge_cards(connection: sqlite3.Connection, document: ProgressDocument) -> tuple[int, int]:
    """Put cards, own cards and reviews in, before whatever makes cards by itself.

    All reviews of both sides are kept, and each card stands where they lead. A card taken away or added again later
    is as it was left last. Of two texts of an own card, the newer stays.

    Returns:
        How many cards are new or changed, and how many reviews are new.
    """
    changed = {entry.card_id for entry in document.cards if _merge_card(connection, entry)}
    changed |= {f"own:{entry.own_id}" for entry in document.own_cards if _merge_own(connection, entry)}
    added = _merge_reviews(connection, document.reviews)
    for entry in added:
        connection.execute(
            "INSERT INTO cards (card_id, origin, rev, added_at, due) VALUES (?, 'chosen', ?, ?, ?)"
            " ON CONFLICT (card_id) DO NOTHING",
            (entry.card_id, entry.rev, write_time(entry.clock_at), write_time(entry.clock_at)),
        )
    rebuild_cards(connection, {*changed, *(entry.card_id for entry in added)})
    return len(changed), len(added)


def _merge_card(connection: sqlite3.Connection, entry: CardEntry) -> bool:
    theirs = (
        *(entry.origin, entry.rev, write_time(entry.added_at)),
        *(write_time(entry.removed_at) if entry.removed_at else None, write_time(entry.due)),
    )
    ours = connection.execute(f"SELECT {_KEPT} FROM cards WHERE card_id = ?", (entry.card_id,)).fetchone()
    if ours is None:
        connection.execute(
            f"INSERT INTO cards (card_id, {_KEPT}) VALUES (?, ?, ?, ?, ?, ?)", (entry.card_id, *theirs)
        )
        return True
    has_reviews = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM reviews WHERE card_id = ? AND rev = ?)", (entry.card_id, ours[1])
    ).fetchone()[0]
    merged = _joined(ours, theirs, keep_due=bool(has_reviews))
    if merged == ours:
        return False
    origin, rev, added, removed, due = merged
    connection.execute(
        "UPDATE cards SET origin = ?, rev = ?, added_at = ?, removed_at = ?, due = ? WHERE card_id = ?",
        (origin, rev, added, removed, due, entry.card_id),
    )
    return True


def _joined(ours: tuple[Any, ...], theirs: tuple[Any, ...], *, keep_due: bool) -> tuple[Any, ...]:
    """Return the one row of two, whichever of them came first."""
    added = max(ours[2], theirs[2])
    removed = max(ours[3] or "", theirs[3] or "")
    if ours[1] == theirs[1]:
        due = ours[4] if keep_due else min(ours[4], theirs[4])
    else:
        due = max(ours, theirs, key=lambda row: row[1])[4]
    return (
        min(ours[0], theirs[0]),
        max(ours[1], theirs[1]),
        added,
        removed if removed >= added else None,
        due,
    )


def _merge_reviews(connection: sqlite3.Connection, entries: tuple[ReviewEntry, ...]) -> list[LogEntry]:
    """Add the reviews that are in the document more often than in the database, and return them."""
    if not entries:
        return []
    known = Counter(
        row_of_entry(entry_of_row(row)) for row in connection.execute(f"SELECT {LOG_COLUMNS} FROM reviews")
    )
    added = []
    for entry in sorted(entries, key=lambda entry: entry.reviewed_at):
        made = LogEntry(
            entry.card_id,
            entry.rev,
            Rating(entry.rating),
            entry.retention,
            entry.reviewed_at,
            entry.clock_at,
            entry.seed,
            entry.seconds,
        )
        row = row_of_entry(made)
        if known[row]:
            known[row] -= 1
        else:
            added.append(made)
    append_reviews(connection, added)
    return added


def _merge_own(connection: sqlite3.Connection, entry: OwnCardEntry) -> bool:
    theirs = (write_time(entry.changed_at), entry.deck, entry.front, entry.back, entry.tags)
    ours = connection.execute(
        "SELECT changed_at, deck, front, back, tags FROM own_cards WHERE own_id = ?", (entry.own_id,)
    ).fetchone()
    if ours is not None and ours >= theirs:
        return False
    connection.execute(
        "INSERT OR REPLACE INTO own_cards (changed_at, deck, front, back, tags, own_id) VALUES (?, ?, ?, ?, ?, ?)",
        (*theirs, entry.own_id),
    )
    return True
