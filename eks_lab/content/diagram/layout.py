"""Where every box of a picture goes: nested grids, sized by their words, stretched to the width.

The layout is the same for every step of every story: a box keeps room for all the words it will
ever show, so nothing moves when a reader steps through.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eks_lab.content.diagram.model import Diagram
from eks_lab.content.diagram.outline import Element, Outline, crossing, outline
from eks_lab.content.diagram.widths import BORDER, LABEL_WIDTH, PADDING, Widths
from eks_lab.content.diagram.words import all_labels, all_words, leaf_lines, longest, wrap


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle of cells."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """Its last column."""
        return self.x + self.width - 1

    @property
    def bottom(self) -> int:
        """Its last row."""
        return self.y + self.height - 1


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that keeps a picture from being readable."""

    subject: str
    """Id of the box, arrow or step."""
    message: str
    """What is wrong."""
    fix: str
    """What to do about it."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The picture as rectangles."""

    width: int
    height: int
    rects: tuple[Rect, ...]
    """In the order of `Outline.elements`."""
    titles: tuple[int, ...]
    """Characters of the longest name each element ever shows."""
    problems: tuple[Problem, ...]
    """Empty when everything fits."""


def lay_out(diagram: Diagram, width: int) -> Layout:
    """Place every box of a picture.

    Args:
        diagram: the diagram.
        width: columns to fill.

    Returns:
        Rectangles for all boxes; `problems` names what does not fit, in which case the rectangles may
        reach beyond the width.
    """
    return _Placer(diagram, outline(diagram)).place(width)


class _Placer:
    """Takes the widths, works out the heights from the inside out, and places from the outside in."""

    def __init__(self, diagram: Diagram, plan: Outline) -> None:
        self._plan = plan
        self._arrows = diagram.arrows
        self._words = all_words(diagram)
        self._labels = all_labels(diagram)
        self._widths = Widths(diagram, plan)
        self._rects: list[Rect] = [Rect(0, 0, 0, 0)] * len(plan.elements)
        self._heights: dict[int, int] = {}
        self._lined_up: dict[int, tuple[tuple[int, ...], tuple[int, ...]]] = {}

    def place(self, width: int) -> Layout:
        """Return the layout for a width."""
        problems: list[Problem] = []
        least = self._widths.least()
        if least > width:
            problems.append(
                Problem(
                    "picture",
                    f"the picture needs {least} columns and has {width}",
                    "Shorten the longest words, put boxes below each other, or reduce `across`.",
                )
            )
        self._widths.fill(max(width, least))
        problems.extend(self._tight())
        height = self._height(0)
        self._set_place(0, 0, 0, height)
        titles = tuple(longest(name for name, _ in words) for words in self._words)
        return Layout(max(width, least), height, tuple(self._rects), titles, tuple(problems))

    def _tight(self) -> Iterator[Problem]:
        """Yield the boxes whose `width` is too small for their words."""
        for each, words in zip(self._plan.elements, self._words, strict=True):
            room = self._widths.of[each.key] - (2 if each.is_note else BORDER + 2 * PADDING)
            word = max(
                (word for pair in words for text in pair for word in text.split()), key=len, default=""
            )
            if each.is_leaf and len(word) > room:
                yield Problem(
                    each.box.id,
                    f"{word!r} does not fit into `{each.box.id or each.box.name}`",
                    "Make `width` larger, or leave it out.",
                )

    def _lines(self, each: Element) -> int:
        """Return the lines a container's border takes."""
        return BORDER if each.is_group and not each.box.joined else 0

    def _height(self, key: int) -> int:
        """Return the height an element needs at the width it was given."""
        if key not in self._heights:
            each = self._plan.elements[key]
            if each.box.holds_boxes:
                rows, gaps = self._row_sizes(each)
                self._heights[key] = sum(rows) + sum(gaps) + self._lines(each)
            else:
                self._heights[key] = self._leaf_height(each)
        return self._heights[key]

    def _leaf_height(self, each: Element) -> int:
        if not each.box.is_drawn:
            return 1
        if each.is_note:
            return max(len(wrap(text, self._widths.of[each.key] - 2)) for _, text in self._words[each.key])
        inner = self._widths.of[each.key] - BORDER - 2 * PADDING
        return BORDER + max(
            sum(map(len, leaf_lines(name, text, inner))) for name, text in self._words[each.key]
        )

    def _row_sizes(self, each: Element) -> tuple[list[int], list[int]]:
        """Return the heights of the rows inside and of the gaps between them."""
        if each.key in self._lined_up:
            return list(self._lined_up[each.key][0]), list(self._lined_up[each.key][1])
        self._line_up(each)
        rows = [0] * (1 + max(place.row for place in each.places))
        for place in each.places:
            rows[place.row] = max(rows[place.row], self._height(place.key))
        return rows, self._row_gaps(each, len(rows))

    def _line_up(self, each: Element) -> None:
        """Give groups that stand side by side and hold as many rows the same heights of rows."""
        neighbours: dict[tuple[int, int], list[int]] = {}
        for place in each.places:
            inner = self._plan.elements[place.key]
            if inner.box.holds_boxes and not inner.box.joined:
                count = 1 + max(each.row for each in inner.places)
                neighbours.setdefault((place.row, count), []).append(place.key)
        for keys in neighbours.values():
            if len(keys) > 1:
                sizes = [self._row_sizes(self._plan.elements[key]) for key in keys]
                rows = tuple(map(max, *(size[0] for size in sizes)))
                gaps = tuple(map(max, *(size[1] for size in sizes)))
                self._lined_up.update(dict.fromkeys(keys, (rows, gaps)))

    def _row_gaps(self, each: Element, count: int) -> list[int]:
        if each.box.joined:
            return [-1] * (count - 1)
        if each.box.down is not None:
            return [each.box.down] * (count - 1)
        gaps = [0] * (count - 1)
        for at, first, second in crossing(self._plan, self._arrows, each):
            upper, lower = sorted((first, second), key=lambda place: place.row)
            if upper.row + 1 != lower.row:
                continue
            labels = self._labels[at]
            need = 1 + max((min(len(wrap(label, LABEL_WIDTH)), 2) for label in labels), default=0)
            if not (upper.column < lower.column + lower.span and lower.column < upper.column + upper.span):
                need = max(need, 2)
            gaps[upper.row] = max(gaps[upper.row], need)
        return gaps

    def _set_place(self, key: int, x: int, y: int, height: int) -> None:
        """Put an element at a place with a height of at least what it needs, and what is inside it."""
        each = self._plan.elements[key]
        self._rects[key] = Rect(x, y, self._widths.of[key], height)
        if not each.box.holds_boxes:
            return
        columns, gaps, edge = self._widths.columns[key]
        left = x + self._widths.frame(each) // 2 + edge
        rows, downs, top = self._share_height(each, height - self._lines(each))
        top += y + self._lines(each) // 2
        tallest = [0] * len(rows)
        for place in each.places:
            if self._plan.elements[place.key].is_leaf:
                tallest[place.row] = max(tallest[place.row], self._height(place.key))
        for place in each.places:
            inner = self._plan.elements[place.key]
            room = sum(columns[place.column : place.column + place.span])
            room += sum(gaps[place.column : place.column + place.span - 1])
            own = rows[place.row]
            if inner.is_note or (inner.box.joined and not each.box.joined):
                own = self._height(place.key)
            elif inner.is_leaf and not each.box.joined:
                own = tallest[place.row]
            across = left + sum(columns[: place.column]) + sum(gaps[: place.column])
            down = top + sum(rows[: place.row]) + sum(downs[: place.row])
            across += _slack(room - self._widths.of[place.key], inner.box.align, "left", "right")
            down += _slack(rows[place.row] - own, inner.box.align, "top", "bottom")
            self._set_place(place.key, across, down, own)

    def _share_height(self, each: Element, height: int) -> tuple[list[int], list[int], int]:
        """Return heights of rows and gaps inside a container, and what is left at its top."""
        rows, gaps = self._row_sizes(each)
        extra = height - sum(rows) - sum(gaps)
        growing = [
            at
            for at in range(len(rows))
            if each.box.joined
            or any(
                place.row == at and self._plan.elements[place.key].box.holds_boxes for place in each.places
            )
        ]
        if growing:
            for step in range(extra):
                rows[growing[step % len(growing)]] += 1
            return rows, gaps, 0
        while extra > 1 and gaps and not each.box.joined and each.box.down is None and min(gaps) < 4:
            gaps[gaps.index(min(gaps))] += 1
            extra -= 1
        return rows, gaps, extra // 2


def _slack(extra: int, align: str, start: str, end: str) -> int:
    """Return how far from the start a box sits in a place that is larger by `extra`."""
    if align == start:
        return 0
    return extra if align == end else extra // 2
