"""`wait`: simulated time passes until something holds."""

from __future__ import annotations

from eks_lab.content.actions import WaitAction
from eks_lab.content.duration import parse_duration
from eks_lab.grading.checks import look
from eks_lab.grading.stage import Stage, StepError
from eks_lab.grading.target import Done


def play(value: WaitAction, stage: Stage) -> Done:
    """Wait.

    Args:
        value: for what, and how long.
        stage: where.

    Raises:
        StepError: it did not come about; the message says what was seen instead.
    """
    if not stage.wait(lambda: look(value.until, stage).holds, parse_duration(value.most)):
        seen = look(value.until, stage).observed
        raise StepError(f"wait: after {value.most} of simulated time it still does not hold: {seen}")
    return Done(0, "", "")


def typed(value: WaitAction) -> list[str]:
    """Return nothing: a learner just waits."""
    del value
    return []
