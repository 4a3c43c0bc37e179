"""Pods left over, one by one: onto nodes of the packing, or onto new ones, wherever the filters allow.

Units that were tied to a zone together, or followers of pods that found no place themselves, may leave
gaps that single pods can use.
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.packer.cluster import Cluster, Site, SiteMaker
from eks_lab.calc.packer.drafts import Limits
from eks_lab.calc.packer.filters import Places, fits
from eks_lab.calc.packer.nodes import PlannedNode, Problem, Step

MOST_TOPPED_UP = 2_000
"""With more pods left over something else is wrong, such as a limit."""
MOST_LOOKS = 200_000
"""Kinds of pods times nodes."""
MOST_KINDS = 60
"""Kinds of new nodes that are tried for a pod."""


def top_up(problem: Problem, nodes: list[PlannedNode], left: Mapping[int, int]) -> list[Step]:
    """Place pods that are left over.

    Args:
        problem: pods and shapes.
        nodes: the nodes; they are filled up, and new ones are added.
        left: class -> pods without a node.

    Returns:
        The placements, in order.
    """
    if not left or sum(left.values()) > MOST_TOPPED_UP or len(left) * len(nodes) > MOST_LOOKS:
        return []
    state = _State(problem, nodes)
    waiting = dict(left)
    progress = True
    while progress and waiting:
        progress = False
        for index in sorted(waiting, key=lambda each: [-amount for amount in state.vectors[each]]):
            placed = state.fill_nodes(index, waiting[index])
            while placed < waiting[index] and (more := state.launch(index, waiting[index] - placed)):
                placed += more
            waiting[index] -= placed
            progress = progress or placed > 0
        waiting = {index: count for index, count in waiting.items() if count}
    return state.steps


class _State:
    """Nodes with the room and the rules that their pods leave."""

    def __init__(self, problem: Problem, nodes: list[PlannedNode]) -> None:
        self._problem = problem
        self._filters = problem.filters
        self._nodes = nodes
        self.vectors = [problem.filters.vector(each.spec) for each in problem.classes]
        self.steps: list[Step] = []
        self._maker = SiteMaker(problem.book, problem.filters)
        self._cluster = Cluster(problem.book)
        self._limits = Limits.of(problem.filters.shapes)
        self._sites: list[Site] = []
        self._rooms: list[list[int]] = []
        for node in nodes:
            self._join(node)
            for index, count in node.pods.items():
                self._cluster.place(index, self._sites[-1], count)

    def _join(self, node: PlannedNode) -> None:
        shape = self._filters.shapes[node.shape]
        self._limits.take(shape, 1)
        site = self._maker.node(node.name, node.shape, node.zone)
        self._cluster.add_site(site)
        self._sites.append(site)
        load = node.load(self.vectors)
        self._rooms.append([a - b for a, b in zip(shape.room, load, strict=True)])

    def fill_nodes(self, index: int, count: int) -> int:
        """Place pods on nodes that are there; return how many."""
        places = self._filters.places(self._problem.classes[index].spec)
        placed = 0
        for number, node in enumerate(self._nodes):
            # With minValues more pods on a node would leave fewer types to choose from.
            if places[node.shape] >> node.zone & 1 and not self._filters.shapes[node.shape].min_values:
                placed += self._fill(number, index, count - placed)
        return placed

    def launch(self, index: int, count: int) -> int:
        """Launch one node for pods, if filters and limits allow; return how many pods it takes."""
        spec, vector = self._problem.classes[index].spec, self.vectors[index]
        for places in self._filters.choices(spec, vector, self._filters.places(spec)):
            for shape, zone in self._kinds(places, vector):
                if not self._limits.affordable(self._filters.shapes[shape], 1):
                    continue
                node = PlannedNode(f"node-{len(self._nodes) + 1}", shape, zone, {})
                site = self._maker.node(node.name, shape, zone)
                self._cluster.add_site(site)
                words = self._cluster.refusal(index, site)
                self._cluster.remove_site(site)
                if not words:
                    self._nodes.append(node)
                    self._join(node)
                    return self._fill(len(self._nodes) - 1, index, count)
        return 0

    def _fill(self, number: int, index: int, count: int) -> int:
        site, room, vector = self._sites[number], self._rooms[number], self.vectors[index]
        placed = 0
        while placed < count and fits(vector, room) and not self._cluster.refusal(index, site):
            self._cluster.place(index, site)
            for each, wanted in enumerate(vector):
                room[each] -= wanted
            placed += 1
        if placed:
            pods = self._nodes[number].pods
            pods[index] = pods.get(index, 0) + placed
            self.steps.append((index, number, placed))
        return placed

    def _kinds(self, places: Places, vector: tuple[int, ...]) -> list[tuple[int, int]]:
        """Return the cheapest shape and zone of each kind of node that rules can tell apart."""
        kinds: dict[object, tuple[int, int]] = {}
        for shape in sorted(self._filters.shapes, key=lambda each: (each.usd_per_hour, each.index)):
            if not places[shape.index] or not fits(vector, shape.room):
                continue
            for zone in range(len(self._filters.zones)):
                if places[shape.index] >> zone & 1:
                    kinds.setdefault((self._maker.common(shape.index, zone), zone), (shape.index, zone))
        return list(kinds.values())[:MOST_KINDS]
