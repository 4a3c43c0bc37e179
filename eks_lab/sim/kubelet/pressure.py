"""What a node is short of: signals, thresholds, conditions (pkg/kubelet/eviction/helpers.go)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from eks_lab.kube.quantity import Quantity
from eks_lab.sim.kubelet import disk
from eks_lab.sim.kubelet.records import PodRecord
from eks_lab.sim.kubelet.surroundings import Surroundings
from eks_lab.sim.objects import Obj, condition_of, evolve, is_condition_true, moment_of, timestamp
from eks_lab.sim.pod_resources import EPHEMERAL, MEMORY, amounts

SYSTEM_BYTES = 420 * 1024 * 1024
"""Memory that the operating system, containerd and the kubelet of an idle AL2023 node take, roughly."""
SYSTEM_THREADS = 300
BYTES_PER_THREAD = 128 * 1024
"""kernel.threads-max of Linux is the memory over eight stacks of 16 KiB; the kubelet counts against it."""
TRANSITION = timedelta(minutes=5)
"""evictionPressureTransitionPeriod: a condition stays at least so long."""
PIDS = "pids"

_WORDS = {
    MEMORY: (
        "MemoryPressure",
        ("KubeletHasInsufficientMemory", "kubelet has insufficient memory available"),
        ("KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ),
    EPHEMERAL: (
        "DiskPressure",
        ("KubeletHasDiskPressure", "kubelet has disk pressure"),
        ("KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ),
    PIDS: (
        "PIDPressure",
        ("KubeletHasInsufficientPID", "kubelet has insufficient PID available"),
        ("KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ),
}
"""Resource -> condition, and reason and message of its two states."""
CONDITIONS = tuple(words[0] for words in _WORDS.values())


@dataclass(frozen=True, slots=True)
class Shortage:
    """How much of a resource a node has left."""

    resource: str
    """`memory`, `ephemeral-storage`, `pids`."""
    available: int
    threshold: int
    """The kubelet acts below this much."""

    @property
    def is_met(self) -> bool:
        """Say whether the threshold is met."""
        return self.available < self.threshold

    @property
    def words(self) -> str:
        """Return the first sentences of the message of an eviction."""
        left, least = max(0, self.available), self.threshold
        if self.resource == PIDS:
            amounts_ = f"Threshold quantity: {least}, available: {left}. "
        else:
            amounts_ = f"Threshold quantity: {size(least)}, available: {left // 1024}Ki. "
        return f"The node was low on resource: {self.resource}. {amounts_}"


def shortages_of(around: Surroundings, node: Obj, records: list[PodRecord]) -> list[Shortage]:
    """Return what a node has left of everything that has a threshold.

    Args:
        around: the cluster, with its thresholds.
        node: with its capacity.
        records: of the pods on it.
    """
    capacity = amounts((node.get("status") or {}).get("capacity"))
    limits = around.thresholds
    memory, storage = capacity.get(MEMORY, 0), capacity.get(EPHEMERAL, 0)
    used = sum(sum(memory_of(around, record).values()) for record in records)
    found = [Shortage(MEMORY, memory - SYSTEM_BYTES - used, limits.memory_bytes)]
    if storage:
        left = disk.available(around, node, records)
        found.append(Shortage(EPHEMERAL, left, int(storage * limits.disk_share)))
    if limits.threads_share:
        most = memory // BYTES_PER_THREAD
        taken = SYSTEM_THREADS + sum(threads_of(around, record) for record in records)
        found.append(Shortage(PIDS, most - taken, int(most * limits.threads_share)))
    return found


def memory_of(around: Surroundings, record: PodRecord) -> dict[str, int]:
    """Return container -> bytes of memory."""
    now = around.now()
    return {
        each.name: each.process.bytes((now - each.started_at).total_seconds())
        for each in record.containers
        if each.is_up and each.process is not None and each.started_at is not None
    }


def threads_of(around: Surroundings, record: PodRecord) -> int:
    """Return how many process IDs a pod holds."""
    now = around.now()
    return sum(
        each.process.threads((now - each.started_at).total_seconds())
        for each in record.containers
        if each.is_up and each.process is not None and each.started_at is not None
    )


def is_pressed(node: Obj) -> bool:
    """Say whether a node has one of the pressure conditions."""
    return any(is_condition_true(node, kind) for kind in CONDITIONS)


def mark(around: Surroundings, node: Obj, shortage: Shortage) -> None:
    """Write the condition of a resource, when it changed, and its events."""
    kind, short, plenty = _WORDS[shortage.resource]
    name = node["metadata"]["name"]
    node = around.node(name) or node
    condition = condition_of(node, kind)
    now, is_short = around.now(), shortage.is_met
    if condition is None or (condition["status"] == "True") == is_short:
        return
    if not is_short and now - moment_of(condition, "lastTransitionTime") < TRANSITION:
        return
    reason, message = short if is_short else plenty
    changed = {
        **condition,
        "status": "True" if is_short else "False",
        "lastHeartbeatTime": timestamp(now),
        "lastTransitionTime": timestamp(now),
        "reason": reason,
        "message": message,
    }
    conditions = [changed if each["type"] == kind else each for each in node["status"]["conditions"]]
    around.api.update_status("nodes", evolve(node, ("status", "conditions"), conditions), manager="kubelet")
    event = reason.replace("Kubelet", "Node")
    around.recorder.normal(node, event, f"Node {name} status is now: {event}", host=name)
    if is_short:
        text = f"Attempting to reclaim {shortage.resource}"
        around.recorder.warning(node, "EvictionThresholdMet", text, host=name)


def size(number: int) -> str:
    """Return bytes as a quantity: `1Gi`."""
    return str(Quantity(number, Quantity.BINARY))
