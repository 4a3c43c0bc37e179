"""Reconciles one node. See the README beside this file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from eks_lab.clock import Clock
from eks_lab.sim.api import Api
from eks_lab.sim.events import EventRecorder
from eks_lab.sim.objects import (
    Key,
    Obj,
    annotations_of,
    condition_of,
    evolve,
    is_deleting,
    key_of,
    labels_of,
    parse_time,
    timestamp,
)
from eks_lab.sim.pod_state import is_ready
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.store import StoreEvent

LEASES = "leases.coordination.k8s.io"
LEASE_NAMESPACE = "kube-node-lease"
MANAGER = "kube-controller-manager"
GRACE = timedelta(seconds=50)
"""--node-monitor-grace-period, 50 s since Kubernetes 1.32."""
START_GRACE = timedelta(seconds=60)
"""--node-startup-grace-period."""
TTL = "node.alpha.kubernetes.io/ttl"
POD_BY_NODE = "node"
"""Index: node name -> pods."""

_OLD_LABELS = {"kubernetes.io/os": "beta.kubernetes.io/os", "kubernetes.io/arch": "beta.kubernetes.io/arch"}
_PRESSURES = {
    "MemoryPressure": "node.kubernetes.io/memory-pressure",
    "DiskPressure": "node.kubernetes.io/disk-pressure",
    "PIDPressure": "node.kubernetes.io/pid-pressure",
    "NetworkUnavailable": "node.kubernetes.io/network-unavailable",
}
NOT_READY = "node.kubernetes.io/not-ready"
UNREACHABLE = "node.kubernetes.io/unreachable"
UNSCHEDULABLE = "node.kubernetes.io/unschedulable"
_OURS = frozenset({*_PRESSURES.values(), NOT_READY, UNREACHABLE, UNSCHEDULABLE})


class NodeLifecycleController:
    """Watches over nodes."""

    name: ClassVar[str] = "node-lifecycle"

    def __init__(self, clock: Clock, api: Api, recorder: EventRecorder) -> None:
        """Wire it up."""
        self._clock = clock
        self._api = api
        self._recorder = recorder
        self.watches: Sequence[Watch] = (Watch("nodes", self._keys),)
        api.store.add_index("pods", POD_BY_NODE, _node_of)

    def _keys(self, event: StoreEvent) -> Iterable[Key]:
        """Heartbeats alone do not need us: the next look is planned already."""
        old = event.old
        if event.type == "MODIFIED" and old is not None and old["spec"] == event.obj["spec"]:
            is_same = labels_of(old) == labels_of(event.obj) and _states(old) == _states(event.obj)
            if is_same:
                return ()
        return (key_of(event.obj),) if event.type != "DELETED" else ()

    def reconcile(self, key: Key) -> Result:
        """Judge the heartbeat, then taints, labels and annotations."""
        node = self._api.get("nodes", key)
        if node is None or is_deleting(node):
            return DONE
        node, wait = self._judge(node)
        changed = self._labelled(self._tainted(node))
        if changed is not node:
            self._api.update("nodes", changed, manager=MANAGER)
        return Result(wait) if wait else DONE

    # --- heartbeats ------------------------------------------------------------------------------------------

    def _judge(self, node: Obj) -> tuple[Obj, timedelta | None]:
        """Return the node, marked Unknown when it has been silent too long, and when to look again."""
        now = self._clock.now()
        ready = condition_of(node, "Ready")
        if ready is not None and ready["status"] == "Unknown":
            return node, None
        last = self._last_heartbeat(node, ready)
        grace = GRACE if ready is not None else START_GRACE
        since = last or parse_time(node["metadata"]["creationTimestamp"])
        left = grace - (now - since)
        if left > timedelta(0):
            return node, left
        if last is None and ready is not None:
            return node, None
        return self._silence(node, now), None

    def _last_heartbeat(self, node: Obj, ready: Obj | None) -> datetime | None:
        lease = self._api.get(LEASES, Key(LEASE_NAMESPACE, node["metadata"]["name"]))
        renewed = ((lease or {}).get("spec") or {}).get("renewTime")
        if renewed:
            return parse_time(renewed)
        # Without a lease nobody promised to renew anything: a node made by hand keeps what it says.
        return None

    def _silence(self, node: Obj, now: datetime) -> Obj:
        conditions = []
        known = {each["type"]: each for each in (node.get("status") or {}).get("conditions") or ()}
        for kind in ("MemoryPressure", "DiskPressure", "PIDPressure", "Ready"):
            old = known.pop(kind, None)
            never = old is None
            conditions.append(
                {
                    "type": kind,
                    "status": "Unknown",
                    "lastHeartbeatTime": node["metadata"]["creationTimestamp"]
                    if old is None
                    else old.get("lastHeartbeatTime"),
                    "lastTransitionTime": timestamp(now),
                    "reason": "NodeStatusNeverUpdated" if never else "NodeStatusUnknown",
                    "message": "Kubelet never posted node status."
                    if never
                    else "Kubelet stopped posting node status.",
                }
            )
        changed = evolve(node, ("status", "conditions"), [*known.values(), *conditions])
        node = self._api.update_status("nodes", changed, manager=MANAGER)
        name = node["metadata"]["name"]
        self._recorder.normal(node, "NodeNotReady", f"Node {name} status is now: NodeNotReady")
        for pod in self._api.store.indexed("pods", POD_BY_NODE, name):
            self._unready(pod, now)
        return node

    def _unready(self, pod: Obj, now: datetime) -> None:
        if not is_ready(pod):
            return
        conditions = [
            {**each, "status": "False", "lastTransitionTime": timestamp(now)}
            if each["type"] == "Ready"
            else each
            for each in pod["status"]["conditions"]
        ]
        changed = evolve(pod, ("status", "conditions"), conditions)
        self._api.update_status("pods", changed, manager=MANAGER)
        self._recorder.warning(pod, "NodeNotReady", "Node is not ready")

    # --- taints, labels, annotations -------------------------------------------------------------------------

    def _tainted(self, node: Obj) -> Obj:
        present = node["spec"].get("taints") or []
        wanted = self._wanted(node)
        kept = [
            taint
            for taint in present
            if taint["key"] not in _OURS or (taint["key"], taint["effect"]) in wanted
        ]
        have = {(taint["key"], taint["effect"]) for taint in kept}
        moment = timestamp(self._clock.now())
        for key, effect in wanted:
            if (key, effect) not in have:
                taint = {"key": key, "effect": effect}
                kept.append({**taint, "timeAdded": moment})
        return node if kept == present else evolve(node, ("spec", "taints"), kept or None)

    def _wanted(self, node: Obj) -> list[tuple[str, str]]:
        found = []
        ready = condition_of(node, "Ready")
        if ready is not None and ready["status"] in ("False", "Unknown"):
            key = NOT_READY if ready["status"] == "False" else UNREACHABLE
            found += [(key, "NoSchedule"), (key, "NoExecute")]
        for kind, key in _PRESSURES.items():
            condition = condition_of(node, kind)
            if condition is not None and condition["status"] == "True":
                found.append((key, "NoSchedule"))
        if node["spec"].get("unschedulable"):
            found.append((UNSCHEDULABLE, "NoSchedule"))
        return found

    def _labelled(self, node: Obj) -> Obj:
        labels = labels_of(node)
        wanted = {old: labels[new] for new, old in _OLD_LABELS.items() if new in labels}
        if any(labels.get(key) != value for key, value in wanted.items()):
            node = evolve(node, ("metadata", "labels"), {**labels, **wanted})
        if TTL not in annotations_of(node):
            node = evolve(node, ("metadata", "annotations", TTL), "0")
        return node


def _node_of(pod: Obj) -> Iterable[str]:
    name = pod["spec"].get("nodeName")
    return (name,) if name else ()


def _states(node: Obj) -> list[tuple[str, str]]:
    return [(each["type"], each["status"]) for each in (node.get("status") or {}).get("conditions") or ()]
