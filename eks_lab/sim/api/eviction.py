"""The eviction subresource: deletion that asks the disruption budgets (registry/core/pod/storage/eviction.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eks_lab.sim.api import deletion
from eks_lab.sim.api.request import Request
from eks_lab.sim.objects import ApiError, Key, Obj, evolve, labels_of, timestamp
from eks_lab.sim.selection import matches

if TYPE_CHECKING:
    from eks_lab.sim.api.core import Api

BUDGETS = "poddisruptionbudgets.policy"
MOST_DISRUPTED = 2000
"""Pods in `status.disruptedPods` above which the controller is thought to be stuck."""

_REFUSAL = "Cannot evict pod as it would violate the pod's disruption budget."


def evict(api: Api, request: Request, key: Key, wish: deletion.Wish) -> None:
    """Evict a pod (see `Api.evict`)."""
    pod = api.read("pods", key)
    if not _ignores_budgets(pod):
        budgets = [
            budget
            for budget in api.store.items(BUDGETS, key.namespace)
            if matches((budget.get("spec") or {}).get("selector"), labels_of(pod))
        ]
        if len(budgets) > 1:
            raise ApiError(
                500,
                "InternalError",
                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
            )
        if budgets and not _is_unhealthy_and_evictable(pod, budgets[0]):
            _take(api, request, budgets[0], key.name)
    if not request.dry_run:
        _mark(api, key)
    deletion.delete(api, request, key, wish)


def _ignores_budgets(pod: Obj) -> bool:
    """Say whether the pod does not run anyway (canIgnorePDB)."""
    phase = (pod.get("status") or {}).get("phase")
    return phase in ("Succeeded", "Failed", "Pending") or bool(pod["metadata"].get("deletionTimestamp"))


def _is_unhealthy_and_evictable(pod: Obj, budget: Obj) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or ()
    if any(each["type"] == "Ready" and each["status"] == "True" for each in conditions):
        return False
    if (budget.get("spec") or {}).get("unhealthyPodEvictionPolicy") == "AlwaysAllow":
        return True
    status = budget.get("status") or {}
    return bool(status.get("currentHealthy", 0) >= status.get("desiredHealthy", 0) > 0)


def _take(api: Api, request: Request, budget: Obj, pod_name: str) -> None:
    """Use up one disruption of a budget.

    Raises:
        ApiError: 429 or 403, the budget has none.
    """
    status = budget.get("status") or {}
    name = budget["metadata"]["name"]
    if status.get("observedGeneration", 0) < budget["metadata"].get("generation", 0):
        raise _refusal(f"The disruption budget {name} is still being processed by the server.", 10)
    allowed = status.get("disruptionsAllowed", 0)
    if allowed < 0:
        raise ApiError(
            403,
            "Forbidden",
            f'poddisruptionbudgets.policy "{name}" is forbidden: pdb disruptions allowed is negative',
        )
    disrupted = status.get("disruptedPods") or {}
    if len(disrupted) > MOST_DISRUPTED:
        raise ApiError(
            403,
            "Forbidden",
            f'poddisruptionbudgets.policy "{name}" is forbidden: '
            "DisruptedPods map too big - too many evictions not confirmed by PDB controller",
        )
    if allowed == 0:
        needed, healthy = status.get("desiredHealthy", 0), status.get("currentHealthy", 0)
        raise _refusal(
            f"The disruption budget {name} needs {needed} healthy pods and has {healthy} currently", 0
        )
    if request.dry_run:
        return
    status = {
        **status,
        "disruptionsAllowed": allowed - 1,
        "disruptedPods": {**disrupted, pod_name: timestamp(api.clock.now())},
    }
    api.update_status(BUDGETS, {**budget, "status": status}, manager="kube-apiserver")


def _refusal(why: str, retry_after: int) -> ApiError:
    details: Obj = {"causes": [{"reason": "DisruptionBudget", "message": why}]}
    if retry_after:
        details["retryAfterSeconds"] = retry_after
    return ApiError(429, "TooManyRequests", _REFUSAL, details)


def _mark(api: Api, key: Key) -> None:
    """Write the DisruptionTarget condition, so that Jobs can tell an eviction from a failure."""
    pod = api.read("pods", key)
    status = pod.get("status") or {}
    conditions = [each for each in status.get("conditions") or () if each["type"] != "DisruptionTarget"]
    condition = {
        "type": "DisruptionTarget",
        "status": "True",
        "lastProbeTime": None,
        "lastTransitionTime": timestamp(api.clock.now()),
        "reason": "EvictionByEvictionAPI",
        "message": "Eviction API: evicting",
    }
    api.store.put("pods", evolve(pod, ("status", "conditions"), [*conditions, condition]))
