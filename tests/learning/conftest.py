"""A clock that stands still and a place for one database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from eks_lab.clock import SimClock
from eks_lab.learning.database import Database
from eks_lab.learning.progress import Progress, open_progress
from eks_lab.learning.schema import load_migrations, migrate

START = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def in_memory(clock: SimClock) -> Progress:
    """Return progress that no disk slows down, for tests with many examples."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    migrate(connection, load_migrations())
    return Progress(Database(connection, Path("memory")), clock)


@pytest.fixture
def clock() -> SimClock:
    return SimClock(START)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "data" / "progress.sqlite3"


@pytest.fixture
def progress(path: Path, clock: SimClock) -> Iterator[Progress]:
    with open_progress(path, clock) as opened:
        yield opened
