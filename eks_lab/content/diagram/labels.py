"""Where the words beside an arrow go: on its line, or in free space next to it, never over anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from eks_lab.content.diagram.canvas import MARKER_WIDTH
from eks_lab.content.diagram.layout import Layout, Problem
from eks_lab.content.diagram.model import Arrow, Diagram
from eks_lab.content.diagram.outline import Outline
from eks_lab.content.diagram.route import Cell, Route
from eks_lab.content.diagram.words import all_labels, wrap

MAX_LINES = 3
"""A label in more lines than this is reported as too long."""

Where = Literal["on", "beside", "before"]


@dataclass(frozen=True, slots=True)
class Spot:
    """The room of one label."""

    x: int
    y: int
    width: int
    height: int
    wrap_at: int
    """The words wrap to lines of at most this many characters."""
    where: Where
    """On the line, right of or above or below it, or left of it (then the text ends at the line)."""
    score: float
    """How far from ideal; smaller is better."""


@dataclass(frozen=True, slots=True)
class _Run:
    """A straight part of a line."""

    vertical: bool
    cells: tuple[Cell, ...]


def place_labels(
    diagram: Diagram, story: int, plan: Outline, layout: Layout, routes: Mapping[str, Route]
) -> tuple[dict[str, Spot], tuple[Problem, ...]]:
    """Find room for every label and number; those with the least choice are placed first.

    Args:
        diagram: the diagram.
        story: index of the story whose numbers need room.
        plan: the boxes.
        layout: where they are.
        routes: the ways of the arrows, by id.

    Returns:
        Spots by arrow id, and a problem for each label without one. An arrow with neither label nor
        number has no spot.
    """
    room = _Room(plan, layout, routes)
    numbered = {name for step in diagram.stories[story].steps for name in step.focus}
    waiting: list[tuple[Arrow, list[Spot]]] = []
    for arrow, labels in zip(diagram.arrows, all_labels(diagram), strict=True):
        route = routes.get(arrow.id)
        if route is not None and (any(labels) or arrow.id in numbered):
            waiting.append((arrow, list(room.spots(arrow, labels, route, arrow.id in numbered))))
    spots: dict[str, Spot] = {}
    problems: list[Problem] = []
    for arrow, found in sorted(waiting, key=lambda pair: len(pair[1])):
        free = [spot for spot in found if room.is_free(spot)]
        if not free:
            problems.append(
                Problem(
                    arrow.id,
                    f"the label of arrow `{arrow.id}` has no room beside its line",
                    "Shorten it, or leave more room with `across` or `down` on the group around both ends.",
                )
            )
            continue
        best = min(free, key=lambda spot: spot.score)
        room.take(best)
        spots[arrow.id] = best
    return spots, tuple(problems)


def label_lines(spot: Spot, label: str, marker: str) -> list[str]:
    """Return the lines of a label at its spot, with its number if it has one."""
    lines = wrap(label, spot.wrap_at) or [""]
    if marker:
        lines = [f"{marker} {lines[0]}".rstrip(), *(" " * MARKER_WIDTH + line for line in lines[1:])]
    return lines


class _Room:
    """Which cells are still free for words."""

    def __init__(self, plan: Outline, layout: Layout, routes: Mapping[str, Route]) -> None:
        self._width, self._height = layout.width, layout.height
        self._taken: set[Cell] = set()
        self._lines: dict[Cell, str] = {cell: name for name, route in routes.items() for cell in route.cells}
        self._crossed = _crossed(routes)
        self._borders: set[Cell] = set()
        for each in plan.elements:
            rect = layout.rects[each.key]
            if each.is_leaf:
                self._taken.update(
                    (x, y) for y in range(rect.y, rect.bottom + 1) for x in range(rect.x, rect.right + 1)
                )
            elif each.is_group:
                self._borders.update(
                    (x, y) for x in range(rect.x, rect.right + 1) for y in (rect.y, rect.bottom)
                )
                self._borders.update(
                    (x, y) for y in range(rect.y, rect.bottom + 1) for x in (rect.x, rect.right)
                )
        self._words: set[Cell] = set()

    def is_free(self, spot: Spot) -> bool:
        """Return whether no label placed since is in the way, with a space in between."""
        cells = {
            (x, y)
            for y in range(spot.y, spot.y + spot.height)
            for x in range(spot.x - 1, spot.x + spot.width + 1)
        }
        return not cells & self._words

    def take(self, spot: Spot) -> None:
        """Remember a label."""
        self._words.update(
            (x, y) for y in range(spot.y, spot.y + spot.height) for x in range(spot.x, spot.x + spot.width)
        )

    def spots(self, arrow: Arrow, labels: tuple[str, ...], route: Route, numbered: bool) -> Iterator[Spot]:
        """Yield every place where the words of an arrow could go."""
        longest = max((len(line) for label in labels for line in label.splitlines()), default=0)
        word = max((len(word) for label in labels for word in label.split()), default=0)
        seen: set[tuple[int, int]] = set()
        for wrap_at in range(max(longest, 1), max(word, 1) - 1, -1):
            lines = [wrap(label, wrap_at) for label in labels]
            width = max((len(line) for each in lines for line in each), default=0)
            height = max(1, *(len(each) for each in lines)) if lines else 1
            width += (MARKER_WIDTH if width else 1) if numbered else 0
            if height > MAX_LINES or (width, height) in seen:
                continue
            seen.add((width, height))
            for run in _runs(route):
                yield from self._along(arrow, run, width, height, wrap_at, route, worded=word > 0)

    def _along(
        self, arrow: Arrow, run: _Run, width: int, height: int, wrap_at: int, route: Route, *, worded: bool
    ) -> Iterator[Spot]:
        """Yield the places next to one straight part of a line."""
        middle = route.cells[len(route.cells) // 2]
        penalty = 1.5 * (height - 1)

        def spot(x: int, y: int, where: Where, score: float) -> Spot | None:
            centre = (x + width / 2, y + height / 2)
            score += penalty + 0.08 * abs(centre[0] - middle[0]) + 0.16 * abs(centre[1] - middle[1])
            found = Spot(x, y, width, height, wrap_at, where, score)
            if where == "on":
                return found if self._fits_on(found, arrow.id) else None
            crowd = self._crowd(found, arrow.id)
            if crowd is None:
                return None
            return Spot(x, y, width, height, wrap_at, where, score + crowd)

        heads = {route.cells[-1]} | ({route.cells[0]} if arrow.end == "both" else set())
        corner = {run.cells[-1]} - {route.cells[-1]}
        line = [cell for cell in run.cells if cell not in heads]
        xs, ys = [x for x, _ in run.cells], [y for _, y in run.cells]
        found: list[Spot | None] = []
        if not worded:
            found.extend(spot(x, y, "on", 1 if (x, y) in corner else 0) for x, y in line)
        if run.vertical:
            for y in range(min(ys), max(ys) - height + 2):
                found.append(spot(xs[0] + 2, y, "beside", 2))
                found.append(spot(xs[0] - 1 - width, y, "before", 2.5))
        else:
            if height == 1 and line:
                left, right = min(x for x, _ in line), max(x for x, _ in line)
                for x in range(left + 2, right - width):
                    found.append(spot(x, ys[0], "on", 0.05 * abs(2 * x + width - 1 - left - right)))
            for x in range(min(xs), max(xs) - width + 2):
                found.append(spot(x, ys[0] - height, "beside", 3))
                found.append(spot(x, ys[0] + 1, "beside", 3.5))
        yield from (each for each in found if each is not None)

    def _fits_on(self, spot: Spot, arrow: str) -> bool:
        """Return whether words may interrupt the line here: nothing crosses it under them."""
        margin = 0 if spot.width == 1 else 1
        cells = [(x, spot.y) for x in range(spot.x - margin, spot.x + spot.width + margin)]
        return all(
            self._lines.get(cell) == arrow and cell not in self._crossed for cell in cells
        ) and not any(cell in self._borders for cell in cells)

    def _crowd(self, spot: Spot, arrow: str) -> float | None:
        """Return how close other lines are, or None when a cell is not free."""
        crowd = 0.0
        for y in range(spot.y, spot.y + spot.height):
            for x in range(spot.x - 1, spot.x + spot.width + 1):
                inside = spot.x <= x < spot.x + spot.width
                if not (0 <= x < self._width and 0 <= y < self._height):
                    if inside:
                        return None
                    continue
                cell = (x, y)
                if inside and (cell in self._taken or cell in self._borders or cell in self._lines):
                    return None
                if not inside and self._lines.get(cell, arrow) != arrow:
                    return None
                if not inside and (cell in self._taken or cell in self._borders):
                    crowd += 2
        for y in (spot.y - 1, spot.y + spot.height):
            for x in range(spot.x, spot.x + spot.width):
                if self._lines.get((x, y), arrow) != arrow:
                    return crowd + 6
        return crowd


def _crossed(routes: Mapping[str, Route]) -> set[Cell]:
    """Return the cells where two lines cross."""
    seen: set[Cell] = set()
    twice: set[Cell] = set()
    for route in routes.values():
        twice.update(seen & set(route.cells))
        seen.update(route.cells)
    return twice


def _runs(route: Route) -> Iterator[_Run]:
    """Yield the straight parts of a way; a corner belongs to the part that leads to it."""
    directions = route.directions()
    start = 0
    for at in range(1, len(directions) + 1):
        if at == len(directions) or directions[at] != directions[start]:
            yield _Run(directions[start] in (0, 2), route.cells[start:at])
            start = at
