"""The pods behind an autoscaler and what was measured of them.

Pods that look alike are one group, so that a thousand of them cost as much as one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from eks_lab.calc.horizontal_scaling.autoscaler import ControllerFlags, Metric

Phase = Literal["Pending", "Running", "Succeeded", "Failed"]
LONG_AGO = -math.inf


@dataclass(frozen=True, slots=True)
class PodGroup:
    """Pods in the same state."""

    count: int
    """How many; 0 and more."""
    phase: Phase = "Running"
    """`status.phase`."""
    is_ready: bool = True
    """Condition `Ready`."""
    is_terminating: bool = False
    """Whether a deletion timestamp is set."""
    started_at_seconds: float | None = LONG_AGO
    """`status.startTime`; None before kubelet took the pod."""
    ready_changed_at_seconds: float | None = LONG_AGO
    """Last change of the condition `Ready`; None when there is no such condition."""


class PerPodReading(NamedTuple):
    """A metric with a value for each pod."""

    usage: tuple[int | None, ...]
    """For each group, milli-units of one of its pods; None when there is no sample."""
    request: tuple[int | None, ...] = ()
    """For each group, the milli-units that one of its pods requests; None when a container sets no request."""
    sampled_at_seconds: float = math.inf
    """When the samples were taken; infinity for just now."""
    window_seconds: float = 0.0
    """Time that a sample covers, before it was taken."""


@dataclass(frozen=True, slots=True)
class TotalReading:
    """A metric with one value for all, of an object or from outside the cluster."""

    total: int
    """Milli-units."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A metric that could not be read."""

    error: str
    """Why."""


Reading = PerPodReading | TotalReading | Unreadable


@dataclass(slots=True)
class Classes:
    """Indexes of pod groups by the part they play for a metric."""

    measured: list[int]
    """With a sample that counts."""
    unready: list[int]
    """Not yet ready: without a say, except against a scale-up."""
    missing: list[int]
    """Without a sample."""


def classify(
    pods: Sequence[PodGroup], metric: Metric, reading: PerPodReading, flags: ControllerFlags, now: float
) -> Classes:
    """Sort pods into measured, not yet ready and missing.

    Terminating and failed pods belong to none of them. Readiness matters for CPU only; for other metrics
    a pod counts as soon as it runs and has a sample.

    Args:
        pods: the groups.
        metric: the metric that is asked about.
        reading: its samples.
        flags: of the controller; the two readiness delays matter here.
        now: present time in seconds, on the scale of the pods' times.
    """
    found = Classes([], [], [])
    is_cpu = metric.is_resource and metric.name == "cpu"
    for index, group in enumerate(pods):
        if group.count == 0 or group.is_terminating or group.phase == "Failed":
            continue
        if group.phase == "Pending":
            found.unready.append(index)
        elif reading.usage[index] is None:
            found.missing.append(index)
        elif is_cpu and _is_unready(group, reading, flags, now):
            found.unready.append(index)
        else:
            found.measured.append(index)
    return found


def _is_unready(group: PodGroup, reading: PerPodReading, flags: ControllerFlags, now: float) -> bool:
    started, changed = group.started_at_seconds, group.ready_changed_at_seconds
    if started is None or changed is None:
        return True
    if started + flags.cpu_initialisation_seconds > now:
        # In its first minutes a sample counts only if the pod was ready all the time that it covers.
        return not group.is_ready or reading.sampled_at_seconds < changed + reading.window_seconds
    # Later, an unready pod is left out only when it seems never to have been ready.
    return not group.is_ready and started + flags.initial_readiness_seconds > changed


def ready_pods(pods: Sequence[PodGroup]) -> int:
    """Return the pods that run and are ready, terminating ones included."""
    return sum(group.count for group in pods if group.is_ready and group.phase == "Running")
