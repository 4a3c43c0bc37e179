"""Schedules, with the messages a real control plane gave."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.kube.cron import CronError, parse_schedule

START = datetime(2026, 11, 22, 10, 7, 30, tzinfo=UTC)  # a Sunday


@pytest.mark.parametrize(
    ("text", "following"),
    [
        ("* * * * *", "2026-11-22T10:08"),
        ("*/5 * * * *", "2026-11-22T10:10"),
        ("7 10 * * *", "2026-11-23T10:07"),
        ("0 3 1 1 *", "2027-01-01T03:00"),
        ("@daily", "2026-11-23T00:00"),
        ("@weekly", "2026-11-29T00:00"),
        ("@monthly", "2026-12-01T00:00"),
        ("@hourly", "2026-11-22T11:00"),
        ("@yearly", "2027-01-01T00:00"),
        ("30 9 * * mon-fri", "2026-11-23T09:30"),
        ("0 0 13 * fri", "2026-11-27T00:00"),
        ("0 0 1,15 * ?", "2026-12-01T00:00"),
        ("0 12 29 feb *", "2028-02-29T12:00"),
        ("50/5 * * * *", "2026-11-22T10:50"),
        ("0 0 */2 * mon", "2026-11-23T00:00"),
    ],
)
def test_the_next_run(text: str, following: str) -> None:
    run = parse_schedule(text).next(START)
    assert run is not None
    assert run.isoformat() == f"{following}:00+00:00"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty spec string"),
        ("* * *", "expected exactly 5 fields, found 3: [* * *]"),
        ("*/5 * * * * *", "expected exactly 5 fields, found 6: [*/5 * * * * *]"),
        ("soon", "expected exactly 5 fields, found 1: [soon]"),
        ("61 * * * *", "end of range (61) above maximum (59): 61"),
        ("0 25 * * *", "end of range (25) above maximum (23): 25"),
        ("a b c d e", 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'),
        ("@sometimes", "unrecognized descriptor: @sometimes"),
        ("0 0 0 * *", "beginning of range (0) below minimum (1): 0"),
        ("5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"),
        ("*/0 * * * *", "step of range should be a positive number: */0"),
        ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
        ("*/1/1 * * * *", "too many slashes: */1/1"),
        ("0 0 * * 7", "end of range (7) above maximum (6): 7"),
        ("@every soon", 'failed to parse duration @every soon: time: invalid duration "soon"'),
    ],
)
def test_bad_schedules_say_why(text: str, said: str) -> None:
    with pytest.raises(CronError) as caught:
        parse_schedule(text)
    assert caught.value.message == said


def test_time_zones() -> None:
    nine = parse_schedule("0 9 * * *", "America/New_York")
    assert nine.next(START) == datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
    with pytest.raises(CronError, match="unknown time zone Mars/Olympus"):
        parse_schedule("0 9 * * *", "Mars/Olympus")


def test_a_local_hour_that_is_skipped_or_shown_twice() -> None:
    # New York: 2026-03-08 has no 02:30; 2026-11-01 has two 01:30.
    skipped = parse_schedule("30 2 * * *", "America/New_York")
    assert skipped.next(datetime(2026, 3, 8, 5, 0, tzinfo=UTC)) == datetime(2026, 3, 9, 6, 30, tzinfo=UTC)
    twice = parse_schedule("30 1 * * *", "America/New_York")
    first = twice.next(datetime(2026, 11, 1, 4, 0, tzinfo=UTC))
    assert first == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert twice.next(first) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


def test_every_counts_from_the_last_run_and_never_is_none() -> None:
    assert parse_schedule("@every 1h30m").next(START) == START + timedelta(minutes=90)
    assert parse_schedule("0 0 30 2 *").next(START) is None


@given(
    st.integers(0, 59),
    st.integers(0, 23),
    st.integers(1, 28),
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001
)
def test_a_run_is_after_and_fits(minute: int, hour: int, day: int, moment: datetime) -> None:
    after = moment.replace(tzinfo=UTC)
    run = parse_schedule(f"{minute} {hour} {day} * *").next(after)
    assert run is not None
    assert after < run <= after + timedelta(days=62)
    assert (run.minute, run.hour, run.day) == (minute, hour, day)


@given(st.text(alphabet="0123456789*/,-? @monever", max_size=16))
def test_no_text_makes_a_traceback(text: str) -> None:
    with suppress(CronError):
        parse_schedule(text)
