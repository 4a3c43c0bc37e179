"""Keeps near-duplicates apart: no two of one family in a row where that can be had."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def spaced(things: Sequence[T], family: Callable[[T], str]) -> list[T]:
    """Return things so that neighbours are of different families.

    Args:
        things: in the order to keep as far as possible.
        family: of each; things with an empty one may stand anywhere.

    Returns:
        All of them. Two of a family stand side by side only if one family has more than half of the places.
    """
    left = list(things)
    ordered: list[T] = []
    last = ""
    while left:
        counts = Counter(family(each) for each in left if family(each))
        largest, most = max(counts.items(), key=lambda each: each[1], default=("", 0))
        # A family that fills every second place from here on has to come now.
        urgent = largest if 2 * most > len(left) and largest != last else ""
        chosen = next(
            (
                each
                for each in left
                if (not urgent or family(each) == urgent) and not _same(family(each), last)
            ),
            left[0],
        )
        left.remove(chosen)
        ordered.append(chosen)
        last = family(chosen)
    return ordered


def _same(family: str, last: str) -> bool:
    return bool(family) and family == last
