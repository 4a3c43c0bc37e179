"""The SQLite file under the learner's progress: opening, locking, and never losing what is in it.

Journal: a rollback journal (`journal_mode=DELETE`), `synchronous=EXTRA`. A write that returned has
been synced to the disk together with the removal of its journal, so it survives `kill -9` and a power
cut. A write-ahead log would be as durable and three times quicker (0.2 ms against 0.6 ms measured),
but: it needs two more files and shared memory just to read, which a full or read-only disk refuses;
it does not work on network homes; it goes on writing to a file that was moved away, where the
rollback journal reports it; and SQLite before 3.51.3, which most Pythons still carry, can damage a
write-ahead log when two processes use it at once (the WAL-reset bug, sqlite.org/wal.html). A learner
writes a few times a minute: half a millisecond is not worth any of these.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import threading
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from eks_lab.clock import Clock
from eks_lab.errors import DataError
from eks_lab.learning.schema import (
    APPLICATION_ID,
    Migration,
    load_migrations,
    migrate,
    missing_parts,
    stored_version,
)
from eks_lab.learning.set_aside import set_aside, sidecars, sync_folder, unused_name

# SQLite polls a busy database ever more slowly, up to ten times a second, which starves a process
# beside one that writes without a pause. Many short waits poll more evenly; together they are 5 s.
BUSY_TIMEOUT_MS = 200
BUSY_ATTEMPTS = 25
OPENING_TIMEOUT_SECONDS = 5.0

_SQLITE_MAGIC = b"SQLite format 3\0"


class _DamagedError(Exception):
    """The file is not a sound database of ours; the argument says what is wrong with it."""


class _UnusableError(Exception):
    """The place cannot be written or is not a file; the argument says why."""


class Database:
    """An open, migrated database, safe to use from several threads."""

    def __init__(
        self, connection: sqlite3.Connection, path: Path, *, notice: str = "", is_remembered: bool = True
    ) -> None:
        """Serve a connection in autocommit mode.

        Args:
            connection: opened with `check_same_thread=False`.
            path: the file, or where it would be.
            notice: what happened on opening, for the learner.
            is_remembered: False when the connection is to memory only.
        """
        self._connection = connection
        self._lock = threading.RLock()
        self.path = path
        self.notice = notice
        self.is_remembered = is_remembered

    @contextlib.contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Hold one consistent view of the database.

        Raises:
            DataError: the database cannot be read, or holds something that is not ours.
        """
        with self._transaction("BEGIN", "progress cannot be read") as connection:
            self._patiently("PRAGMA schema_version")
            yield connection

    @contextlib.contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Do everything in the block or nothing; on leaving it is on the disk.

        Raises:
            DataError: it could not be stored; what was stored before is untouched.
        """
        with self._transaction("BEGIN IMMEDIATE", "progress was not saved") as connection:
            yield connection

    @contextlib.contextmanager
    def _transaction(self, begin: str, failure: str) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._patiently(begin)
                yield self._connection
                self._patiently("COMMIT")
            except BaseException as error:
                # A broken disk may refuse this too; the journal then undoes it on the next opening.
                with contextlib.suppress(sqlite3.Error):
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    raise _explained(failure, self.path, error) from error
                if isinstance(error, ValueError | OverflowError):
                    raise DataError(
                        f"{failure}: {self.path} holds or was given a value that cannot be used: {error}"
                    ) from error
                raise

    def _patiently(self, sql: str) -> None:
        for attempt in range(1, BUSY_ATTEMPTS + 1):
            try:
                self._connection.execute(sql).fetchall()
            except sqlite3.OperationalError as error:
                if _code(error) != sqlite3.SQLITE_BUSY or attempt == BUSY_ATTEMPTS:
                    raise
            else:
                return

    def back_up(self, now: datetime) -> Path:
        """Copy the database to a new file beside it, readable by its owner only.

        Args:
            now: for the name of the copy.

        Returns:
            The copy: `progress.sqlite3.backup-<time>`.

        Raises:
            DataError: it could not be written, or the database is in memory only.
        """
        if not self.is_remembered:
            raise DataError(f"there is nothing to back up: {self.notice}")
        target = unused_name(self.path, "backup", now)
        failure = f"no backup could be written to {target}"
        try:
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            with (
                self._transaction("BEGIN", failure) as connection,
                contextlib.closing(sqlite3.connect(target)) as copy,
            ):
                connection.backup(copy)
            sync_folder(target.parent)
        except BaseException as error:
            with contextlib.suppress(OSError):
                target.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise DataError(f"{failure}: {error.strerror or error}") from error
            raise
        return target

    def close(self) -> None:
        """Close the file; calling it twice does no harm."""
        with self._lock:
            self._connection.close()


def open_database(path: Path, clock: Clock, migrations: Sequence[Migration] | None = None) -> Database:
    """Open the database, making, migrating or setting aside the file as needed.

    Args:
        path: the file; links are followed.
        clock: for the name of a damaged file that is set aside.
        migrations: the steps; those of the program when left out.

    Raises:
        DataError: the file comes from a newer program, or another one keeps it locked. It is untouched.
    """
    steps = load_migrations() if migrations is None else migrations
    path = Path(os.path.realpath(path))
    notice = ""
    try:
        _make_folder(path.parent)
        with _opening_alone(path):
            _refuse_unwritable(path)
            try:
                connection = _open_sound(path, steps)
            except _DamagedError as damage:
                aside = set_aside(path, clock.now())
                notice = (
                    f"Your progress file could not be used: {damage}. It was set aside, unchanged, as {aside}, "
                    "and a new one was started."
                )
                connection = _open_sound(path, steps)
    except (FileExistsError, NotADirectoryError) as error:
        return _in_memory(path, steps, f"{error.filename} is in the way: it is not a folder")
    except OSError as error:
        return _in_memory(path, steps, f"{error.strerror or error}: {error.filename}")
    except (_UnusableError, _DamagedError) as error:
        return _in_memory(path, steps, str(error))
    except sqlite3.Error as error:
        if _code(error) == sqlite3.SQLITE_BUSY:
            raise _explained("progress cannot be opened", path, error) from error
        return _in_memory(path, steps, str(error))
    return Database(connection, path, notice=notice)


def _open_sound(path: Path, steps: Sequence[Migration]) -> sqlite3.Connection:
    """Open the file, made first if it is missing, or raise `_DamagedError`."""
    if not path.exists():
        if any(sidecar.exists() for sidecar in sidecars(path)):
            # SQLite would play an orphaned journal into the new file.
            raise _DamagedError("the file itself is missing, and only its journal is left")
        _create(path, steps)
    if path.is_dir():
        raise _DamagedError("a folder is in its place")
    if path.stat().st_size == 0:
        raise _DamagedError("it is empty")
    if not sidecars(path)[0].exists() and _magic(path) != _SQLITE_MAGIC:
        # Found out without SQLite, which would tidy away what lies beside the file. With a journal
        # there, only SQLite can tell: a power cut may have torn the first page.
        raise _DamagedError("it is not a database")
    if path.stat().st_mode & 0o077:
        with contextlib.suppress(OSError):  # somebody else's file may still be ours to write
            path.chmod(0o600)
    connection = _connect(path)
    try:
        _verify(connection, path, steps)
    except BaseException:
        connection.close()
        raise
    return connection


def _verify(connection: sqlite3.Connection, path: Path, steps: Sequence[Migration]) -> None:
    """Migrate a database and make sure it is whole; raise `_DamagedError` if it is not."""
    try:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA synchronous = EXTRA")
        if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise _DamagedError("it is a database of another program")
        version = stored_version(connection)
        if version < 1:
            raise _DamagedError(f"its format is {version}")
        if version > steps[-1].number:
            raise DataError(
                f"{path} was written by a newer eks-lab: its format is {version}, this program knows "
                f"{steps[-1].number}",
                hint="Update eks-lab. Or start separately: set EKS_LAB_HOME to another folder. "
                "The file was not changed.",
            )
        finding = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if finding != "ok":
            raise _DamagedError(f"it is damaged ({str(finding).splitlines()[-1]})")
        if missing := missing_parts(connection, steps[:version]):
            raise _DamagedError(f"it lacks {', '.join(sorted(missing))}")
        migrate(connection, steps)
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    except sqlite3.DatabaseError as error:
        if _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise _DamagedError(f"it is damaged ({error})") from error
        raise


def _create(path: Path, steps: Sequence[Migration]) -> None:
    """Make the file under another name first: killed at any moment, it is there whole or not at all."""
    draft = path.with_name(path.name + ".new")
    for leftover in (draft, *sidecars(draft)):
        leftover.unlink(missing_ok=True)
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with contextlib.closing(_connect(draft)) as connection:
            migrate(connection, steps)
        draft.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            for leftover in (draft, *sidecars(draft)):
                leftover.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _connect(path: Path, mode: str = "rw") -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.as_uri()}?mode={mode}",
        uri=True,
        timeout=OPENING_TIMEOUT_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )


def _magic(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(_SQLITE_MAGIC))


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)


@contextlib.contextmanager
def _opening_alone(path: Path) -> Iterator[None]:
    """Let one process at a time make, migrate or set aside the file.

    The lock is SQLite's own on an empty file beside the database: it works on every system, is let go
    when a process is killed, and waits without a loop.
    """
    lock = path.with_name(path.name + ".lock")
    os.close(os.open(lock, os.O_RDWR | os.O_CREAT, 0o600))
    if lock.stat().st_size:
        os.truncate(lock, 0)  # nothing of ours is ever in it
    with contextlib.closing(
        sqlite3.connect(lock, timeout=OPENING_TIMEOUT_SECONDS, isolation_level=None)
    ) as connection:
        connection.execute("PRAGMA journal_mode = MEMORY")  # a full disk has no room for another file
        connection.execute("BEGIN EXCLUSIVE")
        yield


def _refuse_unwritable(path: Path) -> None:
    """Raise `_UnusableError` where SQLite would open the file, but each write would fail later."""
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise _UnusableError("its folder may not be written")
    if path.exists():
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            # A device or a pipe cannot hold progress, and must not be renamed either.
            raise _UnusableError("it is not an ordinary file")
        if not os.access(path, os.W_OK):
            raise _UnusableError("it may not be written")


def _in_memory(path: Path, steps: Sequence[Migration], reason: str) -> Database:
    """Return a database in memory that starts with what is stored, as far as that can be read."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    shown = "What was stored before is shown, and stays as it is."
    try:
        if not path.is_file():
            raise _DamagedError
        with contextlib.closing(_connect(path, "ro")) as source:
            source.backup(connection)
        _verify(connection, path, steps)
    except DataError:
        connection.close()
        raise
    except (_DamagedError, OSError, sqlite3.Error):
        connection.close()
        connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        migrate(connection, steps)
        shown = ""
    notice = f"Nothing will be remembered this time: {path} cannot be used ({reason}). {shown}".rstrip()
    return Database(connection, path, notice=notice, is_remembered=False)


def _code(error: sqlite3.Error) -> int:
    """Return SQLite's primary result code, 0 when Python itself raised the error."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _explained(failure: str, path: Path, error: sqlite3.Error) -> DataError:
    stays = "What was stored before is still there."
    if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_READONLY_DBMOVED:
        return DataError(
            f"{failure}: {path} was moved or deleted while the program was running",
            hint="Put it back, or start the program again to begin a new one.",
        )
    match _code(error):
        case sqlite3.SQLITE_FULL:
            return DataError(
                f"{failure}: the disk is full ({path})", hint=f"Free some space and try again. {stays}"
            )
        case sqlite3.SQLITE_BUSY:
            return DataError(
                f"{failure}: another program keeps {path} locked",
                hint="Close the other eks-lab, or whatever has the file open, and try again.",
            )
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return DataError(
                f"{failure}: {path} has been damaged ({error})",
                hint="Start the program again: it sets the damaged file aside and starts a new one.",
            )
        case sqlite3.SQLITE_READONLY:
            return DataError(f"{failure}: {path} may not be written ({error})", hint=stays)
        case _:
            return DataError(f"{failure}: {error} ({path})", hint=stays)
