"""Moments as stored text: ISO 8601 in UTC with microseconds, so that text sorts as time does."""

from __future__ import annotations

from datetime import UTC, datetime


def write_time(moment: datetime) -> str:
    """Return an aware datetime as stored text.

    Raises:
        ValueError: the datetime has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"a stored time needs a time zone: {moment!r}")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def read_time(text: str) -> datetime:
    """Return stored text as an aware datetime in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def file_stamp(moment: datetime) -> str:
    """Return a moment for a file name: `20261122T190900Z`."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
