"""Judges what was joined with what."""

from __future__ import annotations

from eks_lab.content.items.model import MatchItem
from eks_lab.content.items.result import Result, result_of


def judge_match(item: MatchItem, sides: tuple[int, ...]) -> Result:
    """Return the judgement of a match: the score is the share of pairs that are right.

    Args:
        item: its pairs.
        sides: for each pair the index of the chosen right side; see `given`.
    """
    right = sum(side == pair for pair, side in enumerate(sides))
    if right == len(item.pairs):
        return result_of(1.0)
    return result_of(right / len(item.pairs), detail=f"{right} of {len(item.pairs)} pairs are right.")
