"""What holds a recommendation back: the past wishes of a window, and the policies of a period.

Both look at what happened strictly less than so many seconds ago. A real controller is always a little late,
so that what is exactly as old as the window is outside it; a simulated clock must be told so.
Source: `eks_lab.calc.horizontal_scaling.autoscaler.CONTROLLER`.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from eks_lab.calc.horizontal_scaling.autoscaler import (
    UNRESTRAINED_FACTOR,
    UNRESTRAINED_LEAST,
    ScalingPolicy,
    ScalingRules,
)


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the replicas."""

    at_seconds: float
    """When."""
    pods: int
    """How many were added, or removed; above 0."""


@dataclass(frozen=True, slots=True)
class History:
    """What a controller remembers of one autoscaler; empty when it has just begun."""

    times_seconds: tuple[float, ...] = ()
    """When something was recommended, ascending."""
    recommendations: tuple[int, ...] = ()
    """What was, before any restraint."""
    added: tuple[Change, ...] = ()
    """Steps up. Their order is that of the controller's memory, not of time."""
    removed: tuple[Change, ...] = ()
    """Steps down."""

    def with_recommendation(self, now: float, replicas: int, keep_seconds: float) -> History:
        """Return the history with one more recommendation, without those that no window reaches any more."""
        start = bisect_right(self.times_seconds, now - keep_seconds)
        return History(
            (*self.times_seconds[start:], now),
            (*self.recommendations[start:], replicas),
            self.added,
            self.removed,
        )

    def with_change(self, now: float, by: int, rules: ScalingRules) -> History:
        """Return the history with a step, up where `by` is above 0.

        Args:
            now: present time in seconds.
            by: replicas added, or removed with a minus.
            rules: of that direction; the longest period of its policies says when a step may be forgotten.
        """
        longest = max(policy.period_seconds for policy in rules.policies)
        steps = self.added if by > 0 else self.removed
        step = Change(now, abs(by))
        # The new step takes the place of an old one, of the last that no policy of this direction needs.
        # A longer policy of the other direction then misses it, and allows less.
        for index in range(len(steps) - 1, -1, -1):
            if steps[index].at_seconds < now - longest:
                steps = (*steps[:index], step, *steps[index + 1 :])
                break
        else:
            steps = (*steps, step)
        if by > 0:
            return History(self.times_seconds, self.recommendations, steps, self.removed)
        return History(self.times_seconds, self.recommendations, self.added, steps)


class Span(NamedTuple):
    """Where the windows allow a recommendation to lie."""

    lowest: int
    """Lowest wish of the window up: no further up than this."""
    highest: int
    """Highest wish of the window down: no further down than this."""


def span(history: History, wanted: int, now: float, up_seconds: float, down_seconds: float) -> Span:
    """Return the span that two stabilisation windows leave.

    Args:
        history: past recommendations.
        wanted: the present one, which belongs to both windows.
        now: present time in seconds.
        up_seconds: window up.
        down_seconds: window down.
    """
    times, wishes = history.times_seconds, history.recommendations
    up = wishes[bisect_right(times, now - up_seconds) :]
    down = wishes[bisect_right(times, now - down_seconds) :]
    return Span(lowest=min(wanted, min(up, default=wanted)), highest=max(wanted, max(down, default=wanted)))


def pods_in_period(changes: Sequence[Change], now: float, period_seconds: float) -> int:
    """Return how many pods were added, or removed, in the period that ends now."""
    cutoff = now - period_seconds
    return sum(change.pods for change in changes if change.at_seconds > cutoff)


def replicas_at_start(policy: ScalingPolicy, history: History, current: int, now: float) -> int:
    """Return how many replicas there were when the policy's period began."""
    added = pods_in_period(history.added, now, policy.period_seconds)
    removed = pods_in_period(history.removed, now, policy.period_seconds)
    return current - added + removed


def upper_limit(rules: ScalingRules, history: History, current: int, now: float) -> int:
    """Return the most replicas that policies allow now, never fewer than there are.

    Args:
        rules: `scaleUp`.
        history: past steps.
        current: replicas now.
        now: present time in seconds.

    Returns:
        A share is rounded up, so that 10 % of one pod is a pod.
    """
    if rules.select == "Disabled":
        return current
    allowed = []
    for policy in rules.policies:
        start = replicas_at_start(policy, history, current, now)
        if policy.kind == "Pods":
            allowed.append(start + policy.value)
        else:
            allowed.append(math.ceil(start * (1 + policy.value / 100)))
    return max(current, max(allowed) if rules.select == "Max" else min(allowed))


def lower_limit(rules: ScalingRules, history: History, current: int, now: float) -> int:
    """Return the fewest replicas that policies allow now, never more than there are.

    Args:
        rules: `scaleDown`.
        history: past steps.
        current: replicas now.
        now: present time in seconds.

    Returns:
        What stays is rounded down, so that 10 % of one pod is a pod.
    """
    if rules.select == "Disabled":
        return current
    allowed = []
    for policy in rules.policies:
        start = replicas_at_start(policy, history, current, now)
        if policy.kind == "Pods":
            allowed.append(start - policy.value)
        else:
            allowed.append(int(start * (1 - policy.value / 100)))
    return min(current, min(allowed) if rules.select == "Max" else max(allowed))


def unrestrained_limit(current: int) -> int:
    """Return the most replicas after one step without a `behavior` field: twice as many, or four."""
    return max(UNRESTRAINED_FACTOR * current, UNRESTRAINED_LEAST)
