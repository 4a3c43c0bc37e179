"""Judges an answer of any kind. Pure: the same verdict in a page, an exam, a script and `author check`.

| kind | score |
|---|---|
| choice, number, diagram | 1 or 0 |
| multi | max(0, right ones picked − wrong ones picked) / right ones |
| order | max(0, pairs of steps in the right order − pairs in the wrong one) / all pairs |
| match | right pairs / pairs |
| recall | weight of the key points found / weight of all |

Right is who has a score of 1; in a recall, who gives a strong answer (`rubric.strength`).
"""

from __future__ import annotations

from eks_lab.content.items import model
from eks_lab.content.items.choice import judge_choice
from eks_lab.content.items.diagram import judge_part
from eks_lab.content.items.given import Given, check_given
from eks_lab.content.items.match import judge_match
from eks_lab.content.items.number import judge_typed
from eks_lab.content.items.order import judge_order
from eks_lab.content.items.recall import judge_recall
from eks_lab.content.items.result import RIGHT, WRONG, PointResult, Result, result_of
from eks_lab.content.items.variant import Variant
from eks_lab.errors import InputError

__all__ = ["RIGHT", "WRONG", "PointResult", "Result", "judge", "needs_bench", "result_of"]


def needs_bench(kind: str) -> bool:
    """Return whether a kind of question is judged by what an answer does to a sandbox."""
    return kind in ("command", "manifest")


def judge(variant: Variant, given: Given) -> Result:
    """Return the judgement of an answer.

    Args:
        variant: the question as it was asked.
        given: the answer; see `eks_lab.content.items.given` for the form each kind has.

    Raises:
        InputError: the answer has another form than the question, or the question is a command or a manifest, which
            only a bench (`eks_lab.grading.practical`) can judge.
    """
    item = variant.item
    check_given(item, given)
    match item, given:
        case model.ChoiceItem() | model.MultiItem(), tuple():
            return judge_choice(item, given)
        case model.OrderItem(), tuple():
            return judge_order(item, given)
        case model.MatchItem(), tuple():
            return judge_match(item, given)
        case model.NumberItem(), int() | float():
            return judge_typed(variant, given)
        case model.DiagramItem(), str():
            return judge_part(item, given)
        case model.RecallItem(), str():
            return judge_recall(variant, given)
        case _:
            raise InputError(
                f"{item.id}: a {item.kind} is judged by what it does to a sandbox.",
                hint="Use the bench of eks_lab.grading.practical.",
            )
