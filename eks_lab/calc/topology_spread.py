"""Where a topology spread constraint puts pods, and where it lets their replacements go.

Calculators and simulator share it. Source: `SPREAD` below and the scheduler's plugin
`podtopologyspread`: a domain takes a pod when its count + 1 − the smallest count ≤ maxSkew.
"""

from __future__ import annotations

from dataclasses import dataclass

from eks_lab.calc.model import Reference

SPREAD = Reference(
    title="Kubernetes: Pod topology spread constraints (maxSkew, minDomains, nodeTaintsPolicy)",
    date="2026-11-22",
    url="https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/",
)


@dataclass(frozen=True, slots=True)
class Constraint:
    """A constraint with `whenUnsatisfiable: DoNotSchedule`; the other kind is a wish and binds nothing."""

    max_skew: int
    """`maxSkew`, at least 1."""
    min_domains: int | None = None
    """`minDomains`: with fewer domains the smallest count is taken as 0."""

    def floor(self, counts: list[int]) -> int:
        """Return the smallest count that skew is measured from.

        Args:
            counts: pods of every domain that the scheduler knows.
        """
        return 0 if self.lacks_domains(len(counts)) else min(counts, default=0)

    def lacks_domains(self, domains: int) -> bool:
        """Return whether there are fewer domains than minDomains: the global minimum is then 0.

        Source: kubernetes/kubernetes, pkg/scheduler/framework/plugins/podtopologyspread/filtering.go, and `SPREAD`.
        """
        return self.min_domains is not None and domains < self.min_domains


def even_counts(pods: int, domains: int) -> list[int]:
    """Return pods spread as evenly as possible, the fullest domain first."""
    each, rest = divmod(pods, domains)
    return [each + (index < rest) for index in range(domains)]


def placed(pods: int, domains: int, constraint: Constraint | None) -> int:
    """Return how many of the pods can be scheduled over empty domains.

    Args:
        pods: pods to place.
        domains: domains with room for any number of pods, at least 1.
        constraint: None binds nothing. Too few domains for `min_domains` hold max_skew pods each.
    """
    if constraint is None or not constraint.lacks_domains(domains):
        return pods
    return min(pods, domains * constraint.max_skew)


def fullest_domain(pods: int, domains: int, constraint: Constraint | None) -> int:
    """Return the most pods that one domain may come to hold.

    Args:
        pods: pods of the workload that can be scheduled.
        domains: domains, at least 1.
        constraint: None allows all pods in one domain. 4 pods over 3 zones with a skew of 1 put at
            most 2 in one; with a skew of 2 also at most 2.
    """
    if constraint is None:
        return pods
    if constraint.lacks_domains(domains):
        return min(pods, constraint.max_skew)
    return min(pods, (pods + (domains - 1) * constraint.max_skew) // domains)


def fill(
    counts: list[int], pods: int, constraint: Constraint | None, *, ghosts: tuple[int, ...] = ()
) -> tuple[list[int], int]:
    """Place further pods, each in the emptiest domain.

    Args:
        counts: pods of the domains that take pods.
        pods: pods to place.
        constraint: None binds nothing.
        ghosts: pods of domains that the scheduler counts but that take none: zones whose nodes are
            lost but still known, or cordoned.

    Returns:
        The counts afterwards, and how many pods stay Pending.
    """
    if not counts:
        return [], pods
    counts = list(counts)
    if constraint is None:
        return _level(counts, pods), 0
    few = constraint.lacks_domains(len(counts) + len(ghosts))
    if not ghosts and not few:
        # The smallest count rises with the emptiest domain, so that one always takes a pod.
        return _level(counts, pods), 0
    ceiling = constraint.max_skew + (0 if few else min(ghosts))
    if not few and min(counts) < min(ghosts):
        # Until the domains reach the ghosts they are the smallest themselves.
        lifted = min(pods, sum(max(0, min(ghosts) - count) for count in counts))
        counts, pods = _level(counts, lifted), pods - lifted
    room = sum(max(0, ceiling - count) for count in counts)
    taken = min(pods, room)
    return _level(counts, taken, ceiling), pods - taken


def _level(counts: list[int], pods: int, ceiling: int | None = None) -> list[int]:
    """Return the counts after filling the emptiest domains first, none above the ceiling."""
    counts = list(counts)
    while pods > 0:
        lowest = min(counts)
        if ceiling is not None and lowest >= ceiling:
            break
        at_lowest = [index for index, count in enumerate(counts) if count == lowest]
        higher = [count for count in counts if count > lowest]
        top = min(higher, default=lowest + -(-pods // len(at_lowest)))
        if ceiling is not None:
            top = min(top, ceiling)
        step = min(top - lowest, pods // len(at_lowest))
        if step:
            for index in at_lowest:
                counts[index] += step
            pods -= step * len(at_lowest)
        else:
            for index in at_lowest[:pods]:
                counts[index] += 1
            pods -= min(pods, len(at_lowest))
    return counts
