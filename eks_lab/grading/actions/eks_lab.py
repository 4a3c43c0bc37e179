"""`eks_lab`: this program's own commands."""

from __future__ import annotations

from eks_lab.errors import UnavailableError
from eks_lab.grading.command_line import words_of
from eks_lab.grading.stage import Stage
from eks_lab.grading.target import Done

ALLOWED = ("calc", "check", "generate", "lesson")
"""Commands that need nothing but their arguments and the folder."""


def play(value: str, stage: Stage) -> Done:
    """Run a command of eks-lab in the learner's folder.

    Args:
        value: its arguments.
        stage: where.

    Raises:
        UnavailableError: it is no command that labs may use.
    """
    words = words_of(value, stage.remembered)
    if stage.course is None or not words or words[0] not in ALLOWED:
        raise UnavailableError(
            f"eks-lab {value}: a lab cannot run this", hint=f"It can run: {', '.join(ALLOWED)}."
        )
    return stage.course(words, str(stage.workspace.root))


def typed(value: str) -> list[str]:
    """Return what a learner types."""
    return [f"eks-lab {value}"]
