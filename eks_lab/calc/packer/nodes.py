"""Nodes of a packing, and the proof that the scheduler accepts every pod on them.

The proof goes through the pods in the order they were assigned and asks every filter between pods, on
the nodes as they will be. What a filter refuses is not placed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eks_lab.calc.packer.cluster import Cluster, Site, SiteMaker
from eks_lab.calc.packer.filters import MOST_TYPES_PER_LAUNCH, Filters, fits
from eks_lab.calc.packer.pods import PodClass
from eks_lab.calc.packer.rule_book import RuleBook


@dataclass(frozen=True, slots=True)
class Problem:
    """Pods and the nodes that could be launched for them."""

    classes: tuple[PodClass, ...]
    filters: Filters
    book: RuleBook


@dataclass(slots=True)
class PlannedNode:
    """A node of a packing."""

    name: str
    shape: int
    zone: int
    """Bit of its zone."""
    pods: dict[int, int]
    """Class -> pods."""

    def load(self, vectors: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
        """Return what its pods take, given what a pod of each class takes."""
        size = len(vectors[0])
        return tuple(
            sum(vectors[index][each] * count for index, count in self.pods.items()) for each in range(size)
        )


Step = tuple[int, int, int]
"""Class, number of the node, pods."""


def prove(
    problem: Problem, nodes: Sequence[PlannedNode], steps: list[Step]
) -> tuple[list[Step], dict[int, int]]:
    """Place every pod once more; take those a filter refuses off their nodes.

    Returns:
        The accepted placements in order, and class -> pods refused.
    """
    refused: dict[int, int] = {}
    book = problem.book
    if not any(book.concerns(index) for node in nodes for index in node.pods):
        return steps, refused
    maker = SiteMaker(book, problem.filters)
    sites = [maker.node(node.name, node.shape, node.zone) for node in nodes]
    while True:
        cluster = Cluster(book)
        for site, node in zip(sites, nodes, strict=True):
            if node.pods:
                cluster.add_site(site)
        steps, bad = _replay(cluster, sites, steps)
        if not bad:
            return steps, refused
        # With pods gone nodes may go, and places with them: everything is placed once more.
        for index, number, count in bad:
            refused[index] = refused.get(index, 0) + count
            pods = nodes[number].pods
            pods[index] -= count
            if not pods[index]:
                del pods[index]


def _replay(cluster: Cluster, sites: Sequence[Site], waiting: list[Step]) -> tuple[list[Step], list[Step]]:
    """Return placements the filters accept, in order, and those they refuse to the end."""
    accepted: list[Step] = []
    while waiting:
        still: list[Step] = []
        for index, number, count in waiting:
            done = count
            if cluster.book.concerns(index):
                done = 0
                while done < count and not cluster.refusal(index, sites[number]):
                    cluster.place(index, sites[number])
                    done += 1
            if done:
                accepted.append((index, number, done))
            if done < count:
                still.append((index, number, count - done))
        if still == waiting:
            return accepted, still
        waiting = still
    return accepted, []


def launch_options(node: PlannedNode, problem: Problem) -> list[int]:
    """Return the shapes Karpenter may let EC2 choose from for a node, the cheapest first.

    Those of its NodePool and kind of capacity that hold its pods and that all of them accept in its
    zone; at most `MOST_TYPES_PER_LAUNCH`.
    """
    filters = problem.filters
    own = filters.shapes[node.shape]
    vectors = {index: filters.vector(problem.classes[index].spec) for index in node.pods}
    load = [
        sum(vectors[index][each] * count for index, count in node.pods.items())
        for each in range(len(own.room))
    ]
    places = [filters.places(problem.classes[index].spec) for index in node.pods]
    found = [
        shape
        for shape in filters.shapes
        if shape.owner == own.owner
        and shape.capacity_type == own.capacity_type
        and fits(load, shape.room)
        and all(each[shape.index] >> node.zone & 1 for each in places)
    ]
    found.sort(key=lambda shape: (shape.usd_per_hour, shape.index != own.index, shape.type_name))
    return [shape.index for shape in found[:MOST_TYPES_PER_LAUNCH]]
