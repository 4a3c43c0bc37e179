"""Now, as moto's EC2 sees it: simulated, in UTC, without a zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from moto.core import utils


def now() -> datetime:
    """Return the simulated moment without a time zone, as moto keeps all its times.

    The function is looked up at every call because the account replaces moto's clock with its own.
    """
    moment = utils.utcnow()
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def has_passed(since: datetime, delay: timedelta) -> bool:
    """Say whether a delay that began at a moment is over."""
    return now() >= since + delay
