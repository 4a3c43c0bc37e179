"""Shapes: the nodes that could be launched, with their room for pods, their labels and their price."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from eks_lab.calc.packer.machines import (
    MIB,
    NEW_HOST,
    Machine,
    Setting,
    instance_labels,
    is_unrecorded,
    region_of,
)
from eks_lab.calc.packer.node_pools import CAPACITY_TYPES, NODES, NodePool
from eks_lab.calc.packer.pods import CPU, MEMORY, PODS, PodSpec
from eks_lab.calc.packer.rules import (
    ARCH,
    CAPACITY_TYPE,
    HOSTNAME,
    INSTANCE_TYPE,
    NODEPOOL,
    OS,
    REGION,
    ZONE,
    Expression,
    Taint,
    untolerated,
)
from eks_lab.calc.reservations import expected_capacity_mib
from eks_lab.errors import InputError

MOST_LABEL_VARIANTS = 50
"""Of one NodePool whose requirements leave labels of its own open."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A node that could be launched."""

    index: int
    """In the list of shapes."""
    owner: str
    """Name of the NodePool or node group."""
    rank: int
    """0 for the owner that is tried first."""
    machine: Machine
    capacity_type: str
    usd_per_hour: float
    room: tuple[int, ...]
    """For pods, by the resources of the problem, DaemonSets taken off."""
    labels: Mapping[str, str]
    """Without zone and hostname."""
    taints: tuple[Taint, ...]
    zones: int
    """Zones it may be launched in: bit n for zone n."""
    min_values: Mapping[str, int]
    """Label -> different values that a launch must be able to choose from."""
    limits: Mapping[str, int]
    """Of its owner."""

    @property
    def type_name(self) -> str:
        """Return the instance type."""
        return self.machine.instance.name


@dataclass(frozen=True, slots=True)
class _Template:
    """What all nodes of one owner have in common."""

    owner: str
    rank: int
    labels: Mapping[str, str]
    taints: tuple[Taint, ...]
    min_values: Mapping[str, int]
    limits: Mapping[str, int]


class ShapeBuilder:
    """Makes the shapes of NodePools or node groups for one set of pods."""

    def __init__(
        self,
        setting: Setting,
        resources: Sequence[str],
        daemons: Sequence[PodSpec],
        wanted: Iterable[str] = (),
    ) -> None:
        """Prepare.

        Args:
            setting: how nodes are set up.
            resources: what `Shape.room` counts, in this order.
            daemons: pods of DaemonSets.
            wanted: label expressions of pods, as `key=value`, for labels a NodePool leaves open.
        """
        self._setting = setting
        self._resources = tuple(resources)
        self._daemons = tuple(daemons)
        self._wanted = sorted(set(wanted))
        self._region = region_of(setting.zones)
        self.shapes: list[Shape] = []
        self.warnings: list[str] = []

    def add_pools(self, pools: Sequence[NodePool], found: Sequence[Machine]) -> None:
        """Add the shapes NodePools allow.

        Args:
            pools: in the order Karpenter tries them.
            found: what can be launched.

        Raises:
            InputError: a NodePool leaves too many labels open.
        """
        for rank, pool in enumerate(pools):
            before = len(self.shapes)
            self._add_pool(pool, rank, found)
            if len(self.shapes) == before:
                self.warnings.append(
                    f"NodePool {pool.name} allows no instance type with a price on record in the zones given."
                )

    def add_group(self, name: str, machine: Machine, rank: int) -> None:
        """Add a node group of one instance type, on demand, in all zones."""
        labels = {
            ARCH: instance_labels(machine.instance, "")[ARCH],
            OS: "linux",
            HOSTNAME: NEW_HOST,
            INSTANCE_TYPE: machine.instance.name,
            "eks.amazonaws.com/capacityType": "ON_DEMAND",
            "eks.amazonaws.com/nodegroup": name,
            **({REGION: self._region} if self._region else {}),
        }
        template = _Template(name, rank, labels, (), {}, {})
        self._add(template, machine, labels, "on-demand", (1 << len(self._setting.zones)) - 1)

    def _add_pool(self, pool: NodePool, rank: int, found: Sequence[Machine]) -> None:
        expressions = [requirement.expression for requirement in pool.requirements]
        unrecorded = sorted({each.key for each in expressions if is_unrecorded(each.key)})
        if unrecorded:
            self.warnings.append(
                f"NodePool {pool.name} asks for {', '.join(unrecorded)}, which the catalogue does not record:"
                " left out, so some types shown may not fit."
            )
        expressions = [each for each in expressions if not is_unrecorded(each.key)]
        if any(
            each.key == CAPACITY_TYPE and each.operator == "In" and "reserved" in each.values
            for each in expressions
        ):
            self.warnings.append(
                f"NodePool {pool.name} allows reserved capacity: reservations are not modelled."
            )
        zones = sum(
            1 << bit
            for bit, zone in enumerate(self._setting.zones)
            if all(each.matches_value(zone) for each in expressions if each.key == ZONE)
        )
        capacity_types = [
            name
            for name in CAPACITY_TYPES
            if all(each.matches_value(name) for each in expressions if each.key == CAPACITY_TYPE)
        ]
        expressions = [each for each in expressions if each.key not in (ZONE, CAPACITY_TYPE)]
        known = (
            {**instance_labels(found[0].instance, pool.label_group), REGION: "", **_gpu_keys(pool)}
            if found
            else {}
        )
        own = [each for each in expressions if each.key not in known]
        of_type = [each for each in expressions if each.key in known]
        for variant in self._variants(pool, own):
            base = {**pool.labels, **variant, NODEPOOL: pool.name}
            if self._region:
                base[REGION] = self._region
            template = _Template(pool.name, rank, base, pool.taints, pool.min_values, pool.limits)
            for machine in found:
                labels = {**base, **instance_labels(machine.instance, pool.label_group)}
                if all(each.matches(labels) for each in of_type) and zones:
                    for capacity_type in capacity_types:
                        self._add(template, machine, labels, capacity_type, zones)

    def _variants(self, pool: NodePool, own: Sequence[Expression]) -> Iterable[dict[str, str]]:
        """Yield the labels of its own a node may get: those a pod asks for, where the NodePool leaves a choice."""
        choices: list[list[tuple[str, str | None]]] = []
        for key in sorted({each.key for each in own}):
            rules = [each for each in own if each.key == key]
            listed = [value for each in rules if each.operator == "In" for value in each.values]
            asked = [pair.partition("=")[2] for pair in self._wanted if pair.partition("=")[0] == key]
            values: list[str | None] = [*dict.fromkeys(listed or asked)]
            if not listed:
                values.append(None)
            allowed = [value for value in values if all(_allows(each, value) for each in rules)]
            if key in pool.labels:
                allowed = [pool.labels[key]]
            choices.append([(key, value) for value in allowed])
        count = 1
        for choice in choices:
            count *= len(choice)
        if count > MOST_LABEL_VARIANTS:
            raise InputError(
                f"nodepool: NodePool {pool.name} leaves {count} combinations of its own labels open",
                hint=f"Give fewer values: at most {MOST_LABEL_VARIANTS} combinations are tried.",
            )
        for combination in itertools.product(*choices):
            yield {key: value for key, value in combination if value is not None}

    def _add(
        self, template: _Template, machine: Machine, labels: Mapping[str, str], capacity_type: str, zones: int
    ) -> None:
        labels = (
            labels
            if template.owner == labels.get("eks.amazonaws.com/nodegroup")
            else {**labels, CAPACITY_TYPE: capacity_type}
        )
        room = self._room(machine, labels, template.taints)
        if room is None:
            return
        discount = self._setting.spot_discount_percent if capacity_type == "spot" else 0.0
        self.shapes.append(
            Shape(
                index=len(self.shapes),
                owner=template.owner,
                rank=template.rank,
                machine=machine,
                capacity_type=capacity_type,
                usd_per_hour=round(machine.usd_per_hour * (1 - discount / 100), 6),
                room=room,
                labels=labels,
                taints=template.taints,
                zones=zones,
                min_values=template.min_values,
                limits=template.limits,
            )
        )

    def _room(
        self, machine: Machine, labels: Mapping[str, str], taints: tuple[Taint, ...]
    ) -> tuple[int, ...] | None:
        """Return what DaemonSets leave, None when they leave nothing."""
        setting = self._setting
        taken = {
            CPU: setting.daemon_cpu_millicores,
            MEMORY: setting.daemon_memory_mib * MIB,
            PODS: setting.daemon_pods,
        }
        for daemon in self._daemons:
            if untolerated(taints, daemon.tolerations) is None and _may_run(daemon, labels):
                taken[PODS] += 1
                for name, amount in daemon.requests:
                    taken[name] = taken.get(name, 0) + amount
        room = []
        for name in self._resources:
            left = machine.allocatable.get(name, 0) - taken.get(name, 0)
            if left < 0 or (name == PODS and left == 0):
                return None
            room.append(left)
        return tuple(room)


def _gpu_keys(pool: NodePool) -> dict[str, str]:
    prefix = f"{pool.label_group}/instance-"
    names = [f"gpu-{name}" for name in ("count", "manufacturer", "name", "memory")]
    names += [f"accelerator-{name}" for name in ("count", "manufacturer", "name")]
    return dict.fromkeys((f"{prefix}{name}" for name in names), "")


def _allows(expression: Expression, value: str | None) -> bool:
    # A label that is left open exists on the node only if a pod asks for it.
    return expression.operator == "Exists" or expression.matches_value(value)


def _may_run(daemon: PodSpec, labels: Mapping[str, str]) -> bool:
    if any(labels.get(key) != value for key, value in daemon.node_selector if key != ZONE):
        return False
    if daemon.node_terms is None:
        return True
    return any(
        not term.is_impossible and all(each.matches(labels) for each in term.expressions if each.key != ZONE)
        for term in daemon.node_terms
    )


def limited_use(shape: Shape, name: str) -> int:
    """Return what a node counts for a limit of its NodePool: its capacity, not what pods may use of it."""
    instance = shape.machine.instance
    if name == NODES:
        return 1
    if name == CPU:
        return instance.vcpus * 1000
    if name == MEMORY:
        return expected_capacity_mib(instance.memory_mib) * MIB
    return shape.machine.allocatable.get(name, 0)


def undominated(shapes: Sequence[Shape], all_places: Sequence[Sequence[int]]) -> list[int]:
    """Return the shapes worth trying: none has another that holds as much for no more money.

    Args:
        shapes: all of them.
        all_places: zone masks by shape, one for every kind of pods; only shapes that are the same to all
            of them are compared, and those no pods may use are left out.

    Returns:
        Indexes, in order.
    """
    groups: dict[object, list[Shape]] = {}
    for shape in shapes:
        signature = tuple([places[shape.index] for places in all_places])
        if any(signature):
            limited = tuple(sorted((name, limited_use(shape, name)) for name in shape.limits))
            groups.setdefault((signature, shape.owner if shape.limits else "", limited), []).append(shape)
    found = []
    for group in groups.values():
        kept: list[tuple[int, ...]] = []
        for shape in sorted(
            group, key=lambda each: (each.usd_per_hour, [-room for room in each.room], each.index)
        ):
            if not any(_holds(room, shape.room) for room in kept):
                kept.append(shape.room)
                found.append(shape.index)
    return sorted(found)


def _holds(room: Sequence[int], load: Sequence[int]) -> bool:
    for left, wanted in zip(room, load, strict=True):  # noqa: SIM110 (a loop is twice as quick as all())
        if wanted > left:
            return False
    return True
