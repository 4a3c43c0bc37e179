"""How wide every box of a picture is: worked out from the inside out, then shared out from the outside in."""

from __future__ import annotations

from dataclasses import dataclass

from eks_lab.content.diagram.canvas import MARKER_WIDTH
from eks_lab.content.diagram.model import Diagram
from eks_lab.content.diagram.outline import Element, Outline, crossing
from eks_lab.content.diagram.words import all_labels, all_words, longest, wrap

BORDER = 2
"""Characters of the two sides of a border."""
PADDING = 1
"""Empty characters between a border and what is inside, at either side."""
TEXT_WIDTH = 22
"""Text of a box wraps here when nothing else makes the box wider."""
NOTE_WIDTH = 26
"""Text of a note wraps here when nothing else makes it wider."""
LABEL_WIDTH = 14
"""Labels of arrows wrap here when the gap between two boxes is worked out."""
MAX_GAP = 18
"""No gap is stretched beyond this; what is left goes to the edges."""
TAGS = {"aws": "run by AWS", "you": "yours", "others": "run by others"}
"""What the border of a group says about who looks after it."""


@dataclass(frozen=True, slots=True)
class _Gap:
    """Room between two columns or rows: what it needs and what it would like."""

    least: int
    natural: int


class Widths:
    """The widths of one picture: ask `least`, then `fill` it once."""

    def __init__(self, diagram: Diagram, plan: Outline) -> None:
        """Read what there is; nothing is worked out yet."""
        self._plan = plan
        self._arrows = diagram.arrows
        self._words = all_words(diagram)
        self._labels = all_labels(diagram)
        self._sizes: dict[int, tuple[int, int]] = {}
        self.of: list[int] = [0] * len(plan.elements)
        """Width of each element."""
        self.columns: dict[int, tuple[list[int], list[int], int]] = {}
        """For each container: widths of its columns, the gaps between them, and its left edge."""

    def least(self) -> int:
        """Return the columns below which the picture cannot be drawn."""
        return self._measure(0)[0]

    def fill(self, width: int) -> None:
        """Give the whole picture a width, and everything in it."""
        self._set_width(0, width)

    def frame(self, each: Element) -> int:
        """Return the columns a container's border and padding take; joined boxes share their border with it."""
        return BORDER + 2 * PADDING if each.is_group and not each.box.joined else 0

    def _measure(self, key: int) -> tuple[int, int]:
        """Return the least and the natural width of an element."""
        if key not in self._sizes:
            each = self._plan.elements[key]
            least, natural = (
                self._measure_container(each) if each.box.holds_boxes else self._measure_leaf(each)
            )
            if each.box.width is not None:
                least = natural = max(each.box.width, least if each.box.holds_boxes else 1)
            self._sizes[key] = (least, max(least, natural))
        return self._sizes[key]

    def _measure_leaf(self, each: Element) -> tuple[int, int]:
        if not each.box.is_drawn:
            return 1, 1
        frame = 2 if each.is_note else BORDER + 2 * PADDING
        least = natural = 1
        for name, text in self._words[each.key]:
            if each.is_note:
                name = ""
            least = max(least, longest((*name.split(), *text.split())))
            soft = NOTE_WIDTH if each.is_note else max(TEXT_WIDTH, len(name))
            natural = max(natural, longest((name, *wrap(text, soft))))
        return least + frame, natural + frame

    def _measure_container(self, each: Element) -> tuple[int, int]:
        least, natural, gaps = self._column_sizes(each)
        frame = self.frame(each)
        title = self._title_width(each)
        return (
            max(sum(least) + sum(gap.least for gap in gaps) + frame, title),
            max(sum(natural) + sum(gap.natural for gap in gaps) + frame, title),
        )

    def _title_width(self, each: Element) -> int:
        """Return the width that the title and the tag in a group's border need."""
        if not each.is_group:
            return 0
        name = longest([name for name, _ in self._words[each.key]])
        tag = TAGS.get(each.box.run_by, "")
        return (name + 4 if name else 0) + (len(tag) + 3 if tag else 0) + 2

    def _column_sizes(self, each: Element) -> tuple[list[int], list[int], list[_Gap]]:
        """Return least and natural widths of the columns inside, and the gaps between them."""
        count = max(place.column + place.span for place in each.places)
        least, natural = [0] * count, [0] * count
        gaps = self._column_gaps(each, count)
        for place in sorted(each.places, key=lambda place: place.span):
            columns = range(place.column, place.column + place.span)
            for sizes, wanted, side in (
                (least, self._measure(place.key)[0], 0),
                (natural, self._measure(place.key)[1], 1),
            ):
                between = [gaps[at] for at in columns[:-1]]
                have = sum(sizes[at] for at in columns) + sum(
                    gap.natural if side else gap.least for gap in between
                )
                for extra in range(wanted - have):
                    sizes[columns[extra % len(columns)]] += 1
        if each.box.equal:
            least, natural = [max(least)] * count, [max(natural)] * count
        return least, natural, gaps

    def _column_gaps(self, each: Element, count: int) -> list[_Gap]:
        if each.box.joined:
            return [_Gap(-1, -1)] * (count - 1)
        if each.box.across is not None:
            return [_Gap(each.box.across, each.box.across)] * (count - 1)
        gaps = [_Gap(1, 2)] * (count - 1)
        for at, first, second in crossing(self._plan, self._arrows, each):
            left, right = sorted((first, second), key=lambda place: place.column)
            if left.column + left.span != right.column:
                continue
            labels = self._labels[at]
            words = longest([word for label in labels for word in label.split()])
            lines = longest([line for label in labels for line in wrap(label, LABEL_WIDTH)])
            need = _Gap(words + MARKER_WIDTH + 5, lines + MARKER_WIDTH + 5) if words else _Gap(4, 6)
            old = gaps[right.column - 1]
            gaps[right.column - 1] = _Gap(max(old.least, need.least), max(old.natural, need.natural))
        return gaps

    def _set_width(self, key: int, width: int) -> None:
        """Give an element its width and share it out among what is inside."""
        self.of[key] = width
        each = self._plan.elements[key]
        if not each.box.holds_boxes:
            return
        columns, gaps, edge = self._share(each, width - self.frame(each))
        self.columns[key] = (columns, gaps, edge)
        widest = self._widest_leaves(each, columns)
        for place in each.places:
            room = sum(columns[place.column : place.column + place.span])
            room += sum(gaps[place.column : place.column + place.span - 1])
            inner = self._plan.elements[place.key]
            wanted = room
            if inner.box.width is not None and not each.box.joined:
                wanted = inner.box.width
            elif inner.is_leaf and inner.box.align != "fill" and not each.box.joined:
                wanted = widest[place.column] if place.span == 1 else self._measure(place.key)[1]
            self._set_width(place.key, min(room, wanted))

    def _widest_leaves(self, each: Element, columns: list[int]) -> list[int]:
        """Return, for each column, how wide its boxes without boxes inside want to be together."""
        widest = [0] * len(columns)
        for place in each.places:
            inner = self._plan.elements[place.key]
            if inner.is_leaf and place.span == 1:
                widest[place.column] = max(widest[place.column], self._measure(place.key)[1])
        return widest

    def _share(self, each: Element, width: int) -> tuple[list[int], list[int], int]:
        """Return widths of columns and gaps inside a container, and what is left at its left edge."""
        _least, natural, gaps = self._column_sizes(each)
        total = sum(natural) + sum(gap.natural for gap in gaps)
        if total > width:
            return self._squeeze(each, width)
        columns, between = list(natural), [gap.natural for gap in gaps]
        extra = width - total
        growing = [
            at
            for at in range(len(columns))
            if each.box.joined
            or each.box.equal
            or any(
                place.column <= at < place.column + place.span
                and (
                    self._plan.elements[place.key].box.holds_boxes
                    or self._plan.elements[place.key].box.align == "fill"
                )
                for place in each.places
            )
        ]
        if growing:
            for step in range(extra):
                columns[growing[step % len(growing)]] += 1
            return columns, between, 0
        while extra and between and min(between) < MAX_GAP and each.box.across is None:
            between[between.index(min(between))] += 1
            extra -= 1
        return columns, between, extra // 2

    def _squeeze(self, each: Element, width: int) -> tuple[list[int], list[int], int]:
        """Return widths between least and natural: each part gives up the same share of what it can."""
        least, natural, gaps = self._column_sizes(each)
        low = [*least, *(gap.least for gap in gaps)]
        high = [*natural, *(gap.natural for gap in gaps)]
        room, give = width - sum(low), sum(high) - sum(low)
        sizes = [
            small + ((large - small) * max(room, 0)) // give if give else small
            for small, large in zip(low, high, strict=True)
        ]
        left = max(room, 0) - sum(size - small for size, small in zip(sizes, low, strict=True))
        for at in range(len(sizes)):
            if left > 0 and sizes[at] < high[at]:
                sizes[at] += 1
                left -= 1
        count = len(least)
        return sizes[:count], sizes[count:], 0
