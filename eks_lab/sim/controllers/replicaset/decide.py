"""Which pods to delete, and what the status says: pure functions."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from eks_lab.sim.objects import Obj, annotations_of, labels_of, parse_time, timestamp
from eks_lab.sim.pod_state import available_in, is_active, is_ready, phase_of, ready_since, restarts_of

_PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}


def batches(count: int) -> Iterator[int]:
    """Yield the sizes of slow-start batches: 1, 2, 4, … until `count` is used up."""
    size = 1
    while count > 0:
        yield min(size, count)
        count -= size
        size *= 2


def doomed(pods: Sequence[Obj], related: Sequence[Obj], count: int, now: datetime) -> list[Obj]:
    """Return the pods to delete when there are too many.

    Args:
        pods: active pods of the set.
        related: active pods of all sets with the same controller; they decide which node is crowded.
        count: how many must go.
        now: the present moment.
    """
    if count >= len(pods):
        return list(pods)
    crowd = Counter(pod["spec"].get("nodeName", "") for pod in related)
    return sorted(pods, key=lambda pod: _rank(pod, crowd[pod["spec"].get("nodeName", "")], now))[:count]


def _rank(pod: Obj, neighbours: int, now: datetime) -> tuple[Any, ...]:
    since = ready_since(pod)
    created = parse_time(pod["metadata"]["creationTimestamp"])
    return (
        bool(pod["spec"].get("nodeName")),
        _PHASES.get(phase_of(pod), 2),
        is_ready(pod),
        deletion_cost(pod),
        -neighbours,
        _log_age(now - since) if since else -1,
        -restarts_of(pod),
        _log_age(now - created),
        pod["metadata"]["uid"],
    )


def _log_age(age: timedelta) -> int:
    """Return the logarithmic age bucket: pods of about the same age are told apart by uid (LogarithmicScaleDown)."""
    seconds = age.total_seconds()
    return int(math.log2(seconds)) if seconds >= 1 else 0


def deletion_cost(pod: Obj) -> int:
    """Return `controller.kubernetes.io/pod-deletion-cost`, 0 when it is absent or no number."""
    try:
        return int(annotations_of(pod).get("controller.kubernetes.io/pod-deletion-cost", "0"))
    except ValueError:
        return 0


def status_of(
    owner: Obj, pods: Sequence[Obj], failure: str, now: datetime, *, counts_terminating: bool
) -> tuple[Obj, timedelta | None]:
    """Return the new status, and how long until another pod becomes available.

    Args:
        owner: the ReplicaSet.
        pods: all its pods, also those being deleted.
        failure: why creating or deleting was refused; empty when it was not.
        now: the present moment.
        counts_terminating: True from Kubernetes 1.35 on.
    """
    template_labels = ((owner["spec"].get("template") or {}).get("metadata") or {}).get("labels") or {}
    min_ready = owner["spec"].get("minReadySeconds", 0)
    active = [pod for pod in pods if is_active(pod)]
    labelled = ready = available = 0
    wait: timedelta | None = None
    for pod in active:
        labels = labels_of(pod)
        labelled += all(labels.get(key) == value for key, value in template_labels.items())
        left = available_in(pod, min_ready, now)
        ready += is_ready(pod)
        if left is not None:
            available += not left
            if left:
                wait = min(wait, left) if wait else left
    status: Obj = {"replicas": len(active)}
    for field, value in (
        ("fullyLabeledReplicas", labelled),
        ("readyReplicas", ready),
        ("availableReplicas", available),
    ):
        if value:
            status[field] = value
    if counts_terminating:
        status["terminatingReplicas"] = sum(
            1
            for pod in pods
            if "deletionTimestamp" in pod["metadata"] and phase_of(pod) not in ("Succeeded", "Failed")
        )
    status["observedGeneration"] = owner["metadata"].get("generation", 0)
    old = owner.get("status") or {}
    conditions = [each for each in old.get("conditions") or () if each["type"] != "ReplicaFailure"]
    if failure:
        before = next(
            (each for each in old.get("conditions") or () if each["type"] == "ReplicaFailure"), None
        )
        reason = "FailedCreate" if len(active) < (owner["spec"].get("replicas") or 0) else "FailedDelete"
        conditions.append(
            before
            or {
                "type": "ReplicaFailure",
                "status": "True",
                "lastTransitionTime": timestamp(now),
                "reason": reason,
                "message": failure,
            }
        )
    if conditions:
        status["conditions"] = conditions
    return status, wait
