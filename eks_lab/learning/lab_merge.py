"""Tries at labs on their way into the document and out of it."""

from __future__ import annotations

import sqlite3

from eks_lab.learning.document import LabAttemptEntry, LabCommandEntry
from eks_lab.learning.timestamps import read_time, write_time


def lab_attempt_entries(connection: sqlite3.Connection) -> tuple[LabAttemptEntry, ...]:
    """Return every try at a lab with what was typed in it, oldest first."""
    typed: dict[int, list[LabCommandEntry]] = {}
    for attempt_id, moment, line in connection.execute(
        "SELECT attempt_id, typed_at, line FROM lab_commands ORDER BY attempt_id, number"
    ):
        typed.setdefault(attempt_id, []).append(LabCommandEntry(read_time(moment), line))
    return tuple(
        LabAttemptEntry(
            lab_id,
            seed,
            read_time(started),
            read_time(ended) if ended else None,
            outcome,
            points,
            hints,
            seconds,
            tuple(typed.get(attempt_id, ())),
        )
        for attempt_id, lab_id, seed, started, ended, outcome, points, hints, seconds in connection.execute(
            "SELECT attempt_id, lab_id, seed, started_at, ended_at, outcome, points, hints, seconds"
            " FROM lab_attempts ORDER BY started_at, attempt_id"
        )
    )


def merge_lab_attempts(connection: sqlite3.Connection, entries: tuple[LabAttemptEntry, ...]) -> int:
    """Put tries in: new ones, and the end of those that were exported while they ran.

    A try is known by its lab, seed and start. The one that runs here is left alone.

    Returns:
        How many are new or changed.
    """
    return sum(_merge(connection, entry) for entry in entries)


def _merge(connection: sqlite3.Connection, entry: LabAttemptEntry) -> bool:
    known = connection.execute(
        "SELECT attempt_id, ended_at FROM lab_attempts WHERE lab_id = ? AND started_at = ? AND seed = ?",
        (entry.lab_id, write_time(entry.started_at), entry.seed),
    ).fetchone()
    if known is None:
        attempt_id = connection.execute(
            "INSERT INTO lab_attempts (lab_id, seed, started_at) VALUES (?, ?, ?)",
            (entry.lab_id, entry.seed, write_time(entry.started_at)),
        ).lastrowid
        ended = None
    else:
        attempt_id, ended = known
    runs = connection.execute("SELECT 1 FROM running_lab WHERE attempt_id = ?", (attempt_id,)).fetchone()
    changed = known is None
    if ended is None and runs is None:
        typed_here = connection.execute(
            "SELECT count(*) FROM lab_commands WHERE attempt_id = ?", (attempt_id,)
        ).fetchone()[0]
        connection.executemany(
            "INSERT INTO lab_commands (attempt_id, number, typed_at, line) VALUES (?, ?, ?, ?)",
            [
                (attempt_id, number, write_time(command.typed_at), command.line)
                for number, command in enumerate(entry.commands, start=1)
                if number > typed_here
            ],
        )
        changed |= len(entry.commands) > typed_here or entry.ended_at is not None
        connection.execute(
            "UPDATE lab_attempts SET ended_at = ?, outcome = ?, points = ?, hints = max(hints, ?),"
            " seconds = max(seconds, ?) WHERE attempt_id = ?",
            (
                write_time(entry.ended_at) if entry.ended_at else None,
                entry.outcome,
                entry.points,
                entry.hints,
                entry.seconds,
                attempt_id,
            ),
        )
    return changed
