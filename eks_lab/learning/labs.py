"""What a learner did in labs, and the one lab that runs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from eks_lab.clock import Clock
from eks_lab.errors import InputError
from eks_lab.learning.database import Database
from eks_lab.learning.timestamps import read_time, write_time

LabOutcome = Literal["solved", "shown", "stopped"]
LONGEST_LINE = 4000
"""Characters of a command that are kept."""


@dataclass(frozen=True, slots=True)
class LabAttempt:
    """One try at a lab."""

    attempt_id: int
    lab_id: str
    seed: int
    started_at: datetime
    ended_at: datetime | None
    """None while it runs."""
    outcome: LabOutcome | None
    """`shown` when the solution was looked at; None while it runs."""
    points: int | None
    """None while it runs."""
    hints: int
    """How many were taken."""
    seconds: int
    """Time from start to end."""


@dataclass(frozen=True, slots=True)
class RunningLab:
    """The lab that runs."""

    attempt: LabAttempt
    folder: Path
    """Of the lab's files."""
    digest: str
    """Of these files when it was started."""
    answers: Mapping[str, str]
    """Check id -> answer."""
    hints: Sequence[int]
    """Numbers of the hints that were taken, from 0, in their order."""


_COLUMNS = "lab_attempts.attempt_id, lab_id, seed, started_at, ended_at, outcome, points, lab_attempts.hints, seconds"


class LabRecords:
    """Labs in the learner's record."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Serve an open database.

        Args:
            database: open and migrated.
            clock: gives the time of what is recorded.
        """
        self._database = database
        self._clock = clock

    def start(self, lab_id: str, seed: int, folder: Path, digest: str) -> RunningLab:
        """Begin a try.

        Args:
            lab_id: the lab.
            seed: of its variables.
            folder: of its files.
            digest: of these files.

        Raises:
            InputError: another lab runs.
            DataError: it could not be stored.
        """
        with self._database.write() as connection:
            row = connection.execute(
                "SELECT lab_id FROM running_lab JOIN lab_attempts USING (attempt_id)"
            ).fetchone()
            if row is not None:
                raise _runs_already(row[0])
            attempt_id = connection.execute(
                "INSERT INTO lab_attempts (lab_id, seed, started_at) VALUES (?, ?, ?)",
                (lab_id, seed, write_time(self._clock.now())),
            ).lastrowid
            connection.execute(
                "INSERT INTO running_lab (only_one, attempt_id, folder, digest, answers, hints)"
                " VALUES (1, ?, ?, ?, '{}', '[]')",
                (attempt_id, str(folder), digest),
            )
        found = self.running()
        assert found is not None
        return found

    def running(self) -> RunningLab | None:
        """Return the lab that runs, or None.

        Raises:
            DataError: the database cannot be read.
        """
        with self._database.read() as connection:
            row = connection.execute(
                f"SELECT {_COLUMNS}, folder, digest, answers, running_lab.hints"
                " FROM running_lab JOIN lab_attempts USING (attempt_id)"
            ).fetchone()
        if row is None:
            return None
        return RunningLab(_attempt(row[:9]), Path(row[9]), row[10], json.loads(row[11]), json.loads(row[12]))

    def answer(self, check: str, value: str) -> None:
        """Keep an answer of the lab that runs.

        Raises:
            DataError: it could not be stored.
        """
        with self._database.write() as connection:
            row = connection.execute("SELECT answers FROM running_lab").fetchone()
            if row is not None:
                answers = {**json.loads(row[0]), check: value}
                connection.execute("UPDATE running_lab SET answers = ?", (json.dumps(answers),))

    def take_hint(self, number: int) -> None:
        """Remember that a hint of the lab that runs was taken.

        Raises:
            DataError: it could not be stored.
        """
        with self._database.write() as connection:
            row = connection.execute("SELECT attempt_id, hints FROM running_lab").fetchone()
            if row is None:
                return
            hints = json.loads(row[1])
            if number not in hints:
                hints.append(number)
            connection.execute("UPDATE running_lab SET hints = ?", (json.dumps(hints),))
            connection.execute("UPDATE lab_attempts SET hints = ? WHERE attempt_id = ?", (len(hints), row[0]))

    def restart(self, digest: str) -> None:
        """Forget answers of the lab that runs: it was reset. Hints that were taken stay taken.

        Raises:
            DataError: it could not be stored.
        """
        with self._database.write() as connection:
            connection.execute("UPDATE running_lab SET answers = '{}', digest = ?", (digest,))

    def finish(self, outcome: LabOutcome, points: int) -> None:
        """Settle the try that runs; the lab goes on, and later calls change nothing.

        Args:
            outcome: what came of it.
            points: 0 to 100.

        Raises:
            DataError: it could not be stored.
        """
        now = self._clock.now()
        with self._database.write() as connection:
            row = connection.execute(
                "SELECT attempt_id, started_at, ended_at FROM running_lab JOIN lab_attempts USING (attempt_id)"
            ).fetchone()
            if row is None or row[2] is not None:
                return
            seconds = max(0, int((now - read_time(row[1])).total_seconds()))
            connection.execute(
                "UPDATE lab_attempts SET ended_at = ?, outcome = ?, points = ?, seconds = ?"
                " WHERE attempt_id = ?",
                (write_time(now), outcome, points, seconds, row[0]),
            )

    def end(self) -> None:
        """Let no lab run any more.

        Raises:
            DataError: it could not be stored.
        """
        with self._database.write() as connection:
            connection.execute("DELETE FROM running_lab")

    def attempts(self, lab_id: str = "") -> list[LabAttempt]:
        """Return the tries at one lab, or at all, oldest first.

        Raises:
            DataError: the database cannot be read.
        """
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM lab_attempts WHERE ? IN ('', lab_id) ORDER BY attempt_id", (lab_id,)
            )
            return [_attempt(row) for row in rows]

    def note_command(self, line: str) -> None:
        """Remember what the learner typed in the lab that runs; without one, nothing.

        Raises:
            DataError: it could not be stored.
        """
        text = "".join(letter if letter.isprintable() else " " for letter in line)[:LONGEST_LINE]
        with self._database.write() as connection:
            row = connection.execute("SELECT attempt_id FROM running_lab").fetchone()
            if row is None or not text.strip():
                return
            connection.execute(
                "INSERT INTO lab_commands (attempt_id, number, typed_at, line) SELECT ?,"
                " coalesce((SELECT max(number) FROM lab_commands WHERE attempt_id = ?), 0) + 1, ?, ?",
                (row[0], row[0], write_time(self._clock.now()), text),
            )

    def commands(self, attempt_id: int) -> list[str]:
        """Return what was typed in one try, in order.

        Raises:
            DataError: the database cannot be read.
        """
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT line FROM lab_commands WHERE attempt_id = ? ORDER BY number", (attempt_id,)
            )
            return [line for (line,) in rows]


def _attempt(row: Sequence[Any]) -> LabAttempt:
    attempt_id, lab_id, seed, started, ended, outcome, points, hints, seconds = row
    times = read_time(started), read_time(ended) if ended else None
    return LabAttempt(attempt_id, lab_id, seed, *times, outcome, points, hints, seconds)


def _runs_already(lab_id: str) -> InputError:
    return InputError(
        f"the lab {lab_id} runs already",
        hint="Go on with it: eks-lab lab status. Or end it first: eks-lab lab stop",
    )
