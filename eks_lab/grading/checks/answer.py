"""`answer`: a question in words."""

from __future__ import annotations

import re

from eks_lab.content.queries import AnswerQuery
from eks_lab.grading.stage import Stage
from eks_lab.grading.verdict import Verdict


def look(value: AnswerQuery, stage: Stage, check: str) -> Verdict:
    """Compare the learner's answer.

    Args:
        value: the question and what is right.
        stage: where answers are.
        check: whose answer.
    """
    given = stage.answers.get(check, "").strip()
    if not given:
        return Verdict(False, "no answer yet")
    return Verdict(_is_right(value, given), given)


def _is_right(value: AnswerQuery, given: str) -> bool:
    if value.exact is not None:
        return " ".join(given.lower().split()) == " ".join(value.exact.lower().split())
    if value.regex is not None:
        return re.search(value.regex, given, re.IGNORECASE) is not None
    numbers = [_number(part, value.options) for part in given.split(",")]
    return numbers == (value.order if value.order is not None else [value.choice])


def _number(text: str, options: list[str]) -> int:
    """Return the number of an option that is named by its number or by its text; 0 for none."""
    word = text.strip()
    if word.isascii() and word.isdigit() and len(word) < 10:
        return int(word)
    lowered = [each.lower() for each in options]
    return lowered.index(word.lower()) + 1 if word.lower() in lowered else 0
