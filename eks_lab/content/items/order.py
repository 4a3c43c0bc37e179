"""Judges an order."""

from __future__ import annotations

from itertools import combinations

from eks_lab.content.items.model import OrderItem
from eks_lab.content.items.result import Result, result_of


def judge_order(item: OrderItem, placed: tuple[int, ...]) -> Result:
    """Return the judgement of an order.

    The score is Kendall's tau, nothing below 0: of all pairs of steps, the share in the right order minus the share
    in the wrong one. One swap of neighbours costs little, an order drawn by chance gets 0 on average before clipping.

    Args:
        item: its steps are in the right order.
        placed: indexes of the steps in the order they were put.
    """
    pairs = list(combinations(placed, 2))
    right = sum(first < second for first, second in pairs)
    if right == len(pairs):
        return result_of(1.0)
    at_place = sum(place == step for place, step in enumerate(placed))
    detail = f"{right} of {len(pairs)} pairs of steps are in the right order; {at_place} of {len(placed)} steps at their place."
    return result_of(max(0.0, (2 * right - len(pairs)) / len(pairs)), detail=detail)
