"""Sittings in the database: what was asked, every event in order, the clock, and how answers were judged.

Events are only ever added. Each call is one transaction, so what it returned from survives the end of the process.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from eks_lab.content.tracks import Track
from eks_lab.errors import DataError, InputError
from eks_lab.learning.answer_text import ANSWER_COLUMNS
from eks_lab.learning.exams.asked import AskedTask
from eks_lab.learning.exams.composition import Plan, Share
from eks_lab.learning.exams.ticking import Ticking, begun
from eks_lab.learning.timestamps import read_time, write_time

EventKind = Literal[
    "started", "shown", "answered", "flagged", "unflagged", "paused", "resumed", "reopened", "ended"
]
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a sitting."""

    kind: EventKind
    number: int | None
    """Of the task; None for what concerns the whole sitting."""
    at: datetime
    """What the machine's clock said."""
    elapsed: timedelta
    """The sitting's own time."""
    data: str
    """An answer as text, or why the sitting ended."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How an answer was judged."""

    number: int
    score: float
    """0 to 1."""
    headline: str
    detail: str


@dataclass(frozen=True, slots=True)
class SittingRecord:
    """What a sitting was begun with."""

    sitting_id: int
    track: Track
    """As it was then."""
    seed: int
    allowed: timedelta
    started_at: datetime
    shares: tuple[Share, ...]
    notes: tuple[str, ...]
    tasks: tuple[AskedTask, ...]

    def task(self, number: int) -> AskedTask:
        """Return a task.

        Raises:
            InputError: there is none of this number.
        """
        if not 1 <= number <= len(self.tasks):
            raise InputError(f"there is no task {number}", hint=f"There are 1 to {len(self.tasks)}.")
        return self.tasks[number - 1]


@dataclass(frozen=True, slots=True)
class SittingLine:
    """One sitting in a list."""

    sitting_id: int
    track_id: str
    title: str
    started_at: datetime
    tasks: int
    is_running: bool


def begin(
    connection: sqlite3.Connection,
    track: Track,
    plan: Plan,
    contents: Mapping[str, Mapping[str, Any]],
    now: datetime,
) -> int:
    """Write a new sitting that runs from now on, and return its id.

    Args:
        connection: in a write transaction.
        track: the exam.
        plan: what is asked.
        contents: offer id -> the copy that `AskedTask.content` holds.
        now: the present moment.

    Raises:
        InputError: another sitting runs.
    """
    row = connection.execute("SELECT sitting_id FROM running_exam").fetchone()
    if row is not None:
        raise InputError(
            f"the sitting {row[0]} runs already",
            hint="Go on with it: eks-lab exam resume. Or end it there.",
        )
    from eks_lab.content.validate import adapter

    sitting_id = connection.execute(
        "INSERT INTO exam_sittings (track_id, seed, allowed_us, started_at, track, plan) VALUES (?, ?, ?, ?, ?, ?)",
        (
            track.id,
            plan.seed,
            timedelta(minutes=plan.minutes) // _MICROSECOND,
            write_time(now),
            json.dumps(adapter(Track).dump_python(track, mode="json")),
            json.dumps({"shares": [asdict(share) for share in plan.shares], "notes": plan.notes}),
        ),
    ).lastrowid
    assert sitting_id is not None
    connection.executemany(
        "INSERT INTO exam_tasks (sitting_id, number, item_id, rev, kind, domain, points, seed, content)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                *(sitting_id, task.number, task.offer.id, task.offer.rev, task.offer.kind),
                *(task.domain, task.points, task.seed),
                json.dumps(contents[task.offer.id], ensure_ascii=False),
            )
            for task in plan.tasks
        ],
    )
    connection.execute("INSERT INTO running_exam (only_one, sitting_id) VALUES (1, ?)", (sitting_id,))
    clock = begun(now)
    connection.execute(
        "INSERT INTO exam_clocks (sitting_id, seen_at, elapsed_us, paused_us, is_paused) VALUES (?, ?, 0, 0, 0)",
        (sitting_id, write_time(now)),
    )
    add_event(connection, sitting_id, "started", None, clock)
    return sitting_id


def running_sitting(connection: sqlite3.Connection) -> int | None:
    """Return the id of the sitting that runs, or None."""
    row = connection.execute("SELECT sitting_id FROM running_exam").fetchone()
    return None if row is None else int(row[0])


def read_sitting(connection: sqlite3.Connection, sitting_id: int) -> SittingRecord:
    """Return what a sitting was begun with.

    Raises:
        InputError: there is no such sitting.
        DataError: it was written by a version of the program that this one cannot read.
    """
    from pydantic import TypeAdapter, ValidationError

    row = connection.execute(
        "SELECT track, plan, seed, allowed_us, started_at FROM exam_sittings WHERE sitting_id = ?",
        (sitting_id,),
    ).fetchone()
    if row is None:
        raise InputError(f"there is no sitting {sitting_id}", hint="See: eks-lab exam list")
    track, plan, seed, allowed, started = row
    tasks = connection.execute(
        "SELECT number, item_id, rev, kind, domain, points, seed, content FROM exam_tasks"
        " WHERE sitting_id = ? ORDER BY number",
        (sitting_id,),
    )
    try:
        planned = json.loads(plan)
        return SittingRecord(
            sitting_id,
            TypeAdapter(Track).validate_json(track),
            seed,
            allowed * _MICROSECOND,
            read_time(started),
            tuple(Share(**share) for share in planned["shares"]),
            tuple(planned["notes"]),
            tuple(
                AskedTask(number, item, rev, kind, domain, points, seed, json.loads(content))
                for number, item, rev, kind, domain, points, seed, content in tasks
            ),
        )
    except (ValidationError, KeyError, TypeError) as error:
        raise DataError(
            f"the sitting {sitting_id} was kept by another version of eks-lab: {error}"
        ) from error


def past_sittings(connection: sqlite3.Connection) -> list[SittingLine]:
    """Return every sitting, the latest first."""
    rows = connection.execute(
        "SELECT s.sitting_id, s.track_id, json_extract(s.track, '$.title'), s.started_at,"
        " (SELECT count(*) FROM exam_tasks AS t WHERE t.sitting_id = s.sitting_id),"
        " EXISTS (SELECT 1 FROM running_exam AS r WHERE r.sitting_id = s.sitting_id)"
        " FROM exam_sittings AS s ORDER BY s.sitting_id DESC"
    )
    return [
        SittingLine(sitting, track, title, read_time(started), tasks, bool(runs))
        for sitting, track, title, started, tasks, runs in rows
    ]


def last_asked(connection: sqlite3.Connection) -> dict[str, datetime]:
    """Return when each question and lab was last asked in a sitting, by its id."""
    rows = connection.execute(
        "SELECT item_id, max(started_at) FROM exam_tasks JOIN exam_sittings USING (sitting_id) GROUP BY item_id"
    )
    return {item: read_time(moment) for item, moment in rows}


# --- what happens ---------------------------------------------------------------------------------------------


def read_clock(connection: sqlite3.Connection, sitting_id: int) -> Ticking:
    """Return the clock of a sitting as it was read last; the sitting exists."""
    seen, elapsed, paused, is_paused = connection.execute(
        "SELECT seen_at, elapsed_us, paused_us, is_paused FROM exam_clocks WHERE sitting_id = ?",
        (sitting_id,),
    ).fetchone()
    return Ticking(read_time(seen), elapsed * _MICROSECOND, paused * _MICROSECOND, bool(is_paused))


def write_clock(connection: sqlite3.Connection, sitting_id: int, clock: Ticking) -> None:
    """Keep a reading of the clock."""
    connection.execute(
        "UPDATE exam_clocks SET seen_at = ?, elapsed_us = ?, paused_us = ?, is_paused = ? WHERE sitting_id = ?",
        (
            write_time(clock.seen_at),
            clock.elapsed // _MICROSECOND,
            clock.paused // _MICROSECOND,
            int(clock.is_paused),
            sitting_id,
        ),
    )


def add_event(
    connection: sqlite3.Connection,
    sitting_id: int,
    kind: EventKind,
    number: int | None,
    clock: Ticking,
    data: str = "",
) -> None:
    """Write down that something happened now."""
    connection.execute(
        "INSERT INTO exam_events (sitting_id, kind, number, at, elapsed_us, data) VALUES (?, ?, ?, ?, ?, ?)",
        (sitting_id, kind, number, write_time(clock.seen_at), clock.elapsed // _MICROSECOND, data),
    )
    if kind == "ended":
        connection.execute("DELETE FROM running_exam WHERE sitting_id = ?", (sitting_id,))


def read_events(connection: sqlite3.Connection, sitting_id: int) -> list[Event]:
    """Return everything that happened in a sitting, in order."""
    rows = connection.execute(
        "SELECT kind, number, at, elapsed_us, data FROM exam_events WHERE sitting_id = ? ORDER BY event_id",
        (sitting_id,),
    )
    return [
        Event(kind, number, read_time(at), elapsed * _MICROSECOND, data)
        for kind, number, at, elapsed, data in rows
    ]


# --- how it was judged ----------------------------------------------------------------------------------------


def read_marks(connection: sqlite3.Connection, sitting_id: int) -> dict[int, Mark]:
    """Return the marks of a sitting by task number."""
    rows = connection.execute(
        "SELECT number, score, headline, detail FROM exam_results WHERE sitting_id = ? ORDER BY number",
        (sitting_id,),
    )
    return {row[0]: Mark(*row) for row in rows}


def write_mark(
    connection: sqlite3.Connection,
    sitting_id: int,
    mark: Mark,
    now: datetime,
    answer: Sequence[Any] | None,
) -> bool:
    """Keep a mark, and the answer in the learner's history with it; only the first mark of a task counts.

    Args:
        connection: in a write transaction.
        sitting_id: the sitting.
        mark: how the answer was judged.
        now: the present moment.
        answer: values of `ANSWER_COLUMNS`; None for what is no question of the bank, or was left open.

    Returns:
        Whether it was the first.
    """
    written = connection.execute(
        "INSERT INTO exam_results (sitting_id, number, score, headline, detail, judged_at)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (sitting_id, number) DO NOTHING",
        (sitting_id, mark.number, mark.score, mark.headline, mark.detail, write_time(now)),
    ).rowcount
    if written and answer is not None:
        connection.execute(
            f"INSERT INTO answers ({ANSWER_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", tuple(answer)
        )
    return bool(written)
