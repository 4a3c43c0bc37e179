"""The status of a Deployment and its conditions: pure functions (sync.go, progress.go)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from eks_lab.sim.controllers.deployment.decide import (
    is_complete,
    is_progressing,
    max_unavailable,
    replicas_of,
    status_number,
)
from eks_lab.sim.objects import Obj, condition_of, moment_of, timestamp

NO_DEADLINE = 2**31 - 1
"""progressDeadlineSeconds that means never."""


def condition(kind: str, status: str, reason: str, message: str, now: datetime) -> Obj:
    """Return a condition that changed now."""
    return {
        "type": kind,
        "status": status,
        "lastUpdateTime": timestamp(now),
        "lastTransitionTime": timestamp(now),
        "reason": reason,
        "message": message,
    }


def set_condition(conditions: Sequence[Obj], new: Obj) -> list[Obj]:
    """Return conditions with one replaced; unchanged status and reason keep the old one whole."""
    old = next((each for each in conditions if each["type"] == new["type"]), None)
    if old is not None and old["status"] == new["status"] and old.get("reason") == new["reason"]:
        return list(conditions)
    if old is not None and old["status"] == new["status"]:
        new = {**new, "lastTransitionTime": old.get("lastTransitionTime") or new["lastTransitionTime"]}
    return [*(each for each in conditions if each["type"] != new["type"]), new]


def without(conditions: Sequence[Obj], kind: str) -> list[Obj]:
    """Return the other conditions."""
    return [each for each in conditions if each["type"] != kind]


def status_of(
    deployment: Obj, sets: Sequence[Obj], new: Obj | None, now: datetime, *, counts_terminating: bool
) -> Obj:
    """Return the status with its counts and the Available condition."""
    replicas = sum(status_number(each, "replicas") for each in sets)
    available = sum(status_number(each, "availableReplicas") for each in sets)
    ready = sum(status_number(each, "readyReplicas") for each in sets)
    wished = sum(replicas_of(each) for each in sets)
    conditions = list((deployment.get("status") or {}).get("conditions") or ())
    if available >= replicas_of(deployment) - max_unavailable(deployment):
        reason, message = "MinimumReplicasAvailable", "Deployment has minimum availability."
        conditions = set_condition(conditions, condition("Available", "True", reason, message, now))
    else:
        reason, message = (
            "MinimumReplicasUnavailable",
            "Deployment does not have minimum availability.",
        )
        conditions = set_condition(conditions, condition("Available", "False", reason, message, now))
    counts = {
        "replicas": replicas,
        "updatedReplicas": status_number(new, "replicas") if new else 0,
        "readyReplicas": ready,
        "availableReplicas": available,
        "unavailableReplicas": max(wished - available, 0),
    }
    status: Obj = {"observedGeneration": deployment["metadata"].get("generation", 0)}
    status |= {field: value for field, value in counts.items() if value}
    if counts_terminating:
        status["terminatingReplicas"] = sum(status_number(each, "terminatingReplicas") for each in sets)
    collisions = (deployment.get("status") or {}).get("collisionCount")
    if collisions is not None:
        status["collisionCount"] = collisions
    status["conditions"] = conditions
    return status


def with_progress(deployment: Obj, status: Obj, sets: Sequence[Obj], new: Obj | None, now: datetime) -> Obj:
    """Return the status with the Progressing and ReplicaFailure conditions brought up to date."""
    conditions: list[Obj] = list(status["conditions"])
    stored = deployment.get("status") or {}
    current = condition_of({"status": status}, "Progressing")
    if not has_deadline(deployment):
        conditions = without(conditions, "Progressing")
    is_done = (
        stored.get("replicas", 0) == stored.get("updatedReplicas", 0)
        and current is not None
        and current.get("reason") == "NewReplicaSetAvailable"
    )
    if has_deadline(deployment) and not is_done:
        name = (
            f'ReplicaSet "{new["metadata"]["name"]}"'
            if new
            else f'Deployment "{deployment["metadata"]["name"]}"'
        )
        if is_complete(deployment, status):
            message = f"{name} has successfully progressed."
            conditions = set_condition(
                conditions, condition("Progressing", "True", "NewReplicaSetAvailable", message, now)
            )
        elif is_progressing(deployment, status):
            fresh = condition("Progressing", "True", "ReplicaSetUpdated", f"{name} is progressing.", now)
            if current is not None and current["status"] == "True":
                fresh["lastTransitionTime"] = current.get("lastTransitionTime") or fresh["lastTransitionTime"]
            conditions = [*without(conditions, "Progressing"), fresh]
        elif has_timed_out(deployment, status, now):
            message = f"{name} has timed out progressing."
            conditions = set_condition(
                conditions, condition("Progressing", "False", "ProgressDeadlineExceeded", message, now)
            )
    failure = replica_failure(sets, new)
    conditions = set_condition(conditions, failure) if failure else without(conditions, "ReplicaFailure")
    return {**status, "conditions": conditions}


def replica_failure(sets: Sequence[Obj], new: Obj | None) -> Obj | None:
    """Return the ReplicaFailure condition of the new ReplicaSet, or of any, as a Deployment's."""
    ordered = ([new] if new else []) + [each for each in sets if each is not new]
    for each in ordered:
        found = condition_of(each, "ReplicaFailure")
        if found is not None:
            moment = found.get("lastTransitionTime")
            return {
                "type": "ReplicaFailure",
                "status": found["status"],
                "lastUpdateTime": moment,
                "lastTransitionTime": moment,
                "reason": found.get("reason") or "",
                "message": found.get("message") or "",
            }
    return None


def has_deadline(deployment: Obj) -> bool:
    """Say whether rollouts may time out."""
    seconds = deployment["spec"].get("progressDeadlineSeconds")
    return seconds is not None and seconds != NO_DEADLINE


def has_timed_out(deployment: Obj, status: Obj, now: datetime) -> bool:
    """Say whether nothing moved for progressDeadlineSeconds."""
    current = condition_of({"status": status}, "Progressing")
    if current is None or current.get("reason") == "NewReplicaSetAvailable":
        return False
    if current.get("reason") == "ProgressDeadlineExceeded":
        return True
    deadline = timedelta(seconds=deployment["spec"]["progressDeadlineSeconds"])
    return now - moment_of(current, "lastUpdateTime") > deadline


def until_timeout(deployment: Obj, status: Obj, now: datetime) -> timedelta | None:
    """Return when to look again for a rollout that does not move; None when there is no need."""
    current = condition_of({"status": status}, "Progressing")
    if current is None or not has_deadline(deployment):
        return None
    if is_complete(deployment, status) or current.get("reason") in (
        "NewReplicaSetAvailable",
        "ProgressDeadlineExceeded",
    ):
        return None
    deadline = timedelta(seconds=deployment["spec"]["progressDeadlineSeconds"])
    left = deadline - (now - moment_of(current, "lastUpdateTime"))
    return max(left, timedelta(0)) + timedelta(seconds=1)
