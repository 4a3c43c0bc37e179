"""What a learner left in the forms of calculators and generators, and where generated files went."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Literal, get_args

from eks_lab.clock import Clock
from eks_lab.errors import InputError
from eks_lab.learning.database import Database
from eks_lab.learning.timestamps import read_time, write_time

FormKind = Literal["calculator", "generator"]
FORM_KINDS: tuple[FormKind, ...] = get_args(FormKind)
LONGEST_TEXT = 4000
"""Characters of one field; what is longer was pasted by mistake and is not kept."""


class DraftRecords:
    """Drafts and saved files in the learner's record."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Serve an open database.

        Args:
            database: open and migrated.
            clock: gives the time of what is recorded.
        """
        self._database = database
        self._clock = clock

    def all(self, form: FormKind) -> dict[str, dict[str, str]]:
        """Return what was left in the forms of one kind: name -> input -> text.

        A value that no field can hold (control characters, endless text) is left out: the field
        then starts as in a fresh form.

        Raises:
            DataError: the database cannot be read.
        """
        drafts: dict[str, dict[str, str]] = {}
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT name, input, text FROM drafts WHERE form = ? ORDER BY name, input", (form,)
            )
            for name, question, text in rows:
                if fits_field(text):
                    drafts.setdefault(name, {})[question] = text
        return drafts

    def keep(self, form: FormKind, name: str, typed: Mapping[str, str]) -> None:
        """Remember what a form holds, in place of what was remembered of it.

        Args:
            form: its kind.
            name: of the calculator or generator.
            typed: text by input, of the fields that differ from a fresh form; empty to forget the form.

        Raises:
            InputError: there is no such kind of form.
            DataError: it could not be stored.
        """
        if form not in FORM_KINDS:
            raise InputError(f"{form!r} is no kind of form", hint=f"Kinds: {', '.join(FORM_KINDS)}.")
        with self._database.write() as connection:
            newest = connection.execute(
                "SELECT max(saved_at) FROM drafts WHERE form = ? AND name = ?", (form, name)
            ).fetchone()[0]
            moment = self._moment_after(newest)
            connection.execute("DELETE FROM drafts WHERE form = ? AND name = ?", (form, name))
            connection.executemany(
                "INSERT INTO drafts (form, name, input, text, saved_at) VALUES (?, ?, ?, ?, ?)",
                [
                    (form, name, question, text, moment)
                    for question, text in typed.items()
                    if fits_field(text)
                ],
            )

    def saved_files(self, generator: str) -> dict[str, Path]:
        """Return where the files of a generator were saved last, by their names.

        Raises:
            DataError: the database cannot be read.
        """
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT file, path FROM saved_files WHERE generator = ? ORDER BY file", (generator,)
            )
            return {file: Path(path) for file, path in rows if "\0" not in path}

    def note_saved(self, generator: str, files: Mapping[str, Path]) -> None:
        """Remember where files of a generator were saved; files saved earlier under other names are forgotten.

        Args:
            generator: its name.
            files: full path by file name.

        Raises:
            DataError: it could not be stored.
        """
        moment = write_time(self._clock.now())
        with self._database.write() as connection:
            connection.execute("DELETE FROM saved_files WHERE generator = ?", (generator,))
            connection.executemany(
                "INSERT INTO saved_files (generator, file, path, saved_at) VALUES (?, ?, ?, ?)",
                [(generator, file, str(path), moment) for file, path in files.items()],
            )

    def _moment_after(self, newest: str | None) -> str:
        # A clock that is set back must not make the newer draft the older one.
        now = self._clock.now()
        if newest is not None:
            now = max(now, read_time(newest) + timedelta(microseconds=1))
        return write_time(now)


def fits_field(text: object) -> bool:
    """Return whether a text can stand in a field: one line, not endless, nothing that moves a cursor."""
    return isinstance(text, str) and len(text) <= LONGEST_TEXT and text.isprintable()
