"""A VPC plan: which subnets a cluster needs, how long they last, and what to add then.

The figures come from `eks_lab.calc.subnet_demand` and `eks_lab.calc.subnet_layout`. `result["subnets"]`
is a list of plain objects that a generator turns into Terraform variables.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from ipaddress import IPv4Network
from typing import Any

from eks_lab.calc import eni
from eks_lab.calc.address_map import grids, plots
from eks_lab.calc.address_space import SUBNET_SIZING
from eks_lab.calc.inputs import INSTANCE
from eks_lab.calc.model import Answer, Calculator, Input, Value
from eks_lab.calc.subnet_demand import (
    AS_NEEDED,
    CLUSTER_SUBNETS,
    LARGEST,
    MODES,
    NODE_UPDATES,
    Question,
)
from eks_lab.calc.subnet_layout import ZONE_LETTERS, Layout, Subnet, layout
from eks_lab.calc.vpc_plan_working import main_subnet, steps, warnings


def _document(subnet: Subnet, ipv6_index: int | None) -> dict[str, Any]:
    tags = {}
    if subnet.role == "public":
        tags["kubernetes.io/role/elb"] = "1"
    if subnet.role == "nodes":
        tags["kubernetes.io/role/internal-elb"] = "1"
        if subnet.is_added:
            tags["kubernetes.io/role/cni"] = "1"
    return {
        "name": subnet.name,
        "role": subnet.role,
        "zone": ZONE_LETTERS[subnet.zone],
        "zone_index": subnet.zone,
        "cidr": str(subnet.network),
        "first": str(subnet.network.network_address),
        "last": str(subnet.network.broadcast_address),
        "addresses": subnet.network.num_addresses,
        "usable": subnet.usable,
        "needed_now": subnet.needed_now,
        "needed_at_horizon": subnet.needed_then,
        "free_at_horizon": subnet.usable - subnet.needed_then,
        "blocks_left": subnet.blocks_left,
        "nodes_room": subnet.nodes_room,
        "is_added": subnet.is_added,
        "ipv6_index": ipv6_index,
        "tags": tags,
    }


def month_after(today: str, months: int) -> str:
    """Return the month that is some months after a day: `2026-12` is 1 after `2026-11-22`.

    Args:
        today: ISO date.
        months: how many.
    """
    start = date.fromisoformat(today)
    count = 12 * start.year + start.month - 1 + months
    return f"{count // 12}-{count % 12 + 1:02}"


def _lasts(months: int | None, today: Value) -> str:
    if months is None:
        return "for 20 years and more"
    if months == 0:
        return "not even today"
    on = f" (until {month_after(today, months)})" if isinstance(today, str) else ""
    return f"for 1 month{on}" if months == 1 else f"for {months} months{on}"


def _listed(networks: tuple[IPv4Network, ...], most: int) -> str:
    return ", ".join(map(str, networks[:most])) + (" …" if len(networks) > most else "")


def _headline(plan: Layout, today: Value) -> str:
    question, subnet = plan.question, main_subnet(plan)
    where, added = _listed(question.ranges, 3), _listed(plan.added, 2)
    if plan.fits:
        in_ranges = f"{where} with {added} for pods" if plan.added else where
        months = plan.runs_out_with_added_months if plan.added else plan.runs_out_months
        return (
            f"{in_ranges}: a /{subnet.network.prefixlen} for the {subnet.role} of each of {question.zones} zones;"
            f" the plan lasts {_lasts(months, today)}."
        )
    short = (
        f"{where} is too small even today"
        if plan.runs_out_months == 0
        else f"{where} lasts {_lasts(plan.runs_out_months, today)}, not {question.horizon_months} months"
    )
    if plan.unplaced_nodes:
        lasts = _lasts(plan.runs_out_with_added_months, today)
        return f"{short}, and even with the ranges a VPC can add it lasts {lasts}."
    return f"{short}: add {added}, and the plan lasts {_lasts(plan.runs_out_with_added_months, today)}."


def vpc_plan(inputs: Mapping[str, Value]) -> Answer:
    """Answer which subnets a cluster needs.

    Args:
        inputs: checked inputs of `CALCULATOR`.

    Returns:
        `subnets`: one object each with `name`, `role` (nodes, pods, public, control-plane), `zone`,
        `cidr`, `usable`, what is needed now and at the horizon (an update's surge included), `tags`;
        `is_added` marks those in ranges that the VPC has to add. `free_cidrs` is what is left of the
        ranges given, `added_cidrs` what to add. `runs_out_months` is the first month in which the
        ranges given are too small (None: not within 20 years), `runs_out_on` the same as year and
        month when `today` is known.

    Raises:
        InputError: a range that cannot be used, pods that do not fit on the nodes, or ranges that
            hold not even the smallest subnets.
    """
    question = Question.of(inputs)
    plan = layout(question)
    today, subnet, months = inputs["today"], main_subnet(plan), question.horizon_months
    ipv6 = question.mode == "ipv6"
    runs_out = plan.runs_out_months
    return Answer(
        calculator="vpc-plan",
        headline=_headline(plan, today),
        inputs=dict(inputs),
        result={
            "fits": plan.fits,
            "runs_out_months": runs_out,
            "runs_out_on": month_after(today, runs_out)
            if isinstance(today, str) and runs_out is not None
            else None,
            "runs_out_with_added_months": plan.runs_out_with_added_months,
            "pods_per_node": question.pods_per_node,
            "ips_per_node": question.pool.subnet_ips,
            "surge_nodes_per_zone": question.surge_per_zone,
            "nodes_per_zone_now": question.nodes_per_zone(0),
            "nodes_per_zone_at_horizon": question.nodes_per_zone(months),
            "nodes_at_horizon": question.nodes_after(months),
            "pods_at_horizon": question.pods_after(months),
            "subnet_prefixlen": subnet.network.prefixlen,
            "wanted_prefixlen": plan.wanted_prefixlen,
            "largest_prefixlen": plan.largest_prefixlen,
            "vpc_addresses": sum(network.num_addresses for network in question.ranges),
            "subnet_addresses": sum(s.network.num_addresses for s in plan.subnets if not s.is_added),
            "free_addresses": sum(network.num_addresses for network in plan.free),
            "free_cidrs": [str(network) for network in plan.free],
            "added_cidrs": [str(network) for network in plan.added],
            "added_free_cidrs": [str(network) for network in plan.added_free],
            "unplaced_nodes_per_zone": plan.unplaced_nodes,
            "subnets": [
                _document(subnet, number if ipv6 else None) for number, subnet in enumerate(plan.subnets)
            ],
        },
        steps=steps(plan),
        sources=(
            CLUSTER_SUBNETS,
            NODE_UPDATES,
            SUBNET_SIZING,
            eni.CNI_TARGETS,
            eni.BEST_PRACTICES,
            eni.catalogue_reference(),
        ),
        warnings=warnings(plan),
        grids=grids(plan),
        plots=plots(plan),
    )


def _count(name: str, label: str, default: int, text: str, unit: str, least: int, most: int) -> Input:
    return Input(
        name=name,
        label=label,
        kind="integer",
        default=default,
        help=text,
        unit=unit,
        minimum=least,
        maximum=most,
    )


CALCULATOR = Calculator(
    name="vpc-plan",
    title="VPC plan: subnets that last",
    summary="From ranges, zones, nodes, pods and growth to subnets, how long they last, and what to add then.",
    inputs=(
        Input(
            name="cidrs",
            label="Ranges of the VPC",
            kind="text",
            default="10.0.0.0/16",
            help="/16 to /28, the primary one first; with custom networking the others are for pods.",
        ),
        _count("zones", "Zones", 3, "Availability zones; EKS wants two at least.", "zones", 2, 6),
        INSTANCE,
        _count("nodes", "Nodes", 12, "Nodes today, in all zones together.", "nodes", 1, 15_000),
        _count("pods", "Pods", 200, "Pods with an address of the VPC today.", "pods", 0, 1_000_000),
        Input(
            name="growth_percent",
            label="Growth a month",
            kind="number",
            default=5.0,
            help="By how much nodes and pods grow each month.",
            unit="%",
            minimum=0,
            maximum=100,
        ),
        _count(
            "horizon_months",
            "Horizon",
            24,
            "How long the subnets shall last: they cannot grow.",
            "months",
            0,
            120,
        ),
        Input(
            name="mode",
            label="Addresses of pods",
            kind="choice",
            default="secondary",
            help="Single addresses or /28 prefixes, of the node subnets or of pod subnets (custom networking),"
            " or an IPv6 cluster.",
            choices=MODES,
        ),
        _count(
            "max_unavailable",
            "maxUnavailable",
            1,
            "Of the node group's update; it may add that many nodes at once.",
            "nodes",
            1,
            100,
        ),
        _count(
            "load_balancers",
            "Internet-facing load balancers",
            2,
            "Application Load Balancers in the public subnets.",
            "load balancers",
            0,
            200,
        ),
        _count(
            "internal_load_balancers",
            "Internal load balancers",
            1,
            "Application Load Balancers in the node subnets.",
            "load balancers",
            0,
            200,
        ),
        _count(
            "interface_endpoints",
            "Interface endpoints",
            0,
            "Each takes an address in every zone.",
            "endpoints",
            0,
            200,
        ),
        Input(
            name="subnet_size",
            label="Size of node or pod subnets",
            kind="choice",
            default=AS_NEEDED,
            help="What the horizon asks for, or all the room that the ranges have.",
            choices=(AS_NEEDED, LARGEST),
        ),
        Input(
            name="public_subnets",
            label="Public subnets",
            kind="flag",
            default=True,
            help="For NAT gateways and internet-facing load balancers.",
        ),
        Input(
            name="control_plane_subnets",
            label="Subnets for the control plane",
            kind="flag",
            default=True,
            help="A /28 a zone for the cross-account ENIs; without them they live in the node subnets.",
        ),
        Input(
            name="today",
            label="Today",
            kind="date",
            default=None,
            help="The present day, to say when the ranges run out.",
            optional=True,
        ),
    ),
    compute=vpc_plan,
    lesson="networking.running-out",
    result_units={
        "runs_out_months": "months",
        "runs_out_with_added_months": "months",
        "pods_per_node": "pods",
        "ips_per_node": "addresses",
        "surge_nodes_per_zone": "nodes",
        "nodes_per_zone_now": "nodes",
        "nodes_per_zone_at_horizon": "nodes",
        "nodes_at_horizon": "nodes",
        "pods_at_horizon": "pods",
        "vpc_addresses": "addresses",
        "subnet_addresses": "addresses",
        "free_addresses": "addresses",
        "unplaced_nodes_per_zone": "nodes",
    },
)
