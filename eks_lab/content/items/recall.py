"""Judges a free answer by the key points it names; never pretends to understand more than phrases can tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eks_lab.content.items.model import KeyPoint, RecallItem
from eks_lab.content.items.result import RIGHT, WRONG, PointResult, Result
from eks_lab.content.items.variant import Variant, in_all_texts

_HEADLINES = {
    "strong": f"{RIGHT} A strong answer",
    "fair": f"{WRONG} A fair answer: points are missing",
    "weak": f"{WRONG} Most points are missing",
}


def judge_recall(variant: Variant, text: str, overruled: Mapping[str, bool] | None = None) -> Result:
    """Return the judgement of a free answer.

    Args:
        variant: of a recall question.
        text: the answer.
        overruled: ids of key points whose finding the learner has overruled: True counts as said.
    """
    from eks_lab.content.items import rubric

    points = points_of(variant)
    results = rubric.find(points, text, variant.prompt)
    return recall_result(points, results, overruled or {})


def points_of(variant: Variant) -> list[KeyPoint]:
    """Return the key points of a recall question, with facts about the learner's sandbox filled in."""
    assert isinstance(variant.item, RecallItem)
    return in_all_texts(variant.item.points, variant.values, f"{variant.item.id}: points")


def recall_result(
    points: Sequence[KeyPoint], results: Sequence[PointResult], overruled: Mapping[str, bool] | None = None
) -> Result:
    """Return the result for what was found: only a strong answer counts as right.

    Args:
        points: the key points.
        results: one for each of them.
        overruled: as in `judge_recall`.
    """
    from eks_lab.content.items import rubric

    strength = rubric.strength(points, results, overruled)
    said = {each.point.id: each.found for each in results} | dict(overruled or {})
    missing = [point for point in points if not said.get(point.id, False)]
    detail = f"{len(points) - len(missing)} of {len(points)} key points found."
    if essential := [point for point in missing if point.essential]:
        detail += f" Missing, and essential: {essential[0].text}"
    score = rubric.score(points, results, overruled)
    return Result(score, strength == "strong", _HEADLINES[strength], detail, tuple(results))
