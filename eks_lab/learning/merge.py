"""Between the database and the document: reading everything out, and putting a document in without losing.

Merging the same document twice changes nothing the second time.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import dataclass, fields
from datetime import datetime

from eks_lab import __version__
from eks_lab.learning.answer_text import ANSWER_COLUMNS, given_from_text, given_to_text
from eks_lab.learning.database import Database
from eks_lab.learning.document import (
    FORMAT,
    VERSION,
    AnswerEntry,
    BookmarkEntry,
    DraftEntry,
    LessonEntry,
    PlaceEntry,
    ProgressDocument,
)
from eks_lab.learning.drafts import FormKind, fits_field
from eks_lab.learning.lab_merge import lab_attempt_entries, merge_lab_attempts
from eks_lab.learning.review_merge import card_entries, merge_cards, own_card_entries, review_entries
from eks_lab.learning.sittings import merge_sittings, sitting_entries
from eks_lab.learning.timestamps import read_time, write_time


@dataclass(frozen=True, slots=True)
class Merged:
    """What an import changed."""

    lessons: int
    """Lessons that are new, or whose opening, finish or reading time changed."""
    places: int
    """Places that are new or newer."""
    answers: int
    """Attempts that were not known."""
    bookmarks: int
    """Bookmarks that were not set."""
    drafts: int = 0
    """Forms whose content is new or newer."""
    cards: int = 0
    """Cards that are new, or were added, taken away or rewritten later."""
    reviews: int = 0
    """Reviews that were not known."""
    labs: int = 0
    """Tries at labs that are new, or whose end is."""
    sittings: int = 0
    """Exams and interviews that are new, or went on."""

    @property
    def is_nothing(self) -> bool:
        """Whether everything was known already."""
        return not any(getattr(self, field.name) for field in fields(self))


def to_document(database: Database, now: datetime) -> ProgressDocument:
    """Return everything but the settings, as it is at one moment.

    Raises:
        DataError: the database cannot be read.
    """
    with database.read() as connection:
        return ProgressDocument(
            format=FORMAT,
            version=VERSION,
            program=__version__,
            exported_at=now,
            lessons=tuple(
                LessonEntry(lesson, read_time(opened), read_time(done) if done else None, seconds)
                for lesson, opened, done, seconds in connection.execute(
                    "SELECT lesson_id, opened_at, finished_at, seconds FROM lessons ORDER BY lesson_id"
                )
            ),
            places=tuple(
                PlaceEntry(lesson, anchor, fraction, read_time(saved))
                for lesson, anchor, fraction, saved in connection.execute(
                    "SELECT lesson_id, anchor, fraction, saved_at FROM places ORDER BY lesson_id"
                )
            ),
            answers=tuple(
                AnswerEntry(question, rev, given_from_text(given), bool(correct), read_time(answered), *rest)
                for question, rev, given, correct, answered, *rest in connection.execute(
                    f"SELECT {ANSWER_COLUMNS} FROM answers ORDER BY answered_at, answer_id"
                )
            ),
            bookmarks=tuple(
                BookmarkEntry(lesson, anchor, title, read_time(created))
                for lesson, anchor, title, created in connection.execute(
                    "SELECT lesson_id, anchor, title, created_at FROM bookmarks"
                    " ORDER BY created_at, lesson_id, anchor"
                )
            ),
            drafts=_drafts(connection),
            cards=card_entries(connection),
            reviews=review_entries(connection),
            own_cards=own_card_entries(connection),
            lab_attempts=lab_attempt_entries(connection),
            sittings=sitting_entries(connection),
        )


def merge_document(database: Database, document: ProgressDocument, source: str = "the document") -> Merged:
    """Put a document in: all of it, or, on an error, nothing.

    A lesson keeps its first opening, its later finish and the longer reading time (a sum would grow
    with every import of the same file); of two places, and of two contents of a form, the newer stays; all
    attempts, reviews and tries at labs are kept; a bookmark set on either side is set.

    Args:
        database: where it goes.
        document: what is put in.
        source: where it comes from, for messages.

    Raises:
        InputError: an exam or interview in it is not what this program writes.
        DataError: it could not be stored.
    """
    with database.write() as connection:
        cards, reviews = merge_cards(connection, document)
        return Merged(
            lessons=sum(_merge_lesson(connection, entry) for entry in document.lessons),
            places=sum(_merge_place(connection, entry) for entry in document.places),
            answers=_merge_answers(connection, document.answers),
            bookmarks=sum(_merge_bookmark(connection, entry) for entry in document.bookmarks),
            drafts=sum(_merge_draft(connection, entry) for entry in document.drafts),
            cards=cards,
            reviews=reviews,
            labs=merge_lab_attempts(connection, document.lab_attempts),
            sittings=merge_sittings(connection, document.sittings, source),
        )


def _merge_lesson(connection: sqlite3.Connection, entry: LessonEntry) -> int:
    # max() of text ignores nothing: an absent finish has to become the smallest text first.
    return connection.execute(
        "INSERT INTO lessons (lesson_id, opened_at, finished_at, seconds) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (lesson_id) DO UPDATE SET opened_at = min(opened_at, excluded.opened_at),"
        " finished_at = nullif(max(coalesce(finished_at, ''), coalesce(excluded.finished_at, '')), ''),"
        " seconds = max(seconds, excluded.seconds)"
        " WHERE excluded.opened_at < opened_at OR excluded.seconds > seconds"
        " OR coalesce(excluded.finished_at, '') > coalesce(finished_at, '')",
        (
            entry.lesson_id,
            write_time(entry.opened_at),
            write_time(entry.finished_at) if entry.finished_at else None,
            entry.seconds,
        ),
    ).rowcount


def _merge_place(connection: sqlite3.Connection, entry: PlaceEntry) -> int:
    return connection.execute(
        "INSERT INTO places (lesson_id, anchor, fraction, saved_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (lesson_id) DO UPDATE SET anchor = excluded.anchor,"
        " fraction = excluded.fraction, saved_at = excluded.saved_at"
        " WHERE excluded.saved_at > saved_at",
        (entry.lesson_id, entry.anchor, entry.fraction, write_time(entry.saved_at)),
    ).rowcount


def _merge_answers(connection: sqlite3.Connection, entries: tuple[AnswerEntry, ...]) -> int:
    """Add the attempts that are in the document more often than in the database."""
    known = Counter(connection.execute(f"SELECT {ANSWER_COLUMNS} FROM answers"))
    added = []
    for entry in sorted(entries, key=lambda entry: entry.answered_at):
        row = (
            entry.question_id,
            entry.rev,
            given_to_text(entry.question_id, entry.given),
            int(entry.correct),
            write_time(entry.answered_at),
            *(entry.seed, entry.score, entry.seconds, entry.mode),
        )
        if known[row]:
            known[row] -= 1
        else:
            added.append(row)
    connection.executemany(
        f"INSERT INTO answers ({ANSWER_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", added
    )
    return len(added)


def _merge_bookmark(connection: sqlite3.Connection, entry: BookmarkEntry) -> int:
    return connection.execute(
        "INSERT INTO bookmarks (lesson_id, anchor, title, created_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (lesson_id, anchor) DO NOTHING",
        (entry.lesson_id, entry.anchor, entry.title, write_time(entry.created_at)),
    ).rowcount


def _drafts(connection: sqlite3.Connection) -> tuple[DraftEntry, ...]:
    """Return one entry for each form; values that no field can hold are not carried along."""
    forms: dict[tuple[FormKind, str], tuple[dict[str, str], str]] = {}
    rows = connection.execute(
        "SELECT form, name, input, text, saved_at FROM drafts ORDER BY form, name, input"
    )
    for form, name, question, text, saved in rows:
        if fits_field(text):
            typed, newest = forms.setdefault((form, name), ({}, saved))
            typed[question] = text
            forms[form, name] = typed, max(newest, saved)
    return tuple(
        DraftEntry(form, name, typed, read_time(saved)) for (form, name), (typed, saved) in forms.items()
    )


def _merge_draft(connection: sqlite3.Connection, entry: DraftEntry) -> int:
    # Halves of two forms make no sense together: the newer one as a whole.
    kept = {question: text for question, text in entry.typed.items() if fits_field(text)}
    key, saved = (entry.form, entry.name), write_time(entry.saved_at)
    newest = connection.execute(
        "SELECT max(saved_at) FROM drafts WHERE form = ? AND name = ?", key
    ).fetchone()[0]
    if not kept or (newest is not None and newest >= saved):
        return 0
    connection.execute("DELETE FROM drafts WHERE form = ? AND name = ?", key)
    connection.executemany(
        "INSERT INTO drafts (form, name, input, text, saved_at) VALUES (?, ?, ?, ?, ?)",
        [(*key, question, text, saved) for question, text in kept.items()],
    )
    return 1
