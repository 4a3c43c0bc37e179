"""The rolling update of a managed node group: surge, waves, drains and how long it takes.

Calculators and simulator share it. Source: `NODE_UPDATES` below; the limits are data of
`eks_lab.catalog.kubernetes_versions`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from eks_lab.calc.model import Reference
from eks_lab.catalog.kubernetes_versions import calendar

Strategy = Literal["default", "minimal"]
STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)


@dataclass(frozen=True, slots=True)
class NodeGroup:
    """A managed node group and the settings of its update."""

    nodes: int
    """Nodes before the update."""
    zones: int
    """Zones of its Auto Scaling group, at least 1."""
    max_unavailable: int = 1
    """Nodes that are replaced at a time, at least 1."""
    strategy: Strategy = "default"
    """`default` starts new nodes first, `minimal` drains first and never needs more nodes."""
    start_minutes: float = 5
    """From the launch of a node to Ready."""
    drain_minutes: float = 4
    """Draining one node when no budget holds it up."""
    terminate_minutes: float = 1
    """Terminating a node."""
    force: bool = False
    """Pods that cannot be evicted are deleted when the limit is reached."""


@dataclass(frozen=True, slots=True)
class TightBudget:
    """The disruption budget that slows a drain most."""

    pods_per_node: int
    """Pods under the budget on each node; 0 is no budget."""
    allowed_disruptions: int
    """Pods that may be missing at once: `ALLOWED DISRUPTIONS` of `kubectl get pdb`."""
    ready_minutes: float
    """From an eviction until the replacement is Ready."""


NO_BUDGET = TightBudget(pods_per_node=0, allowed_disruptions=1, ready_minutes=0)


@dataclass(frozen=True, slots=True)
class Rollout:
    """How an update goes."""

    surge_nodes: int
    """Nodes that may be added at most while it runs."""
    peak_nodes: int
    """Nodes at most while it runs."""
    lowest_nodes: int
    """Old and new nodes that take pods at least, while it runs."""
    waves: int
    """Rounds of replacing maxUnavailable nodes."""
    nodes_at_a_time: int
    """Nodes in a full round."""
    eviction_rounds: int | None
    """Evictions one after another that the budget asks of a round; None when it allows none at all."""
    drain_minutes: float | None
    """Draining a round; None when it never ends by itself."""
    minutes: float
    """The whole update, or the time until it fails."""
    fails: bool
    """It ends with PodEvictionFailure."""


def surge_nodes(zones: int, max_unavailable: int) -> int:
    """Return the nodes that the default strategy may add: max(2 × zones, maxUnavailable).

    Args:
        zones: zones of the Auto Scaling group.
        max_unavailable: nodes replaced at a time; five zones and 1 give 10, five zones and 20 give 20.
    """
    return max(calendar().rules.surge_nodes_per_zone * zones, max_unavailable)


def eviction_rounds(pods: int, allowed_disruptions: int) -> int | None:
    """Return how many evictions have to wait for one another; None when none is ever allowed.

    Args:
        pods: pods under the budget that have to leave.
        allowed_disruptions: pods that may be missing at once.
    """
    if pods == 0:
        return 0
    return None if allowed_disruptions == 0 else -(-pods // allowed_disruptions)


def rollout(group: NodeGroup, budget: TightBudget = NO_BUDGET) -> Rollout:
    """Return how the update of a node group goes.

    The nodes of a round are drained side by side and share the budget. The time limit holds for each
    node; a budget that is spent on one node holds up the others of the round.

    Args:
        group: the node group, at least with 0 nodes.
        budget: the tightest disruption budget among its pods.
    """
    rules = calendar().rules
    at_a_time = min(group.nodes, group.max_unavailable)
    waves = -(-group.nodes // group.max_unavailable)
    surge = surge_nodes(group.zones, group.max_unavailable) if group.strategy == "default" else 0
    rounds = eviction_rounds(budget.pods_per_node * at_a_time, budget.allowed_disruptions)
    drain = None if rounds is None else max(group.drain_minutes, rounds * budget.ready_minutes)
    late = drain is None or drain > rules.drain_limit_minutes
    fails = late and not group.force and group.nodes > 0
    counted = float(rules.drain_limit_minutes) if late or drain is None else drain
    if group.nodes == 0:
        surge, minutes = 0, 0.0
    elif fails:
        before = group.start_minutes if group.strategy == "default" else 0.0
        minutes = before + rules.drain_limit_minutes
    else:
        each = counted + rules.wait_after_drain_minutes + group.terminate_minutes
        minutes = (
            group.start_minutes + waves * each
            if group.strategy == "default"
            else waves * (each + group.start_minutes)
        )
    return Rollout(
        surge_nodes=surge,
        peak_nodes=group.nodes + surge,
        lowest_nodes=group.nodes if group.strategy == "default" else group.nodes - at_a_time,
        waves=waves,
        nodes_at_a_time=at_a_time,
        eviction_rounds=rounds,
        drain_minutes=drain,
        minutes=minutes,
        fails=fails,
    )


def reference() -> Reference:
    """Return the source of surge, drain limit and waiting time."""
    source = calendar().rule_sources["nodes"]
    return Reference(title=source.title, date=source.as_of.isoformat(), url=source.url)
