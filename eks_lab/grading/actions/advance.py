"""`advance`: simulated time passes."""

from __future__ import annotations

from eks_lab.content.duration import parse_duration
from eks_lab.grading.stage import Stage
from eks_lab.grading.target import Done


def play(value: str, stage: Stage) -> Done:
    """Play simulated time.

    Args:
        value: `10m`.
        stage: where.
    """
    stage.target.advance(parse_duration(value))
    return Done(0, "", "")


def typed(value: str) -> list[str]:
    """Return what a learner types."""
    return [f"eks-lab sandbox advance {value}"]
