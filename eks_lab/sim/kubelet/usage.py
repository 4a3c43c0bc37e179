"""CPU and memory that containers and nodes use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from eks_lab.sim.kubelet.controller import KubeletController
from eks_lab.sim.kubelet.load import requests_of
from eks_lab.sim.kubelet.pressure import SYSTEM_BYTES
from eks_lab.sim.kubelet.records import PodRecord
from eks_lab.sim.kubelet.surroundings import POD_BY_NODE
from eks_lab.sim.objects import Obj

SYSTEM_MILLICORES = 45.0
"""What the operating system, containerd and the kubelet of an idle AL2023 node take, roughly."""


@dataclass(frozen=True, slots=True)
class Use:
    """What something uses at a moment."""

    millicores: float
    bytes: int


class Usage:
    """What everything uses; the load is shared out once a moment."""

    def __init__(self, kubelet: KubeletController) -> None:
        """Look into the kubelets."""
        self._kubelet = kubelet
        self._at: datetime | None = None
        self._revision = -1
        self._requests: dict[str, float] = {}

    def requests(self) -> dict[str, float]:
        """Return pod uid -> requests a second that reach it now."""
        around = self._kubelet.around
        now, revision = around.now(), around.api.store.revision
        if (self._at, self._revision) != (now, revision):
            self._at, self._revision = now, revision
            records = self._kubelet.records()
            self._requests = requests_of(around, records, now)
            for record in records:
                for container in record.containers:
                    if container.process is not None:
                        container.process.requests = self._requests.get(record.uid, 0.0)
        return self._requests

    def of_pod(self, pod: Obj) -> dict[str, Use]:
        """Return container -> what it uses now; empty for a pod that does not run.

        Args:
            pod: as stored.
        """
        record = self._kubelet.record_of(pod)
        return self._of(record) if record is not None else {}

    def of_node(self, name: str) -> Use:
        """Return what a node uses now, its system included."""
        cpu, memory = SYSTEM_MILLICORES, SYSTEM_BYTES
        for pod in self._kubelet.around.api.store.indexed("pods", POD_BY_NODE, name):
            for use in self.of_pod(pod).values():
                cpu += use.millicores
                memory += use.bytes
        return Use(cpu, memory)

    def _of(self, record: PodRecord) -> dict[str, Use]:
        now = self._kubelet.around.now()
        rate = self.requests().get(record.uid, 0.0)
        listeners = [
            each for each in record.containers if each.is_up and each.process and each.process.behaviour.ports
        ]
        found: dict[str, Use] = {}
        for container in record.containers:
            process, began = container.process, container.started_at
            if process is None or began is None or not container.is_up:
                continue
            seconds = (now - began).total_seconds()
            own = rate if not listeners or container is listeners[0] else 0.0
            found[container.name] = Use(process.millicores(seconds, own), process.bytes(seconds, own))
        return found
