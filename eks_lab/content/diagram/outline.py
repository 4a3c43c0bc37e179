"""The boxes of a diagram as a flat list with parents, so that layout and drawing can number them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from eks_lab.content.diagram.model import Arrow, Box, Diagram, RunBy


@dataclass(frozen=True, slots=True)
class Place:
    """A box inside another: where in the grid it is."""

    row: int
    column: int
    span: int
    key: int
    """Its element, as an index of `Outline.elements`."""


@dataclass(frozen=True, slots=True)
class Element:
    """One box with its place in the tree."""

    key: int
    """Its index; parents have smaller ones than what they hold."""
    box: Box
    parent: int
    """Index of the box around it, -1 for the whole picture."""
    depth: int
    """How many drawn groups are around it."""
    places: tuple[Place, ...] = ()
    """What is inside."""

    @property
    def is_group(self) -> bool:
        """Whether it is drawn as a border around other boxes."""
        return self.box.holds_boxes and self.box.is_drawn

    @property
    def is_leaf(self) -> bool:
        """Whether it is a box or a note that holds no others."""
        return self.box.is_drawn and not self.box.holds_boxes

    @property
    def is_note(self) -> bool:
        """Whether it is a remark rather than a box."""
        return bool(self.box.note) and not self.box.holds_boxes


@dataclass(frozen=True, slots=True)
class Outline:
    """All boxes, parents before what they hold."""

    elements: tuple[Element, ...]

    def find(self, box_id: str) -> Element | None:
        """Return the box with this id, or None."""
        return next((each for each in self.elements if box_id and each.box.id == box_id), None)

    def ancestors(self, key: int) -> Iterator[Element]:
        """Yield the boxes around one, the nearest first."""
        parent = self.elements[key].parent
        while parent >= 0:
            yield self.elements[parent]
            parent = self.elements[parent].parent

    def descendants(self, key: int) -> Iterator[Element]:
        """Yield everything inside a box, parents before what they hold."""
        for place in self.elements[key].places:
            yield self.elements[place.key]
            yield from self.descendants(place.key)

    def ends(self, arrow: Arrow) -> tuple[Element, Element] | None:
        """Return the boxes an arrow connects, or None when one of them does not exist."""
        source, target = self.find(arrow.source), self.find(arrow.target)
        return (source, target) if source is not None and target is not None else None

    def run_by(self, key: int) -> RunBy:
        """Return who looks after a box: what it says itself, or the nearest group that says."""
        own = self.elements[key].box.run_by
        return own or next((each.box.run_by for each in self.ancestors(key) if each.box.run_by), "")


@lru_cache(maxsize=64)
def outline(diagram: Diagram) -> Outline:
    """Return the boxes of a diagram as a flat list, the whole picture first."""
    elements: list[Element] = []

    def add(box: Box, parent: int, depth: int) -> int:
        key = len(elements)
        elements.append(Element(key, box, parent, depth))
        inside = depth + (1 if elements[key].is_group else 0)
        places = [
            Place(row, column, inner.span, add(inner, key, inside))
            for row, cells in enumerate(box.rows)
            for column, inner in _columns(cells)
        ]
        elements[key] = Element(key, box, parent, depth, tuple(places))
        return key

    add(diagram.picture, -1, 0)
    return Outline(tuple(elements))


def _columns(cells: tuple[Box | None, ...]) -> Iterator[tuple[int, Box]]:
    """Yield the boxes of a grid row with the column each starts in: one with `span: 2` moves the rest."""
    column = 0
    for box in cells:
        if box is not None:
            yield column, box
        column += box.span if box is not None else 1


def crossing(plan: Outline, arrows: Sequence[Arrow], container: Element) -> list[tuple[int, Place, Place]]:
    """Return the arrows between two different places of a container.

    Args:
        plan: the boxes.
        arrows: all arrows.
        container: the box around both ends.

    Returns:
        For each such arrow its index and the places that its source and its target are in.
    """
    found = []
    for at, arrow in enumerate(arrows):
        ends = plan.ends(arrow)
        if ends is not None:
            first, second = (_place_of(plan, container, end) for end in ends)
            if first is not None and second is not None and first is not second:
                found.append((at, first, second))
    return found


def _place_of(plan: Outline, container: Element, each: Element) -> Place | None:
    """Return the place of a container that a box is in, at whatever depth."""
    around = {each.key, *(outer.key for outer in plan.ancestors(each.key))}
    return next((place for place in container.places if place.key in around), None)
