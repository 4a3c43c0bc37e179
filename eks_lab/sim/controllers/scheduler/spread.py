"""PodTopologySpread: how evenly pods lie over zones, nodes, or whatever a label names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from eks_lab.sim.api import Api
from eks_lab.sim.controllers.scheduler import words
from eks_lab.sim.controllers.scheduler.nodes import NodeInfo
from eks_lab.sim.controllers.scheduler.pods import PodInfo
from eks_lab.sim.controllers.scheduler.words import Refusal
from eks_lab.sim.objects import Key, Obj, controller_of, labels_of
from eks_lab.sim.placement import node_matches, untolerated
from eks_lab.sim.selection import matches, matches_map

HOSTNAME = "kubernetes.io/hostname"
ZONE = "topology.kubernetes.io/zone"
DEFAULTS = ((HOSTNAME, 3), (ZONE, 5))
"""The cluster's default constraints, ScheduleAnyway (podtopologyspread/plugin.go)."""


class Spread:
    """The DoNotSchedule constraints of one pod, counted over all nodes (PreFilter)."""

    def __init__(self, pod: PodInfo, nodes: Sequence[NodeInfo]) -> None:
        """Count matching pods per value of each constraint's topology key."""
        self._pod = pod
        self._constraints = pod.spread("DoNotSchedule")
        keys = {each["topologyKey"] for each in self._constraints}
        self._counts: list[dict[str, int]] = []
        for constraint in self._constraints:
            selection = selection_of(constraint, pod)
            counts: dict[str, int] = {}
            for info in nodes:
                if not keys <= info.labels.keys() or not takes_part(constraint, pod, info):
                    continue
                value = info.labels[constraint["topologyKey"]]
                counts[value] = counts.get(value, 0) + count_on(info, selection)
            self._counts.append(counts)

    @property
    def is_idle(self) -> bool:
        """Say whether there is nothing to check."""
        return not self._constraints

    def refusal(self, info: NodeInfo) -> Refusal | None:
        """Return why a node is not allowed."""
        for constraint, counts in zip(self._constraints, self._counts, strict=True):
            value = info.labels.get(constraint["topologyKey"])
            if value is None:
                return Refusal("PodTopologySpread", (words.SPREAD_NO_LABEL,), is_final=True)
            least = min(counts.values(), default=0)
            if len(counts) < (constraint.get("minDomains") or 1):
                least = 0
            itself = matches(selector_of(constraint, self._pod), self._pod.labels)
            if counts.get(value, 0) + itself - least > constraint["maxSkew"]:
                return Refusal("PodTopologySpread", (words.SPREAD_UNMET,))
        return None


def selector_of(constraint: Obj, pod: PodInfo) -> Obj:
    """Return the selector of a constraint with matchLabelKeys written out."""
    selector: Obj = constraint.get("labelSelector") or {}
    more = [
        {"key": key, "operator": "In", "values": [pod.labels[key]]}
        for key in constraint.get("matchLabelKeys") or ()
        if key in pod.labels
    ]
    if not constraint.get("labelSelector") and not more:
        return {"matchExpressions": [{"key": "", "operator": "Exists"}]}
    return {**selector, "matchExpressions": [*(selector.get("matchExpressions") or ()), *more]}


def takes_part(constraint: Obj, pod: PodInfo, info: NodeInfo) -> bool:
    """Say whether a node counts: by the pod's node affinity, and by taints when the constraint says so."""
    if info.node is None:
        return False
    if constraint.get("nodeAffinityPolicy", "Honor") == "Honor" and not node_matches(pod.spec, info.node):
        return False
    if constraint.get("nodeTaintsPolicy", "Ignore") == "Honor":
        return untolerated(info.node, pod.tolerations, ("NoSchedule", "NoExecute")) is None
    return True


@dataclass(frozen=True, slots=True)
class Selection:
    """The pods that a constraint counts."""

    namespace: str
    selector: Obj
    key: str
    """Equal for equal selections: nodes remember their counts under it."""


def selection_of(constraint: Obj, pod: PodInfo) -> Selection:
    """Return what a constraint of a pod counts: pods of its namespace that the selector matches."""
    selector = selector_of(constraint, pod)
    return Selection(pod.namespace, selector, f"{pod.namespace} {selector!r}")


def count_on(info: NodeInfo, selection: Selection) -> int:
    """Return how many pods of a selection are on a node, those being deleted left out."""
    known = info.matching.get(selection.key)
    if known is None:
        known = info.matching[selection.key] = sum(
            1
            for each in info.pods.values()
            if each.key.namespace == selection.namespace
            and "deletionTimestamp" not in each.pod["metadata"]
            and matches(selection.selector, each.labels)
        )
    return known


class SpreadScore:
    """The ScheduleAnyway constraints of one pod, or the cluster's defaults (PreScore and Score)."""

    def __init__(
        self, api: Api, pod: PodInfo, feasible: Sequence[NodeInfo], nodes: Sequence[NodeInfo]
    ) -> None:
        """Count pods per value.

        Args:
            api: for Services and ReplicaSets that select the pod, which the defaults ask for.
            pod: the pod.
            feasible: nodes that passed the filters.
            nodes: all nodes.
        """
        self._pod = pod
        constraints = pod.spread("ScheduleAnyway")
        self._is_default = not constraints and not pod.spec.get("topologySpreadConstraints")
        if self._is_default:
            constraints = default_constraints(api, pod)
        self._constraints = constraints
        self._counts: list[dict[str, int]] = []
        self._weights: list[float] = []
        self._selections = [selection_of(each, pod) for each in constraints]
        keys = [each["topologyKey"] for each in constraints]
        self._ignored = set()
        if not self._is_default:
            self._ignored = {info.name for info in feasible if not all(key in info.labels for key in keys)}
        for constraint, selection in zip(constraints, self._selections, strict=True):
            key = constraint["topologyKey"]
            values = {
                info.labels[key] for info in feasible if key in info.labels and info.name not in self._ignored
            }
            size = len(feasible) - len(self._ignored) if key == HOSTNAME else len(values)
            self._weights.append(math.log(size + 2))
            counts = dict.fromkeys(values, 0)
            if key != HOSTNAME:
                for info in nodes:
                    value = info.labels.get(key)
                    if value in counts and takes_part(constraint, pod, info):
                        counts[value] += count_on(info, selection)
            self._counts.append(counts)

    @property
    def is_idle(self) -> bool:
        """Say whether no constraint applies."""
        return not self._constraints

    def raw(self, info: NodeInfo) -> int | None:
        """Return the weighted count of a node, lower is better; None for a node without the labels."""
        if info.name in self._ignored:
            return None
        total = 0.0
        for number, constraint in enumerate(self._constraints):
            key = constraint["topologyKey"]
            value = info.labels.get(key)
            if value is None:
                continue
            if key == HOSTNAME:
                count = count_on(info, self._selections[number])
            else:
                count = self._counts[number][value]
            total += count * self._weights[number] + (constraint["maxSkew"] - 1)
        return math.floor(total + 0.5)

    def scores(self, feasible: Sequence[NodeInfo]) -> list[int]:
        """Return scores from 0 to 100, the emptiest place highest."""
        raw = [self.raw(info) for info in feasible]
        known = [value for value in raw if value is not None]
        low, high = min(known, default=0), max(known, default=0)
        return [
            0 if value is None else 100 if high == 0 else 100 * (high + low - value) // high for value in raw
        ]


def default_constraints(api: Api, pod: PodInfo) -> list[Obj]:
    """Return the cluster's defaults for a pod that a Service or a workload controller selects."""
    selector = default_selector(api, pod)
    if selector is None:
        return []
    return [
        {
            "topologyKey": key,
            "maxSkew": skew,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": selector,
        }
        for key, skew in DEFAULTS
    ]


_OWNERS = {
    "ReplicaSet": "replicasets.apps",
    "StatefulSet": "statefulsets.apps",
    "ReplicationController": "replicationcontrollers",
}


def default_selector(api: Api, pod: PodInfo) -> Obj | None:
    """Return what selects the pod and its like: its Services and its controller together (DefaultSelector)."""
    labels: dict[str, str] = {}
    for service in api.items("services", pod.namespace):
        wanted = service["spec"].get("selector")
        if wanted and matches_map(wanted, pod.labels):
            labels |= wanted
    expressions: list[Obj] = []
    reference = controller_of(pod.pod)
    resource = _OWNERS.get(reference["kind"]) if reference else None
    if reference and resource:
        owner = api.get(resource, Key(pod.namespace, reference["name"]))
        if owner is not None:
            selector = owner["spec"].get("selector") or {}
            if reference["kind"] == "ReplicationController":
                labels |= selector
            else:
                labels |= selector.get("matchLabels") or {}
                expressions = list(selector.get("matchExpressions") or ())
    if not labels and not expressions:
        return None
    return {"matchLabels": labels, "matchExpressions": expressions}


def zone_of(node: Obj) -> str:
    """Return the zone of a node."""
    return labels_of(node).get(ZONE, "")
