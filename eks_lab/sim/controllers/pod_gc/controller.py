"""Reconciles the pods of one node. See the README beside this file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from eks_lab.clock import Clock
from eks_lab.sim.api import Api
from eks_lab.sim.objects import (
    ApiError,
    Key,
    Obj,
    evolve,
    is_condition_true,
    is_deleting,
    key_of,
    timestamp,
    uid_of,
)
from eks_lab.sim.pod_state import is_finished
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.store import StoreEvent

POD_BY_NODE = "node"
"""Index: node name -> pods."""
OUT_OF_SERVICE = "node.kubernetes.io/out-of-service"
EVERY = timedelta(seconds=20)
"""gcCheckPeriod."""
QUARANTINE = timedelta(seconds=40)
"""How long a node has to be gone before its pods go (quarantineTime)."""
MANAGER = "kube-controller-manager"


class PodGarbageCollector:
    """Deletes pods without a node; keys are nodes."""

    name: ClassVar[str] = "pod-garbage-collector"

    def __init__(self, clock: Clock, api: Api) -> None:
        """Wire it up."""
        self._clock = clock
        self._api = api
        self._missing: dict[str, datetime] = {}
        """Node -> since when it is gone."""
        api.store.add_index("pods", POD_BY_NODE, _node_of)
        self.watches: Sequence[Watch] = (Watch("nodes", _keys_of_node), Watch("pods", self._keys_of_pod))

    def _keys_of_pod(self, event: StoreEvent) -> Iterable[Key]:
        """The node of a pod that came to no node, or that ends on one out of service."""
        if event.type == "DELETED" or (event.type == "MODIFIED" and not is_deleting(event.obj)):
            return ()
        name = event.obj["spec"].get("nodeName")
        if not name:
            return ()
        node = self._api.get("nodes", Key("", name))
        return (Key("", name),) if node is None or _is_out_of_service(node) else ()

    def reconcile(self, key: Key) -> Result:
        """Delete what nobody looks after any more."""
        node = self._api.get("nodes", key)
        pods = self._api.store.indexed("pods", POD_BY_NODE, key.name)
        if node is not None:
            self._missing.pop(key.name, None)
            if _is_out_of_service(node):
                for pod in pods:
                    if is_deleting(pod):
                        self._delete(pod)
            return DONE
        now = self._clock.now()
        since = self._missing.setdefault(key.name, now)
        if not pods:
            return DONE
        if now - since < QUARANTINE:
            return Result(min(EVERY, QUARANTINE - (now - since)))
        for pod in pods:
            self._fail(pod, "PodGC: node no longer exists")
            self._delete(pod)
        return DONE

    def _fail(self, pod: Obj, message: str) -> None:
        """Mark a pod that never ended as Failed, as the controller does before it deletes it."""
        if is_finished(pod):
            return
        condition = {
            "type": "DisruptionTarget",
            "status": "True",
            "reason": "DeletionByPodGC",
            "message": message,
            "lastProbeTime": None,
            "lastTransitionTime": timestamp(self._clock.now()),
        }
        status = pod.get("status") or {}
        others = [each for each in status.get("conditions") or () if each["type"] != "DisruptionTarget"]
        changed = evolve(pod, ("status", "conditions"), [*others, condition])
        self._api.update_status("pods", evolve(changed, ("status", "phase"), "Failed"), manager=MANAGER)

    def _delete(self, pod: Obj) -> None:
        try:
            self._api.delete("pods", key_of(pod), grace_seconds=0, uid=uid_of(pod))
        except ApiError as error:
            if error.code not in (404, 409):
                raise


def _is_out_of_service(node: Obj) -> bool:
    taints = {each["key"] for each in node["spec"].get("taints") or ()}
    return OUT_OF_SERVICE in taints and not is_condition_true(node, "Ready")


def _node_of(pod: Obj) -> Iterable[str]:
    name = pod["spec"].get("nodeName")
    return (name,) if name else ()


def _keys_of_node(event: StoreEvent) -> Iterable[Key]:
    if event.type == "MODIFIED" and not _is_out_of_service(event.obj):
        return ()
    return (key_of(event.obj),)
