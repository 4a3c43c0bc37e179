"""What EKS lets you set about the HPA controller, tier by tier."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from eks_lab.catalog.prices import STALE_AFTER_DAYS
from eks_lab.catalog.source import Source, packaged_file, read_data_file
from eks_lab.errors import DataError

DATA_FILE = "horizontal_scaling.json"


@dataclass(frozen=True, slots=True)
class ControllerTier:
    """The HPA controller of one control-plane tier."""

    name: str
    """`standard`, `xl` …"""
    least_sync_period_seconds: int
    """Shortest period between two looks at an autoscaler."""
    concurrent_syncs: int | None
    """Autoscalers it works on at the same time; None when no figure is on record."""


@dataclass(frozen=True, slots=True)
class ControllerTerms:
    """The HPA controller as EKS offers it."""

    source: Source
    """Where the figures were read."""
    tiers: dict[str, ControllerTier]
    """By name, the smallest first."""
    most_sync_period_seconds: int
    """Longest period, and the one of the standard tier."""
    sync_period_since: str
    """Kubernetes version from which the period can be set."""
    tolerance_alpha_since: str
    """Version that brought the field `tolerance`, switched off."""
    tolerance_on_since: str
    """Version from which the field `tolerance` is switched on."""

    def staleness_warning(self, today: date) -> str:
        """Return a sentence when the figures are older than 180 days, else nothing.

        Args:
            today: the present day, from a Clock.
        """
        age_days = (today - self.source.as_of).days
        if age_days <= STALE_AFTER_DAYS:
            return ""
        return (
            f"The figures of the control-plane tiers are of {self.source.as_of.isoformat()}, {age_days} days"
            " ago: check them in the EKS user guide."
        )


def read_controller_terms(path: Path) -> ControllerTerms:
    """Read a data file of controller terms.

    Raises:
        DataError: it cannot be read.
    """
    source, document = read_data_file(path)
    try:
        return ControllerTerms(
            source=source,
            tiers={
                name: ControllerTier(name, tier["least_sync_period_seconds"], tier["concurrent_syncs"])
                for name, tier in document["tiers"].items()
            },
            most_sync_period_seconds=document["most_sync_period_seconds"],
            sync_period_since=document["sync_period_since"],
            tolerance_alpha_since=document["tolerance_alpha_since"],
            tolerance_on_since=document["tolerance_on_since"],
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path.name}: the terms of the HPA controller cannot be read: {error}") from error


@functools.cache
def controller_terms() -> ControllerTerms:
    """Return the terms that ship with the program, read once."""
    return read_controller_terms(packaged_file(DATA_FILE))
