"""What the manifests ask for: classes of equal pods, the workloads they come from, budgets, DaemonSets."""

from __future__ import annotations

from dataclasses import dataclass, field

from eks_lab.calc.packer.rules import NodeTerm, PodTerm, Selector, Spread, Toleration

CPU, MEMORY, PODS, STORAGE, VOLUMES = (
    "cpu",
    "memory",
    "pods",
    "ephemeral-storage",
    "attachable-volumes-aws-ebs",
)
"""Names of resources; CPU in millicores, memory and storage in bytes, all others in pieces."""

HostPort = tuple[str, str, int]
"""Protocol, host IP, port."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A volume that a pod mounts through a PersistentVolumeClaim."""

    name: str
    """`namespace/name`."""
    is_shared: bool = False
    """A zonal volume that more than one pod mounts: they must meet in one zone."""
    is_for_one_pod: bool = False
    """ReadWriteOncePod: a second pod waits."""


@dataclass(frozen=True, slots=True)
class PodSpec:
    """Everything about a pod that decides where it may run; equal specs are interchangeable."""

    namespace: str
    labels: tuple[tuple[str, str], ...]
    """Sorted; only those that some selector of the manifests looks at, once classes are made."""
    requests: tuple[tuple[str, int], ...]
    """Resource -> amount, sorted, without zeros; `pods` is understood."""
    node_selector: tuple[tuple[str, str], ...] = ()
    node_terms: tuple[NodeTerm, ...] | None = None
    """Required node affinity, any of them; None when there is none."""
    node_preferences: tuple[tuple[int, NodeTerm], ...] = ()
    """Weight and term."""
    near: tuple[PodTerm, ...] = ()
    """Required pod affinity."""
    apart: tuple[PodTerm, ...] = ()
    """Required pod anti-affinity."""
    rather_near: tuple[tuple[int, PodTerm], ...] = ()
    """Preferred pod affinity: weight and term."""
    rather_apart: tuple[tuple[int, PodTerm], ...] = ()
    """Preferred pod anti-affinity: weight and term."""
    tolerations: tuple[Toleration, ...] = ()
    spreads: tuple[Spread, ...] = ()
    host_ports: tuple[HostPort, ...] = ()
    volume_zones: frozenset[str] | None = None
    """Zones its volumes lie in; None when they lie nowhere yet."""
    claims: tuple[Claim, ...] = ()
    """Volumes that tie pods to each other."""
    do_not_disrupt: bool = False
    """`karpenter.sh/do-not-disrupt: "true"`."""
    is_gated: bool = False
    """Scheduling gates hold it back."""

    @property
    def has_pod_rules(self) -> bool:
        """Whether it looks at other pods."""
        return bool(
            self.near
            or self.apart
            or self.rather_near
            or self.rather_apart
            or self.spreads
            or self.host_ports
            or self.claims
        )


@dataclass(frozen=True, slots=True)
class Member:
    """Pods of one workload within a class."""

    kind: str
    """`Deployment`, `StatefulSet`, `Pod` …"""
    namespace: str
    name: str
    count: int

    @property
    def workload(self) -> str:
        """Return `Deployment web`, with the namespace in front unless it is `default`."""
        inside = "" if self.namespace == "default" else f"{self.namespace}/"
        return f"{self.kind} {inside}{self.name}"


@dataclass(slots=True)
class PodClass:
    """Pods with equal specs."""

    index: int
    spec: PodSpec
    members: list[Member] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Return how many pods there are."""
        return sum(member.count for member in self.members)

    @property
    def name(self) -> str:
        """Return the workloads in short: `Deployment web`, `Deployment web and 2 more`."""
        first = self.members[0].workload if self.members else "nothing"
        return first if len(self.members) < 2 else f"{first} and {len(self.members) - 1} more"


@dataclass(frozen=True, slots=True)
class DisruptionBudget:
    """A PodDisruptionBudget."""

    name: str
    """`namespace/name`."""
    namespace: str
    selector: Selector | None
    min_available: int | str | None
    """A number or a percentage such as `50%`."""
    max_unavailable: int | str | None
    """Likewise; exactly one of the two is given."""


@dataclass(frozen=True, slots=True)
class Manifests:
    """What a text of manifests holds."""

    classes: tuple[PodClass, ...]
    """Every pod once, by equal specs."""
    daemons: tuple[PodSpec, ...]
    """Pods of DaemonSets: one on every node that takes them."""
    budgets: tuple[DisruptionBudget, ...]
    namespaces: dict[str, dict[str, str]]
    """Namespace -> labels, for those in the text."""
    warnings: tuple[str, ...]
    """What was left out or assumed."""

    @property
    def pods(self) -> int:
        """Return the number of pods, DaemonSets aside."""
        return sum(found.count for found in self.classes)
