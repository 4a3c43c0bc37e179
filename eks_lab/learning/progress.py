"""Progress: what a learner did, where they are, what they marked and how they like the program to be.

The one way to the database for the rest of the program. Every call is one short transaction, so what
a call returned from is on the disk; calls may come from any thread.

One class for what every screen uses; whatever has tables of its own (drafts, labs, reviews, decks, interviews) has a
class of its own beside it, loaded when it is first used.
"""

from __future__ import annotations

import json
import math
import sqlite3
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from eks_lab.clock import Clock
from eks_lab.errors import InputError
from eks_lab.learning.answer_text import ANSWER_COLUMNS, LARGEST_REV, answer_of_row, given_to_text
from eks_lab.learning.database import Database, open_database
from eks_lab.learning.drafts import DraftRecords
from eks_lab.learning.labs import LabRecords
from eks_lab.learning.records import (
    ANSWER_MODES,
    AnswerMode,
    AnswerRecord,
    Bookmark,
    Given,
    LessonRecord,
    Place,
)
from eks_lab.learning.settings import Settings, check_setting, read_settings, setting_field
from eks_lab.learning.timestamps import read_time, write_time

if TYPE_CHECKING:
    from eks_lab.learning.decks import DeckRecords
    from eks_lab.learning.interviews.records import InterviewRecords
    from eks_lab.learning.reviews import ReviewRecords

__all__ = ["AnswerRecord", "Bookmark", "Given", "LessonRecord", "Place", "Progress", "open_progress"]

FILE_NAME = "progress.sqlite3"
"""Name of the database in `locations.data_dir()`."""
LONGEST_READING_SECONDS = 24 * 60 * 60
"""More than this in one call is a clock that jumped, not a reader."""


def open_progress(path: Path, clock: Clock) -> Progress:
    """Open the learner's progress, making or repairing what is needed.

    The folder and the file are created readable by their owner only, and an older file is migrated.
    A damaged file is set aside under a new name, never overwritten. Where nothing can be written, what
    is stored is shown from memory and nothing new is remembered. `Progress.notice` tells of both.

    Args:
        path: the database file, usually `locations.data_dir() / FILE_NAME`.
        clock: gives the time of everything that is recorded.

    Raises:
        DataError: the file comes from a newer eks-lab, or another program keeps it locked. It is
            left as it is.
    """
    return Progress(open_database(path, clock), clock)


class Progress:
    """The learner's record. Make one with `open_progress`; close it when done."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Serve an open database.

        Args:
            database: open and migrated.
            clock: gives the time of everything that is recorded.
        """
        self.database = database
        self.drafts = DraftRecords(database, clock)
        self.labs = LabRecords(database, clock)
        self._clock = clock

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @cached_property
    def reviews(self) -> ReviewRecords:
        """Cards and their reviews; loaded at the first use, since the first screen needs none."""
        from eks_lab.learning.reviews import ReviewRecords

        return ReviewRecords(self.database, self._clock)

    @cached_property
    def decks(self) -> DeckRecords:
        """Cards the learner brought along; loaded at the first use."""
        from eks_lab.learning.decks import DeckRecords

        return DeckRecords(self.database, self._clock)

    @cached_property
    def interviews(self) -> InterviewRecords:
        """Interviews; loaded at the first use."""
        from eks_lab.learning.interviews.records import InterviewRecords

        return InterviewRecords(self.database, self._clock)

    @property
    def notice(self) -> str:
        """What happened on opening, for the learner; empty when all was well."""
        return self.database.notice

    @property
    def is_remembered(self) -> bool:
        """Whether what is recorded now will still be there after the program ends."""
        return self.database.is_remembered

    @property
    def path(self) -> Path:
        """The database file (which may not exist when nothing is remembered)."""
        return self.database.path

    def close(self) -> None:
        """Close the database; calling it twice does no harm."""
        self.database.close()

    # Lessons

    def lessons(self) -> dict[str, LessonRecord]:
        """Return every lesson that was opened, by lesson id, in the order of first opening.

        Raises:
            DataError: the database cannot be read.
        """
        with self.database.read() as connection:
            rows = connection.execute(
                "SELECT lesson_id, opened_at, finished_at, seconds FROM lessons ORDER BY opened_at, lesson_id"
            )
            return {
                lesson: LessonRecord(lesson, read_time(opened), read_time(done) if done else None, seconds)
                for lesson, opened, done, seconds in rows
            }

    def mark_opened(self, lesson_id: str) -> None:
        """Remember that a lesson was opened; the first time counts.

        Raises:
            DataError: it could not be stored.
        """
        with self.database.write() as connection:
            self._ensure_lesson(connection, lesson_id)

    def mark_finished(self, lesson_id: str) -> None:
        """Mark a lesson finished now, opened or not.

        Raises:
            DataError: it could not be stored.
        """
        with self.database.write() as connection:
            self._ensure_lesson(connection, lesson_id)
            connection.execute(
                "UPDATE lessons SET finished_at = ? WHERE lesson_id = ?", (self._now_text(), lesson_id)
            )

    def mark_unfinished(self, lesson_id: str) -> None:
        """Take back that a lesson is finished; a lesson never opened stays unknown.

        Raises:
            DataError: it could not be stored.
        """
        with self.database.write() as connection:
            connection.execute("UPDATE lessons SET finished_at = NULL WHERE lesson_id = ?", (lesson_id,))

    def add_seconds(self, lesson_id: str, n: int) -> None:
        """Add reading time to a lesson.

        Args:
            lesson_id: the lesson.
            n: seconds since the last call, 0 to `LONGEST_READING_SECONDS`.

        Raises:
            InputError: `n` is out of range.
            DataError: it could not be stored.
        """
        if not 0 <= n <= LONGEST_READING_SECONDS:
            raise InputError(
                f"seconds of reading in {lesson_id}: {n} is not between 0 and {LONGEST_READING_SECONDS}"
            )
        with self.database.write() as connection:
            self._ensure_lesson(connection, lesson_id)
            connection.execute(
                "UPDATE lessons SET seconds = seconds + ? WHERE lesson_id = ?", (int(n), lesson_id)
            )

    # Places

    def save_place(self, place: Place) -> None:
        """Remember where in a lesson the learner is; the newest place of each lesson is kept.

        A fraction outside 0 to 1 is moved to the nearer end: a rounding error must not lose the place.

        Raises:
            DataError: it could not be stored.
        """
        fraction = 0.0 if math.isnan(place.fraction) else min(1.0, max(0.0, float(place.fraction)))
        with self.database.write() as connection:
            newest = connection.execute("SELECT max(saved_at) FROM places").fetchone()[0]
            connection.execute(
                "INSERT INTO places (lesson_id, anchor, fraction, saved_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (lesson_id) DO UPDATE SET anchor = excluded.anchor,"
                " fraction = excluded.fraction, saved_at = excluded.saved_at",
                (place.lesson_id, place.anchor, fraction, self._now_after(newest)),
            )

    def place(self, lesson_id: str) -> Place | None:
        """Return where the learner was in a lesson, or None.

        Raises:
            DataError: the database cannot be read.
        """
        with self.database.read() as connection:
            sql = "SELECT lesson_id, anchor, fraction FROM places WHERE lesson_id = ?"
            row = connection.execute(sql, (lesson_id,)).fetchone()
        return Place(*row) if row else None

    def last_place(self) -> Place | None:
        """Return the place saved last in any lesson, or None for a fresh start.

        Raises:
            DataError: the database cannot be read.
        """
        with self.database.read() as connection:
            row = connection.execute(
                "SELECT lesson_id, anchor, fraction FROM places ORDER BY saved_at DESC, lesson_id LIMIT 1"
            ).fetchone()
        return Place(*row) if row else None

    # Answers

    def record_answer(
        self,
        question_id: str,
        rev: int,
        given: Given,
        correct: bool,
        *,
        seed: int = 0,
        score: float | None = None,
        seconds: float | None = None,
        mode: AnswerMode = "lesson",
    ) -> None:
        """Add an answer to the history of a question; it becomes the question's latest.

        A wrong answer makes a card of the question (see `eks_lab.learning.reviews`).

        Args:
            question_id: the question.
            rev: the question's revision, from 1.
            given: indexes of what was chosen, the number or the text typed.
            correct: whether it was right.
            seed: which variant was asked.
            score: 0 to 1, what part of it was right; left out, all or nothing.
            seconds: time the learner took; None when nobody measured it.
            mode: where it was asked.

        Raises:
            InputError: `given` is none of these, or another argument is out of its range.
            DataError: it could not be stored.
        """
        if not 1 <= rev <= LARGEST_REV:
            raise InputError(f"answer to {question_id}: revision {rev} is not between 1 and {LARGEST_REV}")
        if mode not in ANSWER_MODES:
            raise InputError(
                f"answer to {question_id}: {mode!r} is no mode", hint=f"Modes: {', '.join(ANSWER_MODES)}."
            )
        if not -(2**63) <= seed < 2**63:
            raise InputError(f"answer to {question_id}: the seed {seed} has more than 64 bits")
        points = float(correct) if score is None else float(score)
        if not 0 <= points <= 1:
            raise InputError(f"answer to {question_id}: the score {points} is not between 0 and 1")
        given_text = given_to_text(question_id, given)
        taken = None if seconds is None else sensible_seconds(seconds)
        with self.database.write() as connection:
            newest = connection.execute(
                "SELECT max(answered_at) FROM answers WHERE question_id = ?", (question_id,)
            ).fetchone()[0]
            moment = self._now_after(newest)
            connection.execute(
                f"INSERT INTO answers ({ANSWER_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (question_id, rev, given_text, int(correct), moment, seed, points, taken, mode),
            )

    def answers(self) -> dict[str, AnswerRecord]:
        """Return the latest answer of every question that was answered, by question id.

        Raises:
            DataError: the database cannot be read.
        """
        with self.database.read() as connection:
            rows = connection.execute(
                f"SELECT {ANSWER_COLUMNS}"
                " FROM latest_answers JOIN answers USING (answer_id, question_id) ORDER BY question_id"
            )
            return {row[0]: answer_of_row(row) for row in rows}

    def attempts(self, question_id: str) -> list[AnswerRecord]:
        """Return every answer given to one question, oldest first.

        Raises:
            DataError: the database cannot be read.
        """
        with self.database.read() as connection:
            rows = connection.execute(
                f"SELECT {ANSWER_COLUMNS} FROM answers WHERE question_id = ? ORDER BY answered_at, answer_id",
                (question_id,),
            )
            return [answer_of_row(row) for row in rows]

    def history(self) -> list[AnswerRecord]:
        """Return every answer to every question, oldest first.

        Raises:
            DataError: the database cannot be read.
        """
        with self.database.read() as connection:
            rows = connection.execute(f"SELECT {ANSWER_COLUMNS} FROM answers ORDER BY answered_at, answer_id")
            return [answer_of_row(row) for row in rows]

    # Bookmarks

    def bookmarks(self) -> list[Bookmark]:
        """Return the bookmarks, oldest first.

        Raises:
            DataError: the database cannot be read.
        """
        with self.database.read() as connection:
            rows = connection.execute(
                "SELECT lesson_id, anchor, title, created_at FROM bookmarks"
                " ORDER BY created_at, lesson_id, anchor"
            )
            return [Bookmark(lesson, anchor, title, read_time(made)) for lesson, anchor, title, made in rows]

    def toggle_bookmark(self, lesson_id: str, anchor: str, title: str) -> bool:
        """Set a bookmark, or take it away when it is set.

        Args:
            lesson_id: the lesson.
            anchor: the heading's anchor, empty for the lesson itself.
            title: what to call it in the list.

        Returns:
            Whether the bookmark is set now.

        Raises:
            DataError: it could not be stored.
        """
        with self.database.write() as connection:
            removed = connection.execute(
                "DELETE FROM bookmarks WHERE lesson_id = ? AND anchor = ?", (lesson_id, anchor)
            ).rowcount
            if removed:
                return False
            newest = connection.execute("SELECT max(created_at) FROM bookmarks").fetchone()[0]
            row = (lesson_id, anchor, title, self._now_after(newest))
            connection.execute(
                "INSERT INTO bookmarks (lesson_id, anchor, title, created_at) VALUES (?, ?, ?, ?)", row
            )
        return True

    # Settings

    def settings(self) -> Settings:
        """Return all settings; one that is stored wrongly has its default (see `setting_notices`).

        Raises:
            DataError: the database cannot be read.
        """
        return read_settings(self._stored_settings())[0]

    def setting_notices(self) -> tuple[str, ...]:
        """Return a sentence for every stored setting that could not be used.

        Raises:
            DataError: the database cannot be read.
        """
        return read_settings(self._stored_settings())[1]

    def setting(self, name: str) -> object:
        """Return one setting.

        Raises:
            InputError: there is no such setting.
            DataError: the database cannot be read.
        """
        return getattr(self.settings(), setting_field(name).name)

    def set_setting(self, name: str, value: object) -> None:
        """Store one setting.

        Args:
            name: a field of `Settings`.
            value: of that field's type; text typed by a person goes through
                `eks_lab.learning.settings.parse_setting` first.

        Raises:
            InputError: there is no such setting, or the value is not allowed; nothing is changed.
            DataError: it could not be stored.
        """
        checked = check_setting(name, value)
        with self.database.write() as connection:
            connection.execute(
                "INSERT INTO settings (name, value) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, json.dumps(checked, ensure_ascii=False)),
            )

    def reset_setting(self, name: str) -> None:
        """Go back to the default of one setting.

        Raises:
            InputError: there is no such setting.
            DataError: it could not be stored.
        """
        setting_field(name)
        with self.database.write() as connection:
            connection.execute("DELETE FROM settings WHERE name = ?", (name,))

    def reset(self) -> Path:
        """Forget everything but the settings, after a copy of the database was made beside it.

        Returns:
            The copy.

        Raises:
            DataError: the copy could not be written, or nothing is stored here; nothing is forgotten.
        """
        from eks_lab.learning.sittings import SITTING_TABLES

        backup = self.database.back_up(self._clock.now())
        with self.database.write() as connection:
            tables = (
                *("latest_answers", "answers", "bookmarks", "places", "lessons", "drafts", "saved_files"),
                *("lab_commands", "running_lab", "lab_attempts"),
                *("reviews", "cards", "own_cards"),
                *SITTING_TABLES,
                *("interview_overrules", "interview_turns", "interviews"),
            )
            for table in tables:
                connection.execute(f"DELETE FROM {table}")
        return backup

    def _stored_settings(self) -> dict[str, str]:
        with self.database.read() as connection:
            return dict(connection.execute("SELECT name, value FROM settings").fetchall())

    def _ensure_lesson(self, connection: sqlite3.Connection, lesson_id: str) -> None:
        connection.execute(
            "INSERT INTO lessons (lesson_id, opened_at) VALUES (?, ?) ON CONFLICT (lesson_id) DO NOTHING",
            (lesson_id, self._now_text()),
        )

    def _now_text(self) -> str:
        return write_time(self._clock.now())

    def _now_after(self, newest: str | None) -> str:
        """Return the present moment, or just after `newest`, whichever is later.

        A machine's clock may be set back; what was done last must still come last.
        """
        now = self._clock.now()
        if newest is not None:
            now = max(now, read_time(newest) + timedelta(microseconds=1))
        return write_time(now)


def sensible_seconds(seconds: float) -> float | None:
    """Return a time that was taken, or None for one that only a jumping clock can have measured."""
    return float(seconds) if 0 <= seconds <= LONGEST_READING_SECONDS else None
