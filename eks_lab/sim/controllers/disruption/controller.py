"""Reconciles one PodDisruptionBudget."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from eks_lab.clock import Clock
from eks_lab.sim.api import Api
from eks_lab.sim.events import EventRecorder
from eks_lab.sim.objects import Key, Obj, controller_of, key_of, labels_of, parse_time, timestamp
from eks_lab.sim.pod_state import is_finished, is_ready
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.selection import matches
from eks_lab.sim.store import StoreEvent

BUDGETS = "poddisruptionbudgets.policy"
MANAGER = "kube-controller-manager"
DISRUPTED_FOR = timedelta(minutes=2)
"""How long an evicted pod that does not go still counts as gone."""


class _ScaleError(Exception):
    """The size of a pod's controller cannot be found."""


class DisruptionController:
    """Keeps budgets counted."""

    name: ClassVar[str] = "disruption"

    def __init__(self, clock: Clock, api: Api, recorder: EventRecorder) -> None:
        """Wire it up."""
        self._clock = clock
        self._api = api
        self._recorder = recorder
        self.watches: Sequence[Watch] = (
            Watch(BUDGETS),
            Watch("pods", self._keys_of_pod),
            *(Watch(each, self._keys_of_owner) for each in _SIZED.values()),
        )

    def _keys_of_pod(self, event: StoreEvent) -> Iterable[Key]:
        namespace = event.obj["metadata"]["namespace"]
        found = []
        for budget in self._api.items(BUDGETS, namespace):
            selector = budget["spec"].get("selector")
            if matches(selector, labels_of(event.obj)) or (
                event.old is not None and matches(selector, labels_of(event.old))
            ):
                found.append(key_of(budget))
        return found

    def _keys_of_owner(self, event: StoreEvent) -> Iterable[Key]:
        """A controller that is scaled changes what is expected."""
        if event.old is not None and event.old["spec"].get("replicas") == event.obj["spec"].get("replicas"):
            return ()
        return [key_of(each) for each in self._api.items(BUDGETS, event.obj["metadata"]["namespace"])]

    def reconcile(self, key: Key) -> Result:
        """Count, and write the status."""
        budget = self._api.get(BUDGETS, key)
        if budget is None:
            return DONE
        selector = budget["spec"].get("selector")
        pods = [pod for pod in self._api.items("pods", key.namespace) if matches(selector, labels_of(pod))]
        if not pods:
            self._recorder.normal(budget, "NoPods", "No matching pods found")
        try:
            expected, desired = self._expected(budget, pods)
        except _ScaleError as problem:
            self._recorder.warning(
                budget,
                "CalculateExpectedPodCountFailed",
                f"Failed to calculate the number of expected pods: {problem}",
            )
            status = {**(budget.get("status") or {}), "disruptionsAllowed": 0}
            status["observedGeneration"] = budget["metadata"].get("generation", 0)
            for field in ("currentHealthy", "desiredHealthy", "expectedPods"):
                status.setdefault(field, 0)
            status["conditions"] = [self._condition(budget, "False", "SyncFailed", str(problem))]
            self._write(budget, status)
            return DONE
        disrupted, wait = self._disrupted(budget, pods)
        healthy = sum(
            1
            for pod in pods
            if is_ready(pod)
            and "deletionTimestamp" not in pod["metadata"]
            and pod["metadata"]["name"] not in disrupted
        )
        allowed = max(healthy - desired, 0) if expected > 0 else 0
        reason, value = ("SufficientPods", "True") if allowed else ("InsufficientPods", "False")
        status = {
            "currentHealthy": healthy,
            "desiredHealthy": desired,
            "disruptionsAllowed": allowed,
            "expectedPods": expected,
            "observedGeneration": budget["metadata"].get("generation", 0),
            "conditions": [self._condition(budget, value, reason, "")],
        }
        if disrupted:
            status["disruptedPods"] = disrupted
        self._write(budget, status)
        return Result(wait) if wait else DONE

    def _write(self, budget: Obj, status: Obj) -> None:
        if status != budget.get("status"):
            self._api.update_status(BUDGETS, {**budget, "status": status}, manager=MANAGER)

    def _condition(self, budget: Obj, status: str, reason: str, message: str) -> Obj:
        old = next(
            (
                each
                for each in (budget.get("status") or {}).get("conditions") or ()
                if each["type"] == "DisruptionAllowed"
            ),
            None,
        )
        same = old is not None and old["status"] == status
        moment = (old.get("lastTransitionTime") if old is not None and same else None) or timestamp(
            self._clock.now()
        )
        return {
            "type": "DisruptionAllowed",
            "status": status,
            "observedGeneration": budget["metadata"].get("generation", 0),
            "lastTransitionTime": moment,
            "reason": reason,
            "message": message,
        }

    def _disrupted(self, budget: Obj, pods: Sequence[Obj]) -> tuple[dict[str, str], timedelta | None]:
        """Return evicted pods that are still there and still count as gone, and when the next one stops."""
        now, found = self._clock.now(), {}
        wait: timedelta | None = None
        by_name = {pod["metadata"]["name"]: pod for pod in pods}
        for name, moment in ((budget.get("status") or {}).get("disruptedPods") or {}).items():
            pod = by_name.get(name)
            if pod is None or "deletionTimestamp" in pod["metadata"]:
                continue
            left = DISRUPTED_FOR - (now - parse_time(moment))
            if left > timedelta(0):
                found[name] = moment
                wait = min(wait, left) if wait else left
            else:
                message = f"Pod was expected by PDB {key_of(budget).namespace}/{budget['metadata']['name']} to be deleted but it wasn't"
                self._recorder.warning(pod, "NotDeleted", message)
        return found, wait

    def _expected(self, budget: Obj, pods: Sequence[Obj]) -> tuple[int, int]:
        """Return expected pods and how many must be healthy."""
        spec = budget["spec"]
        least, most = spec.get("minAvailable"), spec.get("maxUnavailable")
        if most is not None:
            expected = self._scale_of(pods)
            return expected, max(expected - _share(most, expected), 0)
        if isinstance(least, str):
            expected = self._scale_of(pods)
            return expected, _share(least, expected)
        return len(pods), int(least or 0)

    def _scale_of(self, pods: Sequence[Obj]) -> int:
        """Return the sum of the sizes of the controllers of pods, each once."""
        sizes: dict[str, int] = {}
        for pod in pods:
            if is_finished(pod):
                continue
            reference = controller_of(pod)
            if reference is None:
                continue
            owner = self._owner(pod, reference)
            if owner is None:
                raise _ScaleError(f'found no controllers for pod "{pod["metadata"]["name"]}"')
            sizes[owner["metadata"]["uid"]] = owner["spec"].get("replicas", 1)
        return sum(sizes.values())

    def _owner(self, pod: Obj, reference: Obj) -> Obj | None:
        """Return the sized controller above a pod: a ReplicaSet's Deployment, or the set itself."""
        resource = _SIZED.get(reference["kind"])
        if resource is None:
            return None
        namespace = pod["metadata"]["namespace"]
        owner = self._api.get(resource, Key(namespace, reference["name"]))
        if owner is None or owner["metadata"]["uid"] != reference["uid"]:
            return None
        above = controller_of(owner)
        if above is not None and above["kind"] == "Deployment":
            return self._api.get(_SIZED["Deployment"], Key(namespace, above["name"])) or owner
        return owner


_SIZED = {
    "Deployment": "deployments.apps",
    "ReplicaSet": "replicasets.apps",
    "StatefulSet": "statefulsets.apps",
    "ReplicationController": "replicationcontrollers",
}


def _share(value: Any, total: int) -> int:
    if isinstance(value, str):
        return -(-int(value.rstrip("%")) * total // 100)
    return int(value)
