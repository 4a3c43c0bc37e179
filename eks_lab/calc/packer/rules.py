"""Placement rules as the scheduler reads them: label expressions, terms, tolerations, spread.

Source: kubernetes/api core/v1 types and kubernetes/component-helpers, scheduling/corev1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

ZONE = "topology.kubernetes.io/zone"
REGION = "topology.kubernetes.io/region"
HOSTNAME = "kubernetes.io/hostname"
ARCH = "kubernetes.io/arch"
OS = "kubernetes.io/os"
INSTANCE_TYPE = "node.kubernetes.io/instance-type"
CAPACITY_TYPE = "karpenter.sh/capacity-type"
NODEPOOL = "karpenter.sh/nodepool"
NAMESPACE_NAME = "kubernetes.io/metadata.name"
EVERYWHERE = ""
"""Topology key of a rule that looks at the whole cluster."""
WHOLE_NUMBER = re.compile(r"-?[0-9]{1,17}")
"""What Gt, Lt, Gte and Lte compare."""

_OLD_KEYS = {
    "failure-domain.beta.kubernetes.io/zone": ZONE,
    "failure-domain.beta.kubernetes.io/region": REGION,
    "beta.kubernetes.io/arch": ARCH,
    "beta.kubernetes.io/os": OS,
    "beta.kubernetes.io/instance-type": INSTANCE_TYPE,
    "topology.ebs.csi.aws.com/zone": ZONE,
}

Labels = Mapping[str, str]


def current_key(key: str) -> str:
    """Return the present name of a label that had another one."""
    return _OLD_KEYS.get(key, key)


@dataclass(frozen=True, slots=True)
class Expression:
    """`key operator values`."""

    key: str
    """Label key, by its present name."""
    operator: str
    """In, NotIn, Exists, DoesNotExist, Gt, Lt, Gte, Lte."""
    values: tuple[str, ...] = ()
    """What it is compared with."""

    def matches(self, labels: Labels) -> bool:
        """Whether the labels satisfy the expression."""
        return self.matches_value(labels.get(self.key))

    def matches_value(self, value: str | None) -> bool:
        """Whether a label value does, None standing for an absent label."""
        match self.operator:
            case "In":
                return value is not None and value in self.values
            case "NotIn":
                return value is None or value not in self.values
            case "Exists":
                return value is not None
            case "DoesNotExist":
                return value is None
        left, right = _whole(value), _whole(self.values[0]) if self.values else None
        if left is None or right is None:
            return False
        match self.operator:
            case "Gt":
                return left > right
            case "Lt":
                return left < right
            case "Gte":
                return left >= right
            case _:
                return left <= right


def _whole(value: str | None) -> int | None:
    return int(value) if value is not None and WHOLE_NUMBER.fullmatch(value) else None


@dataclass(frozen=True, slots=True)
class Selector:
    """A label selector; without expressions it selects everything."""

    expressions: tuple[Expression, ...] = ()
    """All must hold."""

    def matches(self, labels: Labels) -> bool:
        """Whether labels are selected."""
        return all(expression.matches(labels) for expression in self.expressions)


@dataclass(frozen=True, slots=True)
class NodeTerm:
    """One term of a node affinity: all expressions must hold."""

    expressions: tuple[Expression, ...]
    """On labels."""
    is_impossible: bool = False
    """Names a node that exists already, or says nothing: matches no new node."""


@dataclass(frozen=True, slots=True)
class Toleration:
    """What a pod puts up with."""

    key: str
    """Empty: every key."""
    operator: str
    """Exists or Equal."""
    value: str
    """For Equal."""
    effect: str
    """Empty: every effect."""

    def tolerates(self, taint: Taint) -> bool:
        """Whether it covers a taint."""
        if self.effect and self.effect != taint.effect:
            return False
        if self.key and self.key != taint.key:
            return False
        return self.operator == "Exists" or (bool(self.key) and self.value == taint.value)


@dataclass(frozen=True, slots=True)
class Taint:
    """What a node repels pods with."""

    key: str
    value: str
    effect: str
    """NoSchedule, PreferNoSchedule, NoExecute."""

    @property
    def repels(self) -> bool:
        """Whether the scheduler refuses, and does not merely prefer otherwise."""
        return self.effect in ("NoSchedule", "NoExecute")

    def __str__(self) -> str:
        """Return it as the scheduler prints it."""
        return f"{{{self.key}: {self.value}}}"


def untolerated(taints: Iterable[Taint], tolerations: Iterable[Toleration]) -> Taint | None:
    """Return the first taint that keeps a pod away, None when there is none."""
    for taint in taints:
        if taint.repels and not any(toleration.tolerates(taint) for toleration in tolerations):
            return taint
    return None


@dataclass(frozen=True, slots=True)
class PodTerm:
    """One term of a pod affinity or anti-affinity."""

    topology_key: str
    """The label that makes nodes one place."""
    selector: Selector | None
    """Of other pods; None selects none."""
    namespaces: frozenset[str]
    """Named ones; with `namespace_selector` None and nothing here: the pod's own."""
    namespace_selector: Selector | None
    """Over labels of namespaces."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A topology spread constraint."""

    topology_key: str
    """The label that makes nodes one place."""
    max_skew: int
    """How far a place may be ahead of the emptiest."""
    is_required: bool
    """DoNotSchedule; else ScheduleAnyway, a mere score."""
    selector: Selector | None
    """Of the pods that count; None counts none."""
    min_domains: int
    """With fewer places the emptiest counts as 0; 1 when not given."""
    honors_affinity: bool
    """Whether only nodes of the pod's node selector and affinity count."""
    honors_taints: bool
    """Whether nodes with untolerated taints are left out."""
