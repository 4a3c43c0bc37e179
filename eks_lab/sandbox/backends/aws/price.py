"""What a sandbox in the learner's account costs an hour, by the course's own calculator `cluster-cost`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from eks_lab.calc.cluster_cost import CALCULATOR
from eks_lab.calc.forms import read_inputs
from eks_lab.catalog.kubernetes_versions import calendar

PRICE_REGION = "us-east-1"
"""Whose list prices are on record."""
_NOTHING = {
    "nat": "none", "nat_gb": 0, "cross_zone_gb": 0, "internet_gb": 0, "load_balancers": 0, "fargate_pods": 0,
    "hybrid_vcpus": 0, "interface_endpoints": 0, "endpoint_gb": 0, "ebs_gib": 0, "efs_gib": 0, "kms_keys": 0,
    "log_gb": 0,
}  # fmt: skip
"""Parts of a bill that a sandbox does not have."""
_USD_PER_HOUR = 3
"""Column of the calculator's table of items."""


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
            "public_ipv4": nodes,
            "instance": instance,
            "root_gib": disk_gib,
            "zones": 2,
            "support": "extended" if phase == "extended" else "standard",
            "today": today.isoformat(),
        },
    )
    answer = CALCULATOR.compute(inputs)
    rows = tuple((str(row[0]), float(str(row[_USD_PER_HOUR]))) for row in answer.grids[0].rows[:-1])
    sources = tuple(dict.fromkeys(f"{each.title} ({each.date})" for each in answer.sources))
    return Price(float(answer.result["usd_per_hour"]), rows, sources, tuple(answer.warnings))


def most_usd(usd_per_hour: float, hours: float) -> float:
    """Return the most that a time limit lets it cost, US dollars, rounded up to a cent.

    Args:
        usd_per_hour: what it costs.
        hours: the limit.
    """
    return math.ceil(usd_per_hour * hours * 100) / 100
