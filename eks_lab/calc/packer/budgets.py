"""What may be disturbed: disruption budgets of NodePools, PodDisruptionBudgets, do-not-disrupt.

Source: kubernetes-sigs/karpenter, pkg/controllers/disruption (2026-08-20), and its documentation.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eks_lab.calc.packer.node_pools import Budget, NodePool
from eks_lab.calc.packer.pods import DisruptionBudget, PodClass

EMPTY, UNDERUTILIZED = "Empty", "Underutilized"


def allowed_disruptions(pool: NodePool, nodes: int, reason: str) -> int:
    """Return how many nodes of a NodePool one command may take: the most restrictive budget counts.

    Args:
        pool: the NodePool.
        nodes: nodes it has, none of them being deleted or not ready.
        reason: `Empty` or `Underutilized`.
    """
    bounds = [
        budget_nodes(budget, nodes)
        for budget in pool.budgets
        if not budget.is_scheduled and (not budget.reasons or reason in budget.reasons)
    ]
    return min(bounds, default=nodes)


def budget_nodes(budget: Budget, nodes: int) -> int:
    """Return the nodes one budget allows; a percentage is rounded up."""
    if budget.nodes.endswith("%"):
        return math.ceil(nodes * int(budget.nodes[:-1]) / 100)
    return int(budget.nodes)


@dataclass(frozen=True, slots=True)
class PdbState:
    """A PodDisruptionBudget at work."""

    name: str
    classes: frozenset[int]
    """Whose pods it covers."""
    allowed: int
    """Pods that may be evicted now."""


def pdb_states(
    budgets: Sequence[DisruptionBudget],
    classes: Sequence[PodClass],
    expected: Mapping[int, int],
    healthy: Mapping[int, int],
) -> list[PdbState]:
    """Return what PodDisruptionBudgets allow.

    Args:
        budgets: all of them.
        classes: the pods.
        expected: class -> pods there should be.
        healthy: class -> pods that run.
    """
    found = []
    for budget in budgets:
        covered = frozenset(
            each.index
            for each in classes
            if budget.selector is not None
            and each.spec.namespace == budget.namespace
            and budget.selector.matches(dict(each.spec.labels))
        )
        total = sum(expected.get(index, 0) for index in covered)
        running = sum(healthy.get(index, 0) for index in covered)
        found.append(PdbState(budget.name, covered, max(0, running - _desired(budget, total))))
    return found


def _desired(budget: DisruptionBudget, total: int) -> int:
    if budget.min_available is not None:
        return _count(budget.min_available, total)
    return total - _count(budget.max_unavailable or 0, total)


def _count(value: int | str, total: int) -> int:
    """Return a number of pods; a percentage is rounded up, as the disruption controller does."""
    return math.ceil(total * int(value[:-1]) / 100) if isinstance(value, str) else value


def eviction_block(pods: Mapping[int, int], states: Sequence[PdbState], classes: Sequence[PodClass]) -> str:
    """Return why the pods of a node may not be moved, in Karpenter's words; empty when they may."""
    for index in pods:
        if classes[index].spec.do_not_disrupt:
            return f'pod of {classes[index].name} has "karpenter.sh/do-not-disrupt" annotation'
    for index in pods:
        covering = [state for state in states if index in state.classes]
        if len(covering) > 1:
            return f"eviction does not support multiple PDBs: {', '.join(state.name for state in covering)}"
        if covering and not covering[0].allowed:
            return f"pdb {covering[0].name} prevents pod evictions"
    return ""
