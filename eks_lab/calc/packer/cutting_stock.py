"""The words of column generation: kinds of pods, containers, and patterns of contents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """Equal units."""

    vector: tuple[int, ...]
    """What one takes."""
    count: int
    shapes: frozenset[int]
    """Numbers of the shapes that take one."""


@dataclass(frozen=True, slots=True)
class Container:
    """A shape as patterns see it."""

    usd_per_hour: float
    """Above 0."""
    room: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One content of one shape."""

    shape: int
    """Its number."""
    contents: tuple[tuple[int, int], ...]
    """Kind and number of units, in the order of the kinds."""


def times_fitting(vector: Sequence[int], room: Sequence[int]) -> int:
    """Return how often a vector fits into a room; vectors hold at least one pod."""
    times = -1
    for wanted, left in zip(vector, room, strict=True):
        if wanted:
            if wanted > left:
                return 0
            each = left // wanted
            if times < 0 or each < times:
                times = each
    return times


def worth_of(contents: Sequence[tuple[int, int]], worth: Sequence[float]) -> float:
    """Return what contents are worth together, given what a unit of each kind is."""
    return sum([worth[index] * count for index, count in contents])
