"""Judges what was picked among options."""

from __future__ import annotations

from eks_lab.content.items.model import ChoiceItem, MultiItem
from eks_lab.content.items.result import Result
from eks_lab.content.questions import correct_options, judge_options


def judge_choice(item: ChoiceItem | MultiItem, picked: tuple[int, ...]) -> Result:
    """Return the judgement of picked options, as the quick check of a lesson judges them.

    Args:
        item: one right option (`choice`), or several (`multi`, with partial credit: see `judge_options`).
        picked: indexes as the file lists them, in any order.
    """
    return judge_options(correct_options(item), picked, several=item.kind == "multi")
