"""Units: pods that must share a node go together, everything else goes one by one.

Required pod affinity by hostname makes pods follow others: a follower joins the nodes of those it
wants, some per node, and pods that only want each other share one node altogether.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from eks_lab.calc.packer.cluster import HostPorts, ports_conflict
from eks_lab.calc.packer.filters import Filters, Places, fits
from eks_lab.calc.packer.pods import PodClass
from eks_lab.calc.packer.rule_book import RuleBook, is_on_host

Contents = tuple[tuple[int, int], ...]
"""Class and number of its pods, in the order they are placed."""


_NO_LIMIT = 1 << 62


@dataclass(frozen=True, slots=True)
class HostRules:
    """What a unit asks of the other pods of its node."""

    classes: frozenset[int]
    conflicts: frozenset[int]
    """Classes it must not share a node with."""
    counts: tuple[tuple[int, int], ...]
    """Counter by hostname -> its pods that count there."""
    limits: tuple[tuple[int, int], ...]
    """Counter by hostname -> pods on the node at most, itself included."""
    ports: tuple[HostPorts, ...]
    soft_conflicts: frozenset[int]
    """Classes it would rather not share a node with."""
    counted: tuple[tuple[int, int, int], ...] = field(init=False, repr=False, compare=False)
    """Counter -> its pods that count there, and how many of them it bears itself."""
    uncounted: tuple[tuple[int, int], ...] = field(init=False, repr=False, compare=False)
    """Limits of counters it does not count in."""

    def __post_init__(self) -> None:
        """Sort limits by what they ask: a filler asks a million times."""
        own = dict(self.limits)
        counted = tuple((counter, count, own.pop(counter, _NO_LIMIT)) for counter, count in self.counts)
        object.__setattr__(self, "counted", counted)
        object.__setattr__(self, "uncounted", tuple(own.items()))

    @property
    def per_node(self) -> int:
        """Return how many such units one node holds at most, 0 when rules set no limit."""
        if self.classes & self.conflicts or self.ports:
            return 1
        counts = dict(self.counts)
        bounds = [limit // counts[counter] for counter, limit in self.limits if counts.get(counter)]
        return min(bounds, default=0)


@dataclass(slots=True)
class HostLoad:
    """The rules a node's pods lay on those that come."""

    classes: set[int] = field(default_factory=set)
    counts: dict[int, int] = field(default_factory=dict)
    limits: dict[int, int] = field(default_factory=dict)
    ports: list[HostPorts] = field(default_factory=list)

    def admits(self, rules: HostRules) -> bool:
        """Whether a unit may join."""
        if not rules.conflicts.isdisjoint(self.classes):
            return False
        there, limits = self.counts, self.limits
        for counter, count, own in rules.counted:
            total = there.get(counter, 0) + count
            if total > own or total > limits.get(counter, total):
                return False
        for counter, limit in rules.uncounted:
            if there.get(counter, 0) > limit:
                return False
        return not (rules.ports and any(ports_conflict(ports, self.ports) for ports in rules.ports))

    def add(self, rules: HostRules) -> None:
        """Let a unit join."""
        self.classes |= rules.classes
        for counter, count in rules.counts:
            self.counts[counter] = self.counts.get(counter, 0) + count
        for counter, limit in rules.limits:
            self.limits[counter] = min(limit, self.limits.get(counter, limit))
        self.ports.extend(rules.ports)


@dataclass(slots=True)
class Unit:
    """Pods placed together on one node."""

    contents: Contents
    count: int
    """So many of them."""
    vector: tuple[int, ...]
    places: Places
    """Where every one of its pods may go."""
    rules: HostRules | None
    """None when the other pods of a node do not matter."""

    @property
    def lead(self) -> int:
        """Return the class that is placed first."""
        return self.contents[0][0]


class UnitMaker:
    """Turns classes into units."""

    def __init__(self, classes: Sequence[PodClass], filters: Filters, book: RuleBook) -> None:
        """Prepare for the classes of one problem."""
        self._classes = classes
        self._filters = filters
        self._book = book
        self._vectors = [filters.vector(each.spec) for each in classes]
        self._conflicts = self._host_conflicts()
        self._host_counters = {index for index, counter in enumerate(book.counters) if is_on_host(counter)}
        self.left_over: dict[int, int] = {}
        """Class -> pods that find no place beside those they want."""

    def units(self, counts: Mapping[int, int] | None = None) -> list[Unit]:
        """Return the units of all pods.

        Args:
            counts: class -> pods; None takes all.
        """
        wanted = {each.index: each.count for each in self._classes} if counts is None else dict(counts)
        followers = {
            index: members
            for index in wanted
            if (members := self._wants(index)) is not None and wanted[index]
        }
        units = [
            self._unit(((index, 1),), count)
            for index, count in wanted.items()
            if count and index not in followers
        ]
        while followers:
            joined = self._join_next(followers, wanted, units)
            if joined is None:
                break
            del followers[joined]
        for index in followers:
            self.left_over[index] = self.left_over.get(index, 0) + wanted[index]
        return units

    def per_node(self, index: int) -> int:
        """Return how many pods of a class one node holds at most by the rules, 0 without a limit."""
        rules = self._rules(((index, 1),))
        return rules.per_node if rules is not None else 0

    def _wants(self, index: int) -> frozenset[int] | None:
        """Return the classes a class must share its node with, None when it need not."""
        rules = self._book.rules.get(index)
        for near in rules.near if rules else ():
            for counter in near.counters:
                if is_on_host(self._book.counters[counter]):
                    return self._book.counters[counter].members
        return None

    def _join_next(
        self, followers: Mapping[int, frozenset[int]], wanted: Mapping[int, int], units: list[Unit]
    ) -> int | None:
        placed = {pod_class for unit in units for pod_class, _ in unit.contents}
        for index, members in followers.items():
            hosts = sorted(members & placed)
            if hosts:
                # Beside the most numerous there is the most room.
                host = max(hosts, key=lambda each: sum(u.count for u in units if _holds(u, each)))
                self._follow(index, wanted[index], host, units)
                return index
        for index, members in followers.items():
            if index in members:
                self._share_one_node(index, wanted[index], units)
                return index
        return None

    def _follow(self, index: int, count: int, host: int, units: list[Unit]) -> None:
        """Spread a class evenly over the units that hold another."""
        carriers = [unit for unit in units if _holds(unit, host)]
        total = sum(unit.count for unit in carriers)
        each, more = divmod(count, total)
        for unit in carriers:
            units.remove(unit)
            extra = min(more, unit.count)
            more -= extra
            for size, number in ((each + 1, extra), (each, unit.count - extra)):
                if not number:
                    continue
                fitting = self._most_that_fit(unit, index, size)
                if fitting < size:
                    self.left_over[index] = self.left_over.get(index, 0) + (size - fitting) * number
                contents = (*unit.contents, (index, fitting)) if fitting else unit.contents
                units.append(self._unit(contents, number))

    def _share_one_node(self, index: int, count: int, units: list[Unit]) -> None:
        empty = Unit((), 1, (0,) * len(self._filters.resources), self._everywhere(), None)
        fitting = self._most_that_fit(empty, index, count)
        if fitting < count:
            self.left_over[index] = self.left_over.get(index, 0) + count - fitting
        if fitting:
            units.append(self._unit(((index, fitting),), 1))

    def _most_that_fit(self, unit: Unit, index: int, size: int) -> int:
        """Return how many pods of a class a unit can take along, up to `size`."""
        low, high = 0, size
        while low < high:
            middle = (low + high + 1) // 2
            contents = (*unit.contents, (index, middle))
            if self._can_stand(contents):
                low = middle
            else:
                high = middle - 1
        return low

    def _can_stand(self, contents: Contents) -> bool:
        unit = self._unit(contents, 1)
        if not any(
            mask and fits(unit.vector, shape.room)
            for mask, shape in zip(unit.places, self._filters.shapes, strict=True)
        ):
            return False
        load = HostLoad()
        for pod_class, count in contents:
            rules = self._rules(((pod_class, 1),))
            for _ in range(count if rules is not None else 0):
                assert rules is not None
                if not load.admits(rules):
                    return False
                load.add(rules)
        return True

    def _everywhere(self) -> Places:
        return tuple(shape.zones for shape in self._filters.shapes)

    def _unit(self, contents: Contents, count: int) -> Unit:
        if len(contents) == 1 and contents[0][1] == 1:
            index = contents[0][0]
            places = self._filters.places(self._classes[index].spec)
            return Unit(contents, count, self._vectors[index], places, self._rules(contents))
        size = len(self._filters.resources)
        vector = tuple(
            sum(self._vectors[index][each] * number for index, number in contents) for each in range(size)
        )
        places = self._everywhere()
        for index, _ in contents:
            own = self._filters.places(self._classes[index].spec)
            places = tuple(a & b for a, b in zip(places, own, strict=True))
        return Unit(contents, count, vector, places, self._rules(contents))

    def _host_conflicts(self) -> dict[int, frozenset[int]]:
        found = {}
        for index, rules in self._book.rules.items():
            members: set[int] = set()
            for apart in rules.apart:
                if is_on_host(self._book.counters[apart.counter]):
                    members |= self._book.counters[apart.counter].members
            if members:
                found[index] = frozenset(members)
        return found

    def _rules(self, contents: Contents) -> HostRules | None:
        if not any(self._book.concerns(index) for index, _ in contents):
            return None
        classes = frozenset(index for index, _ in contents)
        conflicts: set[int] = set()
        soft: set[int] = set()
        counts: dict[int, int] = {}
        limits: dict[int, int] = {}
        ports: list[HostPorts] = []
        for index, number in contents:
            conflicts |= self._conflicts.get(index, frozenset())
            for counter in self._book.counted_in.get(index, ()):
                if counter in self._host_counters and self._book.counters[counter].scope is not None:
                    counts[counter] = counts.get(counter, 0) + number
            rules = self._book.rules.get(index)
            if rules is not None:
                for spread in rules.spreads:
                    if spread.counter in self._host_counters:
                        limit = limits.get(spread.counter, spread.max_skew)
                        limits[spread.counter] = min(limit, spread.max_skew)
                for _, counter in rules.soft_apart:
                    if counter in self._host_counters:
                        soft |= self._book.counters[counter].members
            if index in self._book.ports:
                ports += [self._book.ports[index]] * number
        limited = set(limits)
        if not (conflicts or limits or ports or soft or counts or self._is_avoided(classes)):
            return None
        return HostRules(
            classes=classes,
            conflicts=frozenset(conflicts),
            counts=tuple(sorted(counts.items())),
            limits=tuple((counter, limits[counter]) for counter in sorted(limited)),
            ports=tuple(ports),
            soft_conflicts=frozenset(soft),
        )

    def _is_avoided(self, classes: frozenset[int]) -> bool:
        """Whether some class would rather not, or must not, share a node with these."""
        return any(
            counter in self._host_counters
            for index in classes
            for counter in self._book.counted_in.get(index, ())
        )


def _holds(unit: Unit, index: int) -> bool:
    return any(pod_class == index for pod_class, _ in unit.contents)
