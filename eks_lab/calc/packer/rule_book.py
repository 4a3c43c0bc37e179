"""Rules between pods, worked out to class against class: who counts for whom, and by which label.

A *counter* counts the pods of some classes by the value of a node label. Every rule between pods is a
condition on counters; `eks_lab.calc.packer.cluster` keeps their state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from eks_lab.calc.packer.filters import VOLUME_ZONE
from eks_lab.calc.packer.pods import PodClass, PodSpec
from eks_lab.calc.packer.rules import EVERYWHERE, HOSTNAME, NAMESPACE_NAME, ZONE, PodTerm, Selector, Spread

SPREAD = "node(s) didn't match pod topology spread constraints"
SPREAD_LABEL = "node(s) didn't match pod topology spread constraints (missing required label)"
NOT_NEAR = "node(s) didn't match pod affinity rules"
NOT_APART = "node(s) didn't match pod anti-affinity rules"
REPELLED = "node(s) didn't satisfy existing pods anti-affinity rules"
PORTS = "node(s) didn't have free ports for the requested pod ports"
ONE_POD = "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode"


@dataclass(frozen=True, slots=True)
class Scope:
    """The nodes a spread constraint looks at."""

    spec: PodSpec
    """Whose node selector, affinity and tolerations decide."""
    honors_affinity: bool
    honors_taints: bool
    keys: tuple[str, ...]
    """Labels a node must have to count."""


@dataclass(frozen=True, slots=True)
class CounterRule:
    """What one counter counts."""

    key: str
    """Label of the node: pods are counted by its value."""
    members: frozenset[int]
    """Classes whose pods count."""
    scope: Scope | None = None
    """The nodes that count; None: all."""


@dataclass(frozen=True, slots=True)
class SpreadRule:
    """A spread constraint of a class."""

    counter: int
    max_skew: int
    own: int
    """1 when the class counts itself."""
    min_domains: int


@dataclass(frozen=True, slots=True)
class NearRule:
    """Pods a class must stand beside: all counters above 0."""

    counters: tuple[int, ...]
    may_be_first: bool
    """Whether a pod of the class satisfies the rule itself when it is the first."""
    words: str


@dataclass(frozen=True, slots=True)
class ApartRule:
    """Pods a class must not stand beside: the counter at 0."""

    counter: int
    words: str


@dataclass(slots=True)
class ClassRules:
    """The rules of one class towards pods."""

    spreads: list[SpreadRule] = field(default_factory=list)
    near: list[NearRule] = field(default_factory=list)
    apart: list[ApartRule] = field(default_factory=list)
    soft_spreads: list[SpreadRule] = field(default_factory=list)
    soft_near: list[tuple[int, int]] = field(default_factory=list)
    """Weight and counter."""
    soft_apart: list[tuple[int, int]] = field(default_factory=list)
    """Weight and counter."""

    @property
    def is_empty(self) -> bool:
        """Whether there is none."""
        return not (
            self.spreads or self.near or self.apart or self.soft_spreads or self.soft_near or self.soft_apart
        )


class RuleBook:
    """All rules between the pods of one problem."""

    def __init__(self, classes: Sequence[PodClass], namespaces: Mapping[str, Mapping[str, str]]) -> None:
        """Work the rules out.

        Args:
            classes: the pods, their indexes those of the sequence.
            namespaces: labels of namespaces, where the manifests tell.
        """
        self.counters: list[CounterRule] = []
        self.rules: dict[int, ClassRules] = {}
        """By class, for those that have any."""
        self.counted_in: dict[int, list[int]] = {}
        """By class, the counters its pods count in."""
        self.ports: dict[int, frozenset[tuple[str, str, int]]] = {}
        """By class, its host ports."""
        self._known: dict[CounterRule, int] = {}
        self._namespaces = namespaces
        self._classes = classes
        self._by_label: dict[tuple[str, str, str], list[int]] = {}
        self._members: dict[tuple[frozenset[str], Selector | None], frozenset[int]] = {}
        if not any(each.spec.has_pod_rules for each in classes):
            return
        self._all_namespaces = frozenset(each.spec.namespace for each in classes)
        for each in classes:
            for key, value in each.spec.labels:
                self._by_label.setdefault((each.spec.namespace, key, value), []).append(each.index)
        for each in classes:
            if each.spec.has_pod_rules:
                self._add(each)
        self._add_claims()
        self._add_repelled()
        for index, counter in enumerate(self.counters):
            for member in counter.members:
                self.counted_in.setdefault(member, []).append(index)
        self.rules = {index: rules for index, rules in self.rules.items() if not rules.is_empty}

    @property
    def keys(self) -> frozenset[str]:
        """Return the labels that rules look at."""
        return frozenset(counter.key for counter in self.counters)

    def concerns(self, index: int) -> bool:
        """Whether a class has rules, or counts in those of others."""
        return index in self.rules or index in self.counted_in or index in self.ports

    def _counter(self, key: str, members: frozenset[int], scope: Scope | None = None) -> int:
        rule = CounterRule(key, members, scope)
        index = self._known.get(rule)
        if index is None:
            index = self._known[rule] = len(self.counters)
            self.counters.append(rule)
        return index

    def _add(self, each: PodClass) -> None:
        spec = each.spec
        rules = self.rules.setdefault(each.index, ClassRules())
        hard = tuple(sorted({spread.topology_key for spread in spec.spreads if spread.is_required}))
        soft = tuple(sorted({spread.topology_key for spread in spec.spreads if not spread.is_required}))
        for spread in spec.spreads:
            found = self._spread(each, spread, hard if spread.is_required else soft)
            (rules.spreads if spread.is_required else rules.soft_spreads).append(found)
        if spec.near:
            sets = [self._matching(term, spec.namespace) for term in spec.near]
            members = frozenset.intersection(*sets)
            counters = tuple(self._counter(term.topology_key, members) for term in spec.near)
            rules.near.append(NearRule(counters, each.index in members, NOT_NEAR))
        for term in spec.apart:
            members = self._matching(term, spec.namespace)
            rules.apart.append(ApartRule(self._counter(term.topology_key, members), NOT_APART))
        for weight, term in spec.rather_near:
            members = self._matching(term, spec.namespace)
            rules.soft_near.append((weight, self._counter(term.topology_key, members)))
        for weight, term in spec.rather_apart:
            members = self._matching(term, spec.namespace)
            rules.soft_apart.append((weight, self._counter(term.topology_key, members)))
        if spec.host_ports:
            self.ports[each.index] = frozenset(spec.host_ports)

    def _spread(self, each: PodClass, spread: Spread, keys: tuple[str, ...]) -> SpreadRule:
        members = self._selected(frozenset((each.spec.namespace,)), spread.selector)
        scope = Scope(_node_side(each.spec, spread), spread.honors_affinity, spread.honors_taints, keys)
        return SpreadRule(
            counter=self._counter(spread.topology_key, members, scope),
            max_skew=spread.max_skew,
            own=int(each.index in members),
            min_domains=spread.min_domains,
        )

    def _add_claims(self) -> None:
        users: dict[str, set[int]] = {}
        for each in self._classes:
            for claim in each.spec.claims:
                users.setdefault(claim.name, set()).add(each.index)
        for each in self._classes:
            for claim in each.spec.claims:
                members = frozenset(users[claim.name])
                rules = self.rules.setdefault(each.index, ClassRules())
                if claim.is_shared:
                    rules.near.append(NearRule((self._counter(ZONE, members),), True, VOLUME_ZONE))
                if claim.is_for_one_pod:
                    rules.apart.append(ApartRule(self._counter(EVERYWHERE, members), ONE_POD))

    def _add_repelled(self) -> None:
        """Let pods that an anti-affinity of others names keep away from those others, too."""
        carriers: dict[tuple[PodTerm, str], set[int]] = {}
        for each in self._classes:
            for term in each.spec.apart:
                carriers.setdefault((term, each.spec.namespace), set()).add(each.index)
        for (term, namespace), bearing in carriers.items():
            members = frozenset(bearing)
            for index in self._matching(term, namespace):
                rules = self.rules.setdefault(index, ClassRules())
                counter = self._counter(term.topology_key, members)
                if all(rule.counter != counter for rule in rules.apart):
                    rules.apart.append(ApartRule(counter, REPELLED))

    def _matching(self, term: PodTerm, own_namespace: str) -> frozenset[int]:
        if term.namespace_selector is None:
            return self._selected(term.namespaces or frozenset((own_namespace,)), term.selector)
        chosen = {
            name
            for name in self._all_namespaces
            if term.namespace_selector.matches({**self._namespaces.get(name, {}), NAMESPACE_NAME: name})
        }
        return self._selected(frozenset(chosen) | term.namespaces, term.selector)

    def _selected(self, namespaces: frozenset[str], selector: Selector | None) -> frozenset[int]:
        key = (namespaces, selector)
        found = self._members.get(key)
        if found is None:
            found = self._members[key] = frozenset(self._select(namespaces, selector))
        return found

    def _select(self, namespaces: frozenset[str], selector: Selector | None) -> Iterable[int]:
        if selector is None:
            return
        candidates: Iterable[int] = range(len(self._classes))
        for expression in selector.expressions:
            if expression.operator == "In":
                candidates = {
                    index
                    for namespace in namespaces
                    for value in expression.values
                    for index in self._by_label.get((namespace, expression.key, value), ())
                }
                break
        for index in candidates:
            spec = self._classes[index].spec
            if spec.namespace in namespaces and selector.matches(dict(spec.labels)):
                yield index


def _node_side(spec: PodSpec, spread: Spread) -> PodSpec:
    """Return a spec with only what decides on nodes, so that equal constraints share a counter."""
    return PodSpec(
        namespace="",
        labels=(),
        requests=(),
        node_selector=spec.node_selector if spread.honors_affinity else (),
        node_terms=spec.node_terms if spread.honors_affinity else None,
        tolerations=spec.tolerations if spread.honors_taints else (),
    )


def is_on_host(counter: CounterRule) -> bool:
    """Whether a counter counts by node."""
    return counter.key == HOSTNAME
