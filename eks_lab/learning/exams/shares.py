"""Whole numbers that add up: how many questions, and how many points, each domain gets."""

from __future__ import annotations

from collections.abc import Sequence

from eks_lab.errors import InputError

TENTHS = 1000
"""All points of an exam, in tenths of a point."""


def apportioned(weights: Sequence[float], total: int, *, least: int = 0) -> list[int]:
    """Return whole numbers in the ratio of weights: the method of the largest remainder.

    Args:
        weights: none negative, not all zero.
        total: what the numbers add up to.
        least: what each gets at least; together not more than the total.

    Returns:
        One number a weight, each less than one away from its exact share unless `least` moves it.

    Raises:
        InputError: there is nothing to share out by, or the least is too much.
    """
    whole = sum(weights)
    if not weights or whole <= 0 or min(weights) < 0 or least * len(weights) > total:
        raise InputError(
            f"{total} cannot be shared out by the weights {list(weights)}, at least {least} each"
        )
    exact = [weight * total / whole for weight in weights]
    given = [int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda index: (given[index] - exact[index], index))
    for index in by_remainder[: total - sum(given)]:
        given[index] += 1
    for index, number in enumerate(given):
        for _ in range(least - number):
            # The one that is furthest above its share can spare it best.
            giver = max(
                (each for each in range(len(given)) if given[each] > least),
                key=lambda each: (given[each] - exact[each], given[each]),
            )
            given[giver] -= 1
            given[index] += 1
    return given
