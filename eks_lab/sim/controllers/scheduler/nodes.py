"""What the scheduler knows of nodes: kept up to date by every write, never rebuilt."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

from eks_lab.sim.controllers.scheduler.pods import PodInfo
from eks_lab.sim.objects import Key, Obj, key_of
from eks_lab.sim.pod_resources import PODS, Amounts, amounts
from eks_lab.sim.pod_state import is_finished
from eks_lab.sim.store import Store, StoreEvent


class NodeInfo:
    """One node with the pods on it."""

    __slots__ = (
        "allocatable",
        "images",
        "labels",
        "matching",
        "name",
        "node",
        "number",
        "pods",
        "ports",
        "requested",
        "scored_cpu",
        "scored_memory",
        "taints",
        "version",
        "with_anti_affinity",
    )

    def __init__(self, name: str, number: int) -> None:
        """Start without an object and without pods: pods may be known before their node."""
        self.name = name
        self.number = number
        """Place in the order of arrival."""
        self.node: Obj | None = None
        self.labels: dict[str, str] = {}
        self.taints: list[Obj] = []
        self.allocatable: Amounts = {}
        self.images: dict[str, int] = {}
        """Image name -> bytes."""
        self.requested: Amounts = {}
        self.scored_cpu = 0
        """Millicores, with 100 for each pod that asks for none."""
        self.scored_memory = 0
        """Bytes, with 200 MiB for each pod that asks for none."""
        self.pods: dict[Key, PodInfo] = {}
        self.with_anti_affinity: dict[Key, PodInfo] = {}
        self.ports: dict[tuple[str, int], list[str]] = {}
        """Protocol and number -> addresses that pods have taken."""
        self.matching: dict[str, int] = {}
        """Selection -> how many pods it takes in; forgotten when a pod comes or goes."""
        self.version = 0
        """Counts changes."""

    def set_node(self, node: Obj) -> None:
        """Take over a new state of the node object."""
        self.node = node
        self.labels = node["metadata"].get("labels") or {}
        self.taints = node["spec"].get("taints") or []
        status = node.get("status") or {}
        self.allocatable = amounts(status.get("allocatable") or status.get("capacity"))
        self.images = {
            name: image.get("sizeBytes", 0)
            for image in status.get("images") or ()
            for name in image.get("names") or ()
        }
        self.version += 1

    def add(self, pod: PodInfo) -> None:
        """Count a pod."""
        self.pods[pod.key] = pod
        self.matching.clear()
        for name, value in pod.requests.items():
            self.requested[name] = self.requested.get(name, 0) + value
        self.scored_cpu += pod.scored_cpu
        self.scored_memory += pod.scored_memory
        if pod.has_anti_affinity:
            self.with_anti_affinity[pod.key] = pod
        for protocol, address, number in pod.ports:
            self.ports.setdefault((protocol, number), []).append(address)
        self.version += 1

    def remove(self, key: Key) -> None:
        """Stop counting a pod."""
        pod = self.pods.pop(key, None)
        if pod is None:
            return
        self.matching.clear()
        for name, value in pod.requests.items():
            self.requested[name] -= value
        self.scored_cpu -= pod.scored_cpu
        self.scored_memory -= pod.scored_memory
        self.with_anti_affinity.pop(key, None)
        for protocol, address, number in pod.ports:
            self.ports[protocol, number].remove(address)
        self.version += 1

    @property
    def free_pods(self) -> int:
        """Return how many more pods the node takes."""
        return self.allocatable.get(PODS, 0) - len(self.pods)


class Nodes:
    """All nodes, following the store."""

    def __init__(self, store: Store) -> None:
        """Read what is there and follow what is written."""
        self._by_name: dict[str, NodeInfo] = {}
        self._numbers = count()
        self._by_number: dict[int, NodeInfo] = {}
        self._softly_tainted: set[str] = set()
        self._with_anti_affinity: set[str] = set()
        self._place_of: dict[Key, str] = {}
        self.order: list[NodeInfo] = []
        """Nodes that exist, in the order of their names within zones, zones taking turns."""
        self._stale = True
        self.changes: list[int] = []
        """Numbers of nodes in the order they changed."""
        for node in store.items("nodes"):
            self._node(node, gone=False)
        for pod in store.items("pods"):
            self._pod(pod, gone=False)
        store.subscribe(self._observe)

    def _observe(self, event: StoreEvent) -> None:
        if event.resource == "pods":
            self._pod(event.obj, gone=event.type == "DELETED")
        elif event.resource == "nodes":
            self._node(event.obj, gone=event.type == "DELETED")

    def get(self, name: str) -> NodeInfo | None:
        """Return a node that exists, or None."""
        info = self._by_name.get(name)
        return info if info is not None and info.node is not None else None

    def all(self) -> list[NodeInfo]:
        """Return nodes that exist; zones take turns, as kube-scheduler's node tree does."""
        if self._stale:
            self._arrange()
        return self.order

    def numbered(self, number: int) -> NodeInfo | None:
        """Return a node by its number, or None when it is gone."""
        return self._by_number.get(number)

    @property
    def has_soft_taints(self) -> bool:
        """Say whether a node has a PreferNoSchedule taint."""
        return bool(self._softly_tainted)

    @property
    def has_anti_affinity(self) -> bool:
        """Say whether a pod on some node refuses others."""
        return bool(self._with_anti_affinity)

    def _changed(self, info: NodeInfo) -> None:
        self.changes.append(info.number)
        if info.with_anti_affinity:
            self._with_anti_affinity.add(info.name)
        else:
            self._with_anti_affinity.discard(info.name)

    def assume(self, info: NodeInfo, pod: PodInfo) -> None:
        """Count a pod on a node before it is bound."""
        info.add(pod)
        self._place_of[pod.key] = info.name
        self._changed(info)

    def forget(self, key: Key) -> None:
        """Stop counting a pod that was assumed."""
        place = self._place_of.pop(key, None)
        if place is not None:
            info = self._by_name[place]
            info.remove(key)
            self._changed(info)

    def named(self, names: Iterable[str]) -> list[NodeInfo]:
        """Return those of the names that exist."""
        return [info for name in names if (info := self.get(name)) is not None]

    def _arrange(self) -> None:
        zones: dict[tuple[str, str], list[NodeInfo]] = {}
        for info in sorted(self._by_name.values(), key=lambda each: each.number):
            if info.node is not None:
                labels = info.labels
                zone = (
                    labels.get("topology.kubernetes.io/region", ""),
                    labels.get("topology.kubernetes.io/zone", ""),
                )
                zones.setdefault(zone, []).append(info)
        self.order = []
        rows = list(zones.values())
        for turn in range(max((len(row) for row in rows), default=0)):
            self.order += [row[turn] for row in rows if turn < len(row)]
        self._stale = False

    def _info(self, name: str) -> NodeInfo:
        info = self._by_name.get(name)
        if info is None:
            info = self._by_name[name] = NodeInfo(name, next(self._numbers))
            self._by_number[info.number] = info
        return info

    def _drop(self, info: NodeInfo) -> None:
        del self._by_name[info.name]
        del self._by_number[info.number]

    def _node(self, node: Obj, *, gone: bool) -> None:
        name = node["metadata"]["name"]
        info = self._info(name)
        if gone:
            info.node = None
            info.version += 1
            self._stale = True
            self._softly_tainted.discard(name)
            if not info.pods:
                self._drop(info)
        else:
            known = info.node
            is_same = (
                known is not None
                and known["metadata"].get("labels") == node["metadata"].get("labels")
                and known["spec"] == node["spec"]
                and (known.get("status") or {}).get("allocatable")
                == (node.get("status") or {}).get("allocatable")
                and (known.get("status") or {}).get("images") == (node.get("status") or {}).get("images")
            )
            if is_same:
                # A heartbeat: nothing that scheduling looks at.
                info.node = node
                return
            if known is None or (known["metadata"].get("labels") != node["metadata"].get("labels")):
                self._stale = True
            info.set_node(node)
            if any(taint["effect"] == "PreferNoSchedule" for taint in info.taints):
                self._softly_tainted.add(name)
            else:
                self._softly_tainted.discard(name)
        self._changed(info)

    def _pod(self, pod: Obj, *, gone: bool) -> None:
        key = key_of(pod)
        place = pod["spec"].get("nodeName", "")
        counts = bool(place) and not gone and not is_finished(pod)
        former = self._place_of.get(key)
        if former is not None:
            info = self._by_name[former]
            known = info.pods.get(key)
            if counts and former == place and known is not None and known.is_same(pod):
                known.pod = pod
                return
            info.remove(key)
            self._changed(info)
            del self._place_of[key]
            if info.node is None and not info.pods:
                self._drop(info)
        if counts:
            info = self._info(place)
            info.add(PodInfo(pod))
            self._place_of[key] = place
            self._changed(info)
