"""On-demand prices: what an instance type costs an hour in us-east-1, when it is on record.

Nothing is guessed: a family that the data file does not hold has no price.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from eks_lab.catalog.instance_types import InstanceType
from eks_lab.catalog.source import Source, packaged_file, read_data_file
from eks_lab.errors import DataError

DATA_FILE = "prices.json"
STALE_AFTER_DAYS = 180


@dataclass(frozen=True, slots=True)
class PriceList:
    """Linux on-demand prices of one Region."""

    source: Source
    """Where the prices were read, and when they were true."""
    region: str
    """`us-east-1`."""
    usd_per_vcpu_hour: dict[str, float]
    """Family -> USD for one vCPU and hour; its sizes cost in proportion to their vCPUs."""
    usd_per_large_hour: dict[str, float]
    """Family -> USD an hour of its size `large`; its sizes cost in steps."""
    size_steps: dict[str, float]
    """Size -> multiple of `large`, for families in `usd_per_large_hour`."""
    usd_per_hour: dict[str, float]
    """Instance type -> USD an hour."""

    def on_demand_usd_per_hour(self, instance: InstanceType) -> float | None:
        """Return the price of an instance in USD an hour; None when it is not on record."""
        if instance.name in self.usd_per_hour:
            return self.usd_per_hour[instance.name]
        if instance.family in self.usd_per_large_hour and instance.size in self.size_steps:
            return _dollars(self.usd_per_large_hour[instance.family] * self.size_steps[instance.size])
        if instance.family in self.usd_per_vcpu_hour:
            return _dollars(self.usd_per_vcpu_hour[instance.family] * instance.vcpus)
        return None

    def staleness_warning(self, today: date) -> str:
        """Return a sentence when the prices are older than 180 days, else nothing.

        Args:
            today: the present day, from a Clock.
        """
        age_days = (today - self.source.as_of).days
        if age_days <= STALE_AFTER_DAYS:
            return ""
        return (
            f"The prices on record are of {self.source.as_of.isoformat()}, {age_days} days ago:"
            " check them on the EC2 pricing page before you rely on them."
        )


def _dollars(amount: float) -> float:
    # EC2 prices have up to six decimals; rounding there removes the noise of binary fractions.
    return round(amount, 6)


def read_price_list(path: Path) -> PriceList:
    """Read a data file of prices.

    Raises:
        DataError: it cannot be read.
    """
    source, document = read_data_file(path)
    try:
        return PriceList(
            source=source,
            region=document["region"],
            usd_per_vcpu_hour=document["usd_per_vcpu_hour"],
            usd_per_large_hour=document["usd_per_large_hour"],
            size_steps=document["size_steps"],
            usd_per_hour=document["usd_per_hour"],
        )
    except KeyError as error:
        raise DataError(f"{path.name}: {error} is missing from the price list") from error


@functools.cache
def price_list() -> PriceList:
    """Return the prices that ship with the program, read once."""
    return read_price_list(packaged_file(DATA_FILE))
