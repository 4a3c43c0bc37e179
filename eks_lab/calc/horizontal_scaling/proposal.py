"""The replicas that one metric asks for.

The controller divides whole numbers and cuts the rest off: utilisation is whole percent, an average whole
milli-units. The order of its steps and the rounding are kept, since a ratio beside a limit depends on them.
Source: `eks_lab.calc.horizontal_scaling.autoscaler.CONTROLLER`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

from eks_lab.calc.horizontal_scaling.autoscaler import ControllerFlags, Metric, Tolerances
from eks_lab.calc.horizontal_scaling.pods import (
    Classes,
    PerPodReading,
    PodGroup,
    Reading,
    TotalReading,
    Unreadable,
    classify,
    ready_pods,
)

Outcome = Literal["ratio", "adjusted", "tolerance", "reversed", "from-zero", "error"]
MOST_REPLICAS = 2**31 - 1


class Average(NamedTuple):
    """What a number of pods use."""

    usage: int
    """Sum of their milli-units."""
    request: int
    """Sum of what they request; 0 when the target is no share of the request."""
    pods: int
    """How many."""

    @property
    def value(self) -> int:
        """Whole percent of the request, or whole milli-units for a pod."""
        return self.usage * 100 // self.request if self.request else self.usage // self.pods


class Proposal(NamedTuple):
    """What one metric asks for, and how it came about."""

    metric: Metric
    """Which."""
    outcome: Outcome
    """`ratio`: plain; `adjusted`: with pods assumed; `tolerance` and `reversed`: nothing is to change;
    `from-zero`: there is no pod yet; `error`: no proposal."""
    replicas: int | None
    """Proposed number; None after an error."""
    error: str = ""
    """What could not be read."""
    measured: int | None = None
    """Percent or milli-units: the average of measured pods, or the total. The status of the HPA shows it."""
    ratio: float | None = None
    """Measured ÷ target."""
    adjusted_ratio: float | None = None
    """The same with missing and unready pods assumed; None when there was nothing to assume."""
    counted_pods: int = 0
    """Pods that the ratio is multiplied with."""
    missing_pods: int = 0
    """Running pods without a sample."""
    unready_pods: int = 0
    """Pods that are not ready yet."""
    average: Average | None = None
    """Of the measured pods."""
    adjusted_average: Average | None = None
    """With missing and unready pods assumed."""


def propose(
    metric: Metric,
    reading: Reading,
    pods: Sequence[PodGroup],
    current_replicas: int,
    tolerances: Tolerances,
    flags: ControllerFlags,
    now: float,
    *,
    status_replicas: int | None = None,
) -> Proposal:
    """Return the replicas that a metric asks for, before windows, policies and bounds.

    Args:
        metric: with its target.
        reading: what was measured; of pods in the order of `pods`, or one total.
        pods: every pod that the target's selector finds.
        current_replicas: `spec.replicas` of the target.
        tolerances: of both directions.
        flags: of the controller.
        now: present time in seconds.
        status_replicas: `status.replicas` of the target, where it differs from `current_replicas`.

    Returns:
        A proposal; its `error` is set when the metric gives none.
    """
    if isinstance(reading, Unreadable):
        return _failed(metric, reading.error)
    if isinstance(reading, TotalReading):
        existing = current_replicas if status_replicas is None else status_replicas
        return _propose_by_total(metric, reading.total, pods, current_replicas, existing, tolerances)
    return _propose_by_pods(metric, reading, pods, current_replicas, tolerances, flags, now)


def _failed(metric: Metric, error: str) -> Proposal:
    return Proposal(metric=metric, outcome="error", replicas=None, error=error)


def _ceil(replicas: float) -> int:
    return MOST_REPLICAS if replicas > MOST_REPLICAS else math.ceil(replicas)


def _propose_by_total(
    metric: Metric, total: int, pods: Sequence[PodGroup], current: int, existing: int, tolerances: Tolerances
) -> Proposal:
    if metric.target_kind == "AverageValue":
        # The replicas cancel out: they matter for the tolerance only.
        ratio = total / (metric.target * existing) if existing else math.inf
        if tolerances.hold(ratio):
            return Proposal(metric, "tolerance", existing, measured=total, ratio=ratio, counted_pods=existing)
        wanted = _ceil(total / metric.target)
        return Proposal(metric, "ratio", wanted, measured=total, ratio=ratio, counted_pods=existing)
    ratio = total / metric.target
    if current == 0:
        return Proposal(metric, "from-zero", _ceil(ratio), measured=total, ratio=ratio, counted_pods=1)
    ready = ready_pods(pods)
    if tolerances.hold(ratio):
        return Proposal(metric, "tolerance", current, measured=total, ratio=ratio, counted_pods=ready)
    return Proposal(metric, "ratio", _ceil(ratio * ready), measured=total, ratio=ratio, counted_pods=ready)


def _propose_by_pods(
    metric: Metric,
    reading: PerPodReading,
    pods: Sequence[PodGroup],
    current: int,
    tolerances: Tolerances,
    flags: ControllerFlags,
    now: float,
) -> Proposal:
    classes = classify(pods, metric, reading, flags, now)
    if not classes.measured:
        if not any(group.count for group in pods):
            return _failed(metric, "the selector finds no pods")
        return _failed(metric, "no pod that is ready has a sample")
    is_share = metric.target_kind == "Utilization"
    if (
        is_share
        and None in reading.request
        and any(group.count and asked is None for group, asked in zip(pods, reading.request, strict=True))
    ):
        return _failed(metric, f"missing request for {metric.name}")
    average = _average(pods, reading, classes.measured, is_share)
    if is_share and not average.request:
        return _failed(metric, f"the pods request no {metric.name}")
    ratio = average.value / metric.target
    outcome: Outcome
    again: float | None = None
    assumed: Average | None = None
    if classes.missing or (classes.unready and ratio > 1.0):
        assumed = _assume(metric, reading, pods, classes, average, ratio, flags)
        again = assumed.value / metric.target
        replicas = _ceil(again * assumed.pods)
        outcome = _outcome_with_assumption(ratio, again, replicas, current, tolerances)
    else:
        replicas = _ceil(ratio * average.pods)
        outcome = "tolerance" if tolerances.hold(ratio) else "ratio"
    return Proposal(
        metric,
        outcome,
        current if outcome in ("tolerance", "reversed") else replicas,
        measured=average.value,
        ratio=ratio,
        adjusted_ratio=again,
        counted_pods=average.pods if assumed is None else assumed.pods,
        missing_pods=_count(pods, classes.missing),
        unready_pods=_count(pods, classes.unready),
        average=average,
        adjusted_average=assumed,
    )


def _outcome_with_assumption(
    ratio: float, again: float, replicas: int, current: int, tolerances: Tolerances
) -> Outcome:
    if tolerances.hold(again):
        return "tolerance"
    turned = (ratio - 1.0) * (again - 1.0) < 0
    # More pods are counted than before, so a ratio below 1 can still come to more replicas than there are.
    contrary = (again < 1.0 and replicas > current) or (again > 1.0 and replicas < current)
    return "reversed" if turned or contrary else "adjusted"


def _count(pods: Sequence[PodGroup], indexes: list[int]) -> int:
    return sum([pods[index].count for index in indexes]) if indexes else 0


def _average(pods: Sequence[PodGroup], reading: PerPodReading, indexes: list[int], is_share: bool) -> Average:
    usage = request = count = 0
    for index in indexes:
        number = pods[index].count
        count += number
        usage += number * (reading.usage[index] or 0)
        if is_share:
            request += number * (reading.request[index] or 0)
    return Average(usage, request, count)


def _assume(
    metric: Metric,
    reading: PerPodReading,
    pods: Sequence[PodGroup],
    classes: Classes,
    average: Average,
    ratio: float,
    flags: ControllerFlags,
) -> Average:
    """Return the average with pods that were set aside, always on the side that changes less."""
    usage, request, count = average.usage, average.request, average.pods
    is_share = metric.target_kind == "Utilization"
    # At a ratio of exactly 1 there is no direction to be careful about: nothing is assumed.
    aside = list(classes.missing) if ratio != 1.0 else []
    if ratio > 1.0:
        aside += classes.unready
    percent = metric.target if flags.missing_as_target else max(100, metric.target)
    for index in aside:
        number, requested = pods[index].count, (reading.request[index] or 0) if is_share else 0
        count += number
        request += number * requested
        if ratio < 1.0:
            usage += number * (requested * percent // 100 if is_share else metric.target)
    return Average(usage, request, count)
