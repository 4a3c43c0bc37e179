"""Instance types side by side: what it costs to run so many pods of one shape on each.

The figures of one type come from `eks_lab.calc.node_density`, prices from
`eks_lab.calc.price_overrides`. A type without a price on record takes no part: nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from eks_lab.calc.address_space import pieces, shown
from eks_lab.calc.model import Value
from eks_lab.calc.node_density import Fleet, NodeSetup, PodShape, can_join, fit, fleet, fleet_addresses
from eks_lab.calc.price_overrides import PriceBook
from eks_lab.catalog.instance_types import InstanceType, catalogue
from eks_lab.catalog.suggestion import did_you_mean
from eks_lab.errors import InputError

ANY_ARCHITECTURE = "any"
ARCHITECTURES = (ANY_ARCHITECTURE, "x86_64", "arm64")


@dataclass(frozen=True, slots=True)
class Question:
    """Pods of one shape, and the types they may run on."""

    shape: PodShape
    """What one pod asks for."""
    pods: int
    """How many there are."""
    setup: NodeSetup
    """How every node is set up."""
    least_nodes: int = 1
    """Nodes there have to be at least."""
    architecture: str = ANY_ARCHITECTURE
    """`x86_64`, `arm64` or `any`."""
    families: frozenset[str] = frozenset()
    """Families to compare; empty for all."""
    burstable: bool = False
    """Whether burstable types take part without being named in `families`."""
    highest_usd_per_hour: float | None = None
    """Price that one node may have at most."""
    free_addresses: int | None = None
    """Free addresses in the subnets; None when they do not matter."""

    @classmethod
    def of(cls, inputs: Mapping[str, Value]) -> Question:
        """Return the question of checked inputs of the calculator density.

        Raises:
            InputError: an unknown family.
        """

        def whole(name: str) -> int:
            value = inputs[name]
            return value if isinstance(value, int) else 0

        overhead, highest = inputs["memory_overhead_percent"], inputs["highest_usd_per_hour"]
        free = inputs["free_addresses"]
        return cls(
            shape=PodShape(
                cpu_millicores=whole("cpu_millicores"),
                memory_mib=whole("memory_mib"),
                volumes=whole("volumes"),
                gpus=whole("gpus"),
            ),
            pods=whole("pods"),
            setup=NodeSetup(
                prefix_delegation=inputs["prefix_delegation"] is True,
                custom_networking=inputs["custom_networking"] is True,
                memory_overhead_percent=float(overhead) if isinstance(overhead, int | float) else 0.0,
                daemonset_cpu_millicores=whole("daemonset_cpu_millicores"),
                daemonset_memory_mib=whole("daemonset_memory_mib"),
                daemonset_pods=whole("daemonset_pods"),
            ),
            least_nodes=whole("least_nodes"),
            architecture=str(inputs["architecture"]),
            families=read_families(str(inputs["families"] or "")),
            burstable=inputs["burstable"] is True,
            highest_usd_per_hour=float(highest) if isinstance(highest, int | float) else None,
            free_addresses=free if isinstance(free, int) else None,
        )

    def admits(self, instance: InstanceType) -> bool:
        """Whether a type that can join may take part, its price aside."""
        if self.families:
            wanted = instance.family in self.families
        else:
            wanted = self.burstable or not instance.is_burstable
        fitting = self.architecture in (ANY_ARCHITECTURE, *instance.architectures)
        return wanted and fitting


def read_families(text: str) -> frozenset[str]:
    """Read families of instance types.

    Args:
        text: `m5, c6g`; a size behind the dot is refused.

    Raises:
        InputError: the catalogue has no such family.
    """
    wanted = pieces(text.lower())
    if not wanted:
        return frozenset()
    known = sorted({name.partition(".")[0] for name in catalogue().names})
    for family in wanted:
        if family not in known:
            raise InputError(
                f"families: {shown(family)} is no family of the catalogue",
                hint=did_you_mean(family, known) or "Give families with commas between, for example m5, c6g.",
            )
    return frozenset(wanted)


_TYPES_THAT_JOIN: tuple[InstanceType, ...] = tuple(instance for instance in catalogue() if can_join(instance))
"""Made when the calculator is first loaded: more than a thousand objects would cost half of an answer."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The types that can do it, and why others are missing."""

    question: Question
    """What was asked."""
    fleets: tuple[Fleet, ...]
    """Cheapest first."""
    usd_per_hour: dict[str, float]
    """Type -> price of one node, for all in `fleets`."""
    too_small: int
    """Types with a price that carry not even one pod."""
    too_dear: int
    """Types above the highest price."""
    too_many_addresses: int
    """Types whose nodes would take more addresses than are free."""
    without_price: tuple[InstanceType, ...]
    """Types that take no part because their price is not on record."""


def compare(question: Question, prices: PriceBook) -> Comparison:
    """Return what the pods cost on each type that can carry them.

    Args:
        question: pods and types.
        prices: on record, with the learner's own in front.

    Raises:
        InputError: no type is left.
    """
    fleets: list[Fleet] = []
    usd: dict[str, float] = {}
    without_price: list[InstanceType] = []
    too_small = too_dear = too_many = 0
    for instance in _TYPES_THAT_JOIN:
        if not question.admits(instance):
            continue
        price = prices.on_record_usd_per_hour(instance)
        if price is None:
            without_price.append(instance)
            continue
        if question.highest_usd_per_hour is not None and price > question.highest_usd_per_hour:
            too_dear += 1
            continue
        found = fit(instance, question.shape, question.setup)
        if not found.pods:
            too_small += 1
            continue
        nodes = fleet(found, question.pods, price, least_nodes=question.least_nodes)
        free = question.free_addresses
        if free is not None and fleet_addresses(nodes, question.setup) > free:
            too_many += 1
            continue
        fleets.append(nodes)
        usd[instance.name] = price
    if not fleets:
        raise _nothing_left(question, too_small, too_dear, too_many, len(without_price))
    return Comparison(
        question=question,
        fleets=tuple(sorted(fleets, key=_cheapest)),
        usd_per_hour=usd,
        too_small=too_small,
        too_dear=too_dear,
        too_many_addresses=too_many,
        without_price=tuple(without_price),
    )


def _cheapest(nodes: Fleet) -> tuple[float, bool, int, str]:
    # At the same price more nodes are better: a lost one takes fewer pods along. Bare metal starts slowly.
    instance = nodes.fit.instance
    return nodes.usd_per_hour, instance.is_bare_metal, -nodes.nodes, instance.name


def _nothing_left(
    question: Question, too_small: int, too_dear: int, too_many: int, without_price: int
) -> InputError:
    shape = question.shape
    if too_many:
        return InputError(
            f"free_addresses: {question.free_addresses} are too few for {question.pods} pods on any type"
            " with a price",
            hint="Free or add addresses, lower warm targets, or run fewer pods.",
        )
    if too_small:
        asked = f"{shape.cpu_millicores} millicores and {shape.memory_mib} MiB"
        asked += f", {shape.volumes} volumes" if shape.volumes else ""
        asked += f", {shape.gpus} GPUs" if shape.gpus else ""
        return InputError(
            f"memory_mib, cpu_millicores: none of {too_small} types with a price carries one pod of {asked}",
            hint="Ask for less, allow more families, or give the price of a larger type with prices.",
        )
    if too_dear:
        return InputError(
            f"highest_usd_per_hour: all {too_dear} types cost more than {question.highest_usd_per_hour:.10g}",
            hint="Allow a higher price, or leave it empty.",
        )
    named = ", ".join(sorted(question.families)) or "the catalogue"
    return InputError(
        f"families: no type of {named} with architecture {question.architecture} has a price on record",
        hint="Allow other families, or give a price with prices, for example m5d.large=0.113."
        if without_price
        else "Allow other families or any architecture.",
    )
