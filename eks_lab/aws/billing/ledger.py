"""Meters that run from a thing's creation to its deletion, and what they have summed up.

A meter is a record of the account's store, so a restart loses nothing. `settle` compares what is metered with what is
there: new things get a meter, changed ones are settled up to now, gone ones leave their cost in the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from eks_lab.aws.billing.census import Thing
from eks_lab.aws.billing.charges import Charge, ingested_logs_usd

HOUR_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Meter:
    """What one thing costs at present."""

    id: str
    since: datetime
    """From when the charges count; what was before is in `before`."""
    charges: tuple[Charge, ...]
    before: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """Group and what -> USD up to `since`."""
    idle: str = ""
    ingested_gb: float = 0.0

    def totals(self, now: datetime) -> dict[tuple[str, str], float]:
        """Return group and what -> USD up to a moment."""
        hours = max(0.0, (now - self.since).total_seconds() / HOUR_SECONDS)
        found = dict(self.before)
        for charge in self.charges:
            key = (charge.group, charge.what)
            found[key] = found.get(key, 0.0) + hours * (charge.usd_per_hour or 0.0)
        return found


@dataclass(frozen=True, slots=True)
class Ledger:
    """The running meters, and the cost of what is gone."""

    opened: datetime
    """Nothing is paid for the time before."""
    meters: Mapping[str, Meter] = field(default_factory=dict)
    """By the id of the thing."""
    gone: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """Group and what -> USD of things that are no more."""

    def totals(self, now: datetime) -> dict[tuple[str, str], float]:
        """Return group and what -> USD up to a moment."""
        found = dict(self.gone)
        for meter in self.meters.values():
            _add(found, meter.totals(now))
        return found


def settle(ledger: Ledger, things: Iterable[Thing], now: datetime) -> Ledger:
    """Return the ledger after a look at what is there.

    Args:
        ledger: as it was; meters that fit what is there stay the same objects.
        things: what costs something now.
        now: the moment of the look; a thing that is gone has cost until then.
    """
    meters: dict[str, Meter] = {}
    for thing in things:
        meter = ledger.meters.get(thing.id)
        if meter is None:
            meters[thing.id] = _opened(thing, ledger.opened)
        elif meter.charges != thing.charges or meter.ingested_gb != thing.ingested_gb:
            meters[thing.id] = _changed(meter, thing, now)
        elif meter.idle != thing.idle:
            meters[thing.id] = Meter(
                meter.id, meter.since, meter.charges, meter.before, thing.idle, meter.ingested_gb
            )
        else:
            meters[thing.id] = meter
    gone = dict(ledger.gone)
    for id, meter in ledger.meters.items():
        if id not in meters:
            _add(gone, meter.totals(now))
    return Ledger(ledger.opened, meters, gone)


def _opened(thing: Thing, opened: datetime) -> Meter:
    before = _ingested(thing.ingested_gb)
    return Meter(thing.id, max(thing.since, opened), thing.charges, before, thing.idle, thing.ingested_gb)


def _changed(meter: Meter, thing: Thing, now: datetime) -> Meter:
    before = meter.totals(now)
    _add(before, _ingested(max(0.0, thing.ingested_gb - meter.ingested_gb)))
    return Meter(thing.id, max(now, meter.since), thing.charges, before, thing.idle, thing.ingested_gb)


def _ingested(gb: float) -> dict[tuple[str, str], float]:
    return {("logs", "Log ingestion"): ingested_logs_usd(gb)} if gb > 0 else {}


def _add(totals: dict[tuple[str, str], float], more: Mapping[tuple[str, str], float]) -> None:
    for key, usd in more.items():
        totals[key] = totals.get(key, 0.0) + usd


def unknown_prices(meters: Iterable[Meter]) -> Sequence[str]:
    """Return what runs without a price on record, each once, by name."""
    return sorted({charge.what for each in meters for charge in each.charges if charge.usd_per_hour is None})
