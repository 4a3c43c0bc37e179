"""What is left of a workload when a zone, a node or a drain takes pods away.

Built from `eks_lab.calc.topology_spread` and `eks_lab.calc.disruption_budget`; pods are taken to be spread
as evenly as the rules allow, and the worst layout that the rules still permit is reckoned beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from eks_lab.calc.disruption_budget import NO_BUDGET, Budget, RollingUpdate
from eks_lab.calc.topology_spread import Constraint, even_counts, fill, fullest_domain, placed

TaintsPolicy = Literal["Ignore", "Honor"]


@dataclass(frozen=True, slots=True)
class Workload:
    """A Deployment, where it may run, and what protects it."""

    replicas: int
    """Pods it should have, at least 1."""
    zones: int
    """Zones with nodes, at least 1."""
    nodes_per_zone: int
    """Nodes in each zone, at least 1, with room for the pods."""
    update: RollingUpdate
    """Limits of its rolling update."""
    budget: Budget = NO_BUDGET
    """Its PodDisruptionBudget."""
    zone_constraint: Constraint | None = None
    """Hard spread over zones; None binds nothing."""
    host_constraint: Constraint | None = None
    """Hard spread over nodes; None binds nothing."""
    taints_policy: TaintsPolicy = "Ignore"
    """`nodeTaintsPolicy` of both: whether tainted nodes count as domains."""
    unhealthy: int = 0
    """Pods that run but are not Ready."""
    ready_seconds: float = 30
    """From an eviction until the replacement is Ready."""

    @property
    def nodes(self) -> int:
        """Return the nodes of all zones."""
        return self.zones * self.nodes_per_zone

    @property
    def placed(self) -> int:
        """Return the pods that can be scheduled at all."""
        return placed(self.replicas, self.zones, self.zone_constraint)

    @property
    def healthy(self) -> int:
        """Return the pods that are Ready."""
        return max(0, self.placed - self.unhealthy)

    @property
    def zone_pods(self) -> int:
        """Return the pods of the fullest zone when they are spread evenly."""
        return even_counts(self.placed, self.zones)[0]

    @property
    def worst_zone_pods(self) -> int:
        """Return the pods that one zone may hold at most."""
        return fullest_domain(self.placed, self.zones, self.zone_constraint)

    @property
    def node_pods(self) -> int:
        """Return the pods of the fullest node when they are spread evenly."""
        return -(-self.zone_pods // self.nodes_per_zone)

    @property
    def worst_node_pods(self) -> int:
        """Return the pods that one node may hold at most."""
        by_host = fullest_domain(self.placed, self.nodes, self.host_constraint)
        return min(self.worst_zone_pods, by_host)

    def ready_without(self, lost: int) -> int:
        """Return the pods that are Ready after the loss of so many Ready ones."""
        return max(0, self.healthy - lost)

    def allowed(self, ready: int) -> int | None:
        """Return the evictions that the budget allows with so many Ready pods; None without one."""
        return self.budget.allowed_disruptions(self.replicas, ready)

    @property
    def blocks_forever(self) -> bool:
        """Whether the budget allows no eviction even when every pod is Ready."""
        return self.allowed(self.replicas) == 0

    @property
    def lowest_in_update(self) -> int:
        """Return the Ready pods at the worst moment of a rolling update."""
        return max(0, self.healthy - self.update.unavailable)


@dataclass(frozen=True, slots=True)
class ZoneLoss:
    """What happens to the replacements of a lost zone's pods."""

    pending_while_known: int
    """Replacements that stay Pending as long as the lost nodes are still Node objects."""
    pending_when_gone: int
    """Those that stay Pending when the Node objects are gone too."""


def zone_loss(workload: Workload) -> ZoneLoss:
    """Return where the replacements go when the fullest zone is lost, if the others have room."""
    counts = even_counts(workload.placed, workload.zones)
    lost, left = counts[0], counts[1:]
    constraint = workload.zone_constraint
    ghosts = () if workload.taints_policy == "Honor" else (0,)
    return ZoneLoss(
        pending_while_known=fill(left, lost, constraint, ghosts=ghosts)[1],
        pending_when_gone=fill(left, lost, constraint)[1],
    )


@dataclass(frozen=True, slots=True)
class Drain:
    """How the drain of one node goes."""

    pods: int
    """Pods on it."""
    rounds: int
    """Groups of evictions that wait for one another."""
    left: int
    """Pods that can never be evicted; 0 when the drain ends."""
    pending: int
    """Replacements that find no place while the node is cordoned."""
    lowest_ready: int
    """Ready pods at the worst moment."""
    seconds: float
    """Until the drain ends or stands still."""

    @property
    def blocks(self) -> bool:
        """Whether the drain never ends."""
        return self.left > 0


def drain(workload: Workload, pods: int | None = None) -> Drain:
    """Return how the drain of the fullest node goes.

    Each round evicts as many pods as the budget allows and waits until their replacements are Ready. A
    replacement that finds no place stays missing, and the budget counts it as missing.

    Args:
        workload: with pods spread evenly.
        pods: pods on the node; those of an even layout when it is None.
    """
    on_node = workload.node_pods if pods is None else pods
    steady = _steady_drain(workload, on_node)
    if steady is not None:
        return steady
    zones = even_counts(workload.placed, workload.zones)
    own, others = zones[0], zones[1:]
    left, pending, rounds, lowest = on_node, 0, 0, workload.healthy
    while left > 0:
        ready = max(0, workload.healthy - pending)
        allowed = workload.allowed(ready)
        if allowed == 0:
            break
        # Without a budget the drain evicts all pods at once.
        evicted = left if allowed is None else min(allowed, left)
        lowest = min(lowest, max(0, ready - evicted))
        left, own, rounds = left - evicted, own - evicted, rounds + 1
        waiting = pending + evicted
        possible = waiting - _kept_by_hosts(workload, left, waiting)
        if workload.nodes_per_zone > 1:
            counts, unplaced = fill([own, *others], possible, workload.zone_constraint)
            own, others = counts[0], counts[1:]
        else:
            ghosts = () if workload.taints_policy == "Honor" else (own,)
            others, unplaced = fill(others, possible, workload.zone_constraint, ghosts=ghosts)
        pending = waiting - possible + unplaced
    return Drain(
        pods=on_node,
        rounds=rounds,
        left=left,
        pending=pending,
        lowest_ready=lowest,
        seconds=rounds * workload.ready_seconds,
    )


def _steady_drain(workload: Workload, on_node: int) -> Drain | None:
    """Return a drain in which every replacement finds a place at once; None when one may not.

    Room shrinks from round to round, as the cordoned node empties and the others fill. So when the last
    round has room for its replacements, all have.
    """
    allowed = workload.allowed(workload.healthy)
    if not allowed or not on_node:
        return None
    at_once = min(allowed, on_node)
    if workload.nodes_per_zone == 1:
        others = workload.zones - 1
        ghosts = () if workload.taints_policy == "Honor" else (0,)
        before = even_counts(workload.placed - at_once, others) if others else []
        if fill(before, at_once, workload.zone_constraint, ghosts=ghosts)[1]:
            return None
    if _kept_by_hosts(workload, 0, at_once):
        return None
    rounds = -(-on_node // allowed)
    return Drain(
        pods=on_node,
        rounds=rounds,
        left=0,
        pending=0,
        lowest_ready=workload.healthy - at_once,
        seconds=rounds * workload.ready_seconds,
    )


def _kept_by_hosts(workload: Workload, on_node: int, waiting: int) -> int:
    """Return how many replacements the spread over nodes keeps Pending.

    Args:
        workload: with a host constraint or none.
        on_node: pods still on the cordoned node, which counts as a domain unless taints are honoured.
        waiting: replacements that look for a place.
    """
    if workload.nodes == 1:
        return waiting
    if workload.host_constraint is None:
        return 0
    elsewhere = even_counts(max(0, workload.placed - on_node - waiting), workload.nodes - 1)
    ghosts = () if workload.taints_policy == "Honor" else (on_node,)
    return fill(elsewhere, waiting, workload.host_constraint, ghosts=ghosts)[1]


def replicas_for_zone_loss(needed: int, zones: int) -> int | None:
    """Return the replicas of which `needed` are left when the fullest of evenly filled zones is lost.

    Args:
        needed: pods that carry the load.
        zones: 3 zones and 4 needed take 6 replicas.

    Returns:
        None with one zone: nothing is left of it.
    """
    return None if zones == 1 else needed + -(-needed // (zones - 1))
