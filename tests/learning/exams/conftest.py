"""An exam room with clocks that a test moves, back too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from eks_lab.learning.exams.sitting import ExamRoom
from eks_lab.learning.progress import Progress, open_progress
from tests.learning.exams.samples import NOON


@dataclass
class HandClock:
    """The machine's clock, as wrong as a test wants it."""

    moment: datetime

    def now(self) -> datetime:
        """Return what it shows."""
        return self.moment

    def move(self, **by: float) -> None:
        """Move it, back with negative figures."""
        self.moment += timedelta(**by)


@pytest.fixture
def wall() -> HandClock:
    return HandClock(NOON)


@pytest.fixture
def notes(tmp_path: Path, wall: HandClock) -> Iterator[Progress]:
    with open_progress(tmp_path / "progress.sqlite3", wall) as opened:
        yield opened


@pytest.fixture
def room(notes: Progress, wall: HandClock) -> ExamRoom:
    return ExamRoom(notes.database, wall)
