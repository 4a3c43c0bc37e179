"""What remembering costs: the reader saves a place while scrolling, so none of it may be felt."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from eks_lab.clock import SystemClock
from eks_lab.learning.progress import Place, open_progress

ATTEMPTS = 100_000
"""Fifty answers a day for five and a half years."""
QUESTIONS = 500
ROUNDS = 30


def run() -> list[tuple[str, float, float, str]]:
    """Measure on the disk of the temporary folder.

    Returns:
        Name, median in ms, limit in ms and a note for each figure. The limits leave room for a slow
        disk: each write waits until it is stored.
    """
    clock = SystemClock()
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "fresh" / "progress.sqlite3"
        large = Path(folder) / "large" / "progress.sqlite3"
        open_progress(fresh, clock).close()
        _fill(large)
        figures = [
            ("open, ms", _median_ms(lambda: open_progress(fresh, clock).close()), 20.0, "new learner"),
            (
                "open with a long history, ms",
                _median_ms(lambda: open_progress(large, clock).close()),
                120.0,
                f"{ATTEMPTS:,} answers, whole file checked",
            ),
        ]
        with open_progress(large, clock) as progress:
            assert len(progress.answers()) == QUESTIONS
            place = Place("networking.max-pods", "the-formula", 0.5)
            figures += [
                (
                    "save place, ms",
                    _median_ms(lambda: progress.save_place(place)),
                    15.0,
                    "synced to disk",
                ),
                (
                    "record answer, ms",
                    _median_ms(lambda: progress.record_answer("question-7", 1, (0,), True)),
                    15.0,
                    "synced to disk",
                ),
                (
                    "all answers, ms",
                    _median_ms(progress.answers),
                    20.0,
                    f"latest of {QUESTIONS} questions among {ATTEMPTS:,} answers",
                ),
                ("last place, ms", _median_ms(progress.last_place), 5.0, ""),
            ]
    return figures


def _fill(path: Path) -> None:
    with open_progress(path, SystemClock()) as progress, progress.database.write() as connection:
        connection.executemany(
            "INSERT INTO answers (question_id, rev, given, correct, answered_at) VALUES (?, 1, '[0]', 1, ?)",
            (
                (
                    f"question-{number % QUESTIONS}",
                    f"2026-01-01T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}.000000+00:00",
                )
                for number in range(ATTEMPTS)
            ),
        )


def _median_ms(action: Callable[[], object]) -> float:
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds) * 1000
