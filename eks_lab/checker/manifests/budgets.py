"""PodDisruptionBudgets: those that can never be met, and those that protect nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from eks_lab.checker.manifests.manifest import Manifest, ManifestSet, number, selector_of
from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, WARNING, Rule

NEVER = Rule(
    "k8s-pdb-never",
    WARNING,
    "A budget that allows no disruption blocks every drain: node upgrades stop with PodEvictionFailure and Karpenter "
    "consolidates nothing.",
    "Allow one: maxUnavailable: 1, with at least two replicas.",
    "practices.reliability-and-cost",
)
NOTHING = Rule(
    "k8s-pdb-selects-nothing",
    WARNING,
    "A budget whose selector matches no pods protects nothing.",
    "Select the labels of the pod template.",
    "practices.reliability-and-cost",
)
BOTH = Rule(
    "k8s-pdb-both",
    ERROR,
    "A budget takes either minAvailable or maxUnavailable.",
    "Keep one of the two.",
)
OVERLAP = Rule(
    "k8s-pdb-overlap",
    WARNING,
    "Two budgets on one pod make every eviction of it fail.",
    "Keep one budget a workload.",
    "practices.reliability-and-cost",
)
RULES = (NEVER, NOTHING, BOTH, OVERLAP)


def check(together: ManifestSet) -> Iterator[Finding]:
    """Yield findings about budgets."""
    guarded: dict[int, Manifest] = {}
    for budget in together.of_kind("PodDisruptionBudget"):
        least, most = budget.spec.get("minAvailable"), budget.spec.get("maxUnavailable")
        if least is not None and most is not None:
            yield budget.finding(
                BOTH, ("spec",), "spec: Invalid value: minAvailable and maxUnavailable cannot be both set"
            )
        selector = selector_of(budget.spec.get("selector"))
        pods = together.selected(selector, budget.namespace) if selector is not None else []
        if not pods:
            near = any(one.owner.namespace == budget.namespace for one in together.templates)
            if together.whole and near and selector is not None:
                yield budget.finding(NOTHING, ("spec", "selector"), f"no pod here has {selector}")
        for template in pods:
            first = guarded.setdefault(id(template), budget)
            if first is not budget:
                yield budget.finding(OVERLAP, ("spec", "selector"), f"{template.owner} already has {first}")
        scalable = [
            one.owner for one in pods if one.owner.kind in ("Deployment", "StatefulSet", "ReplicaSet")
        ]
        total = sum(_replicas(owner, together) for owner in scalable)
        yield from _never(budget, least, most, total)


def _replicas(owner: Manifest, together: ManifestSet) -> int:
    """Return how many pods a workload keeps at least: an HPA's minReplicas go before its own number."""
    for hpa in together.of_kind("HorizontalPodAutoscaler"):
        target = hpa.spec.get("scaleTargetRef")
        if isinstance(target, dict) and (target.get("kind"), target.get("name")) == (owner.kind, owner.name):
            return number(hpa.spec.get("minReplicas"), 1)
    return number(owner.spec.get("replicas"), 1)


def _never(budget: Manifest, least: Any, most: Any, total: int) -> Iterator[Finding]:
    if most in (0, "0", "0%"):
        yield budget.finding(
            NEVER, ("spec", "maxUnavailable"), f"maxUnavailable: {most} allows no eviction, ever"
        )
    elif least == "100%":
        yield budget.finding(NEVER, ("spec", "minAvailable"), "minAvailable: 100% allows no eviction, ever")
    elif total and least is not None:
        wanted = _count(least, total)
        if wanted is not None and wanted >= total:
            pods = "1 replica" if total == 1 else f"{total} replicas"
            yield budget.finding(
                NEVER, ("spec", "minAvailable"), f"minAvailable: {least} of {pods} allows no eviction"
            )


def _count(value: Any, total: int) -> int | None:
    """Return how many pods a number or percentage means; percentages round up, as the controller does."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.endswith("%") and value[:-1].isdecimal():
        return math.ceil(int(value[:-1]) * total / 100)
    return None
