"""A disruption tried out: pods moved between running nodes, and taken back when it does not work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from eks_lab.calc.packer.cluster import Cluster, Site
from eks_lab.calc.packer.shapes import Shape


@dataclass(slots=True)
class RunningNode:
    """A node at work."""

    name: str
    shape: Shape
    site: Site
    pods: dict[int, int]
    left: list[int]
    """Room that is left."""


@dataclass(slots=True)
class Trial:
    """Moves that can be taken back."""

    cluster: Cluster
    _put: Callable[[RunningNode, int, int], None]
    works: bool = False
    why: str = ""
    replacement: RunningNode | None = None
    _done: list[tuple[RunningNode, int, int]] = field(default_factory=list)
    _gone: list[Site] = field(default_factory=list)
    _come: list[Site] = field(default_factory=list)

    def put(self, machine: RunningNode, index: int, count: int) -> None:
        """Move pods onto a node, or off it."""
        self._put(machine, index, count)
        self._done.append((machine, index, count))

    def mark(self) -> int:
        """Return how far the moves have come."""
        return len(self._done)

    def undo_to(self, mark: int) -> None:
        """Take back the moves since."""
        while len(self._done) > mark:
            machine, index, count = self._done.pop()
            self._put(machine, index, -count)

    def add_site(self, site: Site) -> None:
        """Let a node join."""
        self.cluster.add_site(site)
        self._come.append(site)

    def remove_site(self, site: Site) -> None:
        """Let a node go."""
        self.cluster.remove_site(site)
        if site in self._come:
            self._come.remove(site)
        else:
            self._gone.append(site)

    def undo(self) -> None:
        """Take everything back."""
        self.undo_to(0)
        for site in self._come:
            self.cluster.remove_site(site)
        for site in self._gone:
            self.cluster.add_site(site)
