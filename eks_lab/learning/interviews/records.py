"""Interviews in the learner's record: what was settled, every line that was said, and what the learner overruled."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, cast

from eks_lab.clock import Clock
from eks_lab.content.items.model import KeyPoint, Level
from eks_lab.content.items.result import PointResult, Reason
from eks_lab.errors import InputError
from eks_lab.learning.answer_text import ANSWER_COLUMNS, given_to_text
from eks_lab.learning.database import Database
from eks_lab.learning.interviews.questions import PutQuestion, read_plan, write_plan
from eks_lab.learning.timestamps import read_time, write_time

Speaker = Literal["interviewer", "candidate"]
Outcome = Literal["finished", "time_up", "stopped"]
GRACE = timedelta(seconds=30)
"""Past the end a sentence may still be finished: an answer that comes within this counts."""


@dataclass(frozen=True, slots=True)
class FoundPoint:
    """What was read of a key point when the answer was given."""

    found: bool
    where: str
    """The words it was found in, or that speak against it."""
    reason: str
    """Why not, as in `content.items.result`."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A line that was said."""

    speaker: Speaker
    question: int
    """Index of the question in the plan."""
    follow_up: int | None
    """Index of its follow-up; None for the question itself."""
    text: str
    said_at: datetime
    seconds: float = 0.0
    """Of an answer: time since it was asked."""
    found: Mapping[str, FoundPoint] = field(default_factory=dict)
    """Of an answer: key point -> what was read."""

    @property
    def place(self) -> tuple[int, int | None]:
        """Return question and follow-up."""
        return self.question, self.follow_up


def read_points(points: Sequence[KeyPoint], answer: Turn) -> tuple[PointResult, ...]:
    """Return what was read of key points when an answer was given.

    Args:
        points: of the question.
        answer: a candidate's turn.
    """
    none = FoundPoint(False, "", "")
    return tuple(
        PointResult(point, each.found, each.where, cast(Reason, each.reason))
        for point in points
        for each in (answer.found.get(point.id, none),)
    )


@dataclass(frozen=True, slots=True)
class Interview:
    """One interview as it stands."""

    interview_id: int
    level: Level
    topics: tuple[str, ...]
    """As asked for; empty for all."""
    seed: int
    minutes: float
    questions: tuple[PutQuestion, ...]
    """As they were put."""
    started_at: datetime
    ended_at: datetime | None
    """None while it runs."""
    outcome: Outcome | None
    """None while it runs."""
    turns: tuple[Turn, ...]
    """Every line, in order."""
    overruled: Mapping[tuple[int, int | None, str], bool]
    """(question, follow-up, point) -> what the learner says."""

    @property
    def deadline(self) -> datetime:
        """Return when the time is over."""
        return self.started_at + timedelta(minutes=self.minutes)

    def counts(self, turn: Turn) -> bool:
        """Return whether an answer came in time."""
        return turn.said_at <= self.deadline + GRACE


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """What goes into the history of a question."""

    question: PutQuestion
    text: str
    score: float
    """0 to 1."""
    is_right: bool
    seconds: float


class InterviewRecords:
    """Interviews in the learner's record."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Serve an open database.

        Args:
            database: open and migrated.
            clock: gives the time of what is recorded.
        """
        self._database = database
        self._clock = clock

    @property
    def clock(self) -> Clock:
        """Return the clock that everything is recorded by."""
        return self._clock

    def start(
        self, questions: Sequence[PutQuestion], level: Level, topics: Sequence[str], minutes: float, seed: int
    ) -> Interview:
        """Begin an interview.

        Args:
            questions: at least one.
            level: of the position.
            topics: as asked for.
            minutes: for all of it.
            seed: the questions were chosen by.

        Raises:
            InputError: another interview runs, or there is no question.
            DataError: it could not be stored.
        """
        if not questions:
            raise InputError("An interview needs a question.", hint="Choose other topics.")
        with self._database.write() as connection:
            row = connection.execute("SELECT interview_id FROM interviews WHERE outcome IS NULL").fetchone()
            if row is not None:
                raise InputError(
                    f"Interview {row[0]} is still running.",
                    hint="Go on with it: eks-lab interview resume. Or end it: eks-lab interview stop",
                )
            made = connection.execute(
                "INSERT INTO interviews (level, topics, seed, minutes, plan, started_at) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    level,
                    json.dumps(list(topics)),
                    seed,
                    minutes,
                    write_plan(questions),
                    write_time(self._clock.now()),
                ),
            ).lastrowid
            assert made is not None
            return _load(connection, made)

    def running(self) -> Interview | None:
        """Return the interview that runs, or None.

        Raises:
            DataError: the database cannot be read.
        """
        with self._database.read() as connection:
            row = connection.execute("SELECT interview_id FROM interviews WHERE outcome IS NULL").fetchone()
            return None if row is None else _load(connection, row[0])

    def load(self, interview_id: int) -> Interview:
        """Return one interview.

        Raises:
            InputError: there is none with this number.
            DataError: the database cannot be read.
        """
        with self._database.read() as connection:
            return _load(connection, interview_id)

    def all(self) -> list[Interview]:
        """Return every interview, oldest first.

        Raises:
            DataError: the database cannot be read.
        """
        with self._database.read() as connection:
            numbers = connection.execute(
                "SELECT interview_id FROM interviews ORDER BY interview_id"
            ).fetchall()
            return [_load(connection, number) for (number,) in numbers]

    def say(
        self,
        interview: Interview,
        turns: Sequence[Turn],
        outcome: Outcome | None = None,
        ended_at: datetime | None = None,
        answered: AnsweredQuestion | None = None,
    ) -> Interview:
        """Add lines to an interview, and end it with them; all or nothing.

        Args:
            interview: as it was when these lines were made.
            turns: in order.
            outcome: None while it goes on.
            ended_at: when it ended.
            answered: goes into the history of its question, where a weak answer makes a review card.

        Returns:
            The interview afterwards.

        Raises:
            InputError: something was said meanwhile, in another window; nothing is stored.
            DataError: it could not be stored.
        """
        number = interview.interview_id
        with self._database.write() as connection:
            row = connection.execute(
                "SELECT outcome, (SELECT count(*) FROM interview_turns AS t WHERE t.interview_id = i.interview_id)"
                " FROM interviews AS i WHERE interview_id = ?",
                (number,),
            ).fetchone()
            if row != (interview.outcome, len(interview.turns)):
                raise InputError(
                    f"Interview {number} went on in another window: this answer was not taken.",
                    hint="See where it stands: eks-lab interview resume",
                )
            for at, turn in enumerate(turns, len(interview.turns)):
                connection.execute(
                    "INSERT INTO interview_turns (interview_id, number, speaker, question, follow_up, text, said_at,"
                    " seconds, found) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        *(number, at, turn.speaker, turn.question, turn.follow_up, turn.text),
                        *(write_time(turn.said_at), turn.seconds, _found_to_text(turn.found)),
                    ),
                )
            if outcome is not None:
                connection.execute(
                    "UPDATE interviews SET outcome = ?, ended_at = ? WHERE interview_id = ?",
                    (outcome, write_time(ended_at or self._clock.now()), number),
                )
            if answered is not None:
                _note(connection, answered, interview.seed, turns[0].said_at)
            return _load(connection, number)

    def overrule(
        self, interview_id: int, question: int, follow_up: int | None, point: str, found: bool
    ) -> Interview:
        """Keep what the learner says about a point; what was read stays too.

        Args:
            interview_id: of an interview in which the question was answered.
            question: index of the question.
            follow_up: index of its follow-up; None for the question itself.
            point: id of the key point.
            found: whether it was in the answer.

        Returns:
            The interview afterwards.

        Raises:
            InputError: there is no such point, or the question was not answered.
            DataError: it could not be stored.
        """
        with self._database.write() as connection:
            interview = _load(connection, interview_id)
            answers = [
                turn
                for turn in interview.turns
                if turn.speaker == "candidate" and turn.place == (question, follow_up)
            ]
            known = [name for turn in answers for name in turn.found]
            if point not in known:
                raise InputError(
                    f"Interview {interview_id} has no point {point!r} at that question.",
                    hint=f"Its points: {', '.join(known)}."
                    if known
                    else "The question has no answer in that interview.",
                )
            connection.execute(
                "INSERT INTO interview_overrules (interview_id, question, follow_up, point, found, overruled_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (interview_id, question, follow_up, point, int(found), write_time(self._clock.now())),
            )
            return _load(connection, interview_id)


def _load(connection: sqlite3.Connection, interview_id: int) -> Interview:
    row = connection.execute(
        "SELECT level, topics, seed, minutes, plan, started_at, ended_at, outcome FROM interviews"
        " WHERE interview_id = ?",
        (interview_id,),
    ).fetchone()
    if row is None:
        raise InputError(f"There is no interview {interview_id}.", hint="See them: eks-lab interview list")
    level, topics, seed, minutes, plan, started, ended, outcome = row
    turns = connection.execute(
        "SELECT speaker, question, follow_up, text, said_at, seconds, found FROM interview_turns"
        " WHERE interview_id = ? ORDER BY number",
        (interview_id,),
    )
    overruled = connection.execute(
        "SELECT question, follow_up, point, found FROM interview_overrules WHERE interview_id = ?"
        " ORDER BY overrule_id",
        (interview_id,),
    )
    return Interview(
        interview_id,
        level,
        tuple(json.loads(topics)),
        seed,
        minutes,
        read_plan(plan),
        read_time(started),
        read_time(ended) if ended else None,
        outcome,
        tuple(
            Turn(speaker, question, follow_up, text, read_time(said), seconds, _found_from_text(found))
            for speaker, question, follow_up, text, said, seconds, found in turns
        ),
        {(question, follow_up, point): bool(found) for question, follow_up, point, found in overruled},
    )


def _note(connection: sqlite3.Connection, answered: AnsweredQuestion, seed: int, moment: datetime) -> None:
    """Add an answer to the history of its question, after every earlier one even if the clock was set back."""
    question = answered.question
    newest = connection.execute(
        "SELECT max(answered_at) FROM answers WHERE question_id = ?", (question.item_id,)
    ).fetchone()[0]
    if newest is not None:
        moment = max(moment, read_time(newest) + timedelta(microseconds=1))
    connection.execute(
        f"INSERT INTO answers ({ANSWER_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'interview')",
        (
            *(question.item_id, question.rev, given_to_text(question.item_id, answered.text)),
            *(int(answered.is_right), write_time(moment), seed, answered.score, answered.seconds),
        ),
    )


def _found_to_text(found: Mapping[str, FoundPoint]) -> str:
    return json.dumps(
        {name: [each.found, each.where, each.reason] for name, each in found.items()}, ensure_ascii=False
    )


def _found_from_text(text: str) -> dict[str, FoundPoint]:
    return {name: FoundPoint(*parts) for name, parts in json.loads(text).items()}
