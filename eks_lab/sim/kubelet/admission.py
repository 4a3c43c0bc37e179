"""What the kubelet of a node refuses (pkg/kubelet/lifecycle/predicate.go)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from eks_lab.sim.kubelet.eviction import is_critical
from eks_lab.sim.kubelet.pressure import CONDITIONS
from eks_lab.sim.objects import Obj, is_condition_true
from eks_lab.sim.placement import node_matches, tolerates, untolerated
from eks_lab.sim.pod_resources import PODS, amounts, pod_requests


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a pod is not admitted."""

    reason: str
    """OutOfcpu, OutOfpods, NodeAffinity, …"""
    message: str


def refusal_of(pod: Obj, node: Obj, others: Iterable[Obj]) -> Refusal | None:
    """Return why a node's kubelet refuses a pod; None when it takes it.

    Args:
        pod: bound to the node.
        node: with its allocatable resources.
        others: pods on the node that were admitted and have not ended.
    """
    pressed = _pressure_refusal(pod, node)
    if pressed is not None:
        return pressed
    allocatable = amounts((node.get("status") or {}).get("allocatable"))
    others = list(others)
    limit = allocatable.get(PODS)
    if limit is not None and len(others) + 1 > limit:
        return _short("pods", 1, len(others), limit)
    wanted = pod_requests(pod["spec"])
    used: dict[str, int] = {}
    for other in others:
        for name, value in pod_requests(other["spec"]).items():
            used[name] = used.get(name, 0) + value
    for name, value in wanted.items():
        capacity = allocatable.get(name, 0)
        if value and value + used.get(name, 0) > capacity:
            return _short(name, value, used.get(name, 0), capacity)
    if not node_matches(pod["spec"], node):
        return Refusal(
            "NodeAffinity",
            "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
        )
    if untolerated(node, pod["spec"].get("tolerations") or (), ("NoExecute",)) is not None:
        return Refusal(
            "TaintToleration",
            "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate",
        )
    return None


def _pressure_refusal(pod: Obj, node: Obj) -> Refusal | None:
    """Return why a node under pressure does not take a pod (pkg/kubelet/eviction/eviction_manager.go: Admit)."""
    found = [kind for kind in CONDITIONS if is_condition_true(node, kind)]
    if not found or is_critical(pod):
        return None
    if found == ["MemoryPressure"]:
        if (pod.get("status") or {}).get("qosClass") != "BestEffort":
            return None
        taint = {"key": "node.kubernetes.io/memory-pressure", "effect": "NoSchedule"}
        if tolerates(pod["spec"].get("tolerations") or (), taint):
            return None
    return Refusal("Evicted", f"The node had condition: [{' '.join(found)}]. ")


def _short(name: str, requested: int, used: int, capacity: int) -> Refusal:
    return Refusal(
        f"OutOf{name}",
        f"Node didn't have enough resource: {name}, requested: {requested}, used: {used}, capacity: {capacity}",
    )
