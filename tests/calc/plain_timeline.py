"""A timeline played the plain way: every look on its own, nothing remembered but the controller's history.

The reference for `eks_lab.calc.horizontal_scaling.timeline.simulate`, which reuses what it has decided.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from eks_lab.calc.horizontal_scaling.autoscaler import Autoscaler, ControllerFlags, Metric
from eks_lab.calc.horizontal_scaling.cohorts import SAMPLE_WINDOW_SECONDS
from eks_lab.calc.horizontal_scaling.decision import decide
from eks_lab.calc.horizontal_scaling.load_curve import LoadCurve
from eks_lab.calc.horizontal_scaling.pods import (
    LONG_AGO,
    PerPodReading,
    PodGroup,
    Reading,
    TotalReading,
)
from eks_lab.calc.horizontal_scaling.restraint import History
from eks_lab.calc.horizontal_scaling.timeline import Tick, Workload


@dataclass(frozen=True, slots=True)
class _Cohort:
    """Pods that were created together."""

    count: int
    runs_at: float
    ready_at: float
    # What the controller sees of them, one after the other; made once, looked at every few seconds.
    pending: PodGroup
    running: PodGroup
    ready: PodGroup


_Cohorts = tuple[_Cohort, ...]


def _cohort(count: int, runs_at: float, ready_at: float) -> _Cohort:
    return _Cohort(
        count,
        runs_at,
        ready_at,
        pending=PodGroup(count, "Pending", is_ready=False, started_at_seconds=None),
        running=PodGroup(count, is_ready=False, started_at_seconds=runs_at, ready_changed_at_seconds=runs_at),
        ready=PodGroup(count, started_at_seconds=runs_at, ready_changed_at_seconds=ready_at),
    )


def simulate_plainly(
    autoscaler: Autoscaler,
    flags: ControllerFlags,
    workload: Workload,
    load: LoadCurve,
    duration_seconds: float,
    initial_replicas: int,
    fixed: Sequence[Reading | int | None] = (),
) -> tuple[Tick, ...]:
    """Return every look of a play; arguments as those of `simulate`."""
    pinned = fixed or (None,) * len(autoscaler.metrics)
    history = History()
    cohorts: _Cohorts = (_cohort(initial_replicas, LONG_AGO, LONG_AGO),)
    past: list[tuple[float, _Cohorts]] = [(LONG_AGO, cohorts)]
    ticks: list[Tick] = []
    replicas = initial_replicas
    for number in range(int(duration_seconds / flags.sync_period_seconds + 1e-9) + 1):
        now = number * flags.sync_period_seconds
        ready = _ready(cohorts, now)
        pods = tuple(_group(cohort, now) for cohort in cohorts)
        sampled_at = now - workload.metric_delay_seconds
        serving = _ready(next(then for since, then in reversed(past) if since <= sampled_at), sampled_at)
        # Before the start the load was what it is at the start.
        seen = _Seen(workload, cohorts, pods, load(max(0.0, sampled_at)), serving, sampled_at)
        readings = [
            _reading(metric, seen, reading)
            for metric, reading in zip(autoscaler.metrics, pinned, strict=True)
        ]
        decision, history = decide(autoscaler, flags, history, pods, readings, replicas, now)
        present = load(now)
        ticks.append(Tick(now, present, ready, decision, _utilisation(present, ready, workload)))
        replicas = decision.desired
        if decision.change:
            cohorts = _resized(cohorts, decision.change, now, workload)
        cohorts = _merged(cohorts, sampled_at - flags.cpu_initialisation_seconds)
        past.append((now, cohorts))
        if len(past) > 2 and past[1][0] <= sampled_at:
            del past[0]
    return tuple(ticks)


def _ready(cohorts: _Cohorts, now: float) -> int:
    return sum(cohort.count for cohort in cohorts if cohort.ready_at <= now)


def _utilisation(load: float, ready: int, workload: Workload) -> float | None:
    return 100 * load / (ready * workload.capacity_rps) if ready else None


def _group(cohort: _Cohort, now: float) -> PodGroup:
    if cohort.ready_at <= now:
        return cohort.ready
    return cohort.running if cohort.runs_at <= now else cohort.pending


def _resized(cohorts: _Cohorts, by: int, now: float, workload: Workload) -> _Cohorts:
    if by > 0:
        runs_at = now + workload.start_seconds
        return (*cohorts, _cohort(by, runs_at, runs_at + workload.ready_delay_seconds))
    left = list(cohorts)
    excess = -by
    while excess and left:
        newest = left.pop()
        if newest.count > excess:
            left.append(_cohort(newest.count - excess, newest.runs_at, newest.ready_at))
        excess -= min(excess, newest.count)
    return tuple(left)


def _merged(cohorts: _Cohorts, before: float) -> _Cohorts:
    """Return the cohorts with the old ones as one: nothing tells them apart any more."""
    old = sum(1 for cohort in cohorts if cohort.ready_at < before)
    if old < 2:
        return cohorts
    return (_cohort(sum(cohort.count for cohort in cohorts[:old]), LONG_AGO, LONG_AGO), *cohorts[old:])


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the samples are made of."""

    workload: Workload
    cohorts: _Cohorts
    pods: Sequence[PodGroup]
    load_rps: float
    serving: int
    sampled_at: float


def _reading(metric: Metric, seen: _Seen, pinned: Reading | int | None) -> Reading:
    if pinned is not None and not isinstance(pinned, int):
        return pinned
    if not metric.is_per_pod:
        return TotalReading(_milli(seen.load_rps))
    share = seen.load_rps / seen.serving if seen.serving else 0.0
    request = 0
    if metric.is_resource:
        request = seen.workload.cpu_request_milli
        busy = share / seen.workload.capacity_rps
        if seen.workload.cpu_ceiling_percent is not None:
            busy = min(busy, seen.workload.cpu_ceiling_percent / 100)
        amount = math.ceil(busy * request - 1e-6)
    else:
        amount = _milli(share)
    usage: list[int | None] = []
    for cohort in seen.cohorts:
        if cohort.runs_at + SAMPLE_WINDOW_SECONDS > seen.sampled_at:
            usage.append(None)
        elif pinned is not None:
            usage.append(pinned)
        else:
            usage.append(amount if cohort.ready_at <= seen.sampled_at else 0)
    if pinned is not None and metric.target_kind == "Utilization":
        request = 1000
    return PerPodReading(
        tuple(usage), (request,) * len(usage), seen.sampled_at, window_seconds=SAMPLE_WINDOW_SECONDS
    )


def _milli(amount: float) -> int:
    return math.ceil(amount * 1000 - 1e-6)
