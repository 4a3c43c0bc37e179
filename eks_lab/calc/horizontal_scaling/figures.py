"""What a timeline comes to: how well the load was served, and what it took."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from eks_lab.calc.horizontal_scaling.autoscaler import Autoscaler, ControllerFlags, tolerances
from eks_lab.calc.horizontal_scaling.timeline import Tick, Workload


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums and extremes; what happens between two looks counts as at the look before."""

    peak_load_rps: float
    """Largest load."""
    peak_replicas: int
    """Most replicas asked for."""
    peak_ready_replicas: int
    """Most pods that served."""
    final_replicas: int
    """Replicas at the end."""
    worst_utilisation_percent: float | None
    """Largest load ÷ what the ready pods serve at 100 %; None when no pod was ready under load."""
    worst_tick: Tick
    """When that was."""
    seconds_above_target: float
    """Time with more load than the ready pods carry at target and tolerance."""
    time_to_recover_seconds: float | None
    """Longest such time without a break; None when the play ends in it."""
    requests_beyond_capacity: float
    """Requests above what the ready pods can serve: at 100 % of their request, or at their CPU limit."""
    replica_minutes: float
    """Pods that existed, times minutes."""
    scale_ups: int
    """Steps up."""
    scale_downs: int
    """Steps down."""
    turns: int
    """Steps in the other direction than the step before: the sign of flapping."""

    @property
    def scale_events(self) -> int:
        """Steps in either direction."""
        return self.scale_ups + self.scale_downs


def carried_rps(autoscaler: Autoscaler, workload: Workload) -> float | None:
    """Return the load that one pod carries at the target of the strictest metric; None when there is none."""
    found = [workload.carried_rps(metric) for metric in autoscaler.metrics]
    return min((rps for rps in found if rps is not None), default=None)


def figures(
    ticks: Sequence[Tick], autoscaler: Autoscaler, flags: ControllerFlags, workload: Workload
) -> Figures:
    """Return the figures of a timeline.

    Args:
        ticks: at least one, as `simulate` returns them.
        autoscaler: the one that was played.
        flags: of its controller.
        workload: its pods.
    """
    period = flags.sync_period_seconds
    carried = carried_rps(autoscaler, workload)
    band = (carried or 0) * (1 + tolerances(autoscaler, flags).up)
    served = workload.capacity_rps * (workload.cpu_ceiling_percent or 100) / 100
    _, loads, readies, decisions, shares = zip(*ticks, strict=True)
    desired = [decision.desired for decision in decisions]
    above = run = longest = beyond = 0.0
    # What the ready pods carry and serve changes with their number only.
    known, target, most_rps = -1, math.inf, 0.0
    for load, ready in zip(loads[:-1], readies, strict=False):
        if ready != known:
            known, most_rps = ready, ready * served
            target = math.inf if carried is None else ready * band
        if load > target:
            above += period
            run += period
            longest = max(longest, run)
        else:
            run = 0.0
        if load > most_rps:
            beyond += (load - most_rps) * period
    steps = [
        after - before for before, after in pairwise([decisions[0].current, *desired]) if after != before
    ]
    strains = [_strain(tick) if share is None else share for tick, share in zip(ticks, shares, strict=True)]
    worst = max(strains)
    return Figures(
        peak_load_rps=max(loads),
        peak_replicas=max(desired),
        peak_ready_replicas=max(readies),
        final_replicas=desired[-1],
        worst_utilisation_percent=None if worst == math.inf else worst,
        worst_tick=ticks[strains.index(worst)],
        seconds_above_target=above,
        time_to_recover_seconds=None if run else longest,
        requests_beyond_capacity=beyond,
        replica_minutes=sum([replicas * period for replicas in desired[:-1]]) / 60,
        scale_ups=sum(step > 0 for step in steps),
        scale_downs=sum(step < 0 for step in steps),
        turns=sum((before > 0) != (after > 0) for before, after in pairwise(steps)),
    )


def _strain(tick: Tick) -> float:
    if tick.utilisation_percent is None:
        return math.inf if tick.load_rps else 0.0
    return tick.utilisation_percent
