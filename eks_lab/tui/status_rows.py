"""Rows of the tables that say how things stand, as frozen values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """How a row stands."""

    GOOD = "good"
    WAITING = "waiting"
    BAD = "bad"
    PLAIN = "plain"


MARKS = {Tone.GOOD: "✓", Tone.WAITING: "▲", Tone.BAD: "✗", Tone.PLAIN: "•"}
"""Stand before the words of a status, which is never told by its colour alone."""
WORST_FIRST = (Tone.BAD, Tone.WAITING, Tone.PLAIN, Tone.GOOD)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table."""

    key: str
    """Of the object, so that the cursor can stay on it."""
    cells: tuple[str, ...]
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class TableView:
    """A titled table."""

    title: str
    rows: tuple[Row, ...] = ()
    empty: str = ""
    """Said when there are no rows."""


def worst_first(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Return rows by how they stand, the worst first, otherwise in their order."""
    return tuple(sorted(rows, key=lambda row: WORST_FIRST.index(row.tone)))


def sorted_rows(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Return rows by how they stand, the worst first, then by name."""
    return tuple(sorted(rows, key=lambda row: (WORST_FIRST.index(row.tone), row.key)))
