"""`apply`: manifests put into the cluster, as `kubectl apply -f` does."""

from __future__ import annotations

from eks_lab.grading.stage import Stage
from eks_lab.grading.target import Done


def play(value: str, stage: Stage) -> Done:
    """Apply a manifest.

    Args:
        value: a file of the learner's folder, or, over several lines, the manifest.
        stage: where.
    """
    if "\n" in value:
        return stage.target.run_kubectl(["apply", "-f", "-"], stage.workspace.root, value)
    return stage.target.run_kubectl(["apply", "-f", value], stage.workspace.root)


def typed(value: str) -> list[str]:
    """Return what a learner types."""
    return [f"kubectl apply -f {value if chr(10) not in value else '-'}"]
