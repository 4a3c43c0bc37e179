"""Where daemon pods belong and what they look like: pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from eks_lab.sim.objects import Obj, evolve
from eks_lab.sim.placement import node_matches, untolerated
from eks_lab.sim.pod_template import pod_from_template
from eks_lab.sim.revisions import HASH_LABEL

GENERATION_LABEL = "pod-template-generation"
ALWAYS_TOLERATED = (
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
)
NETWORK = ("node.kubernetes.io/network-unavailable", "NoSchedule")


def tolerations_for(spec: Obj) -> list[Obj]:
    """Return the template's tolerations and those every daemon pod has."""
    found = list(spec.get("tolerations") or ())
    for key, effect in (*ALWAYS_TOLERATED, *((NETWORK,) if spec.get("hostNetwork") else ())):
        added = {"key": key, "operator": "Exists", "effect": effect}
        if added not in found:
            found.append(added)
    return found


def pod_for(owner: Obj, revision_hash: str, node_name: str) -> Obj:
    """Return the daemon pod of a node, as it is created."""
    template = owner["spec"]["template"]
    labels = {HASH_LABEL: revision_hash, GENERATION_LABEL: generation_of(owner)}
    pod = pod_from_template(template, owner, labels=labels)
    spec = {**pod["spec"], "tolerations": tolerations_for(pod["spec"])}
    term = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node_name]}]}
    path = ("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
    return {**pod, "spec": evolve(spec, path, {"nodeSelectorTerms": [term]})}


def generation_of(owner: Obj) -> str:
    """Return the template generation, kept in a deprecated annotation."""
    annotations = owner["metadata"].get("annotations") or {}
    text: str = annotations.get("deprecated.daemonset.template.generation", "1")
    return text


def target_of(pod: Obj) -> str:
    """Return the node a daemon pod is on, or is pinned to."""
    if pod["spec"].get("nodeName"):
        name: str = pod["spec"]["nodeName"]
        return name
    affinity = (pod["spec"].get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}
    for term in required.get("nodeSelectorTerms") or ():
        for field in term.get("matchFields") or ():
            if field["key"] == "metadata.name" and len(field.get("values") or ()) == 1:
                value: str = field["values"][0]
                return value
    return ""


def belongs(owner: Obj, node: Obj) -> tuple[bool, bool]:
    """Return whether a node should get the pod, and whether it may keep one it has.

    A NoSchedule taint keeps a new pod away and leaves a running one alone; NoExecute does neither.
    """
    spec = owner["spec"]["template"].get("spec") or {}
    if spec.get("nodeName") and spec["nodeName"] != node["metadata"]["name"]:
        return False, False
    if not node_matches(spec, node):
        return False, False
    tolerations = tolerations_for(spec)
    if untolerated(node, tolerations, ("NoSchedule", "NoExecute")) is None:
        return True, True
    return False, untolerated(node, tolerations, ("NoExecute",)) is None


def amount(value: object, total: int) -> int:
    """Return a maxUnavailable or maxSurge in pods; percentages round up."""
    if isinstance(value, str):
        return -(-int(value.rstrip("%")) * total // 100)
    return int(value) if isinstance(value, int) else 0


def limits(owner: Obj, desired: int) -> tuple[int, int]:
    """Return maxSurge and maxUnavailable in pods."""
    rolling = (owner["spec"].get("updateStrategy") or {}).get("rollingUpdate") or {}
    surge = amount(rolling.get("maxSurge", 0), desired)
    unavailable = amount(rolling.get("maxUnavailable", 1), desired)
    return surge, 1 if desired and not surge and not unavailable else unavailable


def oldest(pods: Sequence[Obj]) -> list[Obj]:
    """Return pods by age: those with a node first, then by creation and name."""
    return sorted(
        pods,
        key=lambda pod: (
            not pod["spec"].get("nodeName"),
            pod["metadata"]["creationTimestamp"],
            pod["metadata"]["name"],
        ),
    )
