"""A finished packing: nodes with zones and pods, and the reason for every pod without a node."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from eks_lab.calc.packer.cluster import Cluster, SiteMaker
from eks_lab.calc.packer.domains import Assignment, Lot, assign
from eks_lab.calc.packer.drafts import NodeDraft, Provisioning
from eks_lab.calc.packer.filters import Filters, count_text, fits
from eks_lab.calc.packer.nodes import PlannedNode, Problem, Step, prove
from eks_lab.calc.packer.provision import provision
from eks_lab.calc.packer.top_up import top_up
from eks_lab.calc.packer.units import Contents, UnitMaker

MOST_EXPLAINED = 20
"""Classes without a node that get a reason of their own: the most numerous."""
GATED = "Scheduling is blocked due to non-empty scheduling gates"


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Pods without a node."""

    pod_class: int
    count: int
    why: str
    """In the scheduler's words, over the nodes of the plan; empty beyond the first many."""
    why_no_node: str
    """Why no node is launched for them."""


@dataclass(slots=True)
class Plan:
    """Nodes, and pods without one."""

    problem: Problem
    nodes: list[PlannedNode]
    unplaced: list[Unplaced]
    order: list[tuple[int, PlannedNode, int]] = field(default_factory=list)
    """Class, node, pods: in this order the scheduler accepts all of them."""

    @property
    def usd_per_hour(self) -> float:
        """Return what the nodes cost."""
        shapes = self.problem.filters.shapes
        return sum(shapes[node.shape].usd_per_hour for node in self.nodes)

    @property
    def placed(self) -> int:
        """Return the number of pods with a node."""
        return sum(sum(node.pods.values()) for node in self.nodes)


def pack(problem: Problem) -> Plan:
    """Pack all pods onto nodes that Karpenter could launch."""
    return finish(problem, *prepare(problem), provision)


def prepare(problem: Problem) -> tuple[UnitMaker, Assignment]:
    """Form units and tie them to zones."""
    maker = UnitMaker(problem.classes, problem.filters, problem.book)
    counts = {each.index: each.count for each in problem.classes if not each.spec.is_gated}
    assignment = assign(maker.units(counts), problem.classes, problem.filters, problem.book)
    return maker, assignment


def finish(
    problem: Problem,
    maker: UnitMaker,
    assignment: Assignment,
    provisioner: Callable[[Sequence[Lot], Filters], Provisioning],
) -> Plan:
    """Find nodes for the lots, prove the result and name what has no node."""
    lots = assignment.lots
    found = provisioner(lots, problem.filters)
    drafts = _with_zones(found.nodes, len(problem.filters.zones))
    nodes = [
        PlannedNode(f"node-{number}", draft.shape, zone, _pods(draft, lots))
        for number, (draft, zone) in enumerate(drafts, start=1)
    ]
    missing: dict[int, tuple[int, str]] = {}

    def miss(index: int, count: int, why: str) -> None:
        already = missing.get(index)
        missing[index] = (count + (already[0] if already else 0), already[1] if already else why)

    for each in problem.classes:
        if each.spec.is_gated and each.count:
            miss(each.index, each.count, GATED)
    for index, count in maker.left_over.items():
        miss(index, count, "no node has room beside the pods it must stand by")
    for unit, count in assignment.refused:
        for index, pods in unit.contents:
            miss(index, pods * count, "")
    for lot, count in found.left_over.items():
        for index, pods in lots[lot].unit.contents:
            owners = sorted(
                {
                    problem.filters.shapes[i].owner
                    for places in lots[lot].choices
                    for i, mask in enumerate(places)
                    if mask
                }
            )
            miss(
                index,
                pods * count,
                f"all available instance types exceed limits for nodepool: {', '.join(owners)}",
            )
    steps, refused = prove(problem, nodes, _proof_order(assignment, [draft for draft, _ in drafts]))
    for index, count in refused.items():
        miss(index, count, "")
    nodes, steps = _without_empty(nodes, steps)
    more = top_up(problem, nodes, {index: count for index, (count, why) in missing.items() if why != GATED})
    if more:
        for index, _, count in more:
            missing[index] = (missing[index][0] - count, missing[index][1])
        # New nodes may change what the rules say about the old ones: everything is proved once more.
        steps, refused = prove(problem, nodes, [*steps, *more])
        for index, count in refused.items():
            miss(index, count, "")
        nodes, steps = _without_empty(nodes, steps)
    plan = Plan(problem, nodes, [], [(index, nodes[number], count) for index, number, count in steps])
    plan.unplaced = explain(plan, {index: found for index, found in missing.items() if found[0]})
    return plan


def _without_empty(nodes: list[PlannedNode], steps: list[Step]) -> tuple[list[PlannedNode], list[Step]]:
    """Return the nodes that have pods, renumbered, and the steps with the new numbers."""
    kept = [number for number, node in enumerate(nodes) if node.pods]
    numbers = {number: new for new, number in enumerate(kept)}
    found = [nodes[number] for number in kept]
    for new, node in enumerate(found, start=1):
        node.name = f"node-{new}"
    return found, [(index, numbers[number], count) for index, number, count in steps]


def _with_zones(drafts: Sequence[NodeDraft], zones: int) -> list[tuple[NodeDraft, int]]:
    """Return nodes with one zone each: where several do, the one with the fewest nodes so far."""
    used = [0] * zones
    found = []
    for draft in sorted(drafts, key=lambda each: each.zones.bit_count()):
        zone = min((bit for bit in range(zones) if draft.zones >> bit & 1), key=lambda bit: (used[bit], bit))
        used[zone] += 1
        found.append((draft, zone))
    return found


def _pods(draft: NodeDraft, lots: Sequence[Lot]) -> dict[int, int]:
    pods: dict[int, int] = {}
    for lot, count in draft.units.items():
        for index, number in lots[lot].unit.contents:
            pods[index] = pods.get(index, 0) + number * count
    return pods


def _proof_order(assignment: Assignment, drafts: Sequence[NodeDraft]) -> list[Step]:
    """Return all placements: tied pods in the order they were tied, then the others."""
    where: dict[int, list[list[int]]] = {}
    for node, draft in enumerate(drafts):
        for lot, count in draft.units.items():
            where.setdefault(lot, []).append([node, count])
    steps: list[Step] = []
    tied = {lot for lot, _ in assignment.order}
    for lot, wanted in assignment.order:
        left = wanted
        spots = where.get(lot, [])
        while left and spots:
            node, count = spots[-1]
            now = min(left, count)
            _add_steps(steps, assignment.lots[lot].unit.contents, node, now)
            left -= now
            spots[-1][1] -= now
            if not spots[-1][1]:
                spots.pop()
    for lot, spots in where.items():
        if lot not in tied:
            for node, count in spots:
                _add_steps(steps, assignment.lots[lot].unit.contents, node, count)
    return steps


def _add_steps(steps: list[Step], contents: Contents, node: int, units: int) -> None:
    if len(contents) == 1:
        steps.append((contents[0][0], node, contents[0][1] * units))
        return
    for _ in range(units):
        # Followers come right after those they follow.
        steps += [(index, node, count) for index, count in contents]


def explain(plan: Plan, missing: Mapping[int, tuple[int, str]]) -> list[Unplaced]:
    """Say why pods have no node, in the scheduler's words."""
    if not missing:
        return []
    problem = plan.problem
    filters = problem.filters
    makers = SiteMaker(problem.book, filters)
    cluster = Cluster(problem.book)
    sites = [makers.node(node.name, node.shape, node.zone) for node in plan.nodes]
    vectors = [filters.vector(each.spec) for each in problem.classes]
    rooms = []
    for site, node in zip(sites, plan.nodes, strict=True):
        cluster.add_site(site)
        for index, count in node.pods.items():
            if problem.book.concerns(index):
                cluster.place(index, site, count)
        load = node.load(vectors)
        rooms.append(tuple(a - b for a, b in zip(filters.shapes[node.shape].room, load, strict=True)))
    found = []
    told = set(sorted(missing, key=lambda each: (-missing[each][0], each))[:MOST_EXPLAINED])
    for index, (count, why) in sorted(missing.items()):
        spec = problem.classes[index].spec
        if index not in told:
            found.append(Unplaced(index, count, "", ""))
            continue
        if why == GATED:
            found.append(Unplaced(index, count, GATED, "Karpenter waits for the gates too."))
            continue
        reasons: dict[str, int] = {}
        for site, room in zip(sites, rooms, strict=True):
            words = filters.node_refusal(spec, vectors[index], site.shape, site.zone, room)
            if not words:
                words = [cluster.refusal(index, site) or "node(s) are taken by pods placed before"]
            for word in words:
                reasons[word] = reasons.get(word, 0) + 1
        total = len(plan.nodes)
        text = (
            f"0/{total} nodes are available: {count_text(reasons)}."
            if total
            else "no nodes available to schedule pods"
        )
        found.append(Unplaced(index, count, text, why or _why_no_node(problem, index, vectors[index])))
    return found


def _why_no_node(problem: Problem, index: int, vector: tuple[int, ...]) -> str:
    filters = problem.filters
    spec = problem.classes[index].spec
    if not filters.shapes:
        return "no NodePool allows any instance type with a price on record"
    places = filters.places(spec)
    if any(mask and fits(vector, shape.room) for mask, shape in zip(places, filters.shapes, strict=True)):
        return "a new node would be refused by the rules between pods as well"
    return f"of {len(filters.shapes)} kinds of new nodes: {count_text(filters.refusals(spec, vector))}"
