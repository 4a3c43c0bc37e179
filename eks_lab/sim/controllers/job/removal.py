"""Which pods of a job go when there are too many."""

from __future__ import annotations

from collections.abc import Sequence

from eks_lab.sim.controllers.job import indexes
from eks_lab.sim.objects import Obj
from eks_lab.sim.pod_state import is_ready, phase_of


def surplus_of(active: Sequence[Obj], count: int, completions: int | None) -> list[Obj]:
    """Return the pods that have to go (activePodsForRemoval).

    Args:
        active: pods that run or will.
        count: how many there are too many; may be negative.
        completions: of an indexed job, where doubles and indexes beyond them go first, in any case; else None.
    """
    doomed: list[Obj] = []
    left = sorted(active, key=_deletion_order)
    if completions is not None:
        taken: set[int] = set()
        kept: list[Obj] = []
        for pod in reversed(left):
            index = indexes.index_of(pod)
            (doomed if index in taken or not 0 <= index < completions else kept).append(pod)
            taken.add(index)
        left = kept[::-1]
    return doomed + left[: max(0, count - len(doomed))]


def _deletion_order(pod: Obj) -> tuple[bool, bool, bool, str]:
    created: str = pod["metadata"]["creationTimestamp"]
    return bool(pod["spec"].get("nodeName")), phase_of(pod) == "Running", is_ready(pod), created
