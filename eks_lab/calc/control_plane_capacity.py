"""What a control plane carries: etcd's majority, the tier a load needs, and what an SLA allows.

Calculators and simulator share it. Figures of modes and tiers are data of
`eks_lab.catalog.control_plane_tiers`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from eks_lab.catalog.control_plane_tiers import ControlPlaneTerms

Fit = Literal["yes", "not promised", "no"]
MINUTES_PER_DAY = 1440


def quorum(members: int) -> int:
    """Return the members of an etcd cluster that have to agree: floor(n / 2) + 1.

    Args:
        members: members of the cluster, at least 1.
    """
    return members // 2 + 1


def failure_tolerance(members: int) -> int:
    """Return how many members may fail: 1 of 3, 2 of 5; an even member more adds nothing."""
    return members - quorum(members)


def survives_zone_loss(members: int, zones: int) -> bool:
    """Whether etcd keeps its majority when one zone fails, with members spread as evenly as possible.

    Args:
        members: members of the cluster.
        zones: zones they are spread over.
    """
    return -(-members // zones) <= failure_tolerance(members)


def allowed_downtime_minutes(sla_percent: float, days: int) -> float:
    """Return the downtime that an availability leaves in so many days, in minutes.

    Args:
        sla_percent: 99.95 leaves 21.6 minutes of 30 days.
        days: length of the month.
    """
    return days * MINUTES_PER_DAY * (100 - sla_percent) / 100


def growth_steps(now: int, target: int, step_percent: float) -> int:
    """Return how many steps of at most so many per cent lead from one number to another.

    Args:
        now: at least 1.
        target: where to go; 1,200 to 5,000 take 15 steps of 10 %.
        step_percent: growth of one step, above 0.
    """
    steps, reached = 0, float(now)
    # A hair of tolerance, so that 110 is one step of 10 % from 100 in binary fractions too.
    while reached * (1 + 1e-12) < target:
        reached *= 1 + step_percent / 100
        steps += 1
    return steps


@dataclass(frozen=True, slots=True)
class Need:
    """What a cluster asks of its control plane; None is not asked."""

    minor: int
    """Kubernetes minor, 36 for 1.36."""
    seats: int | None = None
    """Requests in work at once at the peak."""
    pods_per_second: float | None = None
    """Pods to be scheduled a second at the peak."""
    database_gb: float | None = None
    """Size of the etcd database."""
    hpa_sync_seconds: int = 15
    """Period of the HPA controller."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A mode or tier, judged against a need."""

    name: str
    """`standard`, `xl` …"""
    price_key: str
    """Key of its hourly price; empty for the standard mode, which costs nothing on top."""
    seats: int | None
    """Promised seats; those of a new API server in standard mode."""
    pods_per_second: int | None
    """Promised scheduling rate; None in standard mode."""
    database_gb: int
    """Largest database."""
    sla_percent: float
    """Promised availability a month."""
    sla_period_minutes: int
    """Length of the periods that count."""
    hpa_workers: int | None
    """HPAs worked on at once; None when not on record."""
    fit: Fit
    """Whether it carries the need."""
    lacks: tuple[str, ...]
    """What it lacks or does not promise: `seats`, `pods/s`, `database`, `HPA period`."""


def _verdict(lacking: list[str], open_: list[str]) -> tuple[Fit, tuple[str, ...]]:
    if lacking:
        return "no", tuple(lacking)
    return ("not promised", tuple(open_)) if open_ else ("yes", ())


def standard_offer(need: Need, terms: ControlPlaneTerms) -> Offer:
    """Return the standard mode, judged: it promises few seats and no rate, and grows with the load."""
    mode = terms.standard
    lacking: list[str] = []
    unpromised: list[str] = []
    if need.seats is not None and need.seats > mode.seats_at_start:
        (lacking if need.seats > mode.seats_towards else unpromised).append("seats")
    if need.pods_per_second is not None and need.pods_per_second > 0:
        unpromised.append("pods/s")
    if need.database_gb is not None and need.database_gb > mode.database_gb:
        lacking.append("database")
    if need.hpa_sync_seconds != mode.hpa_sync_seconds:
        lacking.append("HPA period")
    fit, lacks = _verdict(lacking, unpromised)
    return Offer(
        name="standard",
        price_key="",
        seats=mode.seats_at_start,
        pods_per_second=None,
        database_gb=mode.database_gb,
        sla_percent=mode.sla_percent,
        sla_period_minutes=mode.sla_period_minutes,
        hpa_workers=None,
        fit=fit,
        lacks=lacks,
    )


def offers(need: Need, terms: ControlPlaneTerms) -> tuple[Offer, ...]:
    """Return the standard mode and every tier, judged against a need, from the cheapest up.

    Args:
        need: with a minor the tiers are on record for.
        terms: the modes and tiers.
    """
    found = [standard_offer(need, terms)]
    for tier in terms.tiers:
        seats, rate = tier.seats(need.minor), tier.pods_per_second(need.minor)
        lacking = []
        if need.seats is not None and (seats is None or need.seats > seats):
            lacking.append("seats")
        if need.pods_per_second is not None and (rate is None or need.pods_per_second > rate):
            lacking.append("pods/s")
        if need.database_gb is not None and need.database_gb > tier.database_gb:
            lacking.append("database")
        fit, lacks = _verdict(lacking, [])
        found.append(
            Offer(
                name=tier.name,
                price_key=tier.price_key,
                seats=seats,
                pods_per_second=rate,
                database_gb=tier.database_gb,
                sla_percent=terms.provisioned_sla_percent,
                sla_period_minutes=terms.provisioned_sla_period_minutes,
                hpa_workers=tier.hpa_workers,
                fit=fit,
                lacks=lacks,
            )
        )
    return tuple(found)


def cheapest(found: tuple[Offer, ...]) -> Offer | None:
    """Return the first offer that carries the need for certain; None when none does."""
    return next((offer for offer in found if offer.fit == "yes"), None)


def blocks_return_to_standard(
    database_gb: float | None, hpa_sync_seconds: int, terms: ControlPlaneTerms
) -> tuple[str, ...]:
    """Return what keeps a cluster on a tier from going back to the standard mode.

    Args:
        database_gb: size of the etcd database; None when not known.
        hpa_sync_seconds: period of the HPA controller.
        terms: the modes and tiers.
    """
    found = []
    if database_gb is not None and database_gb > terms.standard.database_gb:
        found.append(f"the database is larger than {terms.standard.database_gb} GB")
    if hpa_sync_seconds != terms.standard.hpa_sync_seconds:
        found.append(f"the HPA period is {hpa_sync_seconds} s instead of {terms.standard.hpa_sync_seconds} s")
    return tuple(found)
