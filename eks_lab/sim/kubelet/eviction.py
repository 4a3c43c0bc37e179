"""Which pod has to go when a node runs short, or when it outgrew its own limits (pkg/kubelet/eviction)."""

from __future__ import annotations

from eks_lab.sim.kubelet import disk, pressure, termination
from eks_lab.sim.kubelet.pressure import PIDS, Shortage, memory_of
from eks_lab.sim.kubelet.records import Kind, PodRecord
from eks_lab.sim.kubelet.surroundings import Surroundings
from eks_lab.sim.objects import Obj
from eks_lab.sim.pod_resources import EPHEMERAL, MEMORY, amounts, pod_limits, pod_requests

SYSTEM_CRITICAL = 2_000_000_000
"""Pods of this priority, and static ones, are not evicted when the node is short (kubelet/types: IsCriticalPod)."""


def judge(around: Surroundings, node: Obj, records: list[PodRecord]) -> list[PodRecord]:
    """Look at a node: mark pressure, or its end, and stop the pods that have to go.

    Args:
        around: the cluster.
        node: with its capacity.
        records: of the pods on it.

    Returns:
        The records of the pods that were evicted: one for a shortage, all that outgrew their own limits.
    """
    running = [record for record in records if record.stage == "containers"]
    evicted = [record for record in running if _outgrew(around, record)]
    if evicted:
        # What they held is free at the next look.
        return evicted
    found = pressure.shortages_of(around, node, running)
    for shortage in found:
        pressure.mark(around, node, shortage)
    for shortage in found:
        if not shortage.is_met:
            continue
        if shortage.resource == EPHEMERAL:
            freed = disk.collect_images(around, node["metadata"]["name"], running)
            if shortage.available + freed >= shortage.threshold:
                continue
        candidates = [each for each in running if not is_critical(each.pod) and _used(around, each, shortage)]
        if candidates:
            victim = max(candidates, key=lambda each: _rank(around, each, shortage))
            _evict(around, victim, _message(around, victim, shortage))
            return [victim]
    return []


def may_grow(record: PodRecord) -> bool:
    """Say whether a pod's memory, files or threads may change much: without such pods nobody looks at a node."""
    return any(
        container.process is not None and container.is_up and container.process.may_grow
        for container in record.containers
    ) or disk.writes(record)


def is_critical(pod: Obj) -> bool:
    """Say whether a pod is spared when its node is short of something."""
    annotations = pod["metadata"].get("annotations") or {}
    return (
        "kubernetes.io/config.mirror" in annotations or (pod["spec"].get("priority") or 0) >= SYSTEM_CRITICAL
    )


def _used(around: Surroundings, record: PodRecord, shortage: Shortage) -> int:
    if shortage.resource == MEMORY:
        return sum(memory_of(around, record).values())
    if shortage.resource == PIDS:
        return pressure.threads_of(around, record)
    return disk.usage_of(around, record)


def _rank(around: Surroundings, record: PodRecord, shortage: Shortage) -> tuple[bool, int, int]:
    """Return how early a pod goes: over its request (not for pids), low priority, much over its request."""
    over = _used(around, record, shortage) - pod_requests(record.pod["spec"]).get(shortage.resource, 0)
    is_over = over > 0 and shortage.resource != PIDS
    return is_over, -(record.pod["spec"].get("priority") or 0), over


def _message(around: Surroundings, record: PodRecord, shortage: Shortage) -> str:
    text = shortage.words
    if shortage.resource == PIDS:
        return text
    used = memory_of(around, record) if shortage.resource == MEMORY else disk.layers_of(around, record)
    for container in record.containers:
        requests = (container.spec.get("resources") or {}).get("requests") or {}
        amount = used.get(container.name)
        if amount is not None and amount > amounts(requests).get(shortage.resource, 0):
            text += (
                f"Container {container.name} was using {amount // 1024}Ki, "
                f"request is {requests.get(shortage.resource, '0')}, "
                f"has larger consumption of {shortage.resource}. "
            )
    return text


def _outgrew(around: Surroundings, record: PodRecord) -> bool:
    """Evict a pod that is over a limit of its own: an emptyDir's, the pod's, a container's, in this order."""
    if not disk.writes(record):
        return False
    spec = record.pod["spec"]
    sizes = disk.empty_dirs_of(around, record)
    for volume in spec.get("volumes") or ():
        limit = (volume.get("emptyDir") or {}).get("sizeLimit")
        if limit and sizes.get(volume["name"], 0) > amounts({EPHEMERAL: limit})[EPHEMERAL]:
            name = volume["name"]
            return _evict(
                around, record, f'Usage of EmptyDir volume "{name}" exceeds the limit "{limit}". ', grace=1
            )
    layers = disk.layers_of(around, record)
    limits = {
        each.name: (each.spec.get("resources") or {}).get("limits") or {} for each in record.of(Kind.MAIN)
    }
    whole = pod_limits(spec).get(EPHEMERAL)
    if whole is not None and sum(layers.values()) + sum(sizes.values()) > whole:
        shown = pressure.size(whole)
        text = f"Pod ephemeral local storage usage exceeds the total limit of containers {shown}. "
        return _evict(around, record, text, grace=1)
    for name, given in limits.items():
        if EPHEMERAL in given and layers.get(name, 0) > amounts(given)[EPHEMERAL]:
            text = f'Container {name} exceeded its local ephemeral storage limit "{given[EPHEMERAL]}". '
            return _evict(around, record, text, grace=1)
    return False


def _evict(around: Surroundings, record: PodRecord, message: str, grace: int = 0) -> bool:
    around.warning(record, "Evicted", message)
    record.disruption = message
    termination.fail(around, record, "Evicted", message, grace=grace)
    return True
