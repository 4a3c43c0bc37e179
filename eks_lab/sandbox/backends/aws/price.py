"""What a sandbox in the learner's account costs an hour, by the course's own calculator `cluster-cost`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from eks_lab.calc.cluster_cost import CALCULATOR
from eks_lab.calc.forms import read_inputs
from eks_lab.catalog import service_prices
from eks_lab.catalog.kubernetes_versions import calendar

PRICE_REGION = "us-east-1"
"""Whose list prices are on record."""
_NOTHING = {
    "nat": "none", "nat_gb": 0, "cross_zone_gb": 0, "internet_gb": 0, "load_balancers": 0, "fargate_pods": 0,
    "hybrid_vcpus": 0, "interface_endpoints": 0, "endpoint_gb": 0, "ebs_gib": 0, "efs_gib": 0, "kms_keys": 0,
    "log_gb": 0,
}  # fmt: skip
"""Parts of a bill that a sandbox does not have."""


@dataclass(frozen=True, slots=True)
class Price:
    """What it costs, list prices without taxes."""

    usd_per_hour: float
    rows: tuple[tuple[str, float], ...]
    """What, and US dollars an hour."""
    sources: tuple[str, ...]
    """Where the figures were read, with the date."""
    warnings: tuple[str, ...]


def hourly(nodes: int, instance: str, disk_gib: int, version: str, today: date) -> Price:
    """Return what a cluster of public nodes costs.

    Args:
        nodes: how many.
        instance: EC2 type.
        disk_gib: gp3 disk of each.
        version: Kubernetes version; one in extended support costs more.
        today: to know the support phase and the age of the prices.

    Raises:
        InputError: the type has no price on record, or there is no such version.
    """
    phase = calendar().get(version).phase(today)
    inputs = read_inputs(
        CALCULATOR,
        {
            **_NOTHING,
            "nodes": nodes,
            "instance": instance,
            "root_gib": disk_gib,
            "zones": 2,
            "support": "extended" if phase == "extended" else "standard",
            "today": today.isoformat(),
        },
    )
    answer = CALCULATOR.compute(inputs)
    grid = answer.grids[-1]
    rows = [
        (str(row[0]), _per_hour(float(row[-1])))
        for row in grid.rows
        if row[-1] and "ogether" not in str(row[0])
    ]
    address = service_prices.get("public_ipv4_hour")
    rows.append((f"{nodes} public IPv4 address{'es' if nodes != 1 else ''}", nodes * address.value))
    total = float(answer.result["usd_per_hour"]) + nodes * address.value
    sources = [f"{each.title} ({each.as_of.isoformat()})" for each in answer.sources]
    return Price(round(total, 4), tuple(rows), tuple(dict.fromkeys(sources)), tuple(answer.warnings))


def most_usd(usd_per_hour: float, hours: float) -> float:
    """Return the most that a time limit lets it cost: hours are billed from the first second to the last, rounded up."""
    return math.ceil(usd_per_hour * hours * 100) / 100


def _per_hour(usd_per_month: float) -> float:
    return usd_per_month / 730
