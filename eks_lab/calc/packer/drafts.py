"""Nodes in the making, and what the limits of their NodePools leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from eks_lab.calc.packer.domains import Lot
from eks_lab.calc.packer.shapes import Shape, limited_use


@dataclass(slots=True)
class NodeDraft:
    """A node to be launched."""

    shape: int
    zones: int
    """Mask of the zones it may be in."""
    units: dict[int, int]
    """Lot -> its units on the node."""
    worth: float = 1.0
    """Value of its content for each dollar of its price."""


@dataclass(slots=True)
class Limits:
    """What the limits of the NodePools leave."""

    left: dict[tuple[str, str], int] = field(default_factory=dict)
    """Owner and resource -> amount."""

    @classmethod
    def of(cls, shapes: Sequence[Shape]) -> Limits:
        """Return the limits before anything is launched."""
        return cls({(shape.owner, name): amount for shape in shapes for name, amount in shape.limits.items()})

    def affordable(self, shape: Shape, most: int) -> int:
        """Return how many nodes of a shape the limits still allow, up to `most`."""
        for name in shape.limits:
            use = limited_use(shape, name)
            if use:
                most = min(most, self.left[shape.owner, name] // use)
        return max(0, most)

    def take(self, shape: Shape, nodes: int) -> None:
        """Count launched nodes; a negative number gives back."""
        for name in shape.limits:
            self.left[shape.owner, name] -= nodes * limited_use(shape, name)


@dataclass(frozen=True, slots=True)
class Provisioning:
    """The nodes, and what the limits kept out."""

    nodes: list[NodeDraft]
    left_over: dict[int, int]
    """Lot -> units that no NodePool may launch a node for."""


def load_of(node: NodeDraft, lots: Sequence[Lot], resources: int) -> tuple[int, ...]:
    """Return what the units on a node take together."""
    return tuple(
        sum(lots[lot].unit.vector[index] * count for lot, count in node.units.items())
        for index in range(resources)
    )


def zones_for(node: NodeDraft, shape: Shape, lots: Sequence[Lot]) -> int:
    """Return the zones in which all pods of a node would accept another shape."""
    zones = node.zones & shape.zones
    for lot in node.units:
        mask = 0
        for places in lots[lot].choices:
            mask |= places[shape.index]
        zones &= mask
    return zones
