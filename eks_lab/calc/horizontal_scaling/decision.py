"""One look of the HPA controller at one autoscaler: from what it sees to a number of replicas.

Order: bounds that the present number already breaks, metrics, the largest proposal, stabilisation windows,
policies, bounds. Reasons are the words of the HPA's conditions. Source:
`eks_lab.calc.horizontal_scaling.autoscaler.CONTROLLER`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from eks_lab.calc.horizontal_scaling.autoscaler import (
    Autoscaler,
    ControllerFlags,
    tolerances,
    window_seconds,
)
from eks_lab.calc.horizontal_scaling.pods import PodGroup, Reading
from eks_lab.calc.horizontal_scaling.proposal import Proposal, propose
from eks_lab.calc.horizontal_scaling.restraint import (
    History,
    Span,
    lower_limit,
    span,
    unrestrained_limit,
    upper_limit,
)

Limited = Literal[
    "DesiredWithinRange", "ScaleUpLimit", "TooManyReplicas", "ScaleDownLimit", "TooFewReplicas", ""
]
Outcome = Literal[
    "disabled",
    "above-maximum",
    "below-minimum",
    "unreadable",
    "blocked",
    "tolerance",
    "reversed",
    "steady",
    "stabilised",
    "limited",
    "scaled",
]


class Decision(NamedTuple):
    """What the controller decided, and what it went through."""

    current: int
    """Replicas before."""
    desired: int
    """Replicas after."""
    outcome: Outcome
    """What decided: `scaled`, or why nothing changed. `blocked`: a metric that cannot be read forbids going
    down; `tolerance` and `reversed`: of the metric with the largest proposal; `stabilised`: a window;
    `limited`: policies or bounds; `steady`: the metrics ask for just what there is."""
    proposals: tuple[Proposal, ...] = ()
    """One for each metric; empty when none was asked."""
    winner: Proposal | None = None
    """The largest."""
    recommendation: int | None = None
    """What the metrics ask for; None when they decide nothing."""
    span: Span | None = None
    """What the windows leave."""
    stabilised: int | None = None
    """The recommendation after the windows."""
    limit: int | None = None
    """What policies allow in that direction; None where there is none to ask."""
    able_to_scale: str = "SucceededGetScale"
    """Reason of the condition AbleToScale."""
    scaling_active: str = ""
    """Reason of the condition ScalingActive; empty when this look leaves it as it was."""
    scaling_limited: Limited = ""
    """Reason of the condition ScalingLimited; empty when this look leaves it as it was."""

    @property
    def change(self) -> int:
        """Replicas added, or removed with a minus."""
        return self.desired - self.current


def decide(
    autoscaler: Autoscaler,
    flags: ControllerFlags,
    history: History,
    pods: Sequence[PodGroup],
    readings: Sequence[Reading],
    current_replicas: int,
    now: float,
    *,
    status_replicas: int | None = None,
) -> tuple[Decision, History]:
    """Decide how many replicas there are to be.

    Args:
        autoscaler: its specification.
        flags: of the controller.
        history: what the controller remembers; an empty one stands for an autoscaler it has not seen yet.
        pods: every pod of the target, in groups.
        readings: what was measured, in the order of the autoscaler's metrics.
        current_replicas: `spec.replicas` of the target.
        now: present time in seconds; never less than in the look before.
        status_replicas: `status.replicas` of the target, where it differs.

    Returns:
        The decision, and the history to give to the next look.
    """
    windows = window_seconds(autoscaler, flags)
    if not history.times_seconds:
        # The replicas that are found count as the first wish: a new autoscaler waits a window before it
        # goes down.
        history = history.with_recommendation(now, current_replicas, keep_seconds=0)
    current = current_replicas
    decision = by_bounds(autoscaler, current)
    if decision is None:
        band = tolerances(autoscaler, flags)
        proposals = tuple(
            propose(
                metric,
                reading,
                pods,
                current,
                band,
                flags,
                now,
                status_replicas=status_replicas,
            )
            for metric, reading in zip(autoscaler.metrics, readings, strict=True)
        )
        decision = without_recommendation(current, proposals)
        if decision is None:
            winner = largest(proposals)
            allowed = span(history, winner.replicas or 0, now, *windows)
            stabilised = stabilised_replicas(autoscaler, allowed.lowest, allowed.highest, current)
            limit = limit_of_policies(autoscaler, history, current, stabilised, now)
            decision = restrained(autoscaler, current, proposals, winner, allowed, limit)
            history = history.with_recommendation(now, winner.replicas or 0, keep_seconds=max(windows))
    if decision.change and autoscaler.behaviour is not None:
        rules = autoscaler.behaviour.up if decision.change > 0 else autoscaler.behaviour.down
        history = history.with_change(now, decision.change, rules)
    return decision, history


def by_bounds(autoscaler: Autoscaler, current: int) -> Decision | None:
    """Return what follows from the present number alone: neither windows nor policies are asked."""
    if current == 0 and autoscaler.min_replicas != 0:
        return Decision(0, 0, "disabled", scaling_active="ScalingDisabled")
    if current > autoscaler.max_replicas:
        return Decision(current, autoscaler.max_replicas, "above-maximum", able_to_scale="SucceededRescale")
    if current < autoscaler.min_replicas:
        return Decision(current, autoscaler.min_replicas, "below-minimum", able_to_scale="SucceededRescale")
    return None


def largest(proposals: tuple[Proposal, ...]) -> Proposal:
    """Return the proposal that counts; at least one must have been possible."""
    if len(proposals) == 1:
        return proposals[0]
    return max((found for found in proposals if found.replicas is not None), key=lambda p: p.replicas or 0)


def without_recommendation(current: int, proposals: tuple[Proposal, ...]) -> Decision | None:
    """Return the decision to do nothing when too little could be read, else None."""
    failed = [found for found in proposals if found.replicas is None]
    if not failed:
        return None
    reason = f"FailedGet{failed[0].metric.kind}Metric"
    if len(failed) == len(proposals):
        return Decision(current, current, "unreadable", proposals, scaling_active=reason)
    winner = largest(proposals)
    if (winner.replicas or 0) < current:
        return Decision(current, current, "blocked", proposals, winner, scaling_active=reason)
    return None


def stabilised_replicas(autoscaler: Autoscaler, lowest: int, highest: int, current: int) -> int:
    """Return what the windows make of a recommendation that belongs to their span."""
    # Without a behaviour only the window down exists.
    return highest if autoscaler.behaviour is None else min(max(current, lowest), highest)


def limit_of_policies(
    autoscaler: Autoscaler, history: History, current: int, stabilised: int, now: float
) -> int | None:
    """Return what policies allow on the way to the stabilised recommendation; None where none is asked."""
    behaviour = autoscaler.behaviour
    if stabilised > current:
        if behaviour is None:
            return unrestrained_limit(current)
        return upper_limit(behaviour.up, history, current, now)
    # Without a behaviour nothing but the minimum holds a step down.
    if stabilised < current and behaviour is not None:
        return lower_limit(behaviour.down, history, current, now)
    return None


def restrained(
    autoscaler: Autoscaler,
    current: int,
    proposals: tuple[Proposal, ...],
    winner: Proposal,
    allowed: Span,
    limit: int | None,
) -> Decision:
    """Return the decision after a recommendation.

    Args:
        autoscaler: its specification.
        current: replicas now.
        proposals: of every metric.
        winner: the largest of them: the recommendation.
        allowed: what the windows leave, this recommendation included.
        limit: what policies allow, see `limit_of_policies`.
    """
    recommendation = winner.replicas or 0
    stabilised = stabilised_replicas(autoscaler, allowed.lowest, allowed.highest, current)
    scaling_limited: Limited = "DesiredWithinRange"
    desired = stabilised
    if stabilised > current:
        most = autoscaler.max_replicas
        ceiling = most if limit is None else min(limit, most)
        if stabilised > ceiling:
            desired = ceiling
            scaling_limited = "ScaleUpLimit" if ceiling < most else "TooManyReplicas"
    elif stabilised < current:
        least = autoscaler.min_replicas
        floor = least if limit is None else max(limit, least)
        if stabilised < floor:
            desired = floor
            scaling_limited = "ScaleDownLimit" if floor > least else "TooFewReplicas"
    return Decision(
        current=current,
        desired=desired,
        outcome=_outcome(current, desired, recommendation, stabilised, winner),
        proposals=proposals,
        winner=winner,
        recommendation=recommendation,
        span=allowed,
        stabilised=stabilised,
        limit=limit,
        able_to_scale=_able_to_scale(current, desired, recommendation, stabilised),
        scaling_active="ValidMetricFound",
        scaling_limited=scaling_limited,
    )


def _outcome(current: int, desired: int, recommendation: int, stabilised: int, winner: Proposal) -> Outcome:
    if desired != current:
        return "scaled"
    if recommendation == current:
        if winner.outcome == "tolerance":
            return "tolerance"
        return "reversed" if winner.outcome == "reversed" else "steady"
    return "stabilised" if stabilised == current else "limited"


def _able_to_scale(current: int, desired: int, recommendation: int, stabilised: int) -> str:
    if desired != current:
        return "SucceededRescale"
    if stabilised == recommendation:
        return "ReadyForNewScale"
    return "ScaleUpStabilized" if recommendation >= current else "ScaleDownStabilized"
