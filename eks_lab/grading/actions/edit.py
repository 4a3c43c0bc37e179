"""`edit`: a change of a learner's file."""

from __future__ import annotations

from eks_lab.content.actions import EditAction
from eks_lab.grading.stage import Stage, StepError
from eks_lab.grading.target import Done


def play(value: EditAction, stage: Stage) -> Done:
    """Replace a text that stands exactly once.

    Args:
        value: file, old and new text.
        stage: where.

    Raises:
        StepError: the text is not there, or more than once.
    """
    text = stage.workspace.read(value.file)
    times = text.count(value.replace)
    if times != 1:
        raise StepError(
            f"edit: {value.replace!r} stands {times} times in {value.file}, not once",
            hint="Write more of the text around it, so that it stands there once.",
        )
    stage.workspace.write(value.file, text.replace(value.replace, value.to))
    return Done(0, "", "")


def typed(value: EditAction) -> list[str]:
    """Return what a learner does."""
    before = "\n".join(f"- {line}" for line in value.replace.strip("\n").split("\n"))
    after = "\n".join(f"+ {line}" for line in value.to.strip("\n").split("\n"))
    return [f"$EDITOR {value.file}\n{before}\n{after}"]
