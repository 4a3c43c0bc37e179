"""Interviews as they stand in a database of the version that brought them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from eks_lab.clock import SimClock
from eks_lab.learning.interviews.conversation import Conversation
from eks_lab.learning.interviews.scorecard import scorecard_of
from eks_lab.learning.progress import open_progress
from tests.learning.test_migrations import restore


def test_a_stored_interview_keeps_its_scorecard_and_the_running_one_goes_on(path: Path) -> None:
    restore(6, path)
    with open_progress(path, SimClock(datetime(2026, 12, 7, 8, 13, tzinfo=UTC))) as progress:
        first, second = progress.interviews.all()
        card = scorecard_of(first)
        assert (first.outcome, first.seed, first.topics, card.seconds) == (
            "finished",
            7,
            ("networking",),
            184.5,
        )
        one, two = card.questions
        assert [(line.ref, line.found, line.was_read) for line in one.main.points] == [
            ("1/alpha", True, False),
            ("1/beta", True, True),
        ]
        assert one.follow_ups[0].answer == "I would say further things – größer."
        assert (one.score, two.score, two.main.state) == (1.0, 0.0, "passed")
        asked = Conversation(progress.interviews, second).waiting()
        assert asked is not None
        assert (asked.number, asked.left > timedelta(0)) == (1, True)


def test_an_old_database_takes_interviews_once_it_is_migrated(path: Path, clock: SimClock) -> None:
    restore(5, path)
    with open_progress(path, clock) as progress:
        assert progress.interviews.all() == []
        assert progress.interviews.running() is None
