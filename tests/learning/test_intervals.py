"""What stands on the rating keys is what happens."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eks_lab.clock import SimClock
from eks_lab.learning.intervals import interval_words, next_intervals
from eks_lab.learning.progress import open_progress
from eks_lab.learning.schedule import Rating
from tests.builders import NOON

RATING = st.sampled_from(list(Rating))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(RATING, st.integers(0, 20 * 86_400)), min_size=1, max_size=6))
def test_a_promise_is_kept_whatever_came_before(tmp_path: Path, steps: list[tuple[Rating, int]]) -> None:
    clock = SimClock(NOON)
    path = tmp_path / f"{abs(hash(tuple(steps)))}.sqlite3"
    path.unlink(missing_ok=True)
    with open_progress(path, clock) as progress:
        progress.reviews.add("own:x")
        for rating, seconds in steps:
            card = progress.reviews.card("own:x")
            assert card is not None
            log = progress.reviews.log("own:x")
            promised = next_intervals(card, card.rev, log[-1] if log else None, 0.9, clock.now())
            assert list(promised) == list(Rating)
            assert promised[Rating.Again] <= promised[Rating.Good] <= promised[Rating.Easy]
            after = progress.reviews.grade("own:x", rating)
            assert after.due - clock.now() == promised[rating]
            clock.advance(timedelta(seconds=seconds))


def test_a_newer_revision_starts_afresh(tmp_path: Path) -> None:
    clock = SimClock(NOON)
    with open_progress(tmp_path / "progress.sqlite3", clock) as progress:
        progress.reviews.add("item:x")
        for _ in range(3):
            progress.reviews.grade("item:x", Rating.Easy)
            clock.advance(timedelta(days=20))
        card = progress.reviews.card("item:x")
        assert card is not None
        log = progress.reviews.log("item:x")
        old = next_intervals(card, 1, log[-1], 0.9, clock.now())
        new = next_intervals(card, 2, log[-1], 0.9, clock.now())
        assert new[Rating.Good] < timedelta(days=1) < old[Rating.Good]


@pytest.mark.parametrize(
    ("interval", "words"),
    [
        (timedelta(0), "1 min"),
        (timedelta(minutes=5.5), "6 min"),
        (timedelta(minutes=95), "2 hours"),
        (timedelta(hours=25), "25 hours"),
        (timedelta(days=2), "2 days"),
        (timedelta(days=90), "3 months"),
        (timedelta(days=731), "2 years"),
    ],
)
def test_times_are_short_enough_for_a_key(interval: timedelta, words: str) -> None:
    assert interval_words(interval) == words
