"""kube-scheduler's filters once more, written straight from their description, to check packings with.

Nothing of `eks_lab.calc.packer` is used but the finished plan: manifests are the dictionaries the test
wrote, nodes are made from the catalogue by formula.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from eks_lab.catalog import instance_types
from eks_lab.catalog.instance_types import InstanceType

Pod = dict[str, Any]
ZONE, HOST = "topology.kubernetes.io/zone", "kubernetes.io/hostname"
UNITS = {
    "": Fraction(1),
    "m": Fraction(1, 1000),
    "k": Fraction(10**3),
    "M": Fraction(10**6),
    "G": Fraction(10**9),
    "Ki": Fraction(2**10),
    "Mi": Fraction(2**20),
    "Gi": Fraction(2**30),
}
GPUS = {"g4dn.xlarge": 1, "g5.xlarge": 1, "g6.xlarge": 1, "g6e.xlarge": 1, "p5.48xlarge": 8}


def amount(text: object) -> Fraction:
    """Return a quantity."""
    written = str(text)
    suffix = next(
        (unit for unit in sorted(UNITS, key=len, reverse=True) if unit and written.endswith(unit)), ""
    )
    return Fraction(written.removesuffix(suffix)) * UNITS[suffix]


@dataclass
class Node:
    """A node with its pods."""

    name: str
    labels: dict[str, str]
    taints: list[dict[str, str]]
    allocatable: dict[str, Fraction]
    pods: list[Pod] = field(default_factory=list)


def allocatable(
    instance: InstanceType, *, prefix: bool, daemons: dict[str, int], disk_gib: int = 20
) -> dict[str, Fraction]:
    """Return what a node offers beside its DaemonSets, by the formulas of the fact sheet B1 and B3."""
    per_eni = instance.ipv4_per_eni - 1
    secondary = instance.default_card_enis * per_eni + 2
    by_prefix = (
        instance.default_card_enis * per_eni * 16 + 2 if prefix and instance.supports_prefixes else secondary
    )
    cap = 250 if instance.vcpus > 30 else 110
    max_pods = min(by_prefix, cap)
    cpu = 1000 * instance.vcpus
    shares = [60, 10, 5, 5]
    reserved = Fraction(sum(shares[: instance.vcpus])) + Fraction(5, 2) * max(0, instance.vcpus - 4)
    memory = instance.memory_mib - math.ceil(instance.memory_mib * Fraction(75, 1000))
    memory -= 255 + 11 * max_pods + 100
    attachments = (instance.ebs_attachments or 1) - 1
    if instance.ebs_limit == "shared":
        attachments -= instance.default_card_enis - 1
    return {
        "cpu": (cpu - reserved - daemons["cpu"]) / 1000,
        "memory": Fraction((memory - daemons["memory"]) * 2**20),
        "pods": Fraction(max_pods - daemons["pods"]),
        "ephemeral-storage": Fraction(int((disk_gib * Fraction(9, 10) - 1) * 2**30)),
        "nvidia.com/gpu": Fraction(GPUS.get(instance.name, 0)),
        "volumes": Fraction(max(0, attachments)),
    }


def node_labels(
    name: str, type_name: str, zone: str, pool: dict[str, Any], capacity_type: str
) -> dict[str, str]:
    """Return the labels a node of a NodePool has."""
    instance = instance_types.get(type_name)
    family = instance.family
    digits = "".join(letter for letter in family[1:] if letter.isdigit())[:1]
    group = "karpenter.k8s.aws/instance-"
    return {
        HOST: name,
        ZONE: zone,
        "topology.kubernetes.io/region": zone[:-1],
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "arm64" if "arm64" in instance.architectures else "amd64",
        "node.kubernetes.io/instance-type": type_name,
        "karpenter.sh/capacity-type": capacity_type,
        "karpenter.sh/nodepool": pool["metadata"]["name"],
        group + "category": family[0],
        group + "family": family,
        group + "generation": digits,
        group + "size": instance.size,
        group + "cpu": str(instance.vcpus),
        group + "memory": str(instance.memory_mib),
        **pool["spec"]["template"].get("metadata", {}).get("labels", {}),
    }


def matches(selector: dict[str, Any] | None, labels: dict[str, str]) -> bool:
    """Whether a label selector selects labels."""
    if selector is None:
        return False
    if any(labels.get(key) != value for key, value in selector.get("matchLabels", {}).items()):
        return False
    return all(expression(each, labels) for each in selector.get("matchExpressions", []))


def expression(each: dict[str, Any], labels: dict[str, str]) -> bool:
    """Whether one `key operator values` holds."""
    value, values = labels.get(each["key"]), each.get("values", [])
    found = {
        "In": value is not None and value in values,
        "NotIn": value is None or value not in values,
        "Exists": value is not None,
        "DoesNotExist": value is None,
    }
    if each["operator"] in found:
        return found[each["operator"]]
    if value is None:
        return False
    left, right = int(value), int(values[0])
    return {"Gt": left > right, "Lt": left < right, "Gte": left >= right, "Lte": left <= right}[
        each["operator"]
    ]


def requests(pod: Pod) -> dict[str, Fraction]:
    """Return the effective requests."""
    total: dict[str, Fraction] = {"pods": Fraction(1)}
    for container in pod["spec"]["containers"]:
        for name, value in container.get("resources", {}).get("requests", {}).items():
            total[name] = total.get(name, Fraction(0)) + amount(value)
    sidecars: dict[str, Fraction] = {}
    for container in pod["spec"].get("initContainers", []):
        asked = {
            name: amount(value) for name, value in container.get("resources", {}).get("requests", {}).items()
        }
        if container.get("restartPolicy") == "Always":
            for name, value in asked.items():
                sidecars[name] = sidecars.get(name, Fraction(0)) + value
    for name, value in sidecars.items():
        total[name] = total.get(name, Fraction(0)) + value
    running: dict[str, Fraction] = {}
    for container in pod["spec"].get("initContainers", []):
        asked = {
            name: amount(value) for name, value in container.get("resources", {}).get("requests", {}).items()
        }
        for name, value in asked.items():
            total[name] = max(total.get(name, Fraction(0)), running.get(name, Fraction(0)) + value)
        if container.get("restartPolicy") == "Always":
            for name, value in asked.items():
                running[name] = running.get(name, Fraction(0)) + value
    volumes = sum("persistentVolumeClaim" in volume for volume in pod["spec"].get("volumes", []))
    if volumes:
        total["volumes"] = Fraction(volumes)
    return total


def tolerates(pod: Pod, taint: dict[str, str]) -> bool:
    """Whether a pod tolerates a taint."""
    for each in pod["spec"].get("tolerations", []):
        if each.get("effect") and each["effect"] != taint["effect"]:
            continue
        if each.get("key") and each["key"] != taint["key"]:
            continue
        if each.get("operator", "Equal") == "Exists" or each.get("value", "") == taint.get("value", ""):
            return True
    return False


def node_affinity(pod: Pod, node: Node) -> bool:
    """Whether node selector and required node affinity accept a node."""
    if any(node.labels.get(key) != value for key, value in pod["spec"].get("nodeSelector", {}).items()):
        return False
    required = (
        pod["spec"]
        .get("affinity", {})
        .get("nodeAffinity", {})
        .get("requiredDuringSchedulingIgnoredDuringExecution")
    )
    if required is None:
        return True
    return any(
        all(expression(each, node.labels) for each in term.get("matchExpressions", []))
        for term in required["nodeSelectorTerms"]
        if term.get("matchExpressions")
    )


def pod_terms(pod: Pod, kind: str) -> list[dict[str, Any]]:
    """Return the required terms of podAffinity or podAntiAffinity."""
    found: list[dict[str, Any]] = (
        pod["spec"]
        .get("affinity", {})
        .get(kind, {})
        .get("requiredDuringSchedulingIgnoredDuringExecution", [])
    )
    return found


def term_matches(term: dict[str, Any], owner: Pod, other: Pod) -> bool:
    """Whether a term of one pod names another."""
    namespaces = term.get("namespaces") or [owner["metadata"].get("namespace", "default")]
    if "namespaceSelector" in term and term["namespaceSelector"] == {}:
        namespaces = [other["metadata"].get("namespace", "default")]
    if other["metadata"].get("namespace", "default") not in namespaces:
        return False
    return matches(term.get("labelSelector"), other["metadata"].get("labels", {}))


def refusal(pod: Pod, node: Node, nodes: list[Node]) -> str:
    """Return the first filter that refuses a pod on a node; empty when all accept."""
    hard = [taint for taint in node.taints if taint["effect"] != "PreferNoSchedule"]
    if any(not tolerates(pod, taint) for taint in hard):
        return "taint"
    if not node_affinity(pod, node):
        return "node affinity"
    if any(_ports(pod) & _ports(other) for other in node.pods):
        return "ports"
    for name, wanted in requests(pod).items():
        used = sum((requests(other).get(name, Fraction(0)) for other in node.pods), Fraction(0))
        if used + wanted > node.allocatable.get(name, Fraction(0)):
            return f"insufficient {name}"
    zones = pod.get("volume_zones")
    if zones is not None and node.labels[ZONE] not in zones:
        return "volume zone"
    return _spread(pod, node, nodes) or _inter_pod(pod, node, nodes)


def _ports(pod: Pod) -> set[tuple[str, int]]:
    return {
        (port.get("protocol", "TCP"), port["hostPort"])
        for container in pod["spec"]["containers"]
        for port in container.get("ports", [])
        if port.get("hostPort")
    }


def _spread(pod: Pod, node: Node, nodes: list[Node]) -> str:
    constraints = [
        each
        for each in pod["spec"].get("topologySpreadConstraints", [])
        if each["whenUnsatisfiable"] == "DoNotSchedule"
    ]
    keys = [each["topologyKey"] for each in constraints]
    for each in constraints:
        key = each["topologyKey"]
        if key not in node.labels:
            return "spread label"
        counts: dict[str, int] = {}
        for other in nodes:
            if any(name not in other.labels for name in keys):
                continue
            if each.get("nodeAffinityPolicy", "Honor") == "Honor" and not node_affinity(pod, other):
                continue
            if each.get("nodeTaintsPolicy", "Ignore") == "Honor" and any(
                not tolerates(pod, taint) for taint in other.taints if taint["effect"] != "PreferNoSchedule"
            ):
                continue
            value = other.labels[key]
            counts.setdefault(value, 0)
            counts[value] += sum(
                matches(each.get("labelSelector"), one["metadata"].get("labels", {}))
                for one in other.pods
                if one["metadata"].get("namespace", "default") == pod["metadata"].get("namespace", "default")
            )
        least = min(counts.values(), default=0)
        if len(counts) < each.get("minDomains", 1):
            least = 0
        own = int(matches(each.get("labelSelector"), pod["metadata"].get("labels", {})))
        if counts.get(node.labels[key], 0) + own - least > each["maxSkew"]:
            return f"spread over {key}"
    return ""


def _inter_pod(pod: Pod, node: Node, nodes: list[Node]) -> str:
    everywhere = [(other, one) for other in nodes for one in other.pods]
    terms = pod_terms(pod, "podAffinity")
    if terms:
        wanted = [
            (other, one) for other, one in everywhere if all(term_matches(term, pod, one) for term in terms)
        ]
        if any(term["topologyKey"] not in node.labels for term in terms):
            return "affinity label"
        is_first = not wanted and all(term_matches(term, pod, pod) for term in terms)
        for term in terms:
            key = term["topologyKey"]
            if not is_first and not any(other.labels.get(key) == node.labels[key] for other, _ in wanted):
                return "affinity"
    for other, one in everywhere:
        for term in pod_terms(pod, "podAntiAffinity"):
            key = term["topologyKey"]
            if (
                key in node.labels
                and other.labels.get(key) == node.labels[key]
                and term_matches(term, pod, one)
            ):
                return "anti-affinity"
        for term in pod_terms(one, "podAntiAffinity"):
            key = term["topologyKey"]
            if (
                key in node.labels
                and other.labels.get(key) == node.labels[key]
                and term_matches(term, one, pod)
            ):
                return "anti-affinity of others"
    return ""
