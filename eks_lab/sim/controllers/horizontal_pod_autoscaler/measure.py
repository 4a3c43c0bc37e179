"""What the algorithm is told: pods as groups, usage and requests as readings (replica_calculator.go)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from eks_lab.calc.horizontal_scaling.autoscaler import Metric
from eks_lab.calc.horizontal_scaling.pods import PerPodReading, Phase, PodGroup, Reading, Unreadable
from eks_lab.sim.objects import Key, Obj, condition_of, key_of, parse_time
from eks_lab.sim.pod_resources import CPU, amount, is_sidecar
from eks_lab.sim.pod_state import is_ready, phase_of

NO_RESOURCE_METRICS = "no metrics returned from resource metrics API"
_PHASES: dict[str, Phase] = {
    "Pending": "Pending",
    "Running": "Running",
    "Succeeded": "Succeeded",
    "Failed": "Failed",
}


@dataclass(frozen=True, slots=True)
class PodUsage:
    """One entry of metrics.k8s.io: what a pod uses."""

    key: Key
    """Of the pod."""
    taken_at: datetime
    """End of the time that the sample covers."""
    window_seconds: float
    """Its length."""
    containers: Mapping[str, Mapping[str, int]]
    """Container -> `cpu` in millicores and `memory` in bytes."""


class UsageSource(Protocol):
    """Where usage comes from."""

    def pod_usage(self, namespace: str, selector: Mapping[str, object]) -> Sequence[PodUsage]:
        """Return the samples there are of pods in a namespace that a label selector matches.

        Args:
            namespace: of the pods.
            selector: a `metav1.LabelSelector`; an empty one matches every pod.

        Raises:
            ApiError: nobody serves metrics.
        """
        ...


def group_of(pod: Obj, epoch: datetime) -> PodGroup:
    """Return a pod as a group of one.

    Args:
        pod: the pod.
        epoch: from which seconds are counted.
    """
    status = pod.get("status") or {}
    ready = condition_of(pod, "Ready")
    changed = ready.get("lastTransitionTime") if ready else None
    started = status.get("startTime")
    return PodGroup(
        1,
        _PHASES.get(phase_of(pod), "Running"),
        is_ready=is_ready(pod),
        is_terminating="deletionTimestamp" in pod["metadata"],
        started_at_seconds=(parse_time(started) - epoch).total_seconds() if started else None,
        ready_changed_at_seconds=(parse_time(changed) - epoch).total_seconds() if changed else None,
    )


def reading_of(
    metric: Metric, pods: Sequence[Obj], usage: Sequence[PodUsage], epoch: datetime, missing: str = ""
) -> Reading:
    """Return what was measured for a metric.

    Args:
        metric: one of the autoscaler's.
        pods: all pods of the target, in the order of their groups.
        usage: samples of the resource metrics API.
        epoch: from which seconds are counted.
        missing: why the resource metrics API did not answer; empty when it did.

    Returns:
        `Unreadable` in the controller's words where nothing can be read; there is no adapter that serves
        custom or external metrics.
    """
    if metric.kind == "External":
        error = f"unable to get external metric {metric.name}: unable to fetch metrics from external metrics API: "
        return Unreadable(
            f"{error}the server could not find the requested resource (get {metric.name}.external.metrics.k8s.io)"
        )
    if not metric.is_resource:
        return Unreadable(
            f"unable to get metric {metric.name}: unable to fetch metrics from custom metrics API: "
            "no custom metrics API (custom.metrics.k8s.io) registered"
        )
    if missing:
        what = f"unable to get metrics for resource {metric.name}: unable to fetch metrics from resource metrics API"
        return Unreadable(f"{what}: {missing}")
    if not usage:
        return Unreadable(f"unable to get metrics for resource {metric.name}: {NO_RESOURCE_METRICS}")
    if not pods:
        return Unreadable("no pods returned by selector while calculating replica count")
    by_key = {each.key: each for each in usage}
    used = tuple(_used(metric, by_key.get(key_of(pod))) for pod in pods)
    requested = tuple(_requested(metric, pod) for pod in pods)
    newest = max(usage, key=lambda each: each.taken_at)
    return PerPodReading(
        used,
        requested,
        (newest.taken_at - epoch).total_seconds(),
        window_seconds=newest.window_seconds,
    )


def _used(metric: Metric, usage: PodUsage | None) -> int | None:
    """Return milli-units of one pod; None without a sample of every container that is asked about."""
    if usage is None:
        return None
    if metric.container:
        found = usage.containers.get(metric.container)
        if found is None or metric.name not in found:
            return None
        return _milli(metric.name, found[metric.name])
    total = 0
    for container in usage.containers.values():
        if metric.name not in container:
            return None
        total += container[metric.name]
    return _milli(metric.name, total)


def _milli(name: str, value: int) -> int:
    return value if name == CPU else value * 1000


def _requested(metric: Metric, pod: Obj) -> int | None:
    return None if missing_request(metric, pod) else _request_total(metric, pod)


def _request_total(metric: Metric, pod: Obj) -> int:
    level = ((pod["spec"].get("resources") or {}).get("requests") or {}).get(metric.name)
    if level is not None and not metric.container:
        return _milli(metric.name, amount(metric.name, str(level)))
    total = 0
    for container in _containers(metric, pod):
        total += amount(metric.name, str(container["resources"]["requests"][metric.name]))
    return _milli(metric.name, total)


def missing_request(metric: Metric, pod: Obj) -> str:
    """Return the container of a pod that asks for nothing of a resource, empty when each asks for some."""
    if ((pod["spec"].get("resources") or {}).get("requests") or {}).get(metric.name) and not metric.container:
        return ""
    for container in _containers(metric, pod):
        if metric.name not in ((container.get("resources") or {}).get("requests") or {}):
            name: str = container["name"]
            return name
    return ""


def _containers(metric: Metric, pod: Obj) -> list[Obj]:
    containers = list(pod["spec"].get("containers") or ())
    containers += [each for each in pod["spec"].get("initContainers") or () if is_sidecar(each)]
    return [each for each in containers if not metric.container or each["name"] == metric.container]
