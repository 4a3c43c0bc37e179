"""How far old ReplicaSets may be scaled down now (rolling.go): pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from eks_lab.sim.controllers.deployment.decide import max_unavailable, replicas_of, status_number, total
from eks_lab.sim.objects import Obj


def scale_down_old(deployment: Obj, every: Sequence[Obj], old: Sequence[Obj], new: Obj) -> dict[str, int]:
    """Return the new sizes of old ReplicaSets that may shrink now.

    Pods that are not available go first and without counting, as long as the new ReplicaSet's own missing
    pods leave room; then available ones, while enough stay available.

    Args:
        deployment: the Deployment.
        every: all ReplicaSets, the new one included.
        old: the others.
        new: the new one.

    Returns:
        uid -> replicas, of those that change.
    """
    if total(old) == 0:
        return {}
    least_available = replicas_of(deployment) - max_unavailable(deployment)
    new_unavailable = replicas_of(new) - status_number(new, "availableReplicas")
    may_go = total(every) - least_available - new_unavailable
    if may_go <= 0:
        return {}
    sizes = {each["metadata"]["uid"]: replicas_of(each) for each in old}
    ordered = sorted(old, key=lambda each: (each["metadata"]["creationTimestamp"], each["metadata"]["name"]))
    _drop_unhealthy(sizes, ordered, may_go)
    _drop_available(
        sizes, ordered, sum(status_number(each, "availableReplicas") for each in every) - least_available
    )
    return {uid: size for each in old if (size := sizes[uid := each["metadata"]["uid"]]) != replicas_of(each)}


def _drop_unhealthy(sizes: dict[str, int], ordered: Sequence[Obj], may_go: int) -> None:
    gone = 0
    for each in ordered:
        if gone >= may_go:
            return
        size = replicas_of(each)
        available = status_number(each, "availableReplicas")
        if size == 0 or size == available:
            continue
        count = min(may_go - gone, size - available)
        sizes[each["metadata"]["uid"]] = size - count
        gone += count


def _drop_available(sizes: dict[str, int], ordered: Sequence[Obj], may_go: int) -> None:
    gone = 0
    for each in ordered:
        if gone >= may_go:
            return
        uid = each["metadata"]["uid"]
        count = min(sizes[uid], may_go - gone)
        if count > 0:
            sizes[uid] -= count
            gone += count
