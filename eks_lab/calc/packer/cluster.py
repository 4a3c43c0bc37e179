"""Nodes with pods on them, and whether one more pod may come: the filters between pods.

The state of the counters of a rule book. Sites are nodes, or whole zones while pods are only being
assigned to zones. Source: kube-scheduler 1.36, plugins podtopologyspread and interpodaffinity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from eks_lab.calc.packer.filters import Filters, Places
from eks_lab.calc.packer.rule_book import (
    PORTS,
    SPREAD,
    SPREAD_LABEL,
    CounterRule,
    NearRule,
    RuleBook,
    Scope,
    SpreadRule,
)
from eks_lab.calc.packer.rules import EVERYWHERE, HOSTNAME, ZONE

HostPorts = frozenset[tuple[str, str, int]]


@dataclass(slots=True)
class Site:
    """A node, or a group of nodes that rules cannot tell apart."""

    name: str
    """Unique."""
    shape: int
    """Index of its shape; any of them, for a group."""
    zone: int
    """Bit of its zone."""
    values: tuple[str | None, ...]
    """Value of the label of each counter."""
    counts: tuple[bool, ...]
    """Whether pods on it count, by counter."""


class SiteMaker:
    """Makes sites, remembering what nodes of one shape and zone have in common."""

    def __init__(self, book: RuleBook, filters: Filters) -> None:
        """Prepare for the counters of a rule book."""
        self._filters = filters
        self._counters = book.counters
        self._scopes: list[Places | None] = [
            None if counter.scope is None else self._places(counter.scope) for counter in book.counters
        ]
        self._common: dict[tuple[int, int], tuple[tuple[str | None, ...], tuple[bool, ...]]] = {}

    def node(self, name: str, shape: int, zone: int) -> Site:
        """Return the site of a node."""
        values, counts = self.common(shape, zone)
        named = tuple(
            name if counter.key == HOSTNAME else value
            for counter, value in zip(self._counters, values, strict=True)
        )
        return Site(name, shape, zone, named, counts)

    def common(self, shape: int, zone: int) -> tuple[tuple[str | None, ...], tuple[bool, ...]]:
        """Return label values and what counts, for any node of a shape in a zone."""
        found = self._common.get((shape, zone))
        if found is None:
            values = tuple(self.label(counter.key, shape, zone) for counter in self._counters)
            counts = tuple(places is None or bool(places[shape] >> zone & 1) for places in self._scopes)
            found = self._common[shape, zone] = (values, counts)
        return found

    def label(self, key: str, shape: int, zone: int) -> str | None:
        """Return the value of a node's label; None when it has none."""
        if key == ZONE:
            return self._filters.zones[zone]
        if key in (EVERYWHERE, HOSTNAME):
            return ""
        return self._filters.shapes[shape].labels.get(key)

    def _places(self, scope: Scope) -> Places:
        """Return the nodes a constraint looks at."""
        masks: Sequence[int] = [shape.zones for shape in self._filters.shapes]
        if scope.honors_affinity:
            masks = [a & b for a, b in zip(masks, self._filters.selected(scope.spec), strict=True)]
        if scope.honors_taints:
            tolerated = self._filters.tolerated(scope.spec)
            masks = [mask if may else 0 for mask, may in zip(masks, tolerated, strict=True)]
        keys = [key for key in scope.keys if key not in (ZONE, HOSTNAME)]
        return tuple(
            mask if all(key in shape.labels for key in keys) else 0
            for mask, shape in zip(masks, self._filters.shapes, strict=True)
        )


class Cluster:
    """Sites and the pods on them, as far as rules between pods go; room is counted elsewhere."""

    def __init__(self, book: RuleBook, heeds: Callable[[CounterRule], bool] | None = None) -> None:
        """Start empty.

        Args:
            book: rules and counters.
            heeds: which counters matter; rules on others, and host ports, are passed over.
        """
        self.book = book
        self._heeds = [heeds is None or heeds(counter) for counter in book.counters]
        self._heeds_ports = heeds is None
        self._counts: list[dict[str, int]] = [{} for _ in book.counters]
        self._sites: list[dict[str, int]] = [{} for _ in book.counters]
        self._totals = [0] * len(book.counters)
        self._ports: dict[str, list[HostPorts]] = {}

    def add_site(self, site: Site) -> None:
        """Let a node join."""
        self._change_site(site, 1)

    def remove_site(self, site: Site) -> None:
        """Let a node go; its pods must have gone before."""
        self._change_site(site, -1)

    def _change_site(self, site: Site, change: int) -> None:
        for index, value in enumerate(site.values):
            if value is not None and site.counts[index] and self._heeds[index]:
                sites = self._sites[index]
                sites[value] = sites.get(value, 0) + change
                if not sites[value]:
                    del sites[value]

    def place(self, pod_class: int, site: Site, count: int = 1) -> None:
        """Put pods of a class on a site; a negative count takes them away."""
        for index in self.book.counted_in.get(pod_class, ()):
            value = site.values[index]
            if value is not None and site.counts[index]:
                counts = self._counts[index]
                counts[value] = counts.get(value, 0) + count
                self._totals[index] += count
        ports = self.book.ports.get(pod_class)
        if ports is not None:
            used = self._ports.setdefault(site.name, [])
            for _ in range(abs(count)):
                if count > 0:
                    used.append(ports)
                else:
                    used.remove(ports)

    def refusal(self, pod_class: int, site: Site) -> str:
        """Return why a pod of a class may not come, in the scheduler's words; empty when it may."""
        ports = self.book.ports.get(pod_class)
        if ports is not None and self._heeds_ports and ports_conflict(ports, self._ports.get(site.name, ())):
            return PORTS
        rules = self.book.rules.get(pod_class)
        if rules is None:
            return ""
        for spread in rules.spreads:
            words = self._skewed(spread, site) if self._heeds[spread.counter] else ""
            if words:
                return words
        for near in rules.near:
            if not self._is_near(near, site):
                return near.words
        for apart in rules.apart:
            if self._heeds[apart.counter]:
                value = site.values[apart.counter]
                if value is not None and self._counts[apart.counter].get(value, 0):
                    return apart.words
        return ""

    def _skewed(self, rule: SpreadRule, site: Site) -> str:
        value = site.values[rule.counter]
        if value is None:
            return SPREAD_LABEL
        ahead = self._counts[rule.counter].get(value, 0) + rule.own - rule.max_skew
        if ahead <= 0:
            return ""
        return SPREAD if ahead > self.least(rule) else ""

    def least(self, rule: SpreadRule) -> int:
        """Return the pods in the emptiest place of a spread constraint."""
        places = self._sites[rule.counter]
        if len(places) < rule.min_domains or not places:
            return 0
        counts = self._counts[rule.counter]
        return min(counts.get(place, 0) for place in places)

    def _is_near(self, rule: NearRule, site: Site) -> bool:
        heeded = [index for index in rule.counters if self._heeds[index]]
        if not heeded:
            return True
        if any(site.values[index] is None for index in heeded):
            return False
        if rule.may_be_first and not any(self._totals[index] for index in heeded):
            return True
        return all(self._counts[index].get(site.values[index] or "", 0) for index in heeded)

    def score(self, pod_class: int, site: Site) -> float:
        """Return how well a site keeps the preferences of a class; more is better.

        The sum of the weights of preferred pod affinity, less those of anti-affinity, less the pods by
        which it is ahead in a spread that is a mere preference.
        """
        rules = self.book.rules.get(pod_class)
        if rules is None:
            return 0.0
        total = 0.0
        for weight, counter in rules.soft_near:
            total += weight * bool(self._at(counter, site))
        for weight, counter in rules.soft_apart:
            total -= weight * bool(self._at(counter, site))
        for spread in rules.soft_spreads:
            if self._heeds[spread.counter]:
                total -= self._at(spread.counter, site) - self.least(spread)
        return total

    def _at(self, counter: int, site: Site) -> int:
        value = site.values[counter]
        return self._counts[counter].get(value, 0) if value is not None and self._heeds[counter] else 0

    def pods_at(self, counter: int, site: Site) -> int:
        """Return what a counter says for the place of a site."""
        return self._at(counter, site)


def ports_conflict(ports: HostPorts, used: Iterable[HostPorts]) -> bool:
    """Whether host ports are taken: same protocol and port, same address or one of them all addresses."""
    for others in used:
        for protocol, address, number in ports:
            for protocol2, address2, number2 in others:
                if (
                    number == number2
                    and protocol == protocol2
                    and (address == address2 or "0.0.0.0" in (address, address2))
                ):
                    return True
    return False
