"""What the scheduler asks about a pod, read once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eks_lab.sim.objects import Key, Obj, key_of, labels_of
from eks_lab.sim.pod_resources import CPU, MEMORY, Amounts, amounts, host_ports, is_sidecar, pod_requests

DEFAULT_MILLICORES = 100
DEFAULT_BYTES = 200 * 1024 * 1024
"""What a container that asks for nothing counts for in scores (util/pod_resources.go)."""

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


class PodInfo:
    """A pod with its requests and rules."""

    __slots__ = (
        "has_anti_affinity",
        "key",
        "labels",
        "pod",
        "ports",
        "priority",
        "requests",
        "scored_cpu",
        "scored_memory",
        "spec",
    )

    def __init__(self, pod: Obj) -> None:
        """Read a pod."""
        self.pod = pod
        self.key: Key = key_of(pod)
        self.spec: Obj = pod["spec"]
        self.labels = labels_of(pod)
        self.requests: Amounts = pod_requests(self.spec)
        self.scored_cpu, self.scored_memory = _scored(self.spec)
        self.ports = tuple(host_ports(self.spec))
        self.priority: int = self.spec.get("priority") or 0
        affinity = (self.spec.get("affinity") or {}).get("podAntiAffinity") or {}
        self.has_anti_affinity = bool(affinity.get(_REQUIRED))

    @property
    def namespace(self) -> str:
        """Return its namespace."""
        return self.key.namespace

    @property
    def tolerations(self) -> Sequence[Obj]:
        """Return its tolerations."""
        found: Sequence[Obj] = self.spec.get("tolerations") or ()
        return found

    def is_same(self, pod: Obj) -> bool:
        """Say whether another state of the pod means the same to the scheduler."""
        old = self.pod
        return (
            (pod["spec"] is old["spec"] or pod["spec"] == old["spec"])
            and labels_of(pod) == self.labels
            and pod["metadata"].get("deletionTimestamp") == old["metadata"].get("deletionTimestamp")
        )

    def affinity_terms(self, kind: str) -> Sequence[Obj]:
        """Return the required terms of `podAffinity` or `podAntiAffinity`."""
        terms: Sequence[Obj] = ((self.spec.get("affinity") or {}).get(kind) or {}).get(_REQUIRED) or ()
        return terms

    def preferred_terms(self, kind: str) -> Sequence[Obj]:
        """Return the weighted terms of `podAffinity`, `podAntiAffinity` or `nodeAffinity`."""
        terms: Sequence[Obj] = ((self.spec.get("affinity") or {}).get(kind) or {}).get(_PREFERRED) or ()
        return terms

    def spread(self, when: str) -> list[Obj]:
        """Return the topology spread constraints of DoNotSchedule or ScheduleAnyway."""
        constraints = self.spec.get("topologySpreadConstraints") or ()
        return [each for each in constraints if each["whenUnsatisfiable"] == when]

    def shape(self) -> Any:
        """Return what makes two pods equal to the plain filters and scores.

        None when rules tie them to other pods or to volumes.
        """
        spec = self.spec
        affinity = spec.get("affinity") or {}
        if (
            affinity
            or self.ports
            or spec.get("topologySpreadConstraints")
            or any(
                "persistentVolumeClaim" in each or "ephemeral" in each for each in spec.get("volumes") or ()
            )
        ):
            return None
        return (
            tuple(sorted(self.requests.items())),
            self.scored_cpu,
            self.scored_memory,
            tuple(sorted((spec.get("nodeSelector") or {}).items())),
            repr(spec.get("tolerations")),
            tuple(each.get("image") for each in spec.get("containers") or ()),
            spec.get("nodeName", ""),
        )


def _scored(spec: Obj) -> tuple[int, int]:
    """Return the CPU and memory that scores count: with defaults for containers that ask for none."""
    cpu = memory = 0
    for container in spec.get("containers") or ():
        own = _with_defaults(container)
        cpu, memory = cpu + own[0], memory + own[1]
    beside_cpu = beside_memory = 0
    peak_cpu = peak_memory = 0
    for container in spec.get("initContainers") or ():
        own = _with_defaults(container)
        if is_sidecar(container):
            beside_cpu, beside_memory = beside_cpu + own[0], beside_memory + own[1]
            peak_cpu, peak_memory = max(peak_cpu, beside_cpu), max(peak_memory, beside_memory)
        else:
            peak_cpu, peak_memory = (
                max(peak_cpu, own[0] + beside_cpu),
                max(peak_memory, own[1] + beside_memory),
            )
    return max(cpu + beside_cpu, peak_cpu), max(memory + beside_memory, peak_memory)


def _with_defaults(container: Obj) -> tuple[int, int]:
    requests = amounts((container.get("resources") or {}).get("requests"))
    return requests.get(CPU, DEFAULT_MILLICORES), requests.get(MEMORY, DEFAULT_BYTES)
