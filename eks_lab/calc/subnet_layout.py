"""A subnet layout for a cluster: which range each subnet gets, how long it lasts, what to add then.

Subnets cannot grow, so each has the size that the horizon asks for, or all the room there is. When the ranges of the VPC are
too small for that, the subnets that grow take what there is, and the rest goes to ranges of
100.64.0.0/10, which a VPC may add whatever its primary range is. Nodes fill the first subnet of
their zone before the next; no subnet overlaps another.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network

from eks_lab.calc.address_space import (
    LARGEST_PREFIXLEN,
    RANGES_A_VPC,
    SHARED_SPACE,
    AddressSpace,
    addresses_in,
    usable_addresses,
)
from eks_lab.calc.prefix_blocks import holds, nodes_held, prefixlen_for, whole_blocks_beside
from eks_lab.calc.subnet_demand import Demand, Question, Role, demands
from eks_lab.errors import InputError

ADDED_RANGES = tuple(SHARED_SPACE.subnets(new_prefix=LARGEST_PREFIXLEN))
"""What a VPC can add without taking addresses from the company: shared space (RFC 6598)."""
ZONE_LETTERS = "abcdef"
_SMALLEST_ADDED = 24
"""Scraps of an added range below this are not worth a subnet."""


@dataclass(frozen=True, slots=True)
class Subnet:
    """One subnet of the layout."""

    network: IPv4Network
    """Its range."""
    demand: Demand
    """What it is for."""
    zone: int
    """Index of its zone, from 0."""
    turn: int
    """0 for the first subnet of its role and zone, 1 for the next."""
    is_added: bool
    """Whether it lies in a range that the VPC has to add."""
    nodes_now: int
    """Nodes it holds today, those of an update included."""
    nodes_then: int
    """Nodes it holds at the horizon, those of an update included."""

    @property
    def role(self) -> Role:
        """Kind of subnet."""
        return self.demand.role

    @property
    def name(self) -> str:
        """`nodes-a`, and `nodes-a-2` for a second one."""
        name = f"{self.role}-{ZONE_LETTERS[self.zone]}"
        return f"{name}-{self.turn + 1}" if self.turn else name

    @property
    def usable(self) -> int:
        """Addresses it can give away."""
        return usable_addresses(self.network.prefixlen)

    @property
    def nodes_room(self) -> int:
        """Nodes it can hold; 0 where no node lives."""
        return _room(self.network.prefixlen, self.demand, self.others) if self.demand.has_nodes else 0

    @property
    def others(self) -> int:
        """Addresses that something else takes; only in the first subnet of a zone."""
        return 0 if self.turn else self.demand.others

    @property
    def needed_now(self) -> int:
        """Addresses taken today, during an update."""
        return self.nodes_now * self.demand.each.addresses + self.others

    @property
    def needed_then(self) -> int:
        """Addresses taken at the horizon, during an update."""
        return self.nodes_then * self.demand.each.addresses + self.others

    @property
    def blocks_left(self) -> int:
        """/28 blocks that can be whole at the horizon, if single addresses are packed."""
        each = self.demand.each
        beside = whole_blocks_beside(self.network.prefixlen, self.nodes_then * each.singles + self.others)
        return max(0, beside - self.nodes_then * each.prefixes)


@dataclass(frozen=True, slots=True)
class Layout:
    """A layout, and how long it lasts."""

    question: Question
    """What was asked."""
    subnets: tuple[Subnet, ...]
    """In the order control plane, public, nodes, pods; by zone."""
    free: tuple[IPv4Network, ...]
    """What no subnet takes of the ranges given."""
    added: tuple[IPv4Network, ...]
    """Ranges the VPC has to add."""
    added_free: tuple[IPv4Network, ...]
    """What no subnet takes of those."""
    wanted_prefixlen: int | None
    """Size that each growing subnet would need; None when even a /16 is too small."""
    largest_prefixlen: int
    """Size that each growing subnet could have in the ranges given."""
    fits: bool
    """Whether the ranges given last to the horizon."""
    runs_out_months: int | None
    """First month in which the ranges given are too small; None when not within 20 years."""
    runs_out_with_added_months: int | None
    """The same with the ranges to be added."""
    limiting_role: Role
    """Kind of subnet that is full first in the ranges given."""
    limiting_room: int
    """Nodes a zone that those subnets hold."""
    unplaced_nodes: int
    """Nodes a zone at the horizon that have no place even so."""

    def of_role(self, role: Role) -> tuple[Subnet, ...]:
        """Return the subnets of one kind."""
        return tuple(subnet for subnet in self.subnets if subnet.role == role)


def _room(prefixlen: int, demand: Demand, others: int) -> int:
    if not holds(prefixlen, 0, demand.each, others=others):
        return 0
    return nodes_held(prefixlen, demand.each, others=others)


def _size(demand: Demand, nodes: int) -> int | None:
    prefixlen = prefixlen_for(nodes if demand.has_nodes else 0, demand.each, others=demand.others)
    return None if prefixlen is None else min(prefixlen, demand.longest_prefixlen)


_Cut = tuple[Demand, int, IPv4Network]
"""A demand, the index of a zone, and the range it gets."""


def _cut(
    ranges: Iterable[IPv4Network], wanted: Iterable[tuple[Demand, int]], zones: int
) -> tuple[list[_Cut], AddressSpace] | None:
    """Cut one subnet a zone for each demand, large ones first; None when something finds no place."""
    space = AddressSpace(ranges)
    cuts: list[_Cut] = []
    for demand, prefixlen in sorted(wanted, key=lambda pair: pair[1]):
        for zone in range(zones):
            network = space.take(prefixlen)
            if network is None:
                return None
            cuts.append((demand, zone, network))
    return cuts, space


@dataclass(frozen=True, slots=True)
class _Part:
    """One group of ranges with the subnets cut out of it."""

    cuts: list[_Cut]
    free: tuple[IPv4Network, ...]
    largest_prefixlen: int


def _part(question: Question, ranges: tuple[IPv4Network, ...], wanted: tuple[Demand, ...]) -> _Part | None:
    """Cut the subnets of some demands, the growing ones as large as the horizon asks and the ranges allow."""
    growing = next(demand for demand in wanted if demand.has_nodes)
    fixed = [(demand, _size(demand, 0) or LARGEST_PREFIXLEN) for demand in wanted if not demand.has_nodes]
    needed = _size(growing, question.nodes_per_zone(question.horizon_months)) or LARGEST_PREFIXLEN
    smallest = _size(growing, 1) or LARGEST_PREFIXLEN
    fitting = {
        prefixlen: done
        for prefixlen in range(LARGEST_PREFIXLEN, smallest + 1)
        if (done := _cut(ranges, [*fixed, (growing, prefixlen)], question.zones)) is not None
    }
    if not fitting:
        return None
    largest = min(fitting)
    cuts, space = fitting[largest if question.as_large_as_possible else max(needed, largest)]
    return _Part(cuts=cuts, free=space.free, largest_prefixlen=largest)


def _least_addresses(question: Question, wanted: tuple[Demand, ...]) -> int:
    return question.zones * sum(addresses_in(_size(demand, 1) or LARGEST_PREFIXLEN) for demand in wanted)


def _filled(question: Question, cuts: Iterable[tuple[Demand, int, IPv4Network, bool]]) -> Iterator[Subnet]:
    """Yield the subnets with their nodes: the first of a zone is filled before the next."""
    now, then = question.nodes_per_zone(0), question.nodes_per_zone(question.horizon_months)
    placed: dict[tuple[Role, int], tuple[int, int, int]] = {}
    for demand, zone, network, is_added in cuts:
        turn, nodes_now, nodes_then = placed.get((demand.role, zone), (0, 0, 0))
        room = 0
        if demand.has_nodes:
            room = _room(network.prefixlen, demand, 0 if turn else demand.others)
        subnet = Subnet(
            network=network,
            demand=demand,
            zone=zone,
            turn=turn,
            is_added=is_added,
            nodes_now=min(room, now - nodes_now),
            nodes_then=min(room, then - nodes_then),
        )
        placed[demand.role, zone] = (turn + 1, nodes_now + subnet.nodes_now, nodes_then + subnet.nodes_then)
        yield subnet


def _round(
    space: AddressSpace, spare: list[IPv4Network], prefixlen: int, zones: int
) -> tuple[list[IPv4Network], AddressSpace, list[IPv4Network]] | None:
    """Cut one subnet for each zone, opening ranges as it goes; None when the ranges do not reach."""
    space, spare, cuts = space.copy(), list(spare), list[IPv4Network]()
    while len(cuts) < zones:
        network = space.take(prefixlen)
        if network is not None:
            cuts.append(network)
        elif spare:
            space.add(spare.pop(0))
        else:
            return None
    return cuts, space, spare


def _add(
    question: Question, missing: dict[Role, tuple[Demand, int]]
) -> tuple[list[_Cut], tuple[IPv4Network, ...], AddressSpace]:
    """Cut subnets for missing nodes out of ranges that the VPC can add, alike in every zone.

    The zones share a range equally, so that one range serves as long as it can. No more ranges are
    added than the quota of a VPC allows.
    """
    usable = [r for r in ADDED_RANGES if not any(r.overlaps(given) for given in question.ranges)]
    offered = usable[: max(1, RANGES_A_VPC - len(question.ranges))]
    share = LARGEST_PREFIXLEN + math.ceil(math.log2(question.zones * max(1, len(missing))))
    space, spare, cuts = AddressSpace(()), offered, list[_Cut]()
    for demand, nodes in missing.values():
        while nodes > 0:
            needed = prefixlen_for(nodes, demand.each)
            wanted = LARGEST_PREFIXLEN if needed is None else min(needed, share)
            done = None
            for prefixlen in range(wanted, max(wanted, _SMALLEST_ADDED) + 1):
                done = _round(space, spare, prefixlen, question.zones)
                if done is not None:
                    break
            held = nodes_held(prefixlen, demand.each) if done is not None else 0
            if done is None or not held:
                break
            networks, space, spare = done
            cuts += [(demand, zone, network) for zone, network in enumerate(networks)]
            nodes -= held
    return cuts, tuple(offered[: len(offered) - len(spare)]), space


def layout(question: Question) -> Layout:
    """Return a layout of the VPC's ranges.

    Args:
        question: the cluster. With custom networking the first range is for nodes, load balancers
            and the control plane, the others are for pods; else all serve everything.

    Raises:
        InputError: the ranges hold not even the smallest subnets.
    """
    wanted = demands(question)
    fixed_part = tuple(demand for demand in wanted if demand.role != "pods")
    ranges = question.ranges[:1] if question.is_custom else question.ranges
    first = _part(question, ranges, fixed_part)
    if first is None:
        total = sum(network.num_addresses for network in ranges)
        raise InputError(
            f"cidrs: {', '.join(map(str, ranges[:3]))} with {total} addresses cannot hold the subnets of"
            f" {question.zones} zones, which take {_least_addresses(question, fixed_part)} at least",
            hint="Give a larger range, or switch off subnets of the control plane or public ones.",
        )
    cuts, free, parts = list(first.cuts), list(first.free), [first]
    if question.is_custom and len(question.ranges) > 1:
        second = _part(question, question.ranges[1:], wanted[:1])
        if second is None:
            free += question.ranges[1:]
        else:
            cuts += second.cuts
            free += second.free
            parts.append(second)
    then = question.nodes_per_zone(question.horizon_months)
    rooms = {demand.role: 0 for demand in wanted if demand.has_nodes}
    for demand, zone, network in cuts:
        if demand.has_nodes and zone == 0:
            rooms[demand.role] = _room(network.prefixlen, demand, demand.others)
    missing = {
        demand.role: (demand, then - rooms[demand.role])
        for demand in wanted
        if demand.has_nodes and rooms[demand.role] < then
    }
    # With one range, custom networking has nowhere to put pods: adding a range is its very idea.
    begins_added = question.is_custom and len(question.ranges) == 1
    added_cuts, added, added_space = _add(question, missing)
    subnets = tuple(_filled(question, [(*cut, False) for cut in cuts] + [(*cut, True) for cut in added_cuts]))
    total_rooms = {
        role: min(
            sum(subnet.nodes_room for subnet in subnets if subnet.role == role and subnet.zone == zone)
            for zone in range(question.zones)
        )
        for role in rooms
    }
    given_rooms = {role: room for role, room in rooms.items() if not (begins_added and role == "pods")}
    limiting = min(given_rooms, key=lambda role: given_rooms[role])
    return Layout(
        question=question,
        subnets=tuple(sorted(subnets, key=_reading_order)),
        free=tuple(sorted(free)),
        added=added,
        added_free=added_space.free,
        wanted_prefixlen=_size(wanted[0], then),
        largest_prefixlen=parts[-1].largest_prefixlen,
        fits=all(room >= then for room in given_rooms.values()),
        runs_out_months=question.month_beyond(given_rooms[limiting]),
        runs_out_with_added_months=question.month_beyond(min(total_rooms.values())),
        limiting_role=limiting,
        limiting_room=given_rooms[limiting],
        unplaced_nodes=max(0, *(then - room for room in total_rooms.values())),
    )


_ROLE_ORDER: tuple[Role, ...] = ("control-plane", "public", "nodes", "pods")


def _reading_order(subnet: Subnet) -> tuple[int, int, int]:
    return _ROLE_ORDER.index(subnet.role), subnet.turn, subnet.zone
