"""Which of the nodes that can take a pod should (framework/plugins/*, default weights)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from eks_lab.ids import Ids
from eks_lab.sim.api import Api
from eks_lab.sim.controllers.scheduler.affinity import preferences
from eks_lab.sim.controllers.scheduler.nodes import NodeInfo
from eks_lab.sim.controllers.scheduler.pods import PodInfo
from eks_lab.sim.controllers.scheduler.spread import SpreadScore
from eks_lab.sim.objects import Obj
from eks_lab.sim.placement import term_matches, tolerates_taint
from eks_lab.sim.pod_resources import CPU, MEMORY

BEST = 100
SMALLEST_IMAGE = 23 * 1024 * 1024
LARGEST_IMAGE = 1000 * 1024 * 1024
"""Per container (imagelocality/image_locality.go)."""


def resource_score(pod: PodInfo, info: NodeInfo) -> int:
    """Return LeastAllocated plus BalancedAllocation of CPU and memory."""
    cpu, memory = info.allocatable.get(CPU, 0), info.allocatable.get(MEMORY, 0)
    least, fractions = 0, []
    for there, scored, wanted, name in (
        (cpu, info.scored_cpu, pod.scored_cpu, CPU),
        (memory, info.scored_memory, pod.scored_memory, MEMORY),
    ):
        used = scored + wanted
        least += (there - used) * BEST // there if there and used <= there else 0
        real = info.requested.get(name, 0) + pod.requests.get(name, 0)
        fractions.append(min(real / there, 1.0) if there else 0.0)
    balance = int((1 - abs(fractions[0] - fractions[1]) / 2) * BEST)
    return least // 2 + balance


def image_score(pod: PodInfo, info: NodeInfo, spread_of: Callable[[str], float]) -> int:
    """Return how much of the pod's images the node has already.

    Args:
        pod: the pod.
        info: the node.
        spread_of: image -> share of nodes that have it.
    """
    if not info.images:
        return 0
    containers = [*(pod.spec.get("initContainers") or ()), *(pod.spec.get("containers") or ())]
    total = 0
    for container in containers:
        name = normal_image(container.get("image", ""))
        if name in info.images:
            total += int(info.images[name] * spread_of(name))
    most = LARGEST_IMAGE * len(containers)
    total = min(max(total, SMALLEST_IMAGE), most)
    return BEST * (total - SMALLEST_IMAGE) // (most - SMALLEST_IMAGE)


def normal_image(name: str) -> str:
    """Return an image name with its tag: `nginx` is `nginx:latest`."""
    return name if ":" in name.rpartition("/")[2] or "@" in name else f"{name}:latest"


class Scorer:
    """Scores the feasible nodes of one pod."""

    def __init__(
        self, api: Api, pod: PodInfo, feasible: Sequence[NodeInfo], nodes: Sequence[NodeInfo]
    ) -> None:
        """Prepare what is counted over many nodes."""
        self._pod = pod
        self._feasible = feasible
        self._nodes = nodes
        self._spread = SpreadScore(api, pod, feasible, nodes)
        has_preferences = bool(pod.preferred_terms("podAffinity") or pod.preferred_terms("podAntiAffinity"))
        looked_at = nodes if has_preferences else [info for info in nodes if _has_affinity(info)]
        self._places = preferences(api, pod, looked_at)
        self._shares: dict[str, float] = {}

    def scores(self) -> list[int]:
        """Return the weighted sum for each feasible node."""
        feasible = self._feasible
        total = [resource_score(self._pod, info) + self._image(info) for info in feasible]
        _add(total, 3, _reversed([_unwanted_taints(self._pod, info) for info in feasible]))
        preferred = self._pod.preferred_terms("nodeAffinity")
        if preferred:
            _add(total, 2, _scaled([_node_preference(preferred, info) for info in feasible]))
        if not self._spread.is_idle:
            _add(total, 2, self._spread.scores(feasible))
        if self._places:
            _add(total, 2, self._company())
        return total

    def _image(self, info: NodeInfo) -> int:
        return image_score(self._pod, info, self._share)

    def _share(self, image: str) -> float:
        share = self._shares.get(image)
        if share is None:
            share = sum(image in info.images for info in self._nodes) / max(len(self._nodes), 1)
            self._shares[image] = share
        return share

    def _company(self) -> list[int]:
        raw = [
            sum(weight for (key, value), weight in self._places.items() if info.labels.get(key) == value)
            for info in self._feasible
        ]
        low, high = min(raw), max(raw)
        return [int(BEST * (value - low) / (high - low)) if high > low else 0 for value in raw]


def _has_affinity(info: NodeInfo) -> bool:
    return any(pod.spec.get("affinity") for pod in info.pods.values())


def _unwanted_taints(pod: PodInfo, info: NodeInfo) -> int:
    """Return how many PreferNoSchedule taints the pod does not tolerate."""
    wanted = [
        each for each in pod.tolerations if not each.get("effect") or each["effect"] == "PreferNoSchedule"
    ]
    return sum(
        1
        for taint in info.taints
        if taint["effect"] == "PreferNoSchedule" and not any(tolerates_taint(each, taint) for each in wanted)
    )


def _node_preference(preferred: Sequence[Obj], info: NodeInfo) -> int:
    node = info.node
    assert node is not None
    return sum(
        term["weight"] for term in preferred if term["weight"] and term_matches(term["preference"], node)
    )


def _add(total: list[int], weight: int, scores: Sequence[int]) -> None:
    for number, score in enumerate(scores):
        total[number] += weight * score


def _scaled(raw: Sequence[int]) -> list[int]:
    most = max(raw, default=0)
    return [BEST * value // most if most else 0 for value in raw]


def _reversed(raw: Sequence[int]) -> list[int]:
    most = max(raw, default=0)
    return [BEST - BEST * value // most if most else BEST for value in raw]


class Lots:
    """Decides between nodes that score the same: each draws one lot for good.

    The real scheduler draws anew each time. Here the same seed has to place the same pods alike however the machine's
    speed orders the events, so a lot may not depend on what was drawn before.
    """

    def __init__(self, ids: Ids) -> None:
        """Start without lots.

        Args:
            ids: its seed is what counts.
        """
        self._ids = ids
        self._drawn: dict[str, float] = {}

    def of(self, node: str) -> float:
        """Return the lot of a node; the smallest wins."""
        lot = self._drawn.get(node)
        if lot is None:
            lot = self._drawn[node] = self._ids.branch(f"tie for {node}").fraction()
        return lot


def choose(scores: Sequence[int], nodes: Sequence[NodeInfo], lots: Lots) -> NodeInfo:
    """Return the node of the highest score; lots decide between equal ones."""
    best = max(scores)
    winners = [info for info, score in zip(nodes, scores, strict=True) if score == best]
    return min(winners, key=lambda info: lots.of(info.name))


def nodes_to_find(nodes: int) -> int:
    """Return how many feasible nodes are enough (numFeasibleNodesToFind)."""
    if nodes < 100:
        return nodes
    share = max(50 - nodes // 125, 5)
    return max(math.floor(nodes * share / 100), 100)
