"""Reconciles one node with its instance. See the README beside this file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import ClassVar

from eks_lab.clock import Clock
from eks_lab.sim.api import Api
from eks_lab.sim.cloud import Cloud, Instance
from eks_lab.sim.events import EventRecorder
from eks_lab.sim.objects import (
    Key,
    Obj,
    condition_of,
    evolve,
    is_condition_true,
    is_deleting,
    key_of,
    labels_of,
    parse_time,
)
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.store import StoreEvent

MANAGER = "aws-cloud-controller-manager"
UNINITIALISED = "node.cloudprovider.kubernetes.io/uninitialized"
SHUTDOWN = "node.cloudprovider.kubernetes.io/shutdown"
EVERY = timedelta(seconds=5)
"""--node-monitor-period: how often a node that is not ready is looked up in EC2."""
GRACE = timedelta(seconds=60)
"""How long a node may be unknown to EC2 after it registered."""
GONE = frozenset({"shutting-down", "terminated"})
STOPPED = frozenset({"stopping", "stopped"})


class CloudNode:
    """Initialises nodes, and deletes or taints those whose instance is gone or stopped."""

    name: ClassVar[str] = "cloud-node"

    def __init__(self, clock: Clock, api: Api, recorder: EventRecorder, cloud: Cloud) -> None:
        """Wire it up."""
        self._clock = clock
        self._api = api
        self._recorder = recorder
        self._cloud = cloud
        self.watches: Sequence[Watch] = (Watch("nodes", _keys),)

    def reconcile(self, key: Key) -> Result:
        """Look at one node."""
        node = self._api.get("nodes", key)
        if node is None or is_deleting(node):
            return DONE
        provider = node["spec"].get("providerID") or ""
        if provider and not provider.startswith("aws:"):
            # Fargate, hybrid nodes: not ours to judge.
            return DONE
        instance = self._cloud.instance(provider.rpartition("/")[2]) if provider else None
        if instance is not None and instance.state not in GONE | STOPPED:
            return self._welcome(node, instance)
        if is_condition_true(node, "Ready"):
            # A node that is ready is not looked up; its heartbeats end first.
            return DONE
        age = self._clock.now() - parse_time(node["metadata"]["creationTimestamp"])
        if instance is None and age < GRACE:
            return Result(GRACE - age)
        if instance is None or instance.state in GONE:
            text = f"Deleting node {key.name} because it does not exist in the cloud provider"
            self._recorder.normal(node, "DeletingNode", text)
            self._api.delete("nodes", key)
            return DONE
        self._taint(node, is_shut_down=True)
        return Result(EVERY)

    def _welcome(self, node: Obj, instance: Instance) -> Result:
        """Take the taint of a new node off, and write what only the cloud knows."""
        taints = node["spec"].get("taints") or []
        if any(each["key"] == UNINITIALISED for each in taints):
            labels = {
                **labels_of(node),
                "beta.kubernetes.io/instance-type": instance.type,
                "node.kubernetes.io/instance-type": instance.type,
                "topology.kubernetes.io/region": instance.zone[:-1],
                "topology.kubernetes.io/zone": instance.zone,
            }
            left = [each for each in taints if each["key"] != UNINITIALISED]
            changed = evolve(evolve(node, ("metadata", "labels"), labels), ("spec", "taints"), left or None)
            node = self._api.update("nodes", changed, manager=MANAGER)
            text = "Node synced successfully"
            self._recorder.normal(node, "Synced", text)
        self._taint(node, is_shut_down=False)
        return DONE if is_condition_true(node, "Ready") else Result(EVERY)

    def _taint(self, node: Obj, *, is_shut_down: bool) -> None:
        taints = node["spec"].get("taints") or []
        has = any(each["key"] == SHUTDOWN for each in taints)
        if has == is_shut_down:
            return
        wanted = [each for each in taints if each["key"] != SHUTDOWN]
        if is_shut_down:
            wanted.append({"key": SHUTDOWN, "effect": "NoSchedule"})
        self._api.update("nodes", evolve(node, ("spec", "taints"), wanted or None), manager=MANAGER)


def _keys(event: StoreEvent) -> Iterable[Key]:
    """A node that came, or whose taints or readiness changed."""
    old = event.old
    if event.type == "MODIFIED" and old is not None:
        is_same = old["spec"].get("taints") == event.obj["spec"].get("taints")
        before, after = condition_of(old, "Ready"), condition_of(event.obj, "Ready")
        if is_same and (before or {}).get("status") == (after or {}).get("status"):
            return ()
    return (key_of(event.obj),) if event.type != "DELETED" else ()
