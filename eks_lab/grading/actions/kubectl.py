"""`kubectl`: the real program."""

from __future__ import annotations

from eks_lab.grading.command_line import words_of
from eks_lab.grading.stage import Stage
from eks_lab.grading.target import Done


def play(value: str, stage: Stage) -> Done:
    """Run kubectl in the learner's folder.

    Args:
        value: its arguments.
        stage: where.
    """
    return stage.target.run_kubectl(words_of(value, stage.remembered), stage.workspace.root)


def typed(value: str) -> list[str]:
    """Return what a learner types."""
    return [f"kubectl {value}"]
