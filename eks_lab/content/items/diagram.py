"""Judges which part of a diagram was pointed at."""

from __future__ import annotations

from eks_lab.content.items.model import DiagramItem, PointedPart
from eks_lab.content.items.result import Result, result_of


def judge_part(item: DiagramItem, part: str) -> Result:
    """Return the judgement of a part: right or wrong.

    Args:
        item: the question.
        part: id of a node or link that may be pointed at.
    """
    return result_of(1.0 if part == right_part(item).part else 0.0)


def right_part(item: DiagramItem) -> PointedPart:
    """Return the one part that was asked for."""
    return next(point for point in item.points if point.correct)
