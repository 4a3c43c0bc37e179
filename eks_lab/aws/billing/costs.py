"""What `eks-lab sandbox cost` shows: what the account would have cost, costs, and keeps costing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from eks_lab.aws.billing.census import census
from eks_lab.aws.billing.ledger import settle, unknown_prices
from eks_lab.aws.billing.records import load
from eks_lab.calc.bill import HOURS_PER_MONTH

if TYPE_CHECKING:
    from eks_lab.aws.account import Account

GROUPS = ("control plane", "nodes", "network", "storage", "keys", "logs")
"""In the order of the cost calculator's bill."""
NOT_METERED = (
    "data transfer",
    "requests",
    "load balancer capacity units",
    "snapshots",
    "Fargate pods",
    "EFS and S3 storage",
)
"""What AWS bills and the sandbox does not meter."""


@dataclass(frozen=True, slots=True)
class CostLine:
    """One kind of thing."""

    group: str
    """`nodes`."""
    what: str
    """`m5.large on demand`."""
    running: int
    """How many there are now."""
    so_far_usd: float
    """Of those that are there and those that are gone."""
    usd_per_hour: float
    usd_per_month: float
    """Of 730 hours."""


@dataclass(frozen=True, slots=True)
class Running:
    """One thing that goes on costing."""

    id: str
    """`i-0…`, `cluster/lab`."""
    what: str
    since: datetime
    """From when the present rate counts."""
    usd_per_hour: float
    idle: str = ""
    """Why it looks forgotten: `attached to nothing`; empty when it is used."""


@dataclass(frozen=True, slots=True)
class Costs:
    """The account's costs at one moment."""

    since: datetime
    """When the ledger was opened."""
    now: datetime
    so_far_usd: float
    usd_per_hour: float
    usd_per_month: float
    """At the present rate, of 730 hours."""
    lines: tuple[CostLine, ...]
    """By group, then by name."""
    left_running: tuple[Running, ...]
    """The dearest first."""
    unknown: tuple[str, ...]
    """What runs and has no price on record; it counts nowhere."""
    not_metered: tuple[str, ...] = NOT_METERED
    price_region: str = "us-east-1"
    """Whose prices these are, wherever a thing stands."""


def costs(account: Account, now: datetime) -> Costs:
    """Return what an account would have cost up to a moment; nothing is written.

    Args:
        account: with its ledger.
        now: not before the last change of the ledger.
    """
    ledger = settle(load(account.store, now), census(account), now)
    totals = ledger.totals(now)
    rates: dict[tuple[str, str], tuple[int, float]] = dict.fromkeys(totals, (0, 0.0))
    running = []
    for meter in ledger.meters.values():
        hourly = 0.0
        for charge in meter.charges:
            key = (charge.group, charge.what)
            count, usd = rates.get(key, (0, 0.0))
            rates[key] = (count + 1, usd + (charge.usd_per_hour or 0.0))
            hourly += charge.usd_per_hour or 0.0
        if hourly > 0:
            what = " + ".join(charge.what for charge in meter.charges)
            running.append(Running(meter.id, what, meter.since, hourly, meter.idle))
    lines = [
        CostLine(
            group=key[0],
            what=key[1],
            running=count,
            so_far_usd=totals.get(key, 0.0),
            usd_per_hour=usd,
            usd_per_month=usd * HOURS_PER_MONTH,
        )
        for key, (count, usd) in rates.items()
        if usd > 0 or totals.get(key, 0.0) > 0
    ]
    order = {name: number for number, name in enumerate(GROUPS)}
    lines.sort(key=lambda line: (order.get(line.group, len(order)), line.what))
    per_hour = sum(line.usd_per_hour for line in lines)
    return Costs(
        since=ledger.opened,
        now=now,
        so_far_usd=sum(totals.values()),
        usd_per_hour=per_hour,
        usd_per_month=per_hour * HOURS_PER_MONTH,
        lines=tuple(lines),
        left_running=tuple(sorted(running, key=lambda each: (-each.usd_per_hour, each.id))),
        unknown=tuple(unknown_prices(ledger.meters.values())),
    )
