"""Simulated time for moto: its own `utcnow`, and `time` and `datetime` where its modules ask them directly."""

from __future__ import annotations

import datetime as real_datetime
import sys
import time as real_time
from types import ModuleType
from typing import Any

from eks_lab.clock import Clock


class _Present:
    """The clock that moto's modules follow now."""

    clock: Clock | None = None


def _now() -> real_datetime.datetime:
    assert _Present.clock is not None
    return _Present.clock.now()


def utcnow() -> real_datetime.datetime:
    """Return the simulated moment as moto keeps moments: in UTC, without a time zone."""
    return _now().replace(tzinfo=None)


class _DatetimeType(type(real_datetime.datetime)):  # type: ignore[misc]
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, real_datetime.datetime)


class SimulatedDatetime(real_datetime.datetime, metaclass=_DatetimeType):
    """`datetime.datetime` by the simulated clock; what it makes are ordinary datetimes."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Make an ordinary datetime."""
        return real_datetime.datetime(*args, **kwargs)  # noqa: DTZ001 - whoever calls decides

    @classmethod
    def now(cls, tz: real_datetime.tzinfo | None = None) -> Any:
        """Return the simulated moment, in a time zone or without."""
        return _now().astimezone(tz) if tz is not None else utcnow()

    @classmethod
    def utcnow(cls) -> Any:
        """Return the simulated moment without a time zone."""
        return utcnow()

    @classmethod
    def today(cls) -> Any:
        """Return the simulated moment without a time zone."""
        return utcnow()


def _seconds() -> float:
    return _now().timestamp()


def _proxy(module: ModuleType, **changed: object) -> ModuleType:
    found = ModuleType(module.__name__, module.__doc__)
    found.__dict__.update(module.__dict__)
    found.__dict__.update(changed)
    return found


_DATETIME_MODULE = _proxy(real_datetime, datetime=SimulatedDatetime)
_TIME_MODULE = _proxy(real_time, time=_seconds)
_FOLLOWING: set[str] = set()


def follow_clock(core: ModuleType, clock: Clock) -> None:
    """Let every module of moto that is imported by now tell simulated time.

    Args:
        core: `moto.core.utils`.
        clock: whose time it is from now on.
    """
    _Present.clock = clock
    original = core.__dict__.setdefault("_real_utcnow", core.__dict__["utcnow"])
    core.__dict__["utcnow"] = utcnow
    for name, module in list(sys.modules.items()):
        if not name.startswith("moto.") or name in _FOLLOWING or module is None:
            continue
        _FOLLOWING.add(name)
        members = getattr(module, "__dict__", {})
        if members.get("utcnow") is original:
            members["utcnow"] = utcnow
        if members.get("datetime") is real_datetime.datetime:
            members["datetime"] = SimulatedDatetime
        elif members.get("datetime") is real_datetime:
            members["datetime"] = _DATETIME_MODULE
        if members.get("time") is real_time:
            members["time"] = _TIME_MODULE
        elif members.get("time") is getattr(real_time, "time"):  # noqa: B009 - it is replaced, not asked
            members["time"] = _seconds
