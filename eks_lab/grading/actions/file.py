"""`file`: a file among the learner's."""

from __future__ import annotations

from eks_lab.content.actions import FileAction
from eks_lab.grading.stage import Stage
from eks_lab.grading.target import Done


def play(value: FileAction, stage: Stage) -> Done:
    """Write the file.

    Args:
        value: where, and what.
        stage: where.
    """
    text = value.text if value.text is not None else stage.lab.text(value.source)
    stage.workspace.write(value.path, text)
    return Done(0, "", "")


def typed(value: FileAction) -> list[str]:
    """Return what a learner does."""
    return [f"$EDITOR {value.path}"]
