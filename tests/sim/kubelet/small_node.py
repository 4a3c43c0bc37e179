"""One node with its kubelet, and what tests say about it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from eks_lab.clock import SimClock
from eks_lab.ids import Ids
from eks_lab.sim.api import Api
from eks_lab.sim.events import EventRecorder
from eks_lab.sim.kubelet.controller import KubeletController
from eks_lab.sim.kubelet.metrics import Metrics
from eks_lab.sim.kubelet.nodes import node_object, register
from eks_lab.sim.kubelet.runtime import ContainerRuntime
from eks_lab.sim.objects import Key, Obj
from eks_lab.sim.resources import builtin_resources
from eks_lab.sim.runtime import Runtime
from eks_lab.sim.store import Store

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
NODE = "ip-10-0-1-10.ec2.internal"


class SmallNode:
    """A cluster of a few nodes without scheduler: pods name their node."""

    def __init__(self, nodes: int = 1, instance: str = "m5.large", version: str = "1.36") -> None:
        """Start it."""
        self.clock = SimClock(START)
        self.store = Store()
        ids = Ids(7)
        self.api = Api(self.store, self.clock, ids, version, builtin_resources(version))
        self.api.create("namespaces", {"metadata": {"name": "default"}})
        recorder = EventRecorder(self.clock, self.api, ids, "kubelet")
        self.kubelet = KubeletController(self.clock, self.api, recorder)
        self.runtime = Runtime(self.clock, self.store, [self.kubelet])
        self.containers = ContainerRuntime(self.kubelet, lambda key: self.runtime.enqueue("kubelet", key))
        self.metrics = Metrics(self.kubelet)
        for number in range(nodes):
            register(self.api, self.clock, node_object(number, instance, "", version, self.clock))

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.runtime.advance(timedelta(seconds=seconds))

    def pod(self, name: str = "web", image: str = "nginx:1.27", **spec: Any) -> Obj:
        """Create a pod of one container called web; `container` holds more of its fields."""
        container = {"name": "web", "image": image, **spec.pop("container", {})}
        metadata = {"name": name, "namespace": "default", **spec.pop("metadata", {})}
        whole = {"nodeName": NODE, "containers": [container], **spec}
        return self.api.create("pods", {"metadata": metadata, "spec": whole})

    def read(self, name: str = "web") -> Obj:
        """Return a pod."""
        return self.api.read("pods", Key("default", name))

    def exists(self, name: str = "web") -> bool:
        """Say whether a pod is there."""
        return self.api.get("pods", Key("default", name)) is not None

    def status(self, name: str = "web") -> Obj:
        """Return the status of a pod."""
        status: Obj = self.read(name)["status"]
        return status

    def container(self, name: str = "web", number: int = 0) -> Obj:
        """Return the status of a container."""
        status: Obj = self.status(name)["containerStatuses"][number]
        return status

    def condition(self, kind: str, name: str = "web") -> Obj:
        """Return a condition of a pod."""
        return next(each for each in self.status(name)["conditions"] if each["type"] == kind)

    def events(self, name: str = "web") -> list[tuple[str, str, str]]:
        """Return type, reason and message of a pod's events, in the order they came first."""
        found = [each for each in self.api.items("events") if each["involvedObject"]["name"] == name]
        found.sort(key=lambda each: int(each["involvedObject"].get("resourceVersion", 0)))
        return [(each["type"], each["reason"], each["message"]) for each in found]

    def said(self, reason: str, name: str = "web") -> list[str]:
        """Return the messages of a pod's events with a reason."""
        return [message for _kind, each, message in self.events(name) if each == reason]

    def logs(self, name: str = "web", container: str = "", **options: Any) -> list[str]:
        """Return the lines of a container's log."""
        return list(self.containers.logs(self.read(name), container, **options))
