"""Pods that look alike are placed from one heap of nodes instead of one search each.

A ReplicaSet's thousand pods ask the same of every node, and placing one changes one node. So each shape of pod keeps
its feasible nodes by score; nodes that changed are scored again before the next pod is placed.
"""

from __future__ import annotations

import heapq

from eks_lab.sim.controllers.scheduler.filters import plain_refusal
from eks_lab.sim.controllers.scheduler.nodes import NodeInfo, Nodes
from eks_lab.sim.controllers.scheduler.pods import PodInfo
from eks_lab.sim.controllers.scheduler.scores import Lots, image_score, resource_score

MOST_SHAPES = 256
MOST_CHANGES = 200_000


class _Shape:
    """The nodes that can take pods of one shape."""

    __slots__ = ("heap", "seen")

    def __init__(self) -> None:
        self.heap: list[tuple[int, float, int, int]] = []
        """Negative score, lot, number of the node, its version."""
        self.seen = 0
        """Changes that are taken in."""


class QuickPlacement:
    """Heaps by shape."""

    def __init__(self, nodes: Nodes, lots: Lots, version: str) -> None:
        """Start without shapes."""
        self._nodes = nodes
        self._lots = lots
        self._version = version
        self._shapes: dict[object, _Shape] = {}

    def pick(self, pod: PodInfo, shape: object) -> NodeInfo | None:
        """Return the best node for a pod, or None when none can take it."""
        if len(self._nodes.changes) > MOST_CHANGES:
            self._nodes.changes.clear()
            self._shapes.clear()
        known = self._shapes.get(shape)
        if known is None:
            if len(self._shapes) >= MOST_SHAPES:
                del self._shapes[next(iter(self._shapes))]
            known = self._shapes[shape] = _Shape()
            for info in self._nodes.all():
                self._push(known, pod, info)
        else:
            for number in dict.fromkeys(self._nodes.changes[known.seen :]):
                changed = self._nodes.numbered(number)
                if changed is not None:
                    self._push(known, pod, changed)
        known.seen = len(self._nodes.changes)
        heap = known.heap
        while heap:
            _, _, number, version = heap[0]
            best = self._nodes.numbered(number)
            if best is not None and best.node is not None and best.version == version:
                return best
            # It changed since: its new entry is in the heap already, if it still fits.
            heapq.heappop(heap)
        return None

    def _push(self, known: _Shape, pod: PodInfo, info: NodeInfo) -> None:
        if info.node is None or plain_refusal(pod, info, self._version) is not None:
            return
        score = resource_score(pod, info)
        if info.images:
            score += image_score(pod, info, lambda _: 1.0)
        heapq.heappush(known.heap, (-score, self._lots.of(info.name), info.number, info.version))
