"""InterPodAffinity: pods that want, or refuse, each other's company."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from eks_lab.sim.api import Api
from eks_lab.sim.controllers.scheduler import words
from eks_lab.sim.controllers.scheduler.nodes import NodeInfo
from eks_lab.sim.controllers.scheduler.pods import PodInfo
from eks_lab.sim.controllers.scheduler.words import Refusal
from eks_lab.sim.objects import Obj, labels_of
from eks_lab.sim.selection import matches

Place = tuple[str, str]
"""Topology key and value."""


class Affinity:
    """What one pod's required terms, and those of pods that run, say about nodes."""

    def __init__(self, api: Api, pod: PodInfo, nodes: Sequence[NodeInfo]) -> None:
        """Count once for all nodes (PreFilter).

        Args:
            api: for labels of namespaces.
            pod: the incoming pod.
            nodes: all nodes.
        """
        self._terms = [_Term(api, pod, term) for term in pod.affinity_terms("podAffinity")]
        self._anti = [_Term(api, pod, term) for term in pod.affinity_terms("podAntiAffinity")]
        self._wanted: Counter[tuple[int, str]] = Counter()
        self._refused: Counter[tuple[int, str]] = Counter()
        self._others: set[Place] = set()
        for info in nodes:
            for other in info.with_anti_affinity.values():
                for term in other.affinity_terms("podAntiAffinity"):
                    value = info.labels.get(term["topologyKey"])
                    if value is not None and _Term(api, other, term).matches(pod):
                        self._others.add((term["topologyKey"], value))
            if self._terms or self._anti:
                self._count(info)
        self._is_first = (
            bool(self._terms) and not self._wanted and all(term.matches(pod) for term in self._terms)
        )

    @property
    def is_idle(self) -> bool:
        """Say whether no term concerns the pod."""
        return not (self._terms or self._anti or self._others)

    def _count(self, info: NodeInfo) -> None:
        for other in info.pods.values():
            # A pod counts for affinity when it matches all terms, for anti-affinity when it matches any.
            if self._terms and all(term.matches(other) for term in self._terms):
                for number, term in enumerate(self._terms):
                    value = info.labels.get(term.key)
                    if value is not None:
                        self._wanted[number, value] += 1
            for number, term in enumerate(self._anti):
                value = info.labels.get(term.key)
                if value is not None and term.matches(other):
                    self._refused[number, value] += 1

    def refusal(self, info: NodeInfo) -> Refusal | None:
        """Return why a node is not allowed."""
        for number, term in enumerate(self._terms):
            value = info.labels.get(term.key)
            if value is None or (not self._wanted[number, value] and not self._is_first):
                return Refusal("InterPodAffinity", (words.AFFINITY_UNMET,), is_final=True)
        for number, term in enumerate(self._anti):
            value = info.labels.get(term.key)
            if value is not None and self._refused[number, value]:
                return Refusal("InterPodAffinity", (words.ANTI_AFFINITY_UNMET,))
        if any(info.labels.get(key) == value for key, value in self._others):
            return Refusal("InterPodAffinity", (words.OTHERS_ANTI_AFFINITY,))
        return None


class _Term:
    """A pod affinity term, with its namespaces worked out."""

    def __init__(self, api: Api, owner: PodInfo, term: Obj) -> None:
        self.key: str = term["topologyKey"]
        self._selector = _with_label_keys(term, owner)
        selector = term.get("namespaceSelector")
        self._namespaces: set[str] | None = set(term.get("namespaces") or ())
        if selector is not None:
            if not selector:
                self._namespaces = None
            else:
                self._namespaces |= {
                    each["metadata"]["name"]
                    for each in api.items("namespaces")
                    if matches(selector, labels_of(each))
                }
        elif not self._namespaces:
            self._namespaces = {owner.namespace}

    def matches(self, pod: PodInfo) -> bool:
        if self._namespaces is not None and pod.namespace not in self._namespaces:
            return False
        return matches(self._selector, pod.labels)


def term_selects(api: Api, term: Obj, owner: PodInfo, pod: PodInfo) -> bool:
    """Say whether a term of one pod selects another, wherever they are."""
    return _Term(api, owner, term).matches(pod)


def _with_label_keys(term: Obj, owner: PodInfo) -> Obj | None:
    """Return the selector with matchLabelKeys and mismatchLabelKeys written out."""
    selector: Obj | None = term.get("labelSelector")
    more = [
        {"key": key, "operator": operator, "values": [owner.labels[key]]}
        for field, operator in (("matchLabelKeys", "In"), ("mismatchLabelKeys", "NotIn"))
        for key in term.get(field) or ()
        if key in owner.labels
    ]
    if not more:
        return selector
    selector = selector or {}
    return {**selector, "matchExpressions": [*(selector.get("matchExpressions") or ()), *more]}


def preferences(api: Api, pod: PodInfo, nodes: Iterable[NodeInfo]) -> Counter[Place]:
    """Return the weight of each place: the pod's preferred terms, and those of pods that run about it.

    A required affinity term of a running pod counts 1 (hardPodAffinityWeight).
    """
    found: Counter[Place] = Counter()
    own = [
        (sign * term["weight"], _Term(api, pod, term["podAffinityTerm"]))
        for kind, sign in (("podAffinity", 1), ("podAntiAffinity", -1))
        for term in pod.preferred_terms(kind)
    ]
    for info in nodes:
        for other in info.pods.values():
            for weight, term in own:
                value = info.labels.get(term.key)
                if value is not None and term.matches(other):
                    found[term.key, value] += weight
            if not other.spec.get("affinity"):
                continue
            for weight, term in _theirs(api, other):
                value = info.labels.get(term.key)
                if value is not None and term.matches(pod):
                    found[term.key, value] += weight
    return found


def _theirs(api: Api, other: PodInfo) -> list[tuple[int, _Term]]:
    terms = [(1, _Term(api, other, term)) for term in other.affinity_terms("podAffinity")]
    for kind, sign in (("podAffinity", 1), ("podAntiAffinity", -1)):
        for term in other.preferred_terms(kind):
            terms.append((sign * term["weight"], _Term(api, other, term["podAffinityTerm"])))
    return terms
