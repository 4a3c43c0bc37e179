"""Whether a pod accepts a node: selectors, node affinity, taints (k8s.io/component-helpers/scheduling/corev1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eks_lab.sim.objects import Obj, labels_of
from eks_lab.sim.selection import matches


def node_matches(pod_spec: Obj, node: Obj) -> bool:
    """Say whether nodeSelector and required node affinity accept a node."""
    labels = labels_of(node)
    for key, value in (pod_spec.get("nodeSelector") or {}).items():
        if labels.get(key) != value:
            return False
    affinity = (pod_spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution")
    return required is None or any(
        term_matches(term, node) for term in required.get("nodeSelectorTerms") or ()
    )


def term_matches(term: Obj, node: Obj) -> bool:
    """Say whether one nodeSelectorTerm accepts a node; an empty term accepts none."""
    expressions, fields = term.get("matchExpressions") or (), term.get("matchFields") or ()
    if not expressions and not fields:
        return False
    if expressions and not matches({"matchExpressions": expressions}, labels_of(node)):
        return False
    return not fields or matches({"matchExpressions": fields}, {"metadata.name": node["metadata"]["name"]})


def tolerates(tolerations: Iterable[Obj], taint: Obj) -> bool:
    """Say whether one of the tolerations accepts a taint."""
    return any(tolerates_taint(each, taint) for each in tolerations)


def tolerates_taint(toleration: Obj, taint: Obj) -> bool:
    """Say whether a toleration accepts a taint."""
    if toleration.get("effect") and toleration["effect"] != taint["effect"]:
        return False
    if toleration.get("key") and toleration["key"] != taint["key"]:
        return False
    operator = toleration.get("operator") or "Equal"
    if operator == "Exists":
        return True
    if not toleration.get("key"):
        return False
    value, wanted = taint.get("value", ""), toleration.get("value", "")
    if operator in ("Gt", "Lt"):
        if not (_is_number(value) and _is_number(wanted)):
            return False
        return int(value) > int(wanted) if operator == "Gt" else int(value) < int(wanted)
    return bool(value == wanted)


def _is_number(text: str) -> bool:
    return text.removeprefix("-").isdigit()


def taints_of(node: Obj) -> Sequence[Obj]:
    """Return the taints of a node."""
    taints: Sequence[Obj] = node["spec"].get("taints") or ()
    return taints


def untolerated(node: Obj, tolerations: Sequence[Obj], effects: Iterable[str]) -> Obj | None:
    """Return the first taint of one of the effects that no toleration accepts."""
    wanted = frozenset(effects)
    for taint in taints_of(node):
        if taint["effect"] in wanted and not tolerates(tolerations, taint):
            return taint
    return None
