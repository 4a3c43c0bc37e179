"""Prices of what surrounds the nodes: control plane, Fargate, network, storage, keys and logs.

Each price has a source, a day and a certainty of its own, because they were read in many places.
Prices of EC2 instance types are in `eks_lab.catalog.prices`. A price that is not here is not on record.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, get_args

from eks_lab.catalog.prices import STALE_AFTER_DAYS
from eks_lab.catalog.source import Source, packaged_file, read_data_file
from eks_lab.catalog.suggestion import did_you_mean
from eks_lab.errors import DataError, InputError

Certainty = Literal["verified", "third-party", "widely-known", "inferred"]

DATA_FILE = "service_prices.json"
PERCENT = "%"
CERTAINTIES: tuple[Certainty, ...] = get_args(Certainty)


@dataclass(frozen=True, slots=True)
class ServicePrice:
    """One price of one service."""

    key: str
    """`nat_gateway_hour`."""
    what: str
    """What is paid for: `NAT gateway`."""
    value: float
    """In `unit`; never negative."""
    unit: str
    """`USD/h`, `USD/GB-month` …; `%` for a share of another price."""
    source: Source
    """Where the figure was read, and the day it was read or last confirmed."""
    certainty: Certainty
    """`verified`: read in the source; `third-party`: read with somebody who quotes AWS; `widely-known`:
    commonly published, not read again; `inferred`: concluded, found nowhere in words."""
    note: str
    """A condition one should know; mostly empty."""

    def is_stale(self, today: date) -> bool:
        """Whether the figure is older than 180 days.

        Args:
            today: the present day, from a Clock.
        """
        return (today - self.source.as_of).days > STALE_AFTER_DAYS


@dataclass(frozen=True, slots=True)
class ServicePriceList:
    """Every price of one data file."""

    region: str
    """`us-east-1`."""
    prices: dict[str, ServicePrice]
    """Key -> price, in the order of the file."""

    def get(self, key: str) -> ServicePrice:
        """Return one price.

        Args:
            key: `nat_gateway_hour`; case, and dashes for underscores, do not matter.

        Raises:
            InputError: there is no such price; the hint names the nearest ones.
        """
        wanted = key.strip().lower().replace("-", "_")
        found = self.prices.get(wanted)
        if found is None:
            raise InputError(
                f"no price named {key.strip()!r} among the {len(self.prices)} on record",
                hint=did_you_mean(wanted, self.prices)
                or f"Prices: {', '.join(list(self.prices)[:3])} … (`eks-lab calc cluster-cost` uses most).",
            )
        return found


def read_service_prices(path: Path) -> ServicePriceList:
    """Read a data file of service prices.

    Raises:
        DataError: it cannot be read, or a price lacks a part or has an impossible value; the message
            names the price.
    """
    _, document = read_data_file(path)
    prices = {}
    key = "prices"
    try:
        origins = document["sources"]
        for key, entry in document["prices"].items():
            origin = origins[entry["source"]]
            value = float(entry["value"])
            most = 100.0 if entry["unit"] == PERCENT else float("inf")
            if entry["certainty"] not in CERTAINTIES or not 0 <= value <= most:
                raise ValueError(f"value {entry['value']!r}, certainty {entry['certainty']!r}")
            prices[key] = ServicePrice(
                key=key,
                what=entry["what"],
                value=value,
                unit=entry["unit"],
                source=Source(
                    title=origin["title"],
                    as_of=date.fromisoformat(entry["date"]),
                    url=origin["url"],
                    licence="",
                ),
                certainty=entry["certainty"],
                note=entry.get("note", ""),
            )
        return ServicePriceList(region=document["region"], prices=prices)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"{path.name}: {key}: this price cannot be read: {error}") from error


@functools.cache
def service_prices() -> ServicePriceList:
    """Return the prices that ship with the program, read once."""
    return read_service_prices(packaged_file(DATA_FILE))


def get(key: str) -> ServicePrice:
    """Return one price that ships with the program; see `ServicePriceList.get`."""
    return service_prices().get(key)
