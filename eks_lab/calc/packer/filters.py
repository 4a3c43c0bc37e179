"""The scheduler's filters that look at one pod and one node: taints, labels, volume zones, room.

Results are kept by shape as zone masks: bit n says the pod may go to such a node in zone n. The words
of refusals are those of kube-scheduler 1.36 (pkg/scheduler/framework/plugins).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from eks_lab.calc.packer.machines import is_unrecorded
from eks_lab.calc.packer.node_pools import CAPACITY_TYPES
from eks_lab.calc.packer.patterns import PatternBook
from eks_lab.calc.packer.pods import PODS, VOLUMES, PodSpec
from eks_lab.calc.packer.rules import ZONE, Expression, NodeTerm, untolerated
from eks_lab.calc.packer.shapes import Shape

MOST_TYPES_PER_LAUNCH = 60
"""Karpenter hands EC2 so many types at most. Source: KPA pkg/providers/instance (2026-08-21)."""
AFFINITY = "node(s) didn't match Pod's node affinity/selector"
VOLUME_ZONE = "node(s) had volume node affinity conflict"
VOLUME_COUNT = "node(s) exceed max volume count"
TOO_MANY_PODS = "Too many pods"

Places = tuple[int, ...]
"""Zone mask by shape."""


def insufficient(resource: str) -> str:
    """Return the scheduler's words for a resource that does not suffice."""
    if resource == PODS:
        return TOO_MANY_PODS
    return VOLUME_COUNT if resource == VOLUMES else f"Insufficient {resource}"


class Filters:
    """Filters of one problem: its shapes, zones and resources."""

    def __init__(self, shapes: Sequence[Shape], zones: Sequence[str], resources: Sequence[str]) -> None:
        """Prepare.

        Args:
            shapes: nodes that could be launched.
            zones: names, in the order of the mask's bits.
            resources: what rooms count.
        """
        self.shapes = shapes
        self.zones = tuple(zones)
        self.resources = tuple(resources)
        self.patterns = PatternBook()
        self.all_zones = (1 << len(self.zones)) - 1
        self._vectors: dict[tuple[tuple[str, int], ...], tuple[int, ...]] = {}
        self._places: dict[object, Places] = {}
        self._values: dict[str, list[str | None]] = {}
        self._choices: dict[object, list[tuple[_Choice | None, _Choice | None]]] = {}
        self._interned: dict[Places, Places] = {}

    def vector(self, spec: PodSpec) -> tuple[int, ...]:
        """Return what one pod takes, by the resources of the problem."""
        found = self._vectors.get(spec.requests)
        if found is None:
            asked = dict(spec.requests)
            found = tuple([1 if name == PODS else asked.get(name, 0) for name in self.resources])
            self._vectors[spec.requests] = found
        return found

    def places(self, spec: PodSpec) -> Places:
        """Return where taints, labels and volumes let a pod go; room does not count yet."""
        key = (spec.tolerations, spec.node_selector, spec.node_terms, spec.volume_zones)
        found = self._places.get(key)
        if found is None:
            tainted = self.tolerated(spec)
            labelled = self.selected(spec)
            volumes = self.zone_mask(spec.volume_zones)
            found = tuple(
                shape.zones & volumes & mask if may else 0
                for shape, mask, may in zip(self.shapes, labelled, tainted, strict=True)
            )
            self._places[key] = found
        return found

    def tolerated(self, spec: PodSpec) -> tuple[bool, ...]:
        """Return by shape whether its taints are tolerated."""
        by_taints: dict[object, bool] = {}
        for shape in self.shapes:
            if shape.taints not in by_taints:
                by_taints[shape.taints] = untolerated(shape.taints, spec.tolerations) is None
        return tuple(by_taints[shape.taints] for shape in self.shapes)

    def selected(self, spec: PodSpec) -> Places:
        """Return where node selector and required node affinity let a pod go."""
        key = (spec.node_selector, spec.node_terms)
        found = self._places.get(key)
        if found is None:
            own = [Expression(name, "In", (value,)) for name, value in spec.node_selector]
            selected = self._all(own)
            if spec.node_terms is not None:
                terms = [self.term(term) for term in spec.node_terms]
                selected = tuple(
                    mask & _any(term[index] for term in terms) for index, mask in enumerate(selected)
                )
            found = self._places[key] = selected
        return found

    def preferred(self, spec: PodSpec, within: Places) -> Places:
        """Return `within`, narrowed to the weightiest preferred node affinity that leaves something.

        Karpenter treats the preference as required at first and lets go of it when nothing fits.
        """
        for _, term in sorted(spec.node_preferences, key=lambda each: -each[0]):
            narrowed = tuple(a & b for a, b in zip(within, self.term(term), strict=True))
            if any(narrowed):
                return narrowed
        return within

    def term(self, term: NodeTerm) -> Places:
        """Return where one term of a node affinity holds."""
        found = self._places.get(term)
        if found is None:
            found = (0,) * len(self.shapes) if term.is_impossible else self._all(term.expressions)
            self._places[term] = found
        return found

    def zone_mask(self, names: frozenset[str] | None) -> int:
        """Return the mask of named zones; None means all."""
        if names is None:
            return self.all_zones
        return sum(1 << bit for bit, zone in enumerate(self.zones) if zone in names)

    def _all(self, expressions: Sequence[Expression]) -> Places:
        zones = sum(
            1 << bit
            for bit, zone in enumerate(self.zones)
            if all(each.matches_value(zone) for each in expressions if each.key == ZONE)
        )
        others = [each for each in expressions if each.key != ZONE and not is_unrecorded(each.key)]
        masks = [zones] * len(self.shapes)
        for each in others:
            known: dict[str | None, bool] = {}
            for index, value in enumerate(self._label_values(each.key)):
                if value not in known:
                    known[value] = each.matches_value(value)
                if not known[value]:
                    masks[index] = 0
        return tuple(masks)

    def _label_values(self, key: str) -> list[str | None]:
        found = self._values.get(key)
        if found is None:
            found = self._values[key] = [shape.labels.get(key) for shape in self.shapes]
        return found

    def choices(self, spec: PodSpec, vector: Sequence[int], within: Places) -> list[Places]:
        """Return where Karpenter would launch for a pod, best choice first.

        NodePools by weight, and within one the kinds of capacity in the order Karpenter tries them:
        Spot before on-demand. Preferred node affinity narrows a choice as long as something is left.

        Args:
            spec: of the pod.
            vector: what it takes, of one pod or several that go together.
            within: where it may go at all.
        """
        key = (within, spec.node_preferences)
        found = self._choices.get(key)
        if found is None:
            found = self._choices[key] = self._ranked(spec, within)
        chosen = []
        for narrow, wide in found:
            for choice in (narrow, wide):
                if choice is not None and any(fits(vector, room) for room in choice.largest):
                    chosen.append(choice.places)
                    break
        return chosen

    def _ranked(self, spec: PodSpec, within: Places) -> list[tuple[_Choice | None, _Choice | None]]:
        """Return each choice narrowed by preferences, and as it is."""
        by_rank: dict[tuple[int, int], list[int]] = {}
        for shape, mask in zip(self.shapes, within, strict=True):
            if mask:
                kind = shape.capacity_type
                order = CAPACITY_TYPES.index(kind) if kind in CAPACITY_TYPES else 0
                by_rank.setdefault((shape.rank, order), []).append(shape.index)
        found = []
        for rank in sorted(by_rank):
            chosen = set(by_rank[rank])
            masks = tuple([mask if index in chosen else 0 for index, mask in enumerate(within)])
            narrow = self.preferred(spec, masks) if spec.node_preferences else masks
            found.append((self._choice(narrow), self._choice(masks) if narrow is not masks else None))
        return found

    def _choice(self, places: Places) -> _Choice | None:
        """Return a choice without the shapes whose launch could not keep minValues."""
        allowed = [shape for shape, mask in zip(self.shapes, places, strict=True) if mask]
        if any(shape.min_values for shape in allowed):
            flexible = {shape.index for shape in allowed if keeps_min_values(shape, allowed, places)}
            places = tuple([mask if index in flexible else 0 for index, mask in enumerate(places)])
            allowed = [shape for shape in allowed if shape.index in flexible]
        largest: list[tuple[int, ...]] = []
        for shape in sorted(allowed, key=lambda each: [-room for room in each.room]):
            if not any(fits(shape.room, room) for room in largest):
                largest.append(shape.room)
        return _Choice(self._interned.setdefault(places, places), tuple(largest)) if allowed else None

    def refusals(self, spec: PodSpec, vector: Sequence[int]) -> dict[str, int]:
        """Return why shapes refuse a pod even when they are empty: words -> shapes.

        As in the scheduler the first filter that refuses speaks, and the one for room names every
        resource that does not suffice.
        """
        reasons: dict[str, int] = {}
        labelled = self.selected(spec)
        volumes = self.zone_mask(spec.volume_zones)
        for shape in self.shapes:
            taint = untolerated(shape.taints, spec.tolerations)
            if taint is not None:
                words = [f"node(s) had untolerated taint {taint}"]
            elif not shape.zones & labelled[shape.index]:
                words = [AFFINITY]
            else:
                words = [
                    insufficient(name)
                    for name, wanted, room in zip(self.resources, vector, shape.room, strict=True)
                    if wanted > room
                ]
                if not words and not shape.zones & labelled[shape.index] & volumes:
                    words = [VOLUME_ZONE]
            for word in words:
                reasons[word] = reasons.get(word, 0) + 1
        return reasons

    def node_refusal(
        self, spec: PodSpec, vector: Sequence[int], shape: int, zone: int, room: Sequence[int]
    ) -> list[str]:
        """Return why a node refuses a pod, as far as pods on it do not matter; empty when it does not.

        Args:
            spec: of the pod.
            vector: what it takes.
            shape: of the node.
            zone: of the node.
            room: what is left on it.
        """
        taints = self.shapes[shape].taints
        taint = untolerated(taints, spec.tolerations) if taints else None
        if taint is not None:
            return [f"node(s) had untolerated taint {taint}"]
        if not self.selected(spec)[shape] >> zone & 1:
            return [AFFINITY]
        short = [
            insufficient(name)
            for name, wanted, left in zip(self.resources, vector, room, strict=True)
            if wanted > left
        ]
        if short:
            return short
        return [] if self.zone_mask(spec.volume_zones) >> zone & 1 else [VOLUME_ZONE]


@dataclass(frozen=True, slots=True)
class _Choice:
    """Shapes Karpenter considers together."""

    places: Places
    largest: tuple[tuple[int, ...], ...]
    """Rooms none of which lies within another: what fits nowhere here fits nowhere."""


def keeps_min_values(shape: Shape, allowed: Sequence[Shape], places: Places) -> bool:
    """Whether a full node of a shape leaves a launch the variety that minValues asks for.

    Karpenter counts the types that hold all pods of the node, among the 60 cheapest it hands to EC2.
    Those at least as large as the shape hold whatever it holds.
    """
    if not shape.min_values:
        return True
    options = [
        other
        for other in allowed
        if other.owner == shape.owner
        and places[other.index] & places[shape.index]
        and fits(shape.room, other.room)
    ]
    options.sort(key=lambda other: (other.usd_per_hour, other.index))
    options = options[:MOST_TYPES_PER_LAUNCH]
    return all(
        len({other.labels.get(key) for other in options}) >= wanted
        for key, wanted in shape.min_values.items()
    )


def fits(vector: Sequence[int], room: Sequence[int]) -> bool:
    """Whether everything wanted is there."""
    for wanted, left in zip(vector, room, strict=True):  # noqa: SIM110 (a loop is twice as quick as all())
        if wanted > left:
            return False
    return True


def count_text(reasons: Mapping[str, int]) -> str:
    """Return counted reasons as the scheduler lists them: `2 Insufficient cpu, 3 node(s) …`."""
    return ", ".join(sorted(f"{count} {words}" for words, count in reasons.items()))


def _any(masks: Iterable[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found
