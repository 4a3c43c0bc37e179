"""A guard against a question that means something else under the same revision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from eks_lab.content.check.items.surveyed import Placed
from eks_lab.content.findings import Finding
from eks_lab.content.items.revisions import NAME, read_ledger, trouble_with
from eks_lab.errors import ContentError


def check_ledger(root: Path, everything: Sequence[Placed]) -> Iterator[Finding]:
    """Yield findings about revisions; a course without a ledger has none.

    Args:
        root: the folder that holds `course.yaml`.
        everything: every question of the course.
    """
    try:
        ledger = read_ledger(root)
    except ContentError as error:
        yield Finding(NAME, 1, "revision", error.message, error.hint)
        return
    if ledger is None:
        return
    for placed in everything:
        trouble = trouble_with(placed.item, ledger.get(placed.item.id))
        if trouble is not None:
            yield Finding(placed.path, placed.line, "revision", f"{placed.item.id}: {trouble[0]}", trouble[1])
    present = {placed.item.id for placed in everything}
    for name, accepted in ledger.items():
        if name not in present and not accepted.is_retired:
            yield Finding(
                NAME,
                1,
                "revision",
                f"{name}: the question is gone",
                "Bring it back, or retire its id: eks-lab author revisions --write.",
            )
