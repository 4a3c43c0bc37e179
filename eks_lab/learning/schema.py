"""The shape of the database: its versions, how an old one becomes a new one, what a sound one holds."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

APPLICATION_ID = 0x454B534C
"""`EKSL`, in the header of the file: tells our database from any other SQLite file."""

_FILE_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: brings a database of version `number - 1` to version `number`."""

    number: int
    """From 1, without gaps."""
    name: str
    """File name, for messages."""
    script: str
    """SQL statements."""


def load_migrations() -> tuple[Migration, ...]:
    """Return the steps that ship with the program, in order."""
    steps = []
    for file in files("eks_lab.learning.migrations").iterdir():
        if match := _FILE_NAME.fullmatch(file.name):
            steps.append(Migration(int(match[1]), file.name, file.read_text(encoding="utf-8")))
    return tuple(sorted(steps, key=lambda step: step.number))


def stored_version(connection: sqlite3.Connection) -> int:
    """Return the version of the database, 0 for an empty one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection, migrations: Sequence[Migration]) -> None:
    """Apply the steps a database has not seen, each in one transaction with its version number.

    A process killed in the middle leaves the version before the step. Two processes may do this at
    once: the version is read again inside each transaction.

    Args:
        connection: in autocommit mode, on a database no newer than the last step.
        migrations: every step, in order.
    """
    for step in migrations:
        if stored_version(connection) >= step.number:
            continue
        connection.execute("BEGIN IMMEDIATE")
        try:
            if stored_version(connection) < step.number:
                for statement in statements(step.script):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {step.number}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def statements(script: str) -> Iterator[str]:
    """Yield the statements of a script one at a time.

    `executescript` would commit the transaction that has to hold them together.
    """
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
    if pending.strip():
        yield pending


def missing_parts(connection: sqlite3.Connection, migrations: Sequence[Migration]) -> set[str]:
    """Return the tables, indexes and triggers that a migrated database should have and has not."""
    reference = sqlite3.connect(":memory:", isolation_level=None)
    try:
        migrate(reference, migrations)
        return _parts(reference) - _parts(connection)
    finally:
        reference.close()


def _parts(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
