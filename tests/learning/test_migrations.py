"""Old databases become new ones with everything in them."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from eks_lab.clock import SimClock
from eks_lab.learning.database import open_database
from eks_lab.learning.progress import Place, open_progress
from eks_lab.learning.schema import Migration, load_migrations, migrate, statements

STORED = Path(__file__).parent / "stored"
"""One dump for each version that was ever released: what learners have on their disks."""


def restore(version: int, path: Path) -> None:
    """Make the database of a released version from its dump."""
    path.parent.mkdir(parents=True)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript((STORED / f"version-{version}.sql").read_text(encoding="utf-8"))


def test_the_steps_are_numbered_without_gaps_and_each_result_is_stored() -> None:
    numbers = [step.number for step in load_migrations()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert sorted(file.name for file in STORED.glob("*.sql")) == sorted(f"version-{n}.sql" for n in numbers)


@pytest.mark.parametrize("version", [step.number for step in load_migrations()])
def test_a_stored_database_of_each_version_opens_with_everything_in_it(
    path: Path, clock: SimClock, version: int
) -> None:
    restore(version, path)
    with open_progress(path, clock) as progress:
        assert progress.notice == ""
        lessons = progress.lessons()
        assert set(lessons) == {"networking.max-pods", "networking.vpc-cni", "start.tools"}
        assert lessons["networking.max-pods"].seconds == 611
        finished = lessons["networking.max-pods"].finished_at
        assert finished is not None
        assert finished.isoformat() == "2026-10-03T18:22:07.125000+00:00"
        assert lessons["start.tools"].finished_at is None
        assert progress.last_place() == Place("networking.vpc-cni", "warm-pool", 0.375)
        assert [attempt.given for attempt in progress.attempts("networking.max-pods.t3-medium")] == [
            18.0,
            17.0,
        ]
        answers = progress.answers()
        assert answers["networking.max-pods.t3-medium"].correct
        assert answers["networking.max-pods.plus-two"].given == (0,)
        assert answers["networking.max-pods.plus-two"].rev == 2
        assert [mark.title for mark in progress.bookmarks()] == ["The warm pool × 2"]
        assert progress.setting("theme") == "eks-light"
        assert progress.setting("keys") == {"next_lesson": "n,right"}
        progress.record_answer("networking.max-pods.t3-medium", 1, 16.0, False)
        assert not progress.answers()["networking.max-pods.t3-medium"].correct


def test_a_stored_database_has_the_shape_its_migrations_make(path: Path) -> None:
    """A released migration that is edited afterwards no longer matches what learners have."""
    steps = load_migrations()
    for step in steps:
        stored = path.with_name(f"v{step.number}") / path.name
        restore(step.number, stored)
        with (
            contextlib.closing(sqlite3.connect(stored)) as old,
            contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as new,
        ):
            migrate(new, steps[: step.number])
            assert shape(old) == shape(new)


def test_forms_of_a_stored_database_are_as_they_were_left(path: Path, clock: SimClock) -> None:
    restore(2, path)
    with open_progress(path, clock) as progress:
        assert progress.drafts.all("calculator") == {
            "max-pods": {"instance_type": "m5.24xlarge", "max_eni": "1x"}
        }
        assert progress.drafts.all("generator") == {"terraform": {"cluster_name": "größer"}}
        assert progress.drafts.saved_files("terraform") == {"vpc.tf": Path("/home/learner/infra/vpc.tf")}


def test_an_old_database_takes_drafts_once_it_is_migrated(path: Path, clock: SimClock) -> None:
    restore(1, path)
    with open_progress(path, clock) as progress:
        assert progress.drafts.all("calculator") == {}
        progress.drafts.keep("calculator", "hpa", {"target": "70"})
    with open_progress(path, clock) as progress:
        assert progress.drafts.all("calculator") == {"hpa": {"target": "70"}}


def test_old_answers_lessons_and_labs_become_cards(path: Path, clock: SimClock) -> None:
    restore(3, path)
    with open_progress(path, clock) as progress:
        (first, second) = progress.attempts("networking.max-pods.t3-medium")
        assert (first.seed, first.score, first.seconds, first.mode) == (0, 0.0, None, "lesson")
        assert second.score == 1.0
        cards = {card.card_id: card for card in progress.reviews.cards()}
        assert set(cards) == {
            "item:networking.max-pods.t3-medium",
            "lesson:networking.max-pods",
            "lab:max-pods",
        }
        assert cards["item:networking.max-pods.t3-medium"].origin == "missed"
        assert cards["lab:max-pods"].due.isoformat() == "2026-11-21T10:12:30+00:00"
        assert cards["lesson:networking.max-pods"].due.isoformat() == "2026-10-04T18:22:07.125000+00:00"
        assert progress.reviews.rebuild() == ()


@pytest.mark.parametrize("version", [step.number for step in load_migrations() if step.number >= 4])
def test_stored_cards_and_reviews_are_as_they_were(path: Path, clock: SimClock, version: int) -> None:
    restore(version, path)
    with open_progress(path, clock) as progress:
        (answer,) = progress.attempts("networking.max-pods.order")
        assert (answer.given, answer.seed, answer.score) == ((2, 0, 1), 77, 0.5)
        assert (answer.seconds, answer.mode) == (31.25, "review")
        assert progress.answers()["networking.max-pods.why"].given == "Größer × ENIs"
        card = progress.reviews.card("item:networking.max-pods.order")
        assert card is not None
        assert (card.reviews, card.lapses, card.stability) == (3, 1, 0.661548852925064)
        assert card.due.isoformat() == "2026-12-08T07:10:00+00:00"
        log = progress.reviews.log(card.card_id)
        assert [entry.rating for entry in log] == [3, 3, 1]
        assert progress.reviews.rebuild() == (), "today's program schedules them as the one before did"


def shape(connection: sqlite3.Connection) -> dict[str, str]:
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {name: " ".join(sql.split()) for name, sql in rows}


NEXT = Migration(
    2, "0002_next.sql", "ALTER TABLE lessons ADD COLUMN rating INTEGER;\nUPDATE lessons SET rating = 3;"
)


def test_a_later_step_is_applied_once_and_keeps_the_data(path: Path, clock: SimClock) -> None:
    restore(1, path)
    steps = (*load_migrations()[:1], NEXT)
    for _ in range(2):
        database = open_database(path, clock, steps)
        try:
            with database.read() as connection:
                assert connection.execute("SELECT DISTINCT rating FROM lessons").fetchall() == [(3,)]
                assert connection.execute("SELECT count(*) FROM answers").fetchone() == (3,)
                assert connection.execute("PRAGMA user_version").fetchone() == (2,)
        finally:
            database.close()


def test_a_step_that_fails_leaves_the_file_as_it_was_and_the_program_usable(
    path: Path, clock: SimClock
) -> None:
    restore(1, path)
    before = path.read_bytes()
    broken = Migration(
        2,
        "0002_broken.sql",
        "CREATE TABLE ratings (x CHECK (x = 1));\nINSERT INTO ratings SELECT lesson_id FROM lessons;",
    )
    database = open_database(path, clock, (*load_migrations()[:1], broken))
    database.close()
    assert not database.is_remembered
    assert "CHECK constraint failed" in database.notice
    assert len(path.read_bytes()) == len(before)
    with open_progress(path, clock) as progress:
        assert progress.notice == ""
        assert len(progress.lessons()) == 3
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert "ratings" not in shape(connection)


def test_statements_keep_a_trigger_in_one_piece() -> None:
    script = (
        "-- a comment; with a semicolon\nCREATE TABLE a (x);\n"
        "CREATE TRIGGER t AFTER INSERT ON a\nBEGIN\n  DELETE FROM a;\n  DELETE FROM a;\nEND;\nSELECT 1"
    )
    assert [part.split()[0] for part in statements(script)] == ["--", "CREATE", "SELECT"]
