"""Pods that were created together, and what a controller can tell about them at a time."""

from __future__ import annotations

import math

from eks_lab.calc.horizontal_scaling.pods import LONG_AGO, PodGroup

SAMPLE_WINDOW_SECONDS = 15.0
"""What a CPU sample of the metrics-server covers: its own period between two scrapes, by default."""
_NOISE_SECONDS = 1e-6
"""So near to the end of a stage, rounding decides on which side of it a time lies."""


class Cohort:
    """Pods that were created together; they go through the same stages at the same times."""

    __slots__ = ("count", "ready_at", "runs_at", "stage", "stage_until")

    def __init__(self, count: int, runs_at: float = LONG_AGO, ready_at: float = LONG_AGO) -> None:
        """Create a cohort.

        Args:
            count: pods.
            runs_at: when their containers run, in seconds.
            ready_at: when they are ready, not before they run.
        """
        self.count, self.runs_at, self.ready_at = count, runs_at, ready_at
        self.stage = 0
        """As of the last `look`: 0 while pending; what differs for a controller has another number."""
        self.stage_until = LONG_AGO
        """At least until then the stage stays."""

    def look(self, now: float, sampled_at: float, initialisation_seconds: float) -> None:
        """Bring the stage up to date.

        Args:
            now: present time, never less than before.
            sampled_at: when the samples were taken that can be seen now; always as long ago.
            initialisation_seconds: while a pod is so young, only samples of ready pods count.
        """
        runs_at, ready_at = self.runs_at, self.ready_at
        is_young = runs_at + initialisation_seconds > now and sampled_at < ready_at + SAMPLE_WINDOW_SECONDS
        self.stage = (
            (runs_at <= now)
            + 2 * (runs_at + SAMPLE_WINDOW_SECONDS <= sampled_at)
            + 4 * (ready_at <= now)
            + 8 * (ready_at <= sampled_at)
            + 16 * is_young
        )
        age = now - sampled_at
        ends = (
            runs_at,
            ready_at,
            runs_at + SAMPLE_WINDOW_SECONDS + age,
            ready_at + age,
            runs_at + initialisation_seconds,
            ready_at + SAMPLE_WINDOW_SECONDS + age,
        )
        self.stage_until = min((end for end in ends if end > now - _NOISE_SECONDS), default=math.inf)
        self.stage_until -= _NOISE_SECONDS

    def pods(self, now: float) -> PodGroup:
        """Return the cohort as the controller sees it."""
        if self.ready_at <= now:
            return PodGroup(
                self.count, started_at_seconds=self.runs_at, ready_changed_at_seconds=self.ready_at
            )
        if self.runs_at <= now:
            return PodGroup(
                self.count,
                is_ready=False,
                started_at_seconds=self.runs_at,
                ready_changed_at_seconds=self.runs_at,
            )
        return PodGroup(self.count, "Pending", is_ready=False, started_at_seconds=None)


Cohorts = tuple[Cohort, ...]
"""In the order of their creation."""


def ready_at(cohorts: Cohorts, now: float) -> int:
    """Return the pods that are ready at a time."""
    return sum([cohort.count for cohort in cohorts if cohort.ready_at <= now])


def without_newest(cohorts: Cohorts, excess: int) -> Cohorts:
    """Return the cohorts without so many pods, the newest first."""
    left = list(cohorts)
    while excess and left:
        newest = left.pop()
        if newest.count > excess:
            left.append(Cohort(newest.count - excess, newest.runs_at, newest.ready_at))
        excess -= min(excess, newest.count)
    return tuple(left)


def with_old_ones_as_one(cohorts: Cohorts, before: float) -> Cohorts:
    """Return the cohorts with those as one that were ready before a time: nothing tells them apart any more."""
    if len(cohorts) < 2 or cohorts[1].ready_at >= before:
        return cohorts
    old = sum(1 for cohort in cohorts if cohort.ready_at < before)
    return (Cohort(sum(cohort.count for cohort in cohorts[:old])), *cohorts[old:])
