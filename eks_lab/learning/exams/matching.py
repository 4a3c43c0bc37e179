"""Gives places to candidates so that no place stays empty that could be filled: augmenting paths (Kuhn 1955)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def matched(
    wishes: Sequence[Sequence[str]], places: Sequence[int], already: Mapping[str, int] | None = None
) -> dict[str, int]:
    """Return which candidate has which place; a largest possible number of places is filled.

    Args:
        wishes: for each place the candidates that may have it, the best first.
        places: numbers of the places, in the order in which they choose.
        already: candidates that have a place; they may change it, and never lose a place's being filled.

    Returns:
        Candidate -> place; each candidate and each place at most once.
    """
    taken = dict(already or {})
    filled = set(taken.values())
    for place in places:
        if place not in filled:
            _find(place, wishes, taken, set())
    return taken


def _find(place: int, wishes: Sequence[Sequence[str]], taken: dict[str, int], met: set[str]) -> bool:
    for candidate in wishes[place]:
        if candidate not in taken:
            taken[candidate] = place
            return True
    for candidate in wishes[place]:
        if candidate in met:
            continue
        met.add(candidate)
        if taken[candidate] != place and _find(taken[candidate], wishes, taken, met):
            taken[candidate] = place
            return True
    return False
