"""How arrows get from box to box: the cheapest way over the grid, around everything in between.

A line may cross the border of a group at a right angle and another line at a right angle; it never
runs through a box, along a border or on top of another line. Rows count double, because a character
is about twice as high as it is wide.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eks_lab.content.diagram.layout import Layout, Problem, Rect
from eks_lab.content.diagram.model import Arrow, Side
from eks_lab.content.diagram.outline import Element, Outline
from eks_lab.content.diagram.widths import TAGS

Cell = tuple[int, int]

STEPS: tuple[Cell, ...] = ((0, -1), (1, 0), (0, 1), (-1, 0))
"""Up, right, down, left: the directions are numbered in this order everywhere."""
SIDES: tuple[Side, ...] = ("top", "right", "bottom", "left")

_LENGTH = (2, 1, 2, 1)
_BEND = 7
_CROSSING = 14
_THROUGH_BORDER = 1
_BESIDE_BOX = 2
_BESIDE_LINE = (2.5, 0.6)
"""Cost of each cell next to another line of the same direction: vertical, horizontal."""
_NEAR_PORT = 4
_BESIDE_BORDER = 1
_OFF_CENTRE = 1.5
"""Cost of an end at the corner of a side rather than in its middle."""


@dataclass(frozen=True, slots=True)
class Route:
    """The way of one arrow."""

    cells: tuple[Cell, ...]
    """Cells of the line, from the one beside the source to the one beside the target."""
    start: Cell
    """Cell in the border of the source where the line leaves."""
    finish: Cell
    """Cell in the border of the target that the line points at."""

    def directions(self) -> tuple[int, ...]:
        """Return in which direction each cell was entered."""
        path = (self.start, *self.cells)
        return tuple(
            STEPS.index((after[0] - before[0], after[1] - before[1]))
            for before, after in itertools.pairwise(path)
        )


def route_all(
    plan: Outline, layout: Layout, arrows: Sequence[Arrow]
) -> tuple[dict[str, Route], tuple[Problem, ...]]:
    """Find the way of each arrow; the shortest connections choose first.

    Args:
        plan: the boxes.
        layout: where they are.
        arrows: the arrows to draw; both ends of each exist.

    Returns:
        Routes by arrow id, and a problem for each arrow that found none.
    """
    grid = _Grid(plan, layout)
    routes: dict[str, Route] = {}
    problems: list[Problem] = []
    pairs = [(arrow, ends) for arrow in arrows if (ends := plan.ends(arrow)) is not None]
    pairs.sort(key=lambda pair: _distance(layout.rects[pair[1][0].key], layout.rects[pair[1][1].key]))
    for arrow, ends in pairs:
        route = grid.find(arrow, *ends)
        if route is None:
            problems.append(
                Problem(
                    arrow.id,
                    f"arrow `{arrow.id}` finds no way from `{arrow.source}` to `{arrow.target}`",
                    "Leave more room with `across` or `down` on the group around both, or set `leave` and `arrive`.",
                )
            )
        else:
            grid.occupy(route)
            routes[arrow.id] = route
    return routes, tuple(problems)


def _distance(first: Rect, second: Rect) -> float:
    """Return how far apart two rectangles are."""
    across = max(first.x - second.right, second.x - first.right, 0)
    down = max(first.y - second.bottom, second.y - first.bottom, 0)
    return across + 2 * down + (20 if across and down else 0)


class _Grid:
    """What is in the way, cell by cell."""

    def __init__(self, plan: Outline, layout: Layout) -> None:
        self._layout = layout
        self.width, self.height = layout.width, layout.height
        count = self.width * self.height
        # Which directions a line may go through a cell: bit 0 up and down, bit 1 left and right.
        self._open = [3] * count
        self._border = [False] * count
        self._beside = [False] * count
        self._along_border = [0] * count
        self._line = [0] * count
        self._near_line = [0] * count
        self._ports: set[Cell] = set()
        for each in plan.elements:
            if each.is_group:
                self._block_border(layout.rects[each.key], each)
            elif each.is_leaf:
                self._block(layout.rects[each.key])

    def _block(self, rect: Rect) -> None:
        for y in range(rect.y, rect.bottom + 1):
            for x in range(rect.x, rect.right + 1):
                self._open[y * self.width + x] = 0
        for y in range(max(rect.y - 1, 0), min(rect.bottom + 2, self.height)):
            for x in range(max(rect.x - 1, 0), min(rect.right + 2, self.width)):
                self._beside[y * self.width + x] = True

    def _block_border(self, rect: Rect, each: Element) -> None:
        for x in range(rect.x, rect.right + 1):
            for y in (rect.y, rect.bottom):
                self._close(x, y, 1 if rect.x < x < rect.right else 0)
        for y in range(rect.y, rect.bottom + 1):
            for x in (rect.x, rect.right):
                self._close(x, y, 2 if rect.y < y < rect.bottom else 0)
        title, tag = title_cells(self._layout, each)
        for x in (*title, *tag):
            self._close(x, rect.y, 0)

        for y in range(rect.y, rect.bottom + 1):
            for x in (rect.x - 1, rect.x + 1, rect.right - 1, rect.right + 1):
                if 0 <= x < self.width:
                    self._along_border[y * self.width + x] |= 1
        for x in range(rect.x, rect.right + 1):
            for y in (rect.y - 1, rect.y + 1, rect.bottom - 1, rect.bottom + 1):
                if 0 <= y < self.height:
                    self._along_border[y * self.width + x] |= 2

    def _close(self, x: int, y: int, leave: int) -> None:
        at = y * self.width + x
        self._open[at] &= leave
        self._border[at] = True

    def occupy(self, route: Route) -> None:
        """Remember a route, so that later ones keep clear of it."""
        self._ports.update((route.start, route.finish))
        directions = route.directions()
        for at, (x, y) in enumerate(route.cells):
            cell = y * self.width + x
            straight = 0 < at < len(route.cells) - 1 and directions[at] == directions[at + 1]
            along = 2 if directions[at] in (1, 3) else 1
            self._open[cell] &= (3 - along) if straight else 0
            self._line[cell] = along
            for dx, dy in STEPS:
                if 0 <= x + dx < self.width and 0 <= y + dy < self.height:
                    self._near_line[(y + dy) * self.width + x + dx] |= along

    def find(self, arrow: Arrow, source: Element, target: Element) -> Route | None:
        """Return the cheapest way for an arrow, or None."""
        start, goal = self._layout.rects[source.key], self._layout.rects[target.key]
        least = 2 if arrow.end == "both" else 1
        queue: list[tuple[float, int, float, Cell, int, int]] = []
        cost_to: dict[tuple[Cell, int], float] = {}
        came: dict[tuple[Cell, int], tuple[Cell, int] | None] = {}
        ports: dict[tuple[Cell, int], Cell] = {}
        serial = 0
        for port, direction, extra in self._ports_of(start, arrow.leave):
            cell = (port[0] + STEPS[direction][0], port[1] + STEPS[direction][1])
            if not self._may_enter(cell, direction):
                continue
            cost = extra + self._cost(cell, direction)
            if cost < cost_to.get((cell, direction), float("inf")):
                cost_to[cell, direction] = cost
                came[cell, direction] = None
                ports[cell, direction] = port
                serial += 1
                heapq.heappush(queue, (cost + _guess(cell, goal), serial, cost, cell, direction, 1))
        best: tuple[float, tuple[Cell, int], Cell] | None = None
        while queue:
            guess, _, cost, cell, direction, length = heapq.heappop(queue)
            if best is not None and guess >= best[0]:
                break
            if cost > cost_to[cell, direction]:
                continue
            arrival = self._arrival(cell, direction, goal, arrow.arrive)
            if arrival is not None and length >= least and (best is None or cost + arrival[1] < best[0]):
                best = (cost + arrival[1], (cell, direction), arrival[0])
            for turned in self._turns(cell, direction):
                after = (cell[0] + STEPS[turned][0], cell[1] + STEPS[turned][1])
                if not self._may_enter(after, turned):
                    continue
                total = cost + self._cost(after, turned) + (_BEND if turned != direction else 0)
                if total < cost_to.get((after, turned), float("inf")):
                    cost_to[after, turned] = total
                    came[after, turned] = (cell, direction)
                    serial += 1
                    heapq.heappush(
                        queue, (total + _guess(after, goal), serial, total, after, turned, length + 1)
                    )
        if best is None:
            return None
        path = [best[1]]
        while (before := came[path[-1]]) is not None:
            path.append(before)
        path.reverse()
        return Route(tuple(cell for cell, _ in path), ports[path[0]], best[2])

    def _ports_of(self, rect: Rect, side: Side | None) -> Iterator[tuple[Cell, int, float]]:
        """Yield border cells a line may leave by, the direction it leaves in, and what that costs."""
        for direction, name in enumerate(SIDES):
            if side not in (None, name):
                continue
            if direction in (0, 2):
                y = rect.y if direction == 0 else rect.bottom
                cells = [(x, y) for x in range(rect.x + 1, rect.right)]
            else:
                x = rect.right if direction == 1 else rect.x
                cells = [(x, y) for y in range(rect.y + 1, rect.bottom)]
            for cell in cells:
                if cell not in self._ports:
                    yield cell, direction, self._port_cost(cell, direction, rect)

    def _port_cost(self, cell: Cell, direction: int, rect: Rect) -> float:
        first, last, here = (
            (rect.x, rect.right, cell[0]) if direction in (0, 2) else (rect.y, rect.bottom, cell[1])
        )
        off = _OFF_CENTRE * (abs(2 * here - first - last) // 2 * 2) / max(last - first, 1)
        near = any((cell[0] + dx, cell[1] + dy) in self._ports for dx, dy in STEPS)
        return off + (_NEAR_PORT if near else 0)

    def _arrival(
        self, cell: Cell, direction: int, goal: Rect, side: Side | None
    ) -> tuple[Cell, float] | None:
        """Return the border cell ahead and its cost if an arrow may end in this cell."""
        at = cell[1] * self.width + cell[0]
        # A head may sit in a group's border, right above or below the box inside that it points at.
        if self._open[at] != 3 and not (self._border[at] and direction in (0, 2) and not self._line[at]):
            return None
        ahead = (cell[0] + STEPS[direction][0], cell[1] + STEPS[direction][1])
        facing = (direction + 2) % 4
        if side not in (None, SIDES[facing]) or ahead in self._ports:
            return None
        edge = (goal.y, goal.right, goal.bottom, goal.x)[facing]
        if facing in (0, 2):
            fits = ahead[1] == edge and goal.x < ahead[0] < goal.right
        else:
            fits = ahead[0] == edge and goal.y < ahead[1] < goal.bottom
        return (ahead, self._port_cost(ahead, facing, goal)) if fits else None

    def _turns(self, cell: Cell, direction: int) -> Sequence[int]:
        """Return the directions a line may leave a cell in: straight on only, where it crosses something."""
        at = cell[1] * self.width + cell[0]
        if self._border[at] or self._open[at] != 3:
            return (direction,)
        return (direction, (direction + 1) % 4, (direction + 3) % 4)

    def _may_enter(self, cell: Cell, direction: int) -> bool:
        x, y = cell
        if not (0 <= x < self.width and 0 <= y < self.height):
            return False
        return bool(self._open[y * self.width + x] & (1 if direction in (0, 2) else 2))

    def _cost(self, cell: Cell, direction: int) -> float:
        """Return what one more cell in a direction costs."""
        at = cell[1] * self.width + cell[0]
        along = 1 if direction in (0, 2) else 2
        cost = float(_LENGTH[direction])
        if self._line[at]:
            cost += _CROSSING
        elif self._near_line[at] & along:
            cost += _BESIDE_LINE[direction % 2]
        if self._border[at]:
            cost += _THROUGH_BORDER
        if self._beside[at]:
            cost += _BESIDE_BOX
        if self._along_border[at] & along:
            cost += _BESIDE_BORDER
        return cost


def _guess(cell: Cell, goal: Rect) -> float:
    """Return a lower bound of what is left to pay."""
    across = max(goal.x - cell[0], cell[0] - goal.right, 0)
    down = max(goal.y - cell[1], cell[1] - goal.bottom, 0)
    return max(across - 1, 0) + 2 * max(down - 1, 0)


def title_cells(layout: Layout, each: Element) -> tuple[range, range]:
    """Return the columns in a group's upper border that its title and its tag take, spaces included."""
    rect, name, tag = layout.rects[each.key], layout.titles[each.key], TAGS.get(each.box.run_by, "")
    title = range(rect.x + 1, rect.x + 4 + name) if name else range(0)
    return title, range(rect.right - 3 - len(tag), rect.right - 1) if tag else range(0)
