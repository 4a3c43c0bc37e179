"""The arithmetic of rollouts: pure functions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from eks_lab.sim.objects import Obj, annotations_of, labels_of

HASH_LABEL = "pod-template-hash"
REVISION = "deployment.kubernetes.io/revision"
REVISION_HISTORY = "deployment.kubernetes.io/revision-history"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MOST = "deployment.kubernetes.io/max-replicas"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
NOT_COPIED = frozenset(
    {LAST_APPLIED, REVISION, REVISION_HISTORY, DESIRED, MOST, "deprecated.deployment.rollback.to"}
)
"""Annotations of a Deployment that its ReplicaSets do not get."""


def amount(value: Any, total: int, *, rounds_up: bool) -> int:
    """Return an IntOrString as a number: `25%` of a total, or the number itself."""
    if isinstance(value, str):
        share = int(value.rstrip("%")) * total / 100
        return math.ceil(share) if rounds_up else math.floor(share)
    return int(value or 0)


def fence_posts(deployment: Obj) -> tuple[int, int]:
    """Return maxSurge and maxUnavailable in pods; when both come to 0, one may be unavailable."""
    strategy = deployment["spec"].get("strategy") or {}
    if strategy.get("type") == "Recreate":
        return 0, 0
    rolling = strategy.get("rollingUpdate") or {}
    replicas = replicas_of(deployment)
    surge = amount(rolling.get("maxSurge"), replicas, rounds_up=True)
    unavailable = amount(rolling.get("maxUnavailable"), replicas, rounds_up=False)
    return (surge, 1) if surge == 0 and unavailable == 0 else (surge, unavailable)


def max_unavailable(deployment: Obj) -> int:
    """Return how many pods may be unavailable; never more than there are."""
    if is_recreate(deployment) or not replicas_of(deployment):
        return 0
    return min(fence_posts(deployment)[1], replicas_of(deployment))


def max_surge(deployment: Obj) -> int:
    """Return how many pods there may be beyond `replicas`."""
    return 0 if is_recreate(deployment) else fence_posts(deployment)[0]


def is_recreate(deployment: Obj) -> bool:
    """Say whether the strategy is Recreate."""
    return (deployment["spec"].get("strategy") or {}).get("type") == "Recreate"


def replicas_of(obj: Obj) -> int:
    """Return `spec.replicas`."""
    replicas: int = obj["spec"].get("replicas", 1)
    return replicas


def status_number(obj: Obj, field: str) -> int:
    """Return a number of the status, 0 when it is absent."""
    number: int = (obj.get("status") or {}).get(field) or 0
    return number


def total(sets: Sequence[Obj]) -> int:
    """Return the sum of wished replicas."""
    return sum(replicas_of(each) for each in sets)


def same_template(first: Obj, second: Obj) -> bool:
    """Say whether two pod templates are equal, the hash label apart."""
    return _without_hash(first) == _without_hash(second)


def _without_hash(template: Obj) -> Obj:
    metadata = template.get("metadata") or {}
    labels = {key: value for key, value in (metadata.get("labels") or {}).items() if key != HASH_LABEL}
    kept = {
        key: value for key, value in metadata.items() if key not in ("labels", "creationTimestamp") and value
    }
    return {"metadata": {**kept, "labels": labels}, "spec": template.get("spec")}


def new_and_old(deployment: Obj, sets: Sequence[Obj]) -> tuple[Obj | None, list[Obj]]:
    """Return the ReplicaSet of the present template, the oldest if several match, and the others."""
    ordered = sorted(sets, key=lambda each: (each["metadata"]["creationTimestamp"], each["metadata"]["name"]))
    template = deployment["spec"]["template"]
    new = next((each for each in ordered if same_template(each["spec"]["template"], template)), None)
    return new, [each for each in sets if new is None or each["metadata"]["uid"] != new["metadata"]["uid"]]


def revision_of(obj: Obj) -> int:
    """Return the revision number, 0 when it has none."""
    try:
        return int(annotations_of(obj).get(REVISION, "0"))
    except ValueError:
        return 0


def new_set_replicas(deployment: Obj, sets: Sequence[Obj], new: Obj) -> int:
    """Return how many replicas the new ReplicaSet should have now."""
    wanted = replicas_of(deployment)
    if is_recreate(deployment):
        return wanted
    most = wanted + max_surge(deployment)
    current = total(sets)
    if current >= most:
        return replicas_of(new)
    up = min(most - current, wanted - replicas_of(new))
    return replicas_of(new) + up


def annotations_for_set(
    deployment: Obj, set_annotations: Mapping[str, str], revision: str, *, exists: bool
) -> dict[str, str]:
    """Return the annotations the new ReplicaSet should have: revision, history, and the Deployment's own."""
    found = dict(set_annotations)
    for key, value in annotations_of(deployment).items():
        if key not in NOT_COPIED:
            found[key] = value
    old = found.get(REVISION, "")
    old_number = int(old) if old.isdigit() else 0
    if old_number < int(revision):
        found[REVISION] = revision
        if exists and old:
            history = found.get(REVISION_HISTORY, "")
            found[REVISION_HISTORY] = f"{history},{old}" if history else old
    return found


def with_hash(template: Obj, value: str) -> Obj:
    """Return a template whose labels carry the hash."""
    metadata = template.get("metadata") or {}
    return {
        **template,
        "metadata": {**metadata, "labels": {**(metadata.get("labels") or {}), HASH_LABEL: value}},
    }


def selector_with_hash(selector: Obj, value: str) -> Obj:
    """Return a selector that asks for the hash as well."""
    return {**selector, "matchLabels": {**(selector.get("matchLabels") or {}), HASH_LABEL: value}}


def proportional_sizes(deployment: Obj, sets: Sequence[Obj]) -> dict[str, int]:
    """Return the sizes of active ReplicaSets after the Deployment was scaled in the middle of a rollout.

    What is added or taken is shared in proportion to size, largest first; what rounding leaves goes to
    the first.

    Returns:
        uid -> replicas.
    """
    present = total(sets)
    allowed = replicas_of(deployment) + max_surge(deployment) if replicas_of(deployment) > 0 else 0
    to_add = allowed - present
    # Larger sets first; of equal ones the newer when growing, the older when shrinking.
    by_age = sorted(sets, key=lambda each: each["metadata"]["creationTimestamp"], reverse=to_add > 0)
    ordered = sorted(by_age, key=replicas_of, reverse=True)
    sizes: dict[str, int] = {}
    added = 0
    for each in ordered:
        size = replicas_of(each)
        if to_add:
            share = _share(deployment, each, to_add, added)
            sizes[each["metadata"]["uid"]] = size + share
            added += share
        else:
            sizes[each["metadata"]["uid"]] = size
    if ordered and to_add:
        first = ordered[0]["metadata"]["uid"]
        sizes[first] = max(0, sizes[first] + to_add - added)
    return sizes


def _share(deployment: Obj, each: Obj, to_add: int, added: int) -> int:
    if replicas_of(each) == 0:
        return 0
    fraction = _fraction(deployment, each)
    left = to_add - added
    return min(fraction, left) if to_add > 0 else max(fraction, left)


def _fraction(deployment: Obj, each: Obj) -> int:
    """Return by how much a set would grow if all grew alike (getReplicaSetFraction)."""
    if replicas_of(deployment) == 0:
        return -replicas_of(each)
    allowed = replicas_of(deployment) + max_surge(deployment)
    text = annotations_of(each).get(MOST, "")
    former = int(text) if text.isdigit() and int(text) else status_number(deployment, "replicas") or allowed
    exact = replicas_of(each) * allowed / former
    # Go's math.Round: halves go away from zero.
    return math.floor(exact + 0.5) - replicas_of(each)


def is_saturated(deployment: Obj, new: Obj | None) -> bool:
    """Say whether the new ReplicaSet has all the pods, all available, that the Deployment wishes."""
    if new is None:
        return False
    text = annotations_of(new).get(DESIRED, "")
    return (
        replicas_of(new) == replicas_of(deployment)
        and text.isdigit()
        and int(text) == replicas_of(deployment)
        and status_number(new, "availableReplicas") == replicas_of(deployment)
    )


def hash_of_set(each: Obj) -> str:
    """Return the hash label of a ReplicaSet."""
    return labels_of(each).get(HASH_LABEL, "")


def is_complete(deployment: Obj, status: Obj) -> bool:
    """Say whether every wished pod is new and available, and no old pod runs."""
    wanted = replicas_of(deployment)
    return bool(
        status.get("updatedReplicas", 0) == wanted
        and status.get("replicas", 0) == wanted
        and status.get("availableReplicas", 0) == wanted
        and status.get("observedGeneration", 0) >= deployment["metadata"].get("generation", 0)
    )


def is_progressing(deployment: Obj, status: Obj) -> bool:
    """Say whether the new status is nearer to the end than the stored one."""
    old = deployment.get("status") or {}
    old_old = old.get("replicas", 0) - old.get("updatedReplicas", 0)
    new_old = status.get("replicas", 0) - status.get("updatedReplicas", 0)
    return bool(
        status.get("updatedReplicas", 0) > old.get("updatedReplicas", 0)
        or new_old < old_old
        or status.get("readyReplicas", 0) > old.get("readyReplicas", 0)
        or status.get("availableReplicas", 0) > old.get("availableReplicas", 0)
    )
