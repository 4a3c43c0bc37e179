"""`calc`: a number compared with a calculator."""

from __future__ import annotations

from eks_lab.content.calculated import calculated
from eks_lab.content.queries import CalcQuery
from eks_lab.grading.checks.expectation import as_number
from eks_lab.grading.stage import Stage
from eks_lab.grading.verdict import Verdict


def look(value: CalcQuery, stage: Stage, check: str) -> Verdict:
    """Compare the learner's answer.

    Args:
        value: the calculation.
        stage: where answers are.
        check: whose answer.
    """
    given = stage.answers.get(check, "").strip()
    if not given:
        return Verdict(False, "no answer yet")
    number = as_number(given.replace(",", "").replace("_", ""))
    right = as_number(calculated(value.calculator, value.inputs, value.output))
    if number is None or right is None:
        return Verdict(False, f"{given} is no number")
    return Verdict(abs(number - right) <= abs(right) * value.tolerance + 1e-9, given)
