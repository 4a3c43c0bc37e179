"""The ranges of the VPC and of its subnets: as given, or cut from the range of the VPC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network

from eks_lab.calc.address_space import (
    AddressSpace,
    pieces,
    read_vpc_range,
    read_vpc_ranges,
    refuse_overlaps,
    usable_addresses,
)
from eks_lab.calc.model import Value
from eks_lab.errors import InputError

SMALLEST_NODE_PREFIXLEN = 27
SMALLEST_PREFIX_DELEGATION_PREFIXLEN = 26
"""A /27 has two /28 blocks, and the five reserved addresses spoil both."""
SMALLEST_PUBLIC_PREFIXLEN = 27
"""An Application Load Balancer takes no smaller subnet; source: Elastic Load Balancing user guide."""
CONTROL_PLANE_PREFIXLEN = 28
LARGEST_CUT = 19
DEFAULT_POD_RANGE = "100.64.0.0/16"


@dataclass(frozen=True, slots=True)
class Subnets:
    """Every range, one entry a zone in each list."""

    vpc: IPv4Network
    """Primary range of the VPC."""
    secondary: tuple[IPv4Network, ...]
    """Ranges the VPC gets besides."""
    nodes: tuple[IPv4Network, ...]
    """Nodes, and pods unless they have subnets of their own."""
    public: tuple[IPv4Network, ...]
    """Load balancers that face the internet, and NAT gateways; empty without public subnets."""
    control_plane: tuple[IPv4Network, ...]
    """Interfaces of the control plane; empty when they live with the nodes."""
    pods: tuple[IPv4Network, ...]
    """Pods under custom networking."""
    extra_pods: tuple[IPv4Network, ...]
    """Further room that the VPC CNI finds through a tag; zone after zone, then again from the first."""


def _given(inputs: Mapping[str, Value], field: str) -> tuple[IPv4Network, ...]:
    text = inputs[field]
    if not isinstance(text, str):
        return ()
    networks = tuple(read_vpc_range(field, part) for part in pieces(text))
    refuse_overlaps(field, networks)
    return networks


def _refuse_size(field: str, networks: tuple[IPv4Network, ...], longest: int, why: str) -> None:
    for network in networks:
        if network.prefixlen > longest:
            raise InputError(
                f"{field}: {network} is too small: {why}", hint=f"Give each subnet a /{longest} or more."
            )


def _cut(space: AddressSpace, vpc: IPv4Network, prefixlen: int, count: int, what: str) -> list[IPv4Network]:
    found = []
    for _ in range(count):
        network = space.take(prefixlen)
        if network is None:
            raise InputError(
                f"vpc_cidr: {vpc} has no room for {count} subnets of /{prefixlen} for {what}",
                hint="Give the VPC a larger range, fewer zones, or the subnets yourself.",
            )
        found.append(network)
    return found


def _node_prefixlen(vpc: IPv4Network, zones: int) -> int:
    """Three eighths of the range stay free where zones are few: subnets cannot grow, only be added."""
    return max(vpc.prefixlen + (2 if zones < 3 else 3), LARGEST_CUT)


def read_subnets(
    inputs: Mapping[str, Value],
    *,
    zones: int,
    public: bool,
    control_plane: bool,
    custom_networking: bool,
    prefix_delegation: bool,
) -> Subnets:
    """Return the ranges, checked.

    Args:
        inputs: checked choices; of them `vpc_cidr`, `secondary_ranges` and the five lists of subnets.
        zones: how many subnets of each kind there are.
        public: whether there are public subnets.
        control_plane: whether the control plane has subnets of its own.
        custom_networking: whether pods have.
        prefix_delegation: whether addresses are handed out as /28.

    Raises:
        InputError: a range that cannot be used, is too small, lies outside the VPC or overlaps another,
            or a list of the wrong length.
    """
    vpc = read_vpc_range("vpc_cidr", str(inputs["vpc_cidr"]))
    given = {
        field: _given(inputs, field)
        for field in ("node_cidrs", "public_cidrs", "control_plane_cidrs", "pod_cidrs", "extra_pod_cidrs")
    }
    for field, wanted, switch in (
        ("public_cidrs", public, "public_subnets"),
        ("control_plane_cidrs", control_plane, "control_plane_subnets"),
        ("pod_cidrs", custom_networking, "custom_networking"),
    ):
        if given[field] and not wanted:
            raise InputError(f"{field}: {switch} is off", hint=f"Switch {switch} on, or leave {field} empty.")
    for field, networks in given.items():
        count = len(networks) % zones if field == "extra_pod_cidrs" else len(networks) - zones
        if networks and count:
            raise InputError(
                f"{field}: {len(networks)} subnets for {zones} zones", hint="Give one subnet for each zone."
            )
    _refuse_sizes(given, prefix_delegation)

    secondary = _secondary(inputs, vpc, custom_networking)
    space = AddressSpace((vpc,))
    taken = [network for networks in given.values() for network in networks]
    free = _without(vpc, taken)
    space = AddressSpace(free)
    nodes = given["node_cidrs"] or tuple(_cut(space, vpc, _node_prefixlen(vpc, zones), zones, "nodes"))
    public_prefixlen = min(max(vpc.prefixlen + 8, 24), SMALLEST_PUBLIC_PREFIXLEN)
    publics = given["public_cidrs"] or (
        tuple(_cut(space, vpc, public_prefixlen, zones, "load balancers and NAT")) if public else ()
    )
    control = given["control_plane_cidrs"] or (
        tuple(_cut(space, vpc, CONTROL_PLANE_PREFIXLEN, zones, "the control plane")) if control_plane else ()
    )
    pods = given["pod_cidrs"]
    if custom_networking and not pods:
        first = secondary[0]
        bits = max(1, (zones - 1).bit_length())
        pod_space = AddressSpace(_without(first, taken))
        pods = tuple(_cut(pod_space, first, first.prefixlen + bits, zones, "pods"))
        _refuse_sizes({"pod_cidrs": pods}, prefix_delegation)
    _refuse_sizes({"node_cidrs": nodes}, prefix_delegation and not custom_networking)
    found = Subnets(vpc, secondary, nodes, publics, control, pods, given["extra_pod_cidrs"])
    _refuse_misplaced(found)
    return found


def _refuse_sizes(given: Mapping[str, tuple[IPv4Network, ...]], prefix_delegation: bool) -> None:
    for field, networks in given.items():
        if field in {"public_cidrs", "control_plane_cidrs"}:
            continue
        _refuse_size(
            field,
            networks,
            SMALLEST_NODE_PREFIXLEN,
            f"a /28 gives {usable_addresses(28)} addresses, and one node with its pods takes more",
        )
        if prefix_delegation and field != "node_cidrs":
            _refuse_prefixes(field, networks)
        if prefix_delegation and field == "node_cidrs" and not given.get("pod_cidrs"):
            _refuse_prefixes(field, networks)
    _refuse_size(
        "public_cidrs",
        given.get("public_cidrs", ()),
        SMALLEST_PUBLIC_PREFIXLEN,
        "an Application Load Balancer wants a /27 with 8 free addresses",
    )


def _refuse_prefixes(field: str, networks: tuple[IPv4Network, ...]) -> None:
    _refuse_size(
        field,
        networks,
        SMALLEST_PREFIX_DELEGATION_PREFIXLEN,
        "the five reserved addresses spoil its first and its last /28, and no whole one is left",
    )


def _secondary(
    inputs: Mapping[str, Value], vpc: IPv4Network, custom_networking: bool
) -> tuple[IPv4Network, ...]:
    text = inputs["secondary_ranges"]
    if not isinstance(text, str):
        text = DEFAULT_POD_RANGE if custom_networking else ""
    if not text:
        return ()
    ranges = read_vpc_ranges("secondary_ranges", text)
    refuse_overlaps("secondary_ranges", (vpc, *ranges))
    return ranges


def _without(whole: IPv4Network, taken: list[IPv4Network]) -> list[IPv4Network]:
    """Return what is left of a range, as few blocks as possible."""
    left = [whole]
    for network in taken:
        left = [
            piece
            for block in left
            for piece in (
                block.address_exclude(network)
                if network.subnet_of(block)
                else ()
                if block.subnet_of(network)
                else (block,)
            )
        ]
    return sorted(left)


def _refuse_misplaced(subnets: Subnets) -> None:
    everywhere = (subnets.vpc, *subnets.secondary)
    lists = {
        "node_cidrs": (subnets.nodes, everywhere),
        "public_cidrs": (subnets.public, everywhere),
        "control_plane_cidrs": (subnets.control_plane, everywhere),
        "pod_cidrs": (subnets.pods, everywhere),
        "extra_pod_cidrs": (subnets.extra_pods, everywhere),
    }
    for field, (networks, ranges) in lists.items():
        for network in networks:
            if not any(network.subnet_of(whole) for whole in ranges):
                raise InputError(
                    f"{field}: {network} lies outside the ranges of the VPC, {', '.join(map(str, ranges))}",
                    hint="Choose a subnet inside, or name its range in secondary_ranges.",
                )
    named = [(network, field) for field, (networks, _) in lists.items() for network in networks]
    for (first, field), (second, other) in zip(sorted(named), sorted(named)[1:], strict=False):
        if first.overlaps(second):
            raise InputError(
                f"{field}: {first} overlaps {second} of {other}", hint="Subnets of one VPC share no address."
            )
