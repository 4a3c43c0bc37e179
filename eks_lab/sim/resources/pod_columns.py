"""What `kubectl get pods` shows: the summary that folds containers, phase and deletion into one word."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from eks_lab.sim.objects import Obj
from eks_lab.sim.resource import Column
from eks_lab.sim.resources.columns import AGE, NAME, NONE, age_text


class PodSummary(NamedTuple):
    """The computed cells of a pod's row (pkg/printers/internalversion printPod)."""

    ready: str
    """`1/2`: ready containers of all, sidecars included."""
    status: str
    """`Running`, `CrashLoopBackOff`, `Init:0/1`, `Terminating`, …"""
    restarts: int
    """Of the containers that count at this stage."""
    last_restart: str
    """When the last restarted container had ended; empty when none did."""


def _is_sidecar(container: Obj | None) -> bool:
    return container is not None and container.get("restartPolicy") == "Always"


def _has_condition(conditions: Iterable[Obj], kind: str) -> bool:
    return any(each.get("type") == kind and each.get("status") == "True" for each in conditions)


def _end_text(terminated: Obj) -> str:
    reason: str = terminated.get("reason", "")
    if reason:
        return reason
    if terminated.get("signal"):
        return f"Signal:{terminated['signal']}"
    return f"ExitCode:{terminated.get('exitCode', 0)}"


def _last_end(status: Obj) -> str:
    terminated = (status.get("lastState") or {}).get("terminated") or {}
    finished: str = terminated.get("finishedAt") or ""
    return finished


def _initialising(number: int, status: Obj, sidecar: bool, count: int) -> str | None:
    """Return the Init status that one init container causes; None when it is done."""
    state = status.get("state") or {}
    terminated, waiting = state.get("terminated"), state.get("waiting")
    if terminated is not None and terminated.get("exitCode", 0) == 0:
        return None
    if sidecar and status.get("started"):
        return None
    if terminated is not None:
        return f"Init:{_end_text(terminated)}"
    if waiting is not None and waiting.get("reason", "") not in ("", "PodInitializing"):
        return f"Init:{waiting['reason']}"
    return f"Init:{number}/{count}"


def pod_summary(pod: Obj) -> PodSummary:
    """Return the computed cells of a pod's row."""
    spec, status = pod["spec"], pod.get("status") or {}
    conditions = status.get("conditions") or ()
    init_containers = spec.get("initContainers") or ()
    sidecars = {each["name"] for each in init_containers if _is_sidecar(each)}
    phase = status.get("phase", "")
    reason = status.get("reason") or phase
    if any(each["type"] == "PodScheduled" and each.get("reason") == "SchedulingGated" for each in conditions):
        reason = "SchedulingGated"
    total, ready, restarts, sidecar_restarts = len(spec["containers"]) + len(sidecars), 0, 0, 0
    last_restart = sidecar_last_restart = ""
    initialising = False
    for number, each in enumerate(status.get("initContainerStatuses") or ()):
        is_sidecar = each["name"] in sidecars
        restarts += each.get("restartCount", 0)
        last_restart = max(last_restart, _last_end(each))
        if is_sidecar:
            sidecar_restarts += each.get("restartCount", 0)
            sidecar_last_restart = max(sidecar_last_restart, _last_end(each))
        problem = _initialising(number, each, is_sidecar, len(init_containers))
        if problem is not None:
            reason, initialising = problem, True
            break
        ended = ((each.get("state") or {}).get("terminated") or {}).get("exitCode") == 0
        if is_sidecar and not ended and each.get("ready"):
            ready += 1
    if not initialising or _has_condition(conditions, "Initialized"):
        restarts, last_restart = sidecar_restarts, sidecar_last_restart
        has_running = False
        for each in reversed(status.get("containerStatuses") or ()):
            state = each.get("state") or {}
            restarts += each.get("restartCount", 0)
            last_restart = max(last_restart, _last_end(each))
            if (state.get("waiting") or {}).get("reason"):
                reason = state["waiting"]["reason"]
            elif state.get("terminated") is not None:
                reason = _end_text(state["terminated"])
            elif each.get("ready") and state.get("running") is not None:
                has_running = True
                ready += 1
        if reason == "Completed" and has_running:
            reason = "Running" if _has_condition(conditions, "Ready") else "NotReady"
    if pod["metadata"].get("deletionTimestamp"):
        if status.get("reason") == "NodeLost":
            reason = "Unknown"
        elif phase not in ("Succeeded", "Failed"):
            reason = "Terminating"
    return PodSummary(f"{ready}/{total}", reason, restarts, last_restart)


def _restarts(pod: Obj, now: datetime) -> str:
    summary = pod_summary(pod)
    if summary.restarts and summary.last_restart:
        return f"{summary.restarts} ({age_text(summary.last_restart, now)} ago)"
    return str(summary.restarts)


def _ip(pod: Obj, now: datetime) -> str:
    status = pod.get("status") or {}
    addresses = status.get("podIPs") or ()
    return (addresses[0].get("ip", "") if addresses else status.get("podIP", "")) or NONE


def _readiness_gates(pod: Obj, now: datetime) -> str:
    gates = pod["spec"].get("readinessGates") or ()
    if not gates:
        return NONE
    conditions = (pod.get("status") or {}).get("conditions") or ()
    met = sum(_has_condition(conditions, gate["conditionType"]) for gate in gates)
    return f"{met}/{len(gates)}"


def _or_none(value: Any) -> Any:
    return value or NONE


COLUMNS = (
    NAME,
    Column(
        "Ready",
        lambda pod, now: pod_summary(pod).ready,
        description="The aggregate readiness state of this pod for accepting traffic.",
    ),
    Column(
        "Status",
        lambda pod, now: pod_summary(pod).status,
        description="The aggregate status of the containers in this pod.",
    ),
    Column(
        "Restarts",
        _restarts,
        description="The number of times the containers in this pod have been restarted and when the last "
        "container in this pod has restarted.",
    ),
    AGE,
    Column("IP", _ip, wide=True),
    Column("Node", lambda pod, now: _or_none(pod["spec"].get("nodeName")), wide=True),
    Column(
        "Nominated Node",
        lambda pod, now: _or_none((pod.get("status") or {}).get("nominatedNodeName")),
        wide=True,
    ),
    Column("Readiness Gates", _readiness_gates, wide=True),
)
