"""`fault`: one of the prepared faults is brought about."""

from __future__ import annotations

from eks_lab.content.actions import FaultAction
from eks_lab.grading.stage import Stage
from eks_lab.grading.target import Done


def play(value: FaultAction, stage: Stage) -> Done:
    """Arm the fault; simulated time passes until its symptom shows.

    Args:
        value: which one.
        stage: where.
    """
    stage.target.arm_fault(value.id, stage.lab.seed)
    return Done(0, "", "")


def typed(value: FaultAction) -> list[str]:
    """Return nothing: learners break nothing."""
    del value
    return []
