"""Reconciles the pods of one node."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from eks_lab.clock import Clock
from eks_lab.sim.api import Api
from eks_lab.sim.events import EventRecorder
from eks_lab.sim.objects import ApiError, Key, Obj, duration, evolve, key_of, later, parse_time, timestamp
from eks_lab.sim.placement import tolerates_taint
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.store import StoreEvent

MANAGER = "kube-controller-manager"
POD_BY_NODE = "node"


class TaintEvictionController:
    """Enforces NoExecute."""

    name: ClassVar[str] = "taint-eviction"

    def __init__(self, clock: Clock, api: Api, recorder: EventRecorder) -> None:
        """Wire it up."""
        self._clock = clock
        self._api = api
        self._recorder = recorder
        self._planned: dict[Key, tuple[str, datetime]] = {}
        """Pod -> uid and when its respite began."""
        self.watches: Sequence[Watch] = (Watch("nodes", self._keys_of_node), Watch("pods", self._keys_of_pod))
        api.store.add_index("pods", POD_BY_NODE, _node_of)

    def _keys_of_node(self, event: StoreEvent) -> Iterable[Key]:
        old = _taints(event.old) if event.old is not None else []
        return (key_of(event.obj),) if old != _taints(event.obj) else ()

    def _keys_of_pod(self, event: StoreEvent) -> Iterable[Key]:
        name = event.obj["spec"].get("nodeName")
        old = event.old
        if not name or event.type == "DELETED":
            return ()
        if old is not None and old["spec"].get("nodeName") and old["spec"] == event.obj["spec"]:
            return ()
        node = self._api.get("nodes", Key("", name))
        return (Key("", name),) if node is not None and _taints(node) else ()

    def reconcile(self, key: Key) -> Result:
        """Delete pods whose time is up; look again when the next one's is."""
        node = self._api.get("nodes", key)
        if node is None:
            return DONE
        taints = _taints(node)
        wait: timedelta | None = None
        for pod in list(self._api.store.indexed("pods", POD_BY_NODE, key.name)):
            left = self._judge(pod, taints)
            if left is not None:
                wait = min(wait, left) if wait else left
        return Result(wait) if wait else DONE

    def _judge(self, pod: Obj, taints: Sequence[Obj]) -> timedelta | None:
        """Delete a pod, or return how long it may stay; None when nothing drives it away."""
        key, now = key_of(pod), self._clock.now()
        if "deletionTimestamp" in pod["metadata"]:
            self._planned.pop(key, None)
            return None
        uid, began = self._planned.get(key, ("", now))
        if uid != pod["metadata"]["uid"]:
            began = now
        respite = _respite(pod["spec"].get("tolerations") or (), taints, now, began) if taints else None
        if respite is None:
            if self._planned.pop(key, None) is not None and uid == pod["metadata"]["uid"]:
                message = f"Cancelling deletion of Pod {key.namespace}/{key.name}"
                self._recorder.normal(pod, "TaintManagerEviction", message)
            return None
        if respite > now:
            self._planned[key] = (pod["metadata"]["uid"], began)
            return respite - now
        self._planned.pop(key, None)
        message = f"Marking for deletion Pod {key.namespace}/{key.name}"
        self._recorder.normal(pod, "TaintManagerEviction", message)
        self._delete(pod, now)
        return None

    def _delete(self, pod: Obj, now: datetime) -> None:
        condition = {
            "type": "DisruptionTarget",
            "status": "True",
            "lastProbeTime": None,
            "lastTransitionTime": timestamp(now),
            "reason": "DeletionByTaintManager",
            "message": "Taint manager: deleting due to NoExecute taint",
        }
        if pod["metadata"].get("generation"):
            condition["observedGeneration"] = pod["metadata"]["generation"]
        status = pod.get("status") or {}
        others = [each for each in status.get("conditions") or () if each["type"] != "DisruptionTarget"]
        try:
            self._api.update_status(
                "pods", evolve(pod, ("status", "conditions"), [*others, condition]), manager=MANAGER
            )
            self._api.delete("pods", key_of(pod), uid=pod["metadata"]["uid"])
        except ApiError as error:
            if error.code != 404:
                raise


def _taints(node: Obj) -> list[Obj]:
    return [each for each in node["spec"].get("taints") or () if each["effect"] == "NoExecute"]


def _respite(
    tolerations: Sequence[Obj], taints: Sequence[Obj], now: datetime, began: datetime
) -> datetime | None:
    """Return until when a pod may stay; None means for ever, a moment not after now means it must go.

    Args:
        tolerations: of the pod.
        taints: NoExecute taints of its node.
        now: the present moment.
        began: when this pod's respite began, for taints that do not say when they were added.
    """
    until: datetime | None = None
    for taint in taints:
        found = [each for each in tolerations if tolerates_taint(each, taint)]
        if not found:
            return now
        seconds = [each["tolerationSeconds"] for each in found if each.get("tolerationSeconds") is not None]
        if not seconds:
            continue
        since = parse_time(taint["timeAdded"]) if taint.get("timeAdded") else began
        end = later(since, duration(max(min(seconds), 0)))
        until = end if until is None else min(until, end)
    return until


def _node_of(pod: Obj) -> Iterable[str]:
    name = pod["spec"].get("nodeName")
    return (name,) if name else ()
