"""A workload under a load curve, with an autoscaler looking at it every sync period.

The model: every ready pod takes the same share of the load, CPU grows in proportion, a new pod needs its
start-up time until it runs and its readiness delay until it serves, and samples are some seconds old. The
newest pods go first. Nodes are never short: put the time they need into the start-up time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from eks_lab.calc.horizontal_scaling.autoscaler import (
    LONGEST_PERIOD_SECONDS,
    Autoscaler,
    ControllerFlags,
    Metric,
    tolerances,
)
from eks_lab.calc.horizontal_scaling.cohorts import (
    SAMPLE_WINDOW_SECONDS,
    Cohort,
    Cohorts,
    ready_at,
    with_old_ones_as_one,
    without_newest,
)
from eks_lab.calc.horizontal_scaling.decision import Decision, by_bounds
from eks_lab.calc.horizontal_scaling.load_curve import LoadCurve
from eks_lab.calc.horizontal_scaling.pods import PerPodReading, PodGroup, Reading, TotalReading
from eks_lab.calc.horizontal_scaling.proposal import propose
from eks_lab.calc.horizontal_scaling.recurrence import Proposed, Wishes
from eks_lab.calc.horizontal_scaling.restraint import History


@dataclass(frozen=True, slots=True)
class Workload:
    """How the pods behave."""

    capacity_rps: float
    """Requests a second that a pod serves when it uses just the CPU it requests; above 0."""
    cpu_request_milli: int = 250
    """CPU request of a pod in thousandths of a core; above 0."""
    cpu_ceiling_percent: float | None = None
    """Most CPU that a pod can use, as a share of its request: its limit. None when nothing stops it."""
    start_seconds: float = 20.0
    """From the decision until the container runs."""
    ready_delay_seconds: float = 10.0
    """From then until the pod is ready."""
    metric_delay_seconds: float = 15.0
    """Age of the samples the controller sees."""

    def carried_rps(self, metric: Metric) -> float | None:
        """Return the load that one pod carries at the target of a metric; None when pods do not share it."""
        if metric.target_kind == "Value":
            return None
        if not metric.is_resource:
            return metric.target / 1000
        if metric.name != "cpu":
            return None
        if metric.target_kind == "Utilization":
            return self.capacity_rps * metric.target / 100
        return self.capacity_rps * metric.target / self.cpu_request_milli


class Tick(NamedTuple):
    """One look of the controller."""

    seconds: float
    """Since the start."""
    load_rps: float
    """Load at that time."""
    ready: int
    """Pods that serve."""
    decision: Decision
    """From the replicas there were to the replicas there are to be."""
    utilisation_percent: float | None
    """Load ÷ what the ready pods serve at 100 % of their request; None when no pod is ready."""


_TICK: Callable[[Iterable[object]], Tick] = partial(tuple.__new__, Tick)
"""A row as a Tick: a day has thousands of them."""


def simulate(
    autoscaler: Autoscaler,
    flags: ControllerFlags,
    workload: Workload,
    load: LoadCurve,
    duration_seconds: float,
    initial_replicas: int,
    fixed: Sequence[Reading | int | None] = (),
) -> tuple[Tick, ...]:
    """Play a load curve.

    Args:
        autoscaler: what is tried.
        flags: of its controller.
        workload: its pods.
        load: requests a second over time.
        duration_seconds: of the play; the controller looks at 0 and then every sync period.
        initial_replicas: pods at the start, all long ready.
        fixed: for each metric a reading that the load does not move, or None: a total, an error, or the
            milli-units of one pod (of 1000 requested, where the target is a utilization). Empty for none.

    Returns:
        Every look, in the order of time.
    """
    looks = looks_of(flags, workload, load, duration_seconds)
    return play(autoscaler, flags, workload, looks, initial_replicas, fixed)


@dataclass(frozen=True, slots=True)
class Looks:
    """When the controller looks, and the load then; the same for every autoscaler that is tried."""

    times_seconds: tuple[float, ...]
    """Ascending, from 0 on."""
    loads_rps: tuple[float, ...]
    """Load at each time."""
    sampled_rps: tuple[float, ...]
    """Load when the samples were taken that are seen at each time."""


def looks_of(flags: ControllerFlags, workload: Workload, load: LoadCurve, duration_seconds: float) -> Looks:
    """Return the looks of a play; arguments as those of `simulate`."""
    period, delay = flags.sync_period_seconds, workload.metric_delay_seconds
    times = [number * period for number in range(int(duration_seconds / period + 1e-9) + 1)]
    loads = [load(now) for now in times]
    late = round(delay / period)
    if late < len(times) and late * period == delay and float(period).is_integer():
        # Samples of full periods ago: the load of an earlier look, before the start the load at the start.
        sampled = [*[loads[0]] * late, *loads[: len(loads) - late]]
    else:
        sampled = [load(max(0.0, now - delay)) for now in times]
    return Looks(tuple(times), tuple(loads), tuple(sampled))


def play(
    autoscaler: Autoscaler,
    flags: ControllerFlags,
    workload: Workload,
    looks: Looks,
    initial_replicas: int,
    fixed: Sequence[Reading | int | None] = (),
) -> tuple[Tick, ...]:
    """Play looks; the other arguments and what is returned are those of `simulate`."""
    pinned = fixed or (None,) * len(autoscaler.metrics)
    delay, initialisation = workload.metric_delay_seconds, flags.cpu_initialisation_seconds
    capacity, times = workload.capacity_rps, looks.times_seconds
    amounts_of = _amounts(autoscaler, workload)
    wishes = Wishes(autoscaler, flags, initial_replicas)
    history, replicas = History(), initial_replicas
    cohorts: Cohorts = (Cohort(initial_replicas),)
    after_looks: list[Cohorts] = []
    situations: dict[object, dict[object, Proposed]] = {}
    proposed: dict[object, Proposed] = {}
    pods: tuple[PodGroup, ...] = ()
    proposer = _Proposer(autoscaler, flags, workload, pinned)
    readies: list[int] = []
    decisions: list[Decision] = []
    sampled_cohorts, sampled_until, serving = cohorts, -math.inf, 0
    stages_until, ready, past = -math.inf, 0, -1
    amounts: tuple[int, ...] = ()
    seen = math.nan, 0
    forced = by_bounds(autoscaler, replicas)
    changed_at, skip_to = -math.inf, 0
    for number, now in enumerate(times):
        if number < skip_to:
            continue
        sampled_at = now - delay
        if now >= stages_until:
            stages, ready, stages_until = _stages(cohorts, now, sampled_at, initialisation)
            proposed = situations.setdefault((replicas, stages), {})
            pods = tuple([cohort.pods(now) for cohort in cohorts])
        while past + 1 < number and times[past + 1] <= sampled_at:
            past += 1
            if after_looks[past] is not sampled_cohorts:
                sampled_cohorts, sampled_until = after_looks[past], -math.inf
        if sampled_at >= sampled_until:
            serving = ready_at(sampled_cohorts, sampled_at)
            later = [cohort.ready_at for cohort in sampled_cohorts if cohort.ready_at > sampled_at]
            sampled_until = min(later, default=math.inf)
        present = looks.sampled_rps[number], serving
        if present != seen:
            seen, amounts = present, amounts_of(*present)
        found = proposed.get(amounts)
        if found is None:
            found = proposed[amounts] = proposer.propose(cohorts, pods, amounts, replicas, now)
        decision = forced or found.unable or wishes.decision(found, history, now)
        readies.append(ready)
        decisions.append(decision)
        change = decision.desired - replicas
        if change:
            replicas, changed_at = decision.desired, now
            forced = by_bounds(autoscaler, replicas)
            if autoscaler.behaviour is not None:
                rules = autoscaler.behaviour.up if change > 0 else autoscaler.behaviour.down
                history = history.with_change(now, change, rules)
            if change > 0:
                runs_at = now + workload.start_seconds
                cohorts = (*cohorts, Cohort(change, runs_at, runs_at + workload.ready_delay_seconds))
            else:
                cohorts = without_newest(cohorts, -change)
            stages_until = -math.inf
        if len(cohorts) > 1:
            merged = with_old_ones_as_one(cohorts, sampled_at - initialisation)
            if merged is not cohorts:
                cohorts, stages_until = merged, -math.inf
        after_looks.append(cohorts)
        if not stages_until == sampled_until == math.inf or sampled_cohorts is not cohorts or change:
            continue
        # No pod is under way: until the next step only the load, windows and policies matter.
        skip_to = number + 1
        is_wish = not (forced or found.unable)
        if not (is_wish and wishes.are_several) and (
            autoscaler.behaviour is None or now - changed_at > LONGEST_PERIOD_SECONDS
        ):
            # Until the load changes every look comes to the same.
            while skip_to < len(times) and looks.sampled_rps[skip_to] == present[0]:
                decisions.append(decision)
                skip_to += 1
            if is_wish:
                wishes.stand_until(times[skip_to - 1])
        while is_wish and skip_to < len(times):
            sampled = looks.sampled_rps[skip_to]
            if sampled != seen[0]:
                seen, amounts = (sampled, serving), amounts_of(sampled, serving)
                found = proposed.get(amounts)
                if found is None:
                    found = proposed[amounts] = proposer.propose(
                        cohorts, pods, amounts, replicas, times[skip_to]
                    )
            elif not wishes.are_several:
                break
            decision = found.unable or wishes.decision(found, history, times[skip_to])
            if decision.desired != replicas:
                # That look is not over: what it decides, it decides again.
                break
            decisions.append(decision)
            skip_to += 1
        skipped = skip_to - number - 1
        readies += [ready] * skipped
        after_looks += [cohorts] * skipped
        # The cohorts of every look up to here are those that are sampled.
        past = skip_to - 1
    busy = [
        100 * load / (ready * capacity) if ready else None
        for load, ready in zip(looks.loads_rps, readies, strict=True)
    ]
    return tuple(map(_TICK, zip(times, looks.loads_rps, readies, decisions, busy, strict=True)))


def _stages(
    cohorts: Cohorts, now: float, sampled_at: float, initialisation_seconds: float
) -> tuple[tuple[tuple[int, int], ...], int, float]:
    """Return the pods of each stage, how many are ready, and until when that stays."""
    until, ready = math.inf, 0
    pods: dict[int, int] = {}
    for cohort in cohorts:
        if now >= cohort.stage_until:
            cohort.look(now, sampled_at, initialisation_seconds)
        stage = cohort.stage
        pods[stage] = pods.get(stage, 0) + cohort.count
        if stage & 4:
            ready += cohort.count
        until = min(until, cohort.stage_until)
    return tuple(pods.items()), ready, until


def _amounts(autoscaler: Autoscaler, workload: Workload) -> Callable[[float, int], tuple[int, ...]]:
    """Return a function of load and serving pods: what each metric shows, in milli-units."""
    capacity, request = workload.capacity_rps, workload.cpu_request_milli
    ceiling = math.inf if workload.cpu_ceiling_percent is None else workload.cpu_ceiling_percent / 100
    kinds = [(metric.is_per_pod, metric.is_resource) for metric in autoscaler.metrics]

    def used(load: float, serving: int) -> tuple[int, ...]:
        busy = load / serving / capacity if serving else 0.0
        return (math.ceil(min(busy, ceiling) * request - 1e-6),)

    def amounts(load: float, serving: int) -> tuple[int, ...]:
        share = load / serving if serving else 0.0
        return tuple(
            [
                math.ceil(min(share / capacity, ceiling) * request - 1e-6)
                if is_resource
                else math.ceil((share if is_per_pod else load) * 1000 - 1e-6)
                for is_per_pod, is_resource in kinds
            ]
        )

    # One metric of a resource is what nearly everybody asks about.
    return used if kinds == [(True, True)] else amounts


class _Proposer:
    """Asks the metrics of one play."""

    __slots__ = ("_autoscaler", "_band", "_flags", "_metrics", "_workload")

    def __init__(
        self,
        autoscaler: Autoscaler,
        flags: ControllerFlags,
        workload: Workload,
        pinned: Sequence[Reading | int | None],
    ) -> None:
        self._autoscaler, self._flags, self._workload = autoscaler, flags, workload
        self._metrics = tuple(zip(autoscaler.metrics, pinned, strict=True))
        self._band = tolerances(autoscaler, flags)

    def propose(
        self, cohorts: Cohorts, pods: Sequence[PodGroup], amounts: tuple[int, ...], replicas: int, now: float
    ) -> Proposed:
        """Return what the metrics ask for when they show these amounts."""
        flags, workload, band = self._flags, self._workload, self._band
        sampled_at = now - workload.metric_delay_seconds
        proposals = [
            propose(
                metric,
                _reading(metric, workload, cohorts, amount, reading, sampled_at),
                pods,
                replicas,
                band,
                flags,
                now,
            )
            for (metric, reading), amount in zip(self._metrics, amounts, strict=True)
        ]
        return Proposed(self._autoscaler, replicas, tuple(proposals))


def _reading(
    metric: Metric,
    workload: Workload,
    cohorts: Cohorts,
    amount: int,
    pinned: Reading | int | None,
    sampled_at: float,
) -> Reading:
    if pinned is not None and not isinstance(pinned, int):
        return pinned
    if not metric.is_per_pod:
        return TotalReading(amount)
    usage: list[int | None] = []
    for cohort in cohorts:
        if cohort.runs_at + SAMPLE_WINDOW_SECONDS > sampled_at:
            usage.append(None)
        elif pinned is not None:
            usage.append(pinned)
        else:
            usage.append(amount if cohort.ready_at <= sampled_at else 0)
    request = workload.cpu_request_milli if metric.is_resource else 0
    if pinned is not None and metric.target_kind == "Utilization":
        request = 1000
    return PerPodReading(
        tuple(usage), (request,) * len(usage), sampled_at, window_seconds=SAMPLE_WINDOW_SECONDS
    )
