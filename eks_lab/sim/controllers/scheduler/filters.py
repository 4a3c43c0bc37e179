"""Filters that look at one node and one pod (framework/plugins/*)."""

from __future__ import annotations

from eks_lab.sim.controllers.scheduler import words
from eks_lab.sim.controllers.scheduler.nodes import NodeInfo
from eks_lab.sim.controllers.scheduler.pods import PodInfo
from eks_lab.sim.controllers.scheduler.words import Refusal
from eks_lab.sim.placement import node_matches, tolerates
from eks_lab.sim.pod_resources import PODS

_UNSCHEDULABLE_TAINT = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
_ANY = "0.0.0.0"

SCHEDULABLE_EFFECTS = ("NoSchedule", "NoExecute")


def plain_refusal(pod: PodInfo, info: NodeInfo, version: str) -> Refusal | None:
    """Return why a node cannot take a pod, looking at the two alone; None when it can.

    Args:
        pod: the pod.
        info: the node.
        version: Kubernetes version, which decides a text.
    """
    node = info.node
    if node is None:
        return Refusal("NodeName", (words.WRONG_NAME,), is_final=True)
    spec, tolerations = pod.spec, pod.tolerations
    if node["spec"].get("unschedulable") and not tolerates(tolerations, _UNSCHEDULABLE_TAINT):
        return Refusal("NodeUnschedulable", (words.UNSCHEDULABLE,), is_final=True)
    if spec.get("nodeName") and spec["nodeName"] != info.name:
        return Refusal("NodeName", (words.WRONG_NAME,), is_final=True)
    for taint in info.taints:
        if taint["effect"] in SCHEDULABLE_EFFECTS and not tolerates(tolerations, taint):
            reason = words.untolerated(taint["key"], taint.get("value", ""), version)
            return Refusal("TaintToleration", (reason,), is_final=True)
    if not node_matches(spec, node):
        return Refusal("NodeAffinity", (words.WRONG_LABELS,), is_final=True)
    for protocol, address, number in pod.ports:
        if any(
            _ANY in (address, taken) or address == taken for taken in info.ports.get((protocol, number), ())
        ):
            return Refusal("NodePorts", (words.PORTS_TAKEN,))
    return fit_refusal(pod, info)


def fit_refusal(pod: PodInfo, info: NodeInfo) -> Refusal | None:
    """Return which resources a node lacks for a pod."""
    allocatable, requested = info.allocatable, info.requested
    reasons = []
    is_final = False
    if len(info.pods) + 1 > allocatable.get(PODS, 0):
        reasons.append(words.TOO_MANY_PODS)
    for name, wanted in pod.requests.items():
        if not wanted or name == PODS:
            continue
        there = allocatable.get(name, 0)
        if wanted > there - requested.get(name, 0):
            reasons.append(words.insufficient(name))
            # More than the node has in all: no preemption makes room for it.
            is_final = is_final or wanted > there
    return Refusal("NodeResourcesFit", tuple(reasons), is_final) if reasons else None
