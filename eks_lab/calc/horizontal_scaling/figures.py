"""What a timeline comes to: how well the load was served, and what it took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    above = run = longest = beyond = pod_seconds = 0.0
    ups = downs = turns = direction = most = 0
    for _, load, ready, decision, _ in ticks[:-1]:
        if carried is not None and load > ready * band:
            above += period
            run += period
            longest = max(longest, run)
        else:
            run = 0.0
        if load > ready * served:
            beyond += (load - ready * served) * period
        pod_seconds += decision.desired * period
    replicas = ticks[0].decision.current
    for tick in ticks:
        desired = tick.decision.desired
        if desired != replicas:
            sign = 1 if desired > replicas else -1
            ups, downs = (ups + 1, downs) if sign > 0 else (ups, downs + 1)
            turns += direction == -sign
            direction, replicas = sign, desired
            most = max(most, desired)
    worst = max(ticks, key=_strain)
    return Figures(
        peak_load_rps=max([tick.load_rps for tick in ticks]),
        peak_replicas=max(most, ticks[0].decision.desired),
        peak_ready_replicas=max([tick.ready for tick in ticks]),
        final_replicas=ticks[-1].decision.desired,
        worst_utilisation_percent=None if _strain(worst) == float("inf") else _strain(worst),
        worst_tick=worst,
        seconds_above_target=above,
        time_to_recover_seconds=None if run else longest,
        requests_beyond_capacity=beyond,
        replica_minutes=pod_seconds / 60,
        scale_ups=ups,
        scale_downs=downs,
        turns=turns,
    )


def _strain(tick: Tick) -> float:
    if tick.utilisation_percent is None:
        return float("inf") if tick.load_rps else 0.0
    return tick.utilisation_percent
