"""Memory pressure: the condition, and which pod has to go (pkg/kubelet/eviction)."""

from __future__ import annotations

from datetime import timedelta

from eks_lab.sim.kubelet import termination
from eks_lab.sim.kubelet.records import PodRecord
from eks_lab.sim.kubelet.surroundings import Surroundings
from eks_lab.sim.objects import Obj, condition_of, evolve, parse_time, timestamp
from eks_lab.sim.pod_resources import MEMORY, amounts, pod_requests

THRESHOLD = 100 * 1024 * 1024
"""evictionHard memory.available of the EKS AMI."""
SYSTEM_BYTES = 420 * 1024 * 1024
"""What the operating system, containerd and the kubelet of an idle AL2023 node take, roughly."""
TRANSITION = timedelta(minutes=5)
"""evictionPressureTransitionPeriod: the condition stays at least so long."""


def judge(around: Surroundings, node: Obj, records: list[PodRecord]) -> PodRecord | None:
    """Look at a node's memory: mark pressure, or its end, and stop the pod that has to go.

    Args:
        around: the cluster.
        node: with its capacity.
        records: of the pods on it.

    Returns:
        The evicted pod's record; None when none has to go.
    """
    capacity = amounts((node.get("status") or {}).get("capacity")).get(MEMORY, 0)
    used = {record.uid: sum(memory_of(around, record).values()) for record in records}
    available = capacity - SYSTEM_BYTES - sum(used.values())
    is_short = available < THRESHOLD
    _mark(around, node, is_short)
    running = [record for record in records if used[record.uid] and record.stage == "containers"]
    if not is_short or not running:
        return None
    victim = max(running, key=lambda each: _rank(each, used[each.uid]))
    _evict(around, victim, available)
    return victim


def may_grow(record: PodRecord) -> bool:
    """Say whether a pod's memory may change much: without such pods nobody looks at a node."""
    return any(
        container.process is not None and container.is_up and container.process.may_grow
        for container in record.containers
    )


def memory_of(around: Surroundings, record: PodRecord) -> dict[str, int]:
    """Return container -> bytes."""
    now = around.now()
    return {
        each.name: each.process.bytes((now - each.started_at).total_seconds())
        for each in record.containers
        if each.is_up and each.process is not None and each.started_at is not None
    }


def _rank(record: PodRecord, used: int) -> tuple[bool, int, int]:
    """Return how early a pod goes: over its request, low priority, much over its request."""
    over = used - pod_requests(record.pod["spec"]).get(MEMORY, 0)
    return over > 0, -(record.pod["spec"].get("priority") or 0), over


def _evict(around: Surroundings, record: PodRecord, available: int) -> None:
    message = f"The node was low on resource: memory. Threshold quantity: 100Mi, available: {max(0, available) // 1024}Ki. "
    for container in record.containers:
        used = memory_of(around, record).get(container.name)
        requests = (container.spec.get("resources") or {}).get("requests") or {}
        asked = amounts(requests).get(MEMORY, 0)
        if used is not None and used > asked:
            message += (
                f"Container {container.name} was using {used // 1024}Ki, request is {requests.get(MEMORY, '0')}, "
                "has larger consumption of memory. "
            )
    around.warning(record, "Evicted", message)
    record.disruption = message
    termination.fail(around, record, "Evicted", message, grace=0)


def _mark(around: Surroundings, node: Obj, is_short: bool) -> None:
    condition = condition_of(node, "MemoryPressure")
    now = around.now()
    if condition is None or (condition["status"] == "True") == is_short:
        return
    if not is_short and now - parse_time(condition["lastTransitionTime"]) < TRANSITION:
        return
    reason = "KubeletHasInsufficientMemory" if is_short else "KubeletHasSufficientMemory"
    changed = {
        **condition,
        "status": "True" if is_short else "False",
        "lastHeartbeatTime": timestamp(now),
        "lastTransitionTime": timestamp(now),
        "reason": reason,
        "message": f"kubelet has {'insufficient' if is_short else 'sufficient'} memory available",
    }
    conditions = [
        changed if each["type"] == "MemoryPressure" else each for each in node["status"]["conditions"]
    ]
    around.api.update_status("nodes", evolve(node, ("status", "conditions"), conditions), manager="kubelet")
    name = node["metadata"]["name"]
    around.recorder.normal(
        node,
        reason.replace("Kubelet", "Node"),
        f"Node {name} status is now: {reason.replace('Kubelet', 'Node')}",
        host=name,
    )
    if is_short:
        around.recorder.warning(node, "EvictionThresholdMet", "Attempting to reclaim memory", host=name)
