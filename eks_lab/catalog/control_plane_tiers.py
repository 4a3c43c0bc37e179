"""Standard and provisioned control planes: seats, scheduling rate, database, SLA. Prices are elsewhere.

The prices of tiers are in `eks_lab.catalog.service_prices`; a tier here names its price.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from eks_lab.catalog.prices import STALE_AFTER_DAYS
from eks_lab.catalog.source import Source, packaged_file, read_data_file
from eks_lab.errors import DataError

DATA_FILE = "control_plane_tiers.json"


@dataclass(frozen=True, slots=True)
class StandardMode:
    """What the control plane offers by default, growing with the load."""

    seats_at_start: int
    """Requests in work at once on a new API server, about."""
    seats_towards: int
    """Where that number goes as an API server is made larger; not promised."""
    database_gb: int
    """Largest etcd database."""
    sla_percent: float
    """Promised availability of the endpoint a month."""
    sla_period_minutes: int
    """Length of the periods the SLA is measured over."""
    hpa_sync_seconds: int
    """The only HPA period that standard mode has."""


@dataclass(frozen=True, slots=True)
class Tier:
    """A provisioned size of the control plane."""

    name: str
    """`xl`; the API calls it `tier-xl`."""
    price_key: str
    """Key of its hourly price in the service prices."""
    seats_from: dict[int, int]
    """Oldest minor it holds for -> requests in work at once."""
    pods_per_second_from: dict[int, int]
    """Oldest minor it holds for -> pods the scheduler places a second."""
    database_gb: int
    """Largest etcd database."""
    hpa_workers: int
    """HorizontalPodAutoscalers worked on at once."""

    def seats(self, minor: int) -> int | None:
        """Return the seats on a Kubernetes minor; None when it is older than the record."""
        return _at(self.seats_from, minor)

    def pods_per_second(self, minor: int) -> int | None:
        """Return the scheduling rate on a Kubernetes minor; None when it is older than the record."""
        return _at(self.pods_per_second_from, minor)


@dataclass(frozen=True, slots=True)
class ControlPlaneTerms:
    """The modes, the tiers and the SLA."""

    source: Source
    """Where the tiers were read."""
    certainty: str
    """Of the tiers."""
    etcd_members: int
    """Members of the database that EKS runs, over as many zones."""
    standard: StandardMode
    """The default."""
    tiers: tuple[Tier, ...]
    """From the smallest up."""
    provisioned_sla_percent: float
    """Promised availability on a tier a month."""
    provisioned_sla_period_minutes: int
    """Length of the periods the SLA is measured over."""
    hpa_sync_seconds_least: int
    """Shortest HPA period on a tier, in seconds."""
    growth_step_percent: float
    """How far one may grow at once so that standard mode follows."""
    credits: tuple[tuple[float, float], ...]
    """Availability below so many % -> credit in % of the EKS fee; from the mildest down."""
    sources: dict[str, Source]
    """`control-plane`, `sla`, `parameters` -> where they were read."""

    @property
    def oldest_minor(self) -> int:
        """Return the oldest Kubernetes minor the tiers are on record for."""
        return min(min(tier.seats_from) for tier in self.tiers)

    def credit_percent(self, availability_percent: float) -> float:
        """Return the credit that the SLA of the standard mode gives for an availability, in %."""
        credit = 0.0
        for below, percent in self.credits:
            if availability_percent < below:
                credit = percent
        return credit

    def staleness_warning(self, today: date) -> str:
        """Return a sentence when the tiers are older than 180 days, else nothing.

        Args:
            today: the present day, from a Clock.
        """
        age_days = (today - self.source.as_of).days
        if age_days <= STALE_AFTER_DAYS:
            return ""
        return (
            f"The tiers on record are of {self.source.as_of.isoformat()}, {age_days} days ago: read them with"
            " aws eks describe-cluster-versions."
        )


def _at(by_minor: Mapping[int, int], minor: int) -> int | None:
    held = [since for since in by_minor if since <= minor]
    return by_minor[max(held)] if held else None


def _by_minor(entry: Mapping[str, int]) -> dict[int, int]:
    return {int(name.removeprefix("1.")): int(value) for name, value in entry.items()}


def _tier(entry: Mapping[str, Any]) -> Tier:
    return Tier(
        name=entry["name"],
        price_key=entry["price"],
        seats_from=_by_minor(entry["seats"]),
        pods_per_second_from=_by_minor(entry["pods_per_second"]),
        database_gb=int(entry["database_gb"]),
        hpa_workers=int(entry["hpa_workers"]),
    )


def read_terms(path: Path) -> ControlPlaneTerms:
    """Read a data file of tiers.

    Raises:
        DataError: it cannot be read, or the tiers are not in order.
    """
    source, document = read_data_file(path)
    try:
        standard = document["standard"]
        provisioned = document["provisioned"]
        tiers = tuple(_tier(entry) for entry in document["tiers"])
        newest = [tier.seats_from[max(tier.seats_from)] for tier in tiers]
        if not newest or newest != sorted(newest):
            raise ValueError(f"seats {newest} do not rise from tier to tier")
        return ControlPlaneTerms(
            source=source,
            certainty=document["certainty"],
            etcd_members=int(document["etcd"]["members"]),
            standard=StandardMode(
                seats_at_start=int(standard["seats_at_start"]),
                seats_towards=int(standard["seats_towards"]),
                database_gb=int(standard["database_gb"]),
                sla_percent=float(standard["sla_percent"]),
                sla_period_minutes=int(standard["sla_period_minutes"]),
                hpa_sync_seconds=int(standard["hpa_sync_seconds"]),
            ),
            tiers=tiers,
            provisioned_sla_percent=float(provisioned["sla_percent"]),
            provisioned_sla_period_minutes=int(provisioned["sla_period_minutes"]),
            hpa_sync_seconds_least=int(provisioned["hpa_sync_seconds_least"]),
            growth_step_percent=float(document["growth_step_percent"]),
            credits=tuple(
                (float(entry["below_percent"]), float(entry["credit_percent"]))
                for entry in document["credits"]
            ),
            sources={
                name: Source(
                    title=entry["title"],
                    as_of=date.fromisoformat(entry["date"]),
                    url=entry["url"],
                    licence="",
                )
                for name, entry in document["sources"].items()
            },
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"{path.name}: the control plane tiers cannot be read: {error}") from error


@functools.cache
def terms() -> ControlPlaneTerms:
    """Return the terms that ship with the program, read once."""
    return read_terms(packaged_file(DATA_FILE))
