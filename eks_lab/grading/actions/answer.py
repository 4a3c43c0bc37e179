"""`answer`: a check's question is answered."""

from __future__ import annotations

from eks_lab.content.actions import AnswerAction
from eks_lab.grading.stage import Stage
from eks_lab.grading.target import Done


def play(value: AnswerAction, stage: Stage) -> Done:
    """Keep the answer.

    Args:
        value: to which check, and what.
        stage: where.
    """
    given = value.value
    stage.answers[value.check] = ",".join(map(str, given)) if isinstance(given, list) else str(given)
    return Done(0, "", "")


def typed(value: AnswerAction) -> list[str]:
    """Return what a learner types."""
    given = ",".join(map(str, value.value)) if isinstance(value.value, list) else value.value
    return [f"eks-lab lab answer {value.check} {given}"]
