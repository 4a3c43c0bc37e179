"""Is there a content worth more than its node? A search by branch and bound, which proves it when not.

Column generation asks it for patterns that quick filling misses, and the lower bound for proofs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from eks_lab.calc.packer.cutting_stock import Container, Kind, times_fitting

_EPSILON = 1e-9
_TIGHT = 5
"""Weightings that a search looks at: those by which the room is worth least."""
_SLACKS = (0.0, 0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.06, 0.08, 0.1, 0.13, 0.17)
_MOST_LOOKS = 1_000
"""Contents that one search may look at."""
_MOST_PROOF_LOOKS = 12_000
"""Contents that one proof may look at."""


def proven_worth(
    kinds: Sequence[Kind], containers: Sequence[Container], values: Sequence[float], at_most: float
) -> float:
    """Return a factor that no content of any shape exceeds: its worth divided by its price, 1 at least.

    Values divided by the factor are a feasible dual of the packing problem (Farley 1990): the pods'
    values together, divided by it, are a lower bound of every packing.

    Args:
        kinds: of pods; their counts bound what a node holds.
        containers: the shapes.
        values: of a unit of each kind, 0 or more.
        at_most: a larger factor is of no use; infinity is returned in its place.
    """
    factor = 1.0
    # The smallest shapes are the quickest to prove and the first to disappoint.
    for number in sorted(range(len(containers)), key=lambda each: containers[each].room):
        factor = Search(number, containers[number], kinds, values).factor(factor, at_most)
        if factor > at_most:
            return math.inf
    return factor


class Search:
    """Looks for a content of one shape that is worth more than a limit, or proves that there is none."""

    def __init__(
        self, number: int, container: Container, kinds: Sequence[Kind], values: Sequence[float]
    ) -> None:
        self._usd = container.usd_per_hour
        self._room = container.room
        chosen = [index for index, kind in enumerate(kinds) if number in kind.shapes and values[index] > 0]
        weightings = _fine_weightings(container.room)
        densities = {
            index: [
                values[index]
                / max(
                    sum([part * wanted for part, wanted in zip(each, kinds[index].vector, strict=True)]),
                    _EPSILON,
                )
                for each in weightings
            ]
            for index in chosen
        }
        best = [
            max((densities[index][each] for index in chosen), default=0.0) for each in range(len(weightings))
        ]
        tight = sorted(range(len(best)), key=lambda each: best[each])[:_TIGHT]
        # The kinds in the order of the weighting by which the room is worth least.
        tightest = tight[0]
        self._root = best[tightest]
        order = sorted(chosen, key=lambda index: (-densities[index][tightest], index))
        self._weightings = [weightings[each] for each in tight]
        self._order = order
        self._items = [(kinds[index].vector, kinds[index].count, values[index]) for index in order]
        # By weighting: the best density from each position on.
        self._later = []
        for each in tight:
            rest, largest = [0.0] * (len(order) + 1), 0.0
            for position in range(len(order) - 1, -1, -1):
                largest = max(largest, densities[order[position]][each])
                rest[position] = largest
            self._later.append(rest)
        self.looks = 0
        self._most_looks = _MOST_LOOKS
        self._limit = 0.0
        self._taken: list[tuple[int, int]] = []
        """What the search holds at the moment; what it has found after a failed proof."""

    def better(self, factor: float) -> tuple[tuple[int, int], ...]:
        """Return a content worth more than so many times the price; empty when none is found."""
        if self._root <= self._usd * factor or self._proves(factor) or self.looks > self._most_looks:
            return ()
        return tuple(sorted(self._taken))

    def _proves(self, factor: float) -> bool:
        self.looks, self._limit, self._taken = 0, self._usd * factor + _EPSILON, []
        return self._holds_nothing_better(0, self._room, 0.0)

    def factor(self, at_least: float, at_most: float) -> float:
        """Return the smallest factor that can be proved, of a few from `at_least`; infinity above `at_most`."""
        if self._root <= self._usd * at_least:
            return at_least
        self._most_looks = _MOST_PROOF_LOOKS
        proved = math.inf
        for slack in sorted(
            {at_least, *(1 + each for each in _SLACKS if at_least < 1 + each < at_most), at_most}
        )[::-1]:
            if self._root > self._usd * slack and not self._proves(slack):
                break
            proved = slack
        return proved

    def _holds_nothing_better(self, position: int, room: tuple[int, ...], worth: float) -> bool:
        """Return whether no content from a position on exceeds the limit; False as well when it takes too long."""
        self.looks += 1
        if worth > self._limit or self.looks > self._most_looks:
            return False
        while position < len(self._items):
            missing = self._limit - worth
            for weights, later in zip(self._weightings, self._later, strict=True):
                share = 0.0
                for part, left in zip(weights, room, strict=True):
                    share += part * left
                if later[position] * share <= missing:
                    return True
            vector, count, value = self._items[position]
            most = min(count, times_fitting(vector, room))
            for number in range(most, 0, -1):
                rest = tuple([there - number * wanted for there, wanted in zip(room, vector, strict=True)])
                self._taken.append((self._order[position], number))
                if not self._holds_nothing_better(position + 1, rest, worth + number * value):
                    return False
                self._taken.pop()
            position += 1
        return True


def _fine_weightings(room: Sequence[int]) -> list[list[float]]:
    """Return many weightings by which a whole room weighs 1."""
    others = [index for index in range(2, len(room)) if room[index]]
    found = []
    for other in (0.0, 0.1):
        for tenths in range(11):
            shares = [0.0] * len(room)
            shares[0], shares[1] = tenths / 10 * (1 - other), (1 - tenths / 10) * (1 - other)
            for index in others:
                shares[index] = other / len(others)
            found.append([share / size if size else 0.0 for share, size in zip(shares, room, strict=True)])
    return found
