"""What a configuration costs an hour while nobody uses it."""

from __future__ import annotations

from dataclasses import dataclass

from eks_lab.calc.cluster_cost import CALCULATOR
from eks_lab.calc.forms import read_inputs
from eks_lab.calc.model import Answer
from eks_lab.generate.terraform.choices import Choices
from eks_lab.generate.terraform.node_groups import NodeGroup

AUTO_MODE_INSTANCE = "c6a.large"
"""Stands for whatever Auto Mode launches; it starts two nodes for its own small add-ons and CoreDNS."""
AUTO_MODE_NODES = 2
FARGATE_COREDNS_PODS = 2


_IDLE: dict[str, object] = {
    "nat_gb": 0,
    "cross_zone_gb": 0,
    "load_balancers": 0,
    "ebs_gib": 0,
    "log_gb": 0,
}
"""What nothing has caused yet."""


_CONTROL_PLANE = "Control plane"
"""The item's name on a bill of cluster-cost."""


@dataclass(frozen=True, slots=True)
class StandingBill:
    """What a configuration costs while nobody uses it."""

    rows: tuple[tuple[str, str, float], ...]
    """Item, quantity, USD per hour."""
    usd_per_hour: float
    """Together."""


def _nodes(group: NodeGroup) -> dict[str, object]:
    return {
        "instance": group.types[0],
        "nodes": group.desired_size,
        "spot_nodes": group.desired_size if group.capacity_type == "SPOT" else 0,
        "root_gib": group.disk_gib,
    }


def standing_costs(choices: Choices) -> tuple[Answer, ...]:
    """Return worked bills of what runs as soon as the configuration is applied.

    The calculator prices one instance type at a time: the first answer holds everything but the
    further node groups, each of which has an answer of its own. Traffic, volumes of pods, logs and
    load balancers are left out, because nothing has caused any yet.

    Args:
        choices: what is generated.

    Raises:
        InputError: an instance type without a price on record.
    """
    today = choices.today.isoformat()
    first: dict[str, object] = {
        **_IDLE,
        "support": "extended" if choices.version.phase(choices.today) == "extended" else "standard",
        "tier": choices.tier,
        "zones": choices.zones,
        "nat": choices.nat,
        "kms_keys": int(choices.kms_key) + int(choices.log_key),
        "interface_endpoints": len(choices.interface_endpoints),
        "fargate_pods": 0 if choices.has_nodes else FARGATE_COREDNS_PODS,
        "nodes": 0,
        "root_gib": 0,
        "today": today,
    }
    if choices.auto_mode:
        first |= {"auto_mode": True, "instance": AUTO_MODE_INSTANCE, "nodes": AUTO_MODE_NODES, "root_gib": 80}
    elif choices.node_groups:
        first |= _nodes(choices.node_groups[0])
    others = [{**_IDLE, "nat": "none", "today": today, **_nodes(group)} for group in choices.node_groups[1:]]
    return tuple(CALCULATOR.compute(read_inputs(CALCULATOR, given)) for given in (first, *others))


def standing_bill(choices: Choices) -> StandingBill:
    """Return everything that runs from the first hour on.

    Raises:
        InputError: an instance type without a price on record.
    """
    rows: list[tuple[str, str, float]] = []
    total = 0.0
    for number, answer in enumerate(standing_costs(choices)):
        total += float(answer.result["usd_per_hour"])
        for row in answer.grids[0].rows[:-1]:
            item, quantity, usd = str(row[0]), str(row[1]), row[3]
            if not isinstance(usd, int | float) or usd <= 0:
                continue
            # Each answer prices a whole cluster; there is one control plane.
            if number and item == _CONTROL_PLANE:
                total -= usd
            else:
                rows.append((item, quantity, float(usd)))
    return StandingBill(tuple(rows), total)
