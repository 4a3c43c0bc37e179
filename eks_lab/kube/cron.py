"""Schedules of CronJobs: five fields, macros and time zones, as Kubernetes' parser has them.

Source: robfig/cron v3 parser.go and spec.go, whose messages these are: lists, ranges, steps and
names; a day matches when either day field does, unless one of them is a star.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from eks_lab.errors import InputError

_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6,
    "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_DAYS = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
_MACROS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_EVERY = "@every "
_DURATION_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_YEARS_AHEAD = 5
"""The real parser gives up after as many years: 30 February never comes."""


class CronError(InputError):
    """A schedule that cannot be read, in the API server's words."""


@dataclass(frozen=True, slots=True)
class _Bounds:
    least: int
    most: int
    names: dict[str, int] | None = None


_FIELDS = (_Bounds(0, 59), _Bounds(0, 23), _Bounds(1, 31), _Bounds(1, 12, _MONTHS), _Bounds(0, 6, _DAYS))


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a CronJob runs."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    """0 is Sunday."""
    any_day: bool
    """A star stands in one of the two day fields, so both must match."""
    zone: ZoneInfo
    every: timedelta | None = None
    """For `@every 1h30m`: counted from the last run."""

    def next(self, after: datetime) -> datetime | None:
        """Return the first run after a moment.

        Args:
            after: an aware datetime.

        Returns:
            The run in UTC; None when none comes within five years. A local time that the clock skips is
            skipped, one that it shows twice runs twice, as in Kubernetes.
        """
        moment = after.astimezone(UTC)
        if self.every is not None:
            return (moment + self.every).replace(microsecond=0)
        moment = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
        last_year = moment.astimezone(self.zone).year + _YEARS_AHEAD
        while True:
            local = moment.astimezone(self.zone)
            if local.year > last_year:
                return None
            if local.month not in self.months:
                year, month = (local.year + 1, 1) if local.month == 12 else (local.year, local.month + 1)
                moment = datetime(year, month, 1, tzinfo=self.zone).astimezone(UTC)
            elif not self._day_matches(local):
                tomorrow = local.date() + timedelta(days=1)
                moment = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=self.zone).astimezone(
                    UTC
                )
            elif local.hour not in self.hours:
                moment += timedelta(minutes=60 - local.minute)
            elif local.minute not in self.minutes:
                moment += timedelta(minutes=1)
            else:
                return moment

    def _day_matches(self, local: datetime) -> bool:
        by_date = local.day in self.days
        by_weekday = local.isoweekday() % 7 in self.weekdays
        return by_date and by_weekday if self.any_day else by_date or by_weekday


def parse_schedule(text: str, time_zone: str = "UTC") -> Schedule:
    """Read a schedule.

    Args:
        text: five fields (`*/5 9-17 * * mon-fri`), a macro (`@daily`) or `@every 1h30m`.
        time_zone: an IANA name, as in `spec.timeZone`.

    Raises:
        CronError: with the message Kubernetes shows after `spec.schedule: Invalid value: "…": `.
    """
    zone = load_zone(time_zone)
    if not text:
        raise CronError("empty spec string")
    if text.startswith(_EVERY):
        none = frozenset[int]()
        return Schedule(none, none, none, none, none, True, zone, _duration(text))
    if text.startswith("@"):
        if text not in _MACROS:
            raise CronError(f"unrecognized descriptor: {text}")
        text = _MACROS[text]
    fields = text.split()
    if len(fields) != len(_FIELDS):
        raise CronError(f"expected exactly 5 fields, found {len(fields)}: [{' '.join(fields)}]")
    read = [_field(field, bounds) for field, bounds in zip(fields, _FIELDS, strict=True)]
    minutes, hours, days, months, weekdays = (frozenset(chosen) for chosen, _ in read)
    return Schedule(minutes, hours, days, months, weekdays, read[2][1] or read[4][1], zone)


def load_zone(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name.

    Raises:
        CronError: there is no such zone, in Go's words.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CronError(f"unknown time zone {name}") from error


def _field(text: str, bounds: _Bounds) -> tuple[set[int], bool]:
    chosen: set[int] = set()
    star = False
    for part in text.split(","):
        if part:
            values, starred = _range(part, bounds)
            chosen |= values
            star = star or starred
    return chosen, star


def _range(text: str, bounds: _Bounds) -> tuple[set[int], bool]:
    span, *steps = text.split("/")
    low, *highs = span.split("-")
    star = low in ("*", "?")
    if star:
        start, end = bounds.least, bounds.most
    else:
        start = end = _number(low, bounds)
        if len(highs) == 1:
            end = _number(highs[0], bounds)
        elif highs:
            raise CronError(f"too many hyphens: {text}")
    step = 1
    if len(steps) == 1:
        step = _number(steps[0], _Bounds(0, 0))
        if not highs:
            end = bounds.most
        star = star and step <= 1
    elif steps:
        raise CronError(f"too many slashes: {text}")
    if start < bounds.least:
        raise CronError(f"beginning of range ({start}) below minimum ({bounds.least}): {text}")
    if end > bounds.most:
        raise CronError(f"end of range ({end}) above maximum ({bounds.most}): {text}")
    if start > end:
        raise CronError(f"beginning of range ({start}) beyond end of range ({end}): {text}")
    if step == 0:
        raise CronError(f"step of range should be a positive number: {text}")
    return set(range(start, end + 1, step)), star


def _number(text: str, bounds: _Bounds) -> int:
    named = (bounds.names or {}).get(text.lower())
    if named is not None:
        return named
    if re.fullmatch(r"[+-]?\d{1,18}", text, re.ASCII) is None:
        problem = "value out of range" if re.fullmatch(r"[+-]?\d+", text, re.ASCII) else "invalid syntax"
        raise CronError(f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": {problem}')
    number = int(text)
    if number < 0:
        raise CronError(f"negative number ({number}) not allowed: {text}")
    return number


def _duration(text: str) -> timedelta:
    rest = text.removeprefix(_EVERY)
    parts = list(_DURATION_PART.finditer(rest))
    if not rest or "".join(part[0] for part in parts) != rest:
        raise CronError(f'failed to parse duration {text}: time: invalid duration "{rest}"')
    seconds = sum(float(part[1]) * _SECONDS[part[2]] for part in parts)
    if seconds > 10 * 365 * 86400:
        raise CronError(f'failed to parse duration {text}: time: invalid duration "{rest}"')
    return timedelta(seconds=max(1, int(seconds)))
