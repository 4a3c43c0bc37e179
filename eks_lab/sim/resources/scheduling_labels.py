"""matchLabelKeys of affinity and spread terms: the server turns them into selector requirements at creation."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.sim.objects import Obj, labels_of

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def _terms(spec: Obj) -> Iterator[Obj]:
    for kind in ("podAffinity", "podAntiAffinity"):
        affinity = (spec.get("affinity") or {}).get(kind) or {}
        yield from affinity.get(_REQUIRED) or ()
        for weighted in affinity.get(_PREFERRED) or ():
            yield weighted.get("podAffinityTerm") or {}
    yield from spec.get("topologySpreadConstraints") or ()


def add_label_key_requirements(pod: Obj) -> None:
    """Add `key in (value of the pod's own label)` for every matchLabelKeys entry, in place.

    Args:
        pod: about to be created (podStrategy mutatePodAffinity and mutateTopologySpreadConstraints).
    """
    spec = pod["spec"]
    if not spec.get("affinity") and not spec.get("topologySpreadConstraints"):
        return
    labels = labels_of(pod)
    for term in _terms(spec):
        selector = term.get("labelSelector")
        if selector is None:
            continue
        for field, operator in (("matchLabelKeys", "In"), ("mismatchLabelKeys", "NotIn")):
            for key in term.get(field) or ():
                if key in labels:
                    rule = {"key": key, "operator": operator, "values": [labels[key]]}
                    selector.setdefault("matchExpressions", []).append(rule)
