"""Which pods to take away so that a more important one fits (plugins/defaultpreemption, framework/preemption)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from eks_lab.sim.controllers.scheduler.nodes import NodeInfo
from eks_lab.sim.controllers.scheduler.pods import PodInfo
from eks_lab.sim.controllers.scheduler.words import Refusal
from eks_lab.sim.objects import Obj, labels_of
from eks_lab.sim.selection import matches

Check = Callable[[], Refusal | None]


@dataclass(slots=True)
class Candidate:
    """A node and the pods that would have to go."""

    info: NodeInfo
    victims: list[PodInfo]
    broken_budgets: int
    """Victims that a PodDisruptionBudget protects."""


def victims_on(info: NodeInfo, pod: PodInfo, budgets: Sequence[Obj], check: Check) -> Candidate | None:
    """Return the fewest, least important pods whose absence lets the pod onto a node.

    Args:
        info: the node; its pods are taken off and put back while this looks.
        pod: the pod that needs room.
        budgets: PodDisruptionBudgets.
        check: runs the filters for the pod on the node as it is now.

    Returns:
        None when even without every less important pod it would not fit.
    """
    lower = [each for each in info.pods.values() if each.priority < pod.priority]
    if not lower:
        return None
    # The node ends as it began, so whoever remembers its version need not look again.
    version = info.version
    for each in lower:
        info.remove(each.key)
    victims: list[PodInfo] = []
    broken = 0
    try:
        if check() is not None:
            return None
        protected, free = _by_budget(lower, budgets)
        # The most important ones are put back first, those that budgets protect before the others.
        for group, is_protected in ((protected, True), (free, False)):
            for each in sorted(group, key=_importance, reverse=True):
                info.add(each)
                if check() is not None:
                    info.remove(each.key)
                    victims.append(each)
                    broken += is_protected
        for each in victims:
            info.add(each)
    finally:
        for each in lower:
            if each.key not in info.pods:
                info.add(each)
        info.version = version
    return Candidate(info, sorted(victims, key=_importance, reverse=True), broken) if victims else None


def _importance(pod: PodInfo) -> tuple[int, str]:
    """Return what orders pods: priority, then running longer (earlier start is more important)."""
    started = (pod.pod.get("status") or {}).get("startTime") or "9999"
    return pod.priority, _inverted(started)


def _inverted(text: str) -> str:
    return "".join(chr(255 - ord(letter)) if ord(letter) < 255 else letter for letter in text)


def _by_budget(pods: Iterable[PodInfo], budgets: Sequence[Obj]) -> tuple[list[PodInfo], list[PodInfo]]:
    left = {
        (each["metadata"]["namespace"], each["metadata"]["name"]): (each.get("status") or {}).get(
            "disruptionsAllowed", 0
        )
        for each in budgets
    }
    protected: list[PodInfo] = []
    free: list[PodInfo] = []
    for pod in sorted(pods, key=_importance, reverse=True):
        is_protected = False
        for budget in budgets:
            metadata = budget["metadata"]
            if metadata["namespace"] != pod.namespace or not pod.labels:
                continue
            if not matches(budget["spec"].get("selector"), labels_of(pod.pod)):
                continue
            if pod.key.name in ((budget.get("status") or {}).get("disruptedPods") or {}):
                continue
            place = (metadata["namespace"], metadata["name"])
            left[place] -= 1
            is_protected = is_protected or left[place] < 0
        (protected if is_protected else free).append(pod)
    return protected, free


def best(candidates: Sequence[Candidate]) -> Candidate:
    """Return the candidate that hurts least (pickOneNodeForPreemption).

    Fewest broken budgets; lowest highest priority; lowest sum of priorities; fewest victims; latest start of the
    most important victim; first.
    """

    def pain(candidate: Candidate) -> tuple[int, int, int, int]:
        priorities = [each.priority for each in candidate.victims]
        # Sums are taken from the least possible priority, so that many victims always weigh more than few.
        return (
            candidate.broken_budgets,
            max(priorities),
            sum(each + 2**31 for each in priorities),
            len(priorities),
        )

    least = min(pain(each) for each in candidates)
    equal = [each for each in candidates if pain(each) == least]
    return max(equal, key=_latest_start)


def _latest_start(candidate: Candidate) -> str:
    top = max(each.priority for each in candidate.victims)
    starts = [
        (each.pod.get("status") or {}).get("startTime") or ""
        for each in candidate.victims
        if each.priority == top
    ]
    return min(starts)


def may_preempt(pod: PodInfo, nodes: Mapping[str, NodeInfo], nominated: str) -> bool:
    """Say whether a pod may take others' places now.

    Not with preemptionPolicy Never, and not while pods it preempted earlier are still going.
    """
    if pod.spec.get("preemptionPolicy") == "Never":
        return False
    info = nodes.get(nominated)
    if info is None:
        return True
    return not any(
        "deletionTimestamp" in each.pod["metadata"] and each.priority < pod.priority
        for each in info.pods.values()
    )
