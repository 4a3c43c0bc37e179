"""Many equal pods: how often each content of a node is bought, by column generation.

With few kinds of pods and many of each, packing is the cutting-stock problem of Gilmore and Gomory
(1961). A *pattern* is one content of one shape. A linear program chooses how often each pattern is used;
its duals say what a pod of each kind is worth at the moment, and patterns that hold more than their price
are added until none is found. Whole numbers of patterns become nodes; the fractions are left to others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eks_lab.calc.packer.cutting_stock import Container, Kind, Pattern, times_fitting, worth_of
from eks_lab.calc.packer.linear_program import WORTHWHILE, LinearProgram
from eks_lab.calc.packer.pattern_search import Search

MOST_KINDS = 120
"""With more kinds of pods patterns are not looked for."""
_ROUNDS = 40
"""How often patterns are looked for."""
_FEW_KINDS = 64
"""With more kinds less effort is taken."""
_SEEDS = 12
"""Kinds of a turn, each of which is tried as the first on a node that holds few."""
_FEW_PODS = 12
_ALL_LOOKS = 30_000
"""Contents that all searches of one purchase may look at."""
_SEARCHED = 0.004
"""What is worth so little more than its price is not searched for."""
_EPSILON = 1e-9


@dataclass(frozen=True, slots=True)
class Purchase:
    """What the linear program says."""

    whole: tuple[tuple[Pattern, int], ...]
    """Patterns and how many whole nodes of each; together they hold no unit that is not there."""
    values: tuple[float, ...]
    """What a unit of each kind is worth, 0 or more."""


class PatternBook:
    """Purchases of one problem: what packing has found out the lower bound need not ask again."""

    def __init__(self) -> None:
        """Start without any."""
        self._known: dict[object, Purchase] = {}

    def buy(
        self,
        kinds: tuple[Kind, ...],
        containers: tuple[Container, ...],
        values: Sequence[float],
        known: Sequence[Pattern] = (),
    ) -> Purchase:
        """Choose patterns.

        Args:
            kinds: each with at least one unit and one shape that takes it.
            containers: the shapes, by number.
            values: a guess of what a unit of each kind is worth.
            known: patterns to begin with.
        """
        found = self._known.get((kinds, containers))
        if found is None:
            found = self._known[kinds, containers] = _buy(kinds, containers, values, known)
        return found


def _buy(
    kinds: Sequence[Kind], containers: Sequence[Container], values: Sequence[float], known: Sequence[Pattern]
) -> Purchase:
    program = LinearProgram(kinds, containers)
    program.add(known, values, 0.0)
    for number, container in enumerate(containers):
        program.add(_patterns(number, container, kinds, values, 0.9, 0), values, 0.9)
    program.solve()
    looks = 0
    is_wide = len(kinds) > _FEW_KINDS
    for turn in range(1, _ROUNDS // 2 if is_wide else _ROUNDS):
        worth = list(program.duals)
        found = [
            pattern
            for number in range(len(containers))
            for pattern in _patterns(number, containers[number], kinds, worth, 1 + WORTHWHILE, turn)
        ]
        if not program.add(found, worth, 1 + WORTHWHILE):
            if is_wide:
                break
            # Quick filling finds nothing better any more: the long search may.
            found = []
            for number, container in enumerate(containers):
                search = Search(number, container, kinds, worth)
                better = search.better(1 + _SEARCHED)
                looks += search.looks
                if better:
                    found.append(Pattern(number, better))
                if looks > _ALL_LOOKS:
                    break
            if not program.add(found, worth, 1.0):
                break
        if not program.solve():
            break
    return Purchase(tuple(program.whole()), tuple(max(0.0, value) for value in program.duals))


def _patterns(
    number: int, shape: Container, kinds: Sequence[Kind], worth: Sequence[float], least: float, turn: int
) -> list[Pattern]:
    """Return contents of a shape that look valuable, none when even fractions are not worth enough.

    Args:
        number: of the shape.
        shape: the shape.
        kinds: of pods.
        worth: of a unit of each kind.
        least: part of its price that a content must be worth.
        turn: decides which kinds go in first for a try.
    """
    open_kinds = [
        index for index, kind in enumerate(kinds) if worth[index] > _EPSILON and number in kind.shapes
    ]
    if not open_kinds:
        return []
    densities: list[dict[int, float]] = []
    for weights in _weightings(shape.room):
        found = {
            index: worth[index]
            / max(
                sum([part * wanted for part, wanted in zip(weights, kinds[index].vector, strict=True)]),
                _EPSILON,
            )
            for index in open_kinds
        }
        # By these weights the whole room weighs 1, so a content is worth the best density at most.
        if max(found.values()) <= shape.usd_per_hour * least:
            return []
        densities.append(found)
    best: dict[tuple[tuple[int, int], ...], float] = {}
    for density in densities:
        order = sorted(open_kinds, key=lambda index: (-density[index], index))
        contents = _filled((), order, kinds, shape.room)
        best[contents] = worth_of(contents, worth)
        if sum(count for _, count in contents) <= _FEW_PODS:
            first = turn * _SEEDS % len(open_kinds)
            for seed in (open_kinds[first:] + open_kinds)[:_SEEDS]:
                contents = _filled((seed,), order, kinds, shape.room)
                best[contents] = worth_of(contents, worth)
    most = max(best.values())
    return [Pattern(number, contents) for contents, value in best.items() if value >= 0.995 * most]


def _weightings(room: Sequence[int]) -> list[list[float]]:
    """Return weights of resources by which a whole room weighs 1: CPU and memory alike, one of them foremost."""
    present = sum(1 for size in room[2:] if size)
    found = []
    for cpu in (0.5, 0.85, 0.15):
        shares = [cpu * (1 - 0.02 * present), (1 - cpu) * (1 - 0.02 * present), *([0.02] * (len(room) - 2))]
        found.append([share / size if size else 0.0 for share, size in zip(shares, room, strict=True)])
    return found


def _filled(
    first: tuple[int, ...], order: Sequence[int], kinds: Sequence[Kind], room: Sequence[int]
) -> tuple[tuple[int, int], ...]:
    """Return what fits when one unit of some kinds goes in first, then as many as fit in an order."""
    left = list(room)
    taken: dict[int, int] = {}
    for index in (*first, *order):
        kind = kinds[index]
        most = 1 if index in first and index not in taken else kind.count - taken.get(index, 0)
        count = min(most, times_fitting(kind.vector, left))
        if count > 0:
            taken[index] = taken.get(index, 0) + count
            left = [there - count * wanted for there, wanted in zip(left, kind.vector, strict=True)]
    return tuple(sorted(taken.items()))
