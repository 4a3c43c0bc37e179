"""Exams and interviews on their way into the progress document and out of it.

Both are one row with rows of other tables hanging on it by a number that means something on this machine only. So
they are carried as rows: what a sitting is known by on every machine is listed here, its columns are the database's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eks_lab.errors import InputError
from eks_lab.learning.document import Scalar, SittingEntry
from eks_lab.learning.timestamps import read_time


@dataclass(frozen=True, slots=True)
class SittingKind:
    """Where one kind of sitting is stored."""

    table: str
    """One row a sitting."""
    number: str
    """Its number on this machine: a column of every table here."""
    known_by: tuple[str, ...]
    """Columns that tell two sittings apart on every machine."""
    parts: Mapping[str, str]
    """The other tables, and the columns that order their rows."""
    counters: frozenset[str]
    """Columns of `parts` that only number rows on this machine."""
    history: str
    """The part that grows while the sitting goes on: a copy with less of it is an earlier one."""
    running: str = ""
    """Table that names the sitting that runs here, if there is one."""


KINDS: Mapping[str, SittingKind] = {
    "exam": SittingKind(
        table="exam_sittings",
        number="sitting_id",
        known_by=("track_id", "seed", "started_at"),
        parts={
            "exam_tasks": "number",
            "exam_events": "event_id",
            "exam_clocks": "sitting_id",
            "exam_results": "number",
        },
        counters=frozenset({"event_id"}),
        history="exam_events",
        running="running_exam",
    ),
    "interview": SittingKind(
        table="interviews",
        number="interview_id",
        known_by=("level", "topics", "seed", "started_at"),
        parts={"interview_turns": "number", "interview_overrules": "overrule_id"},
        counters=frozenset({"overrule_id"}),
        history="interview_turns",
    ),
}
"""Every kind of sitting, by its name in the document."""

SITTING_TABLES: tuple[str, ...] = tuple(
    name
    for kind in KINDS.values()
    for name in (*kind.parts, *([kind.running] if kind.running else []), kind.table)
)
"""All their tables, in an order in which they can be emptied."""


def sitting_entries(connection: sqlite3.Connection) -> tuple[SittingEntry, ...]:
    """Return every exam and interview, each kind's oldest first."""
    found = []
    for name, kind in KINDS.items():
        columns = _columns(connection, kind, kind.table)
        for number, *values in connection.execute(
            f"SELECT {kind.number}, {', '.join(columns)} FROM {kind.table} ORDER BY started_at, {kind.number}"
        ).fetchall():
            parts = {part: _part_rows(connection, kind, part, number) for part in kind.parts}
            found.append(SittingEntry(name, dict(zip(columns, values, strict=True)), parts))
    return tuple(found)


def merge_sittings(connection: sqlite3.Connection, entries: Sequence[SittingEntry], source: str) -> int:
    """Put exams and interviews in: new ones, and the rest of those that were exported while they ran.

    The one that runs here is left alone, and nothing is taken away.

    Args:
        connection: to the database.
        entries: of a document.
        source: where the document comes from, for messages.

    Returns:
        How many are new or changed.

    Raises:
        InputError: an entry is not what this program writes; names its kind, table and column.
    """
    return sum(
        _merge(connection, entry, f"{source}: sittings[{index}]") for index, entry in enumerate(entries)
    )


def _merge(connection: sqlite3.Connection, entry: SittingEntry, where: str) -> bool:
    kind = KINDS.get(entry.kind)
    if kind is None:
        raise InputError(
            f"{where}.kind is {entry.kind!r}", hint=f"Nothing was imported. Kinds: {', '.join(KINDS)}."
        )
    columns = _columns(connection, kind, kind.table)
    _check_row(entry.row, columns, f"{where}.row")
    for part, rows in entry.parts.items():
        if part not in kind.parts:
            raise InputError(f"{where}.parts has the table {part!r}", hint="Nothing was imported.")
        allowed = _columns(connection, kind, part)
        for index, row in enumerate(rows):
            _check_row(row, allowed, f"{where}.parts.{part}[{index}]")
    ours = connection.execute(
        f"SELECT {kind.number}, {', '.join(columns)} FROM {kind.table}"
        f" WHERE {' AND '.join(f'{each} IS ?' for each in kind.known_by)}",
        [entry.row[each] for each in kind.known_by],
    ).fetchone()
    if ours is None:
        number = connection.execute(
            f"INSERT INTO {kind.table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
            [entry.row[each] for each in columns],
        ).lastrowid
        _add_parts(connection, kind, number, entry.parts)
        return True
    number = ours[0]
    if _runs(connection, kind, number):
        return False
    stored = {part: _part_rows(connection, kind, part, number) for part in kind.parts}
    fresh = {
        part: [row for row in entry.parts.get(part, ()) if row not in stored[part]] for part in kind.parts
    }
    settled = [
        each for each, value in zip(columns, ours[1:], strict=True) if value is None and entry.row[each]
    ]
    if len(entry.parts.get(kind.history, ())) < len(stored[kind.history]) or not (
        settled or any(fresh.values())
    ):
        return False
    for part, order in kind.parts.items():
        if order == kind.number and fresh[part]:  # one row of the moment, not a history
            connection.execute(f"DELETE FROM {part} WHERE {kind.number} = ?", (number,))
    _add_parts(connection, kind, number, fresh)
    for column in settled:
        connection.execute(
            f"UPDATE {kind.table} SET {column} = ? WHERE {kind.number} = ?", (entry.row[column], number)
        )
    return True


def _runs(connection: sqlite3.Connection, kind: SittingKind, number: int) -> bool:
    if not kind.running:
        return False
    found = connection.execute(f"SELECT 1 FROM {kind.running} WHERE {kind.number} = ?", (number,))
    return found.fetchone() is not None


def _columns(connection: sqlite3.Connection, kind: SittingKind, table: str) -> list[str]:
    """Return the columns of a table that mean something on every machine."""
    return [
        row[1]
        for row in connection.execute(f"PRAGMA table_info({table})")
        if row[1] != kind.number and row[1] not in kind.counters
    ]


def _part_rows(
    connection: sqlite3.Connection, kind: SittingKind, part: str, number: int
) -> tuple[dict[str, Scalar], ...]:
    columns = _columns(connection, kind, part)
    rows = connection.execute(
        f"SELECT {', '.join(columns)} FROM {part} WHERE {kind.number} = ? ORDER BY {kind.parts[part]}",
        (number,),
    )
    return tuple(dict(zip(columns, row, strict=True)) for row in rows)


def _add_parts(
    connection: sqlite3.Connection,
    kind: SittingKind,
    number: int | None,
    parts: Mapping[str, Sequence[Mapping[str, Scalar]]],
) -> None:
    for part, rows in parts.items():
        columns = _columns(connection, kind, part)
        connection.executemany(
            f"INSERT OR IGNORE INTO {part} ({kind.number}, {', '.join(columns)})"
            f" VALUES (?, {', '.join('?' * len(columns))})",
            [(number, *(row[each] for each in columns)) for row in rows],
        )


def _check_row(row: Mapping[str, Scalar], columns: Sequence[str], where: str) -> None:
    """Refuse a row that another program wrote: other columns, or a time that is none."""
    hint = "Nothing was imported. A file written by `eks-lab progress export` can be imported."
    for column in columns:
        if column not in row:
            raise InputError(f"{where} lacks {column}", hint=hint)
        value = row[column]
        if (column != "at" and not column.endswith("_at")) or value is None:
            continue
        try:
            read_time(str(value))
        except ValueError:
            raise InputError(f"{where}.{column} is {value!r}, which is no time", hint=hint) from None
    for column in row:
        if column not in columns:
            raise InputError(f"{where} has {column!r}, which this program does not know", hint=hint)
