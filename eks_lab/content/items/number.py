"""Judges a typed number."""

from __future__ import annotations

from eks_lab.content.items.result import Result
from eks_lab.content.items.variant import Variant
from eks_lab.content.questions import judge_number, parse_number
from eks_lab.errors import ContentError


def judge_typed(variant: Variant, given: float) -> Result:
    """Return the judgement of a number, as the quick check of a lesson judges it.

    Args:
        variant: of a number question.
        given: in its unit.

    Raises:
        ContentError: the variant has no answer: it is not of a number question.
    """
    if variant.answer is None:
        raise ContentError(f"{variant.item.id}: this is no number question.", hint="Make a variant of one.")
    return judge_number(given, variant.answer, variant.tolerance, variant.unit)


def typed_number(variant: Variant, text: str) -> float:
    """Return the number a learner typed for a variant.

    Raises:
        InputError: it is no number, or could be read in two ways.
    """
    return parse_number(text, variant.unit)
