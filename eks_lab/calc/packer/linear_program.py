"""The linear program of column generation: how often each pattern is used at the least cost."""

from __future__ import annotations

import math
from collections.abc import Sequence

from eks_lab.calc.packer.cutting_stock import Container, Kind, Pattern, times_fitting, worth_of

WORTHWHILE = 1e-5
"""What is worth so little more than its price does not count as better."""
_MOST_PIVOTS = 1_500
_MOST_WORK = 4_000_000
"""Numbers that pivots may touch in all."""
_EPSILON = 1e-9


class LinearProgram:
    """The linear program over the patterns so far, solved by the revised simplex method.

    Every kind is a row: the units in all patterns together, less a surplus, are its count.
    """

    def __init__(self, kinds: Sequence[Kind], containers: Sequence[Container]) -> None:
        self._kinds = kinds
        self._containers = containers
        self._columns: list[Pattern] = []
        self._known: set[Pattern] = set()
        self._pivots = 0
        size = len(kinds)
        singles = [self._single(index) for index in range(size)]
        # The first basis: every kind by itself on the shape where one of it costs least.
        for pattern in singles:
            self._columns.append(pattern)
            self._known.add(pattern)
        self._basis: list[int] = list(range(size))
        """By row: number of the pattern, or −1 − kind for the surplus of a kind."""
        self._inverse = [
            [1 / singles[row].contents[0][1] if row == column else 0.0 for column in range(size)]
            for row in range(size)
        ]
        self._amounts = [kinds[row].count / singles[row].contents[0][1] for row in range(size)]
        self.duals = [
            containers[singles[row].shape].usd_per_hour / singles[row].contents[0][1] for row in range(size)
        ]

    def _single(self, index: int) -> Pattern:
        kind = self._kinds[index]
        best, cost = Pattern(-1, ()), math.inf
        for number in sorted(kind.shapes):
            count = min(kind.count, times_fitting(kind.vector, self._containers[number].room))
            each = self._containers[number].usd_per_hour / count
            if each < cost:
                best, cost = Pattern(number, ((index, count),)), each
        return best

    def add(self, patterns: Sequence[Pattern], worth: Sequence[float], least: float) -> bool:
        """Add patterns that are worth more than a part of their price; return whether there was any."""
        grew = False
        for pattern in patterns:
            usd = self._containers[pattern.shape].usd_per_hour
            if pattern not in self._known and worth_of(pattern.contents, worth) > usd * least:
                self._known.add(pattern)
                self._columns.append(pattern)
                grew = True
        return grew

    def solve(self) -> bool:
        """Pivot until no pattern is worth more than it costs; return whether effort is left."""
        while True:
            entering, gain = self._entering()
            if entering is None:
                return True
            if self._pivots >= _MOST_PIVOTS or self._pivots * len(self._kinds) ** 2 >= _MOST_WORK:
                return False
            self._pivots += 1
            column = self._column(entering)
            row = self._leaving(column)
            if row is None:
                return False
            self._pivot(row, column, entering, gain)

    def _entering(self) -> tuple[int | None, float]:
        best, chosen = 0.0, None
        gain = 0.0
        duals = self.duals
        for number, pattern in enumerate(self._columns):
            usd = self._containers[pattern.shape].usd_per_hour
            more = sum([duals[index] * count for index, count in pattern.contents]) - usd
            if more > usd * WORTHWHILE and more / usd > best:
                best, chosen, gain = more / usd, number, more
        for index, dual in enumerate(duals):
            if dual < -_EPSILON and chosen is None:
                chosen, gain = -1 - index, -dual
        return chosen, gain

    def _column(self, number: int) -> list[float]:
        """Return what one more of a pattern, or of a surplus, takes from every row of the basis."""
        entries = ((-1 - number, -1),) if number < 0 else self._columns[number].contents
        return [sum([row[index] * count for index, count in entries]) for row in self._inverse]

    def _leaving(self, column: Sequence[float]) -> int | None:
        best, chosen = math.inf, None
        for row, part in enumerate(column):
            if part > _EPSILON:
                ratio = self._amounts[row] / part
                if ratio < best:
                    best, chosen = ratio, row
        return chosen

    def _pivot(self, row: int, column: Sequence[float], entering: int, gain: float) -> None:
        pivot = column[row]
        new = [value / pivot for value in self._inverse[row]]
        amount = max(0.0, self._amounts[row] / pivot)
        for other, part in enumerate(column):
            if other != row and part:
                self._inverse[other] = [
                    value - part * moved for value, moved in zip(self._inverse[other], new, strict=True)
                ]
                self._amounts[other] = max(0.0, self._amounts[other] - part * amount)
        self._inverse[row] = new
        self._amounts[row] = amount
        self._basis[row] = entering
        self.duals = [dual - gain * moved for dual, moved in zip(self.duals, new, strict=True)]

    def whole(self) -> list[tuple[Pattern, int]]:
        """Return the patterns of the basis with their whole numbers, never more units than there are."""
        left = [kind.count for kind in self._kinds]
        found = []
        order = sorted(range(len(self._basis)), key=lambda row: (-self._amounts[row], row))
        for row in order:
            if self._basis[row] < 0:
                continue
            pattern = self._columns[self._basis[row]]
            count = math.floor(self._amounts[row] + 1e-6)
            count = min([count, *(left[index] // units for index, units in pattern.contents)])
            if count:
                found.append((pattern, count))
                for index, units in pattern.contents:
                    left[index] -= units * count
        return found
