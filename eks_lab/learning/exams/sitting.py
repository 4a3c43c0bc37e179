"""A sitting: the rules of the exam room. Everything a learner does is on the disk when the call returns.

Any number of programs may have the same sitting open: events of all of them go into one list, and the last answer to a
task counts. Calls are short; they may come from any thread.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from eks_lab.clock import Clock
from eks_lab.content.items.given import Given, check_given
from eks_lab.content.tracks import Track
from eks_lab.errors import DataError, InputError
from eks_lab.learning.answer_text import given_from_text, given_to_text
from eks_lab.learning.database import Database
from eks_lab.learning.exams import records
from eks_lab.learning.exams.composition import Plan
from eks_lab.learning.exams.records import Event, EventKind, SittingLine, SittingRecord
from eks_lab.learning.exams.ticking import NO_TIME, Ticking

Ending = Literal["time", "learner"]
COLLECTING = timedelta(minutes=1)
"""After the time is over, a lab that was being worked on may still be looked at for so long."""
NOTHING_GIVEN = "null"
"""An answer that was taken back, as stored."""


class TimeOverError(InputError):
    """The time of the sitting is over; what was to be done was not done."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("the time is over: this was not counted", hint="See: eks-lab exam report")


class NotRunningError(InputError):
    """The sitting has ended."""


@dataclass(frozen=True, slots=True)
class State:
    """A sitting as it stands."""

    clock: Ticking
    allowed: timedelta
    given: Mapping[int, Given]
    """Task number -> the answer that counts."""
    flagged: frozenset[int]
    """Numbers of the tasks to come back to."""
    shown: int | None
    """The task that was shown last."""
    ending: Ending | None
    """How it ended; None while it runs."""
    events: tuple[Event, ...]

    @property
    def left(self) -> timedelta:
        """Return the time that is left, never below zero."""
        return max(NO_TIME, self.allowed - self.clock.elapsed)

    @property
    def is_over(self) -> bool:
        """Return whether nothing is counted any more."""
        return self.ending is not None


class ExamRoom:
    """The learner's sittings."""

    def __init__(self, database: Database, clock: Clock, steady: Callable[[], float] | None = None) -> None:
        """Serve an open database.

        Args:
            database: open and migrated.
            clock: the machine's clock.
            steady: seconds from anywhere that never run back (`time.monotonic`); guards a running program against a
                clock that is set back. Without it, only the clock is read.
        """
        self.database = database
        self.clock = clock
        self.steady = steady

    def start(self, track: Track, plan: Plan, contents: Mapping[str, Mapping[str, Any]]) -> Sitting:
        """Begin a sitting; its time runs from now.

        Args:
            track: the exam.
            plan: what is asked.
            contents: offer id -> the copy kept with the sitting (`asked.variant_copy` of a question).

        Raises:
            InputError: another sitting runs.
            DataError: it could not be stored.
        """
        with self.database.write() as connection:
            sitting_id = records.begin(connection, track, plan, contents, self.clock.now())
        return self.sitting(sitting_id)

    def running(self) -> Sitting | None:
        """Return the sitting that runs, or None; one whose time has run out meanwhile has ended.

        Raises:
            DataError: the database cannot be used.
        """
        with self.database.read() as connection:
            sitting_id = records.running_sitting(connection)
        if sitting_id is None:
            return None
        sitting = self.sitting(sitting_id)
        if not sitting.state().is_over:
            return sitting
        with suppress(NotRunningError):
            sitting.tick()
        return None

    def sitting(self, sitting_id: int) -> Sitting:
        """Return a sitting, running or past.

        Raises:
            InputError: there is none of this number.
            DataError: it cannot be read.
        """
        with self.database.read() as connection:
            return Sitting(self, records.read_sitting(connection, sitting_id))

    def past(self) -> list[SittingLine]:
        """Return every sitting, the latest first.

        Raises:
            DataError: the database cannot be read.
        """
        with self.database.read() as connection:
            return records.past_sittings(connection)

    def last_asked(self) -> dict[str, datetime]:
        """Return when each question and lab was last asked in a sitting.

        Raises:
            DataError: the database cannot be read.
        """
        with self.database.read() as connection:
            return records.last_asked(connection)


class Sitting:
    """One sitting. Get one from an `ExamRoom`."""

    def __init__(self, room: ExamRoom, record: SittingRecord) -> None:
        """Join a sitting.

        Args:
            room: where it is held.
            record: what it was begun with.
        """
        self.record = record
        self._room = room
        self._steady: tuple[timedelta, float] | None = None

    @property
    def sitting_id(self) -> int:
        """Return its number."""
        return self.record.sitting_id

    def state(self) -> State:
        """Return how it stands at this moment; nothing is written.

        Raises:
            DataError: the database cannot be read.
        """
        with self._room.database.read() as connection:
            events = records.read_events(connection, self.sitting_id)
            clock = records.read_clock(connection, self.sitting_id)
        ending = _ending(events)
        if ending is None:
            clock = clock.at(self._room.clock.now(), self._counted())
            if clock.elapsed >= self.record.allowed:
                clock, ending = _stopped(clock, self.record.allowed), "time"
        return State(
            clock,
            self.record.allowed,
            self._given(events),
            _flagged(events),
            _shown(events),
            ending,
            tuple(events),
        )

    def show(self, number: int) -> None:
        """Note that a task is looked at: its time runs from now.

        Raises:
            InputError: no such task, the sitting is paused, or it is over.
        """
        self.record.task(number)
        self._act("shown", number)

    def answer(self, number: int, given: Given | None) -> None:
        """Answer a question, or take the answer back; may be done again and again.

        Args:
            number: of the task.
            given: see `eks_lab.content.items.given`; None takes back.

        Raises:
            InputError: no such task, another form of answer, the sitting is paused, or it is over.
        """
        task = self.record.task(number)
        if given is None:
            self._act("answered", number, NOTHING_GIVEN)
            return
        if not task.is_lab:
            check_given(task.variant().item, given)
        self._act("answered", number, given_to_text(task.item_id, given))

    def collect(self, number: int, seen: str) -> None:
        """Keep how a lab stands; shortly after the time is over this is still taken.

        Args:
            number: of a task that is a lab.
            seen: what was found, as `marking.lab_text` writes it.

        Raises:
            InputError: it is no lab, or it is too late.
        """
        task = self.record.task(number)
        if not task.is_lab:
            raise InputError(f"task {number} is no lab")
        self._act("answered", number, given_to_text(task.item_id, seen), grace=COLLECTING)

    def flag(self, number: int, is_flagged: bool = True) -> None:
        """Mark a task to come back to, or take the mark away.

        Raises:
            InputError: no such task, the sitting is paused, or it is over.
        """
        self.record.task(number)
        self._act("flagged" if is_flagged else "unflagged", number)

    def pause(self) -> None:
        """Stop the clock; the report will say for how long.

        Raises:
            InputError: it is paused already, or over.
        """
        self._act("paused")

    def resume(self) -> None:
        """Let the clock run again.

        Raises:
            InputError: it is not paused, or over.
        """
        self._act("resumed")

    def reopen(self) -> timedelta:
        """Note that a program takes the sitting up again, after a crash or a break without a pause.

        Returns:
            The time since the last sign of life; it counts, unless the sitting was paused.

        Raises:
            InputError: it is over.
        """
        return self._act("reopened")

    def tick(self) -> None:
        """Read the clock and keep the reading; ends the sitting when its time is over.

        Raises:
            NotRunningError: it is over.
        """
        self._act(None)

    def end(self) -> None:
        """Hand in.

        Raises:
            InputError: it is over already.
        """
        self._act("ended", data="learner")

    def _act(
        self, kind: EventKind | None, number: int | None = None, data: str = "", *, grace: timedelta = NO_TIME
    ) -> timedelta:
        """Add an event now, with the clock, in one transaction; return what passed since the last reading."""
        is_late = False
        with self._room.database.write() as connection:
            if records.running_sitting(connection) != self.sitting_id:
                if not self._is_within(grace, records.read_events(connection, self.sitting_id)):
                    raise NotRunningError(
                        f"the sitting {self.sitting_id} is over",
                        hint=f"See: eks-lab exam report {self.sitting_id}",
                    )
                clock = records.read_clock(connection, self.sitting_id)
                records.add_event(connection, self.sitting_id, _kind(kind), number, clock, data)
                return NO_TIME
            before = records.read_clock(connection, self.sitting_id)
            clock = before.at(self._room.clock.now(), self._counted())
            if clock.elapsed >= self.record.allowed:
                is_late = clock.elapsed - self.record.allowed >= grace
                clock = _stopped(clock, self.record.allowed)
                records.add_event(connection, self.sitting_id, "ended", None, clock, "time")
                if not is_late:
                    records.add_event(connection, self.sitting_id, _kind(kind), number, clock, data)
            elif kind is not None:
                clock = _allowed(kind, clock)
                if kind == "reopened":
                    data = str((clock.elapsed - before.elapsed).total_seconds())
                records.add_event(connection, self.sitting_id, kind, number, clock, data)
            records.write_clock(connection, self.sitting_id, clock)
        self._remember(clock)
        if is_late and kind not in (None, "ended"):
            raise TimeOverError
        return clock.total - before.total

    def _is_within(self, grace: timedelta, events: list[Event]) -> bool:
        # One that was imported from another machine may run there, and has no end here.
        ended = next((event for event in events if event.kind == "ended"), None)
        return ended is not None and ended.data == "time" and abs(self._room.clock.now() - ended.at) < grace

    def _remember(self, clock: Ticking) -> None:
        if self._room.steady is not None:
            self._steady = clock.total, self._room.steady()

    def _counted(self) -> timedelta:
        """Return all time since the start by this program's own steady clock; zero before its first reading."""
        if self._steady is None or self._room.steady is None:
            return NO_TIME
        total, reading = self._steady
        return total + timedelta(seconds=self._room.steady() - reading)

    def _given(self, events: list[Event]) -> dict[int, Given]:
        given: dict[int, Given] = {}
        for event in events:
            if event.kind != "answered" or event.number is None:
                continue
            given.pop(event.number, None)
            if event.data != NOTHING_GIVEN:
                try:
                    given[event.number] = given_from_text(event.data)
                except (ValueError, json.JSONDecodeError) as error:
                    raise DataError(
                        f"sitting {self.sitting_id}: the answer to task {event.number} cannot be read: {error}"
                    ) from error
        return dict(sorted(given.items()))


def _kind(kind: EventKind | None) -> EventKind:
    assert kind is not None
    return kind


def _allowed(kind: EventKind, clock: Ticking) -> Ticking:
    """Return the clock after an event, or refuse the event."""
    if kind == "paused":
        if clock.is_paused:
            raise InputError("the sitting is paused already", hint="Go on: eks-lab exam resume")
        return clock.held(True)
    if kind == "resumed":
        if not clock.is_paused:
            raise InputError("the sitting is not paused")
        return clock.held(False)
    if clock.is_paused and kind not in ("ended", "reopened"):
        raise InputError(
            "the sitting is paused: its questions are covered", hint="Go on: eks-lab exam resume"
        )
    return clock


def _stopped(clock: Ticking, allowed: timedelta) -> Ticking:
    """Return the clock as it stood when the time was over."""
    return Ticking(clock.seen_at, min(clock.elapsed, allowed), clock.paused, False)


def _ending(events: list[Event]) -> Ending | None:
    for event in events:
        if event.kind == "ended":
            return "time" if event.data == "time" else "learner"
    return None


def _flagged(events: list[Event]) -> frozenset[int]:
    flagged: set[int] = set()
    for event in events:
        if event.number is not None and event.kind == "flagged":
            flagged.add(event.number)
        elif event.number is not None and event.kind == "unflagged":
            flagged.discard(event.number)
    return frozenset(flagged)


def _shown(events: list[Event]) -> int | None:
    return next((event.number for event in reversed(events) if event.kind == "shown"), None)
