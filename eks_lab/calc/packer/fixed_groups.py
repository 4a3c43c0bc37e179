"""The Cluster Autoscaler on fixed node groups, for comparison: one instance type a group.

It does what the real one does: for every group it estimates, by first fit of the pods sorted by size,
how many nodes the waiting pods would need, takes the group that wastes least (expander `least-waste`),
and goes on with the pods that are left. Zones come from the scheduler's rules as for Karpenter; groups
of one type in several zones count as one and are kept balanced.

Source: kubernetes/autoscaler, cluster-autoscaler/FAQ.md and estimator (2026-08-22).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from eks_lab.calc.packer.domains import Lot
from eks_lab.calc.packer.drafts import NodeDraft, Provisioning
from eks_lab.calc.packer.filters import Filters, Places, fits
from eks_lab.calc.packer.nodes import Problem
from eks_lab.calc.packer.plan import Plan, finish, prepare
from eks_lab.calc.packer.units import HostLoad

_OPEN_NODES = 8
"""Nodes with room that are tried for a pod; older ones are full but for crumbs."""


def pack_on_groups(problem: Problem) -> Plan:
    """Pack pods onto fixed node groups, whose shapes the problem holds."""
    return finish(problem, *prepare(problem), first_fit)


@dataclass(slots=True)
class _Open:
    """A node of an estimate."""

    zones: int
    left: list[int]
    units: dict[int, int] = field(default_factory=dict)
    load: HostLoad | None = None


@dataclass(slots=True)
class _Estimate:
    """What one group would do for the waiting pods."""

    shape: int
    nodes: list[_Open]
    placed: dict[int, int]
    waste: float
    """Part of CPU and of memory that stays idle, added up."""


def first_fit(lots: Sequence[Lot], filters: Filters) -> Provisioning:
    """Find nodes for lots, group after group."""
    waiting = {index: lot.count for index, lot in enumerate(lots) if lot.count}
    places = [_everywhere(lot, len(filters.shapes)) for lot in lots]
    drafts: list[NodeDraft] = []
    while waiting:
        estimates = [_estimate(shape.index, waiting, lots, places, filters) for shape in filters.shapes]
        useful = [estimate for estimate in estimates if estimate.placed]
        if not useful:
            break
        best = min(useful, key=lambda each: (each.waste, -sum(each.placed.values()), each.shape))
        drafts += [NodeDraft(best.shape, node.zones, node.units) for node in best.nodes]
        for lot, count in best.placed.items():
            waiting[lot] -= count
            if not waiting[lot]:
                del waiting[lot]
    return Provisioning(drafts, waiting)


def _everywhere(lot: Lot, shapes: int) -> Places:
    masks = [0] * shapes
    for choice in lot.choices:
        masks = [a | b for a, b in zip(masks, choice, strict=True)]
    return tuple(masks)


def _estimate(
    shape: int, waiting: dict[int, int], lots: Sequence[Lot], places: Sequence[Places], filters: Filters
) -> _Estimate:
    found = filters.shapes[shape]
    room = found.room

    def size(lot: int) -> float:
        vector = lots[lot].unit.vector
        return -(vector[0] / max(1, room[0]) + vector[1] / max(1, room[1]))

    nodes: list[_Open] = []
    open_nodes: list[_Open] = []
    placed: dict[int, int] = {}
    for lot in sorted((lot for lot in waiting if places[lot][shape]), key=lambda each: (size(each), each)):
        unit = lots[lot].unit
        if not fits(unit.vector, room):
            continue
        count = waiting[lot]
        for node in open_nodes:
            if not count:
                break
            count -= _put(node, lot, count, lots, places[lot][shape])
        while count:
            node = _Open(places[lot][shape], list(room))
            done = _put(node, lot, count, lots, places[lot][shape])
            if not done:
                break
            count -= done
            nodes.append(node)
            open_nodes.append(node)
        open_nodes = [node for node in open_nodes if node.left[0] > 0 and node.left[2] > 0][-_OPEN_NODES:]
        if waiting[lot] - count:
            placed[lot] = waiting[lot] - count
    idle = sum(node.left[0] / max(1, room[0]) + node.left[1] / max(1, room[1]) for node in nodes)
    return _Estimate(shape, nodes, placed, idle / len(nodes) if nodes else 2.0)


def _put(node: _Open, lot: int, most: int, lots: Sequence[Lot], zones: int) -> int:
    """Put as many units as fit on a node; return how many."""
    if not node.zones & zones:
        return 0
    unit = lots[lot].unit
    first, second, third, *_ = unit.vector
    room = node.left
    if first > room[0] or second > room[1] or third > room[2]:
        # What nearly all are told, so it comes first.
        return 0
    count = most
    for left, wanted in zip(node.left, unit.vector, strict=True):
        if wanted:
            count = min(count, left // wanted)
    if count <= 0:
        return 0
    if unit.rules is not None:
        load = node.load or HostLoad()
        done = 0
        while done < count and load.admits(unit.rules):
            load.add(unit.rules)
            done += 1
        count = done
        if not count:
            return 0
        node.load = load
    node.zones &= zones
    node.units[lot] = node.units.get(lot, 0) + count
    node.left = [left - count * wanted for left, wanted in zip(node.left, unit.vector, strict=True)]
    return count
