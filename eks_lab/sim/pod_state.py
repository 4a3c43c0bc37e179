"""What controllers ask about a pod (k8s.io/kubernetes/pkg/api/v1/pod, pkg/controller/controller_utils.go)."""

from __future__ import annotations

from datetime import datetime, timedelta

from eks_lab.sim.objects import Obj, condition_of, parse_time


def phase_of(pod: Obj) -> str:
    """Return the phase; a pod without one counts as Pending."""
    phase: str = (pod.get("status") or {}).get("phase") or "Pending"
    return phase


def is_finished(pod: Obj) -> bool:
    """Say whether the pod has ended for good."""
    return phase_of(pod) in ("Succeeded", "Failed")


def is_active(pod: Obj) -> bool:
    """Say whether the pod counts for its controller: not finished and not being deleted."""
    return not is_finished(pod) and "deletionTimestamp" not in pod["metadata"]


def is_ready(pod: Obj) -> bool:
    """Say whether the Ready condition holds."""
    condition = condition_of(pod, "Ready")
    return condition is not None and condition["status"] == "True"


def ready_since(pod: Obj) -> datetime | None:
    """Return when the pod became ready; None when it is not."""
    condition = condition_of(pod, "Ready")
    if condition is None or condition["status"] != "True" or not condition.get("lastTransitionTime"):
        return None
    return parse_time(condition["lastTransitionTime"])


def available_in(pod: Obj, min_ready_seconds: int, now: datetime) -> timedelta | None:
    """Return how long until the pod counts as available.

    Args:
        pod: the pod.
        min_ready_seconds: how long it must have been ready.
        now: the present moment.

    Returns:
        Zero when it is available, the time left when it is ready but too young, None when it is not ready.
    """
    since = ready_since(pod)
    if since is None:
        return None
    if min_ready_seconds == 0:
        return timedelta(0)
    return max(timedelta(seconds=min_ready_seconds) - (now - since), timedelta(0))


def restarts_of(pod: Obj) -> int:
    """Return the largest restart count of its containers."""
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    return max((each.get("restartCount", 0) for each in statuses), default=0)
