"""Node plugins register: CSINode names the driver, its attach limit and its topology; the node gets the zone's label."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from eks_lab.catalog import instance_types
from eks_lab.sim.api import Api
from eks_lab.sim.cloud import Cloud, Instance
from eks_lab.sim.controllers.ebs_csi.driver import NAME
from eks_lab.sim.objects import Key, Obj, evolve, is_condition_true, key_of, labels_of
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.store import StoreEvent

CSI_NODES = "csinodes.storage.k8s.io"
NODE_PLUGIN = "ebs-csi-node"
ZONE = "topology.ebs.csi.aws.com/zone"
POD_BY_NODE = "node"
"""Index: node name -> pods."""
TOPOLOGY_KEYS = ["kubernetes.io/os", ZONE, "topology.kubernetes.io/zone"]
AGENT_TAINT = "ebs.csi.aws.com/agent-not-ready"
"""Startup taint that the driver takes off when it is ready (docs of aws-ebs-csi-driver, faq)."""


class CsiNodeRegistration:
    """Keeps the driver's entry in CSINode objects; keys are nodes."""

    name: ClassVar[str] = "ebs-csi-node"

    def __init__(self, api: Api, cloud: Cloud) -> None:
        """Wire it up.

        Args:
            api: where nodes and the driver's pods are.
            cloud: knows instances and how many interfaces they have.
        """
        self._api = api
        self._cloud = cloud
        api.store.add_index("pods", POD_BY_NODE, _node_of)
        self.watches: Sequence[Watch] = (
            Watch("pods", _keys_of_pod),
            Watch("nodes", _keys_of_node),
            Watch(CSI_NODES, _keys_of_node),
        )

    def reconcile(self, key: Key) -> Result:
        """Bring one node's entry to what runs there."""
        node, entry = self._api.get("nodes", key), self._api.get(CSI_NODES, key)
        if node is None or entry is None:
            return DONE
        drivers = entry["spec"].get("drivers") or []
        known = next((each for each in drivers if each["name"] == NAME), None)
        others = [each for each in drivers if each["name"] != NAME]
        instance = self._cloud.instance((node["spec"].get("providerID") or "").rpartition("/")[2])
        if instance is None or not self._runs(key.name):
            if known is not None:
                self._api.update(CSI_NODES, evolve(entry, ("spec", "drivers"), others), manager="kubelet")
            return DONE
        if known is None or known["nodeID"] != instance.id or not known.get("allocatable"):
            wanted = {
                "name": NAME,
                "nodeID": instance.id,
                "topologyKeys": TOPOLOGY_KEYS,
                "allocatable": {"count": self._limit(instance)},
            }
            changed = evolve(entry, ("spec", "drivers"), [*others, wanted])
            self._api.update(CSI_NODES, changed, manager="kubelet")
        self._mark(node, instance.zone)
        return DONE

    def _mark(self, node: Obj, zone: str) -> None:
        changed = node
        if labels_of(node).get(ZONE) != zone:
            changed = evolve(changed, ("metadata", "labels"), {**labels_of(node), ZONE: zone})
        taints = node["spec"].get("taints") or []
        left = [each for each in taints if each["key"] != AGENT_TAINT]
        if len(left) < len(taints):
            changed = evolve(changed, ("spec", "taints"), left or None)
        if changed is not node:
            self._api.update("nodes", changed, manager="kubelet")

    def _runs(self, node: str) -> bool:
        """Say whether the node plugin is ready on a node."""
        return any(
            NODE_PLUGIN in (labels_of(pod).get("app"), labels_of(pod).get("app.kubernetes.io/component"))
            and is_condition_true(pod, "Ready")
            for pod in self._api.store.indexed("pods", POD_BY_NODE, node)
        )

    def _limit(self, instance: Instance) -> int:
        return attach_limit(instance.type, len(self._cloud.interfaces(instance.id)))


def attach_limit(type: str, interfaces: int) -> int:
    """Return how many volumes the driver says a node takes.

    Where the limit is shared (28 on most Nitro types, 27 beside the root volume), interfaces count against it; elsewhere
    only the root volume does. The driver counts once, when it starts (aws-ebs-csi-driver, node.go, getVolumesLimit).

    Args:
        type: of the instance.
        interfaces: it has now.
    """
    found = instance_types.get(type)
    limit = found.ebs_attachments
    if limit is None:
        return 25
    return max(1, limit - (interfaces if found.ebs_limit == "shared" else 1))


def _node_of(pod: Obj) -> Iterable[str]:
    name = pod["spec"].get("nodeName")
    return (name,) if name else ()


def _keys_of_pod(event: StoreEvent) -> Iterable[Key]:
    labels = labels_of(event.obj)
    if NODE_PLUGIN not in (labels.get("app"), labels.get("app.kubernetes.io/component")):
        return ()
    return [Key("", name) for name in _node_of(event.obj)]


def _keys_of_node(event: StoreEvent) -> Iterable[Key]:
    return (key_of(event.obj),) if event.type == "ADDED" else ()
