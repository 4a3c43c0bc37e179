"""Time counts while somebody is there."""

from __future__ import annotations

from datetime import timedelta

from eks_lab.clock import SimClock
from eks_lab.tui.reading_time import IDLE_AFTER, ReadingTime
from tests.builders import NOON


def test_seconds_between_signs_of_life_count() -> None:
    clock = SimClock(NOON)
    reading = ReadingTime(clock)
    clock.advance(timedelta(seconds=40))
    reading.sign_of_life()
    clock.advance(timedelta(seconds=20))
    assert reading.take() == 60
    assert reading.take() == 0


def test_somebody_who_left_is_not_counted() -> None:
    clock = SimClock(NOON)
    reading = ReadingTime(clock)
    clock.advance(timedelta(hours=3))
    assert reading.take() == int(IDLE_AFTER.total_seconds())
    clock.advance(timedelta(hours=1))
    assert reading.take() == 0
    reading.sign_of_life()
    clock.advance(timedelta(seconds=5))
    assert reading.take() == 5


def test_fractions_are_kept() -> None:
    clock = SimClock(NOON)
    reading = ReadingTime(clock)
    counted = 0
    for _ in range(10):
        clock.advance(timedelta(milliseconds=700))
        reading.sign_of_life()
        counted += reading.take()
    assert counted in (6, 7)
