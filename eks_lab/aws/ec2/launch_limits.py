"""What stops a launch: a zone without the type, a quota of vCPUs, no machine left."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS

from eks_lab.aws.ec2.refusal import no_capacity, not_offered, refuse, too_many_vcpus
from eks_lab.catalog import instance_types

BUCKETS = {
    "Standard": "acdhimrtz",
    "F": "f",
    "G": "g",
    "P": "p",
    "X": "x",
    "U": "u",
    "Inf": "inf",
    "Trn": "trn",
    "DL": "dl",
    "HPC": "hpc",
}
"""Quota of running instances -> first letters of the families it counts (EC2 user guide, "On-Demand quotas")."""
DEFAULT_QUOTAS = {"Standard": 5120, "G": 256, "P": 256, "X": 128, "Inf": 128, "Trn": 128}
"""vCPUs an account may run. AWS raises them with use; these suit a 200-node exercise, not a new account's 5."""
OTHER_QUOTA = 64
SPOT_QUOTA = 5120


@dataclass(slots=True)
class Capacity:
    """Quotas of the account, and what EC2 has run out of."""

    quotas: dict[str, int] = field(default_factory=lambda: dict(DEFAULT_QUOTAS))
    """Bucket -> vCPUs."""
    spot_quota: int = SPOT_QUOTA
    """vCPUs of Spot instances, all families together."""
    missing: dict[tuple[str, str], bool] = field(default_factory=dict)
    """Type and zone -> True when neither Spot nor On-Demand has machines, False when only Spot has none.

    `*` stands for every type or every zone.
    """

    def run_out(self, instance_type: str = "*", zone: str = "*", *, only_spot: bool = False) -> None:
        """Have no machines of a type in a zone until `restock`."""
        self.missing[(instance_type, zone)] = not only_spot

    def restock(self, instance_type: str = "*", zone: str = "*") -> None:
        """Have them again."""
        self.missing.pop((instance_type, zone), None)

    def is_out(self, instance_type: str, zone: str, is_spot: bool) -> bool:
        """Say whether no machine can be had."""
        keys = ((instance_type, zone), (instance_type, "*"), ("*", zone), ("*", "*"))
        return any(key in self.missing and (self.missing[key] or is_spot) for key in keys)

    def check(
        self, instance_type: str, zone: str, count: int, is_spot: bool, instances: Iterable[Any]
    ) -> None:
        """Refuse a launch that quotas or stock do not allow.

        Args:
            instance_type: of the catalogue.
            zone: `us-east-1a`.
            count: how many.
            is_spot: Spot, else On-Demand.
            instances: everything in the account.

        Raises:
            EC2ClientError: VcpuLimitExceeded, MaxSpotInstanceCountExceeded, InsufficientInstanceCapacity.
        """
        catalogue = instance_types.catalogue()
        bucket = bucket_of(instance_type)
        running = 0
        vcpus: dict[str, int] = {}
        for each in instances:
            if each.is_terminating or (each.capacity_type == "SPOT") != is_spot:
                continue
            name = each.instance_type
            if name not in vcpus:
                is_counted = name in catalogue and (is_spot or bucket_of(name) == bucket)
                vcpus[name] = catalogue.get(name).vcpus if is_counted else 0
            running += vcpus[name]
        wanted = running + count * catalogue.get(instance_type).vcpus
        if is_spot and wanted > self.spot_quota:
            raise refuse("MaxSpotInstanceCountExceeded", "Max spot instance count exceeded")
        quota = self.quotas.get(bucket, OTHER_QUOTA)
        if not is_spot and wanted > quota:
            raise too_many_vcpus(quota)
        if self.is_out(instance_type, zone, is_spot):
            region = zone[:-1]
            others = [
                each
                for each in (f"{region}{letter}" for letter in "abcdf")
                if each != zone
                and is_offered(instance_type, each)
                and not self.is_out(instance_type, each, is_spot)
            ]
            raise no_capacity(instance_type, zone, others)


def bucket_of(instance_type: str) -> str:
    """Return the quota an instance type counts against, `Standard` for m5.large."""
    family = "".join(
        letter for letter in instance_type.partition(".")[0] if letter.isalpha() or letter == "-"
    )
    for bucket in ("Inf", "Trn", "HPC", "DL"):
        if instance_type.startswith(bucket.lower()):
            return bucket
    for bucket, letters in BUCKETS.items():
        if family[:1] in letters and len(bucket) == 1:
            return bucket
    return "Standard"


@functools.cache
def _offerings(region: str) -> dict[str, frozenset[str]]:
    """Return type -> zones that have it, from what EC2 answered when moto's data was recorded."""
    zones: dict[str, set[str]] = {}
    for offering in INSTANCE_TYPE_OFFERINGS.get("availability-zone", {}).get(region, []):
        zones.setdefault(offering["InstanceType"], set()).add(offering["Location"])
    return {name: frozenset(found) for name, found in zones.items()}


def is_offered(instance_type: str, zone: str) -> bool:
    """Say whether a zone has an instance type; one younger than the record is in every zone but us-east-1e."""
    zones = _offerings(zone[:-1]).get(instance_type)
    return zone in zones if zones is not None else zone != "us-east-1e"


def check_offered(instance_type: str, zone: str) -> None:
    """Refuse a type in a zone that does not have it.

    Raises:
        EC2ClientError: Unsupported; the sentence names the zones that have it.
    """
    if not is_offered(instance_type, zone):
        others = sorted(_offerings(zone[:-1]).get(instance_type, frozenset()))
        raise not_offered(instance_type, zone, others)
