"""What pods and images take of a node's disk (pkg/kubelet/stats: fs stats of containers, logs left out)."""

from __future__ import annotations

from eks_lab.sim.kubelet.images import parse_reference
from eks_lab.sim.kubelet.records import ContainerRecord, PodRecord
from eks_lab.sim.kubelet.surroundings import Surroundings
from eks_lab.sim.objects import Obj
from eks_lab.sim.pod_resources import EPHEMERAL, amounts

SYSTEM_BYTES = 3_300_000 * 1024
"""What AL2023 with containerd and the kubelet takes of a root volume, roughly; `df` in a container shows it."""
UNPACKED = 2.5
"""Bytes on disk for each compressed byte of an image, roughly."""


def writes(record: PodRecord) -> bool:
    """Say whether a pod wrote files of some size, or may."""
    return any(each.process is not None and each.process.may_write for each in record.containers)


def layers_of(around: Surroundings, record: PodRecord) -> dict[str, int]:
    """Return container -> bytes in its writable layer."""
    return {
        container.name: sum(
            size
            for path, size in _files(around, container).items()
            if _mount_of(record.pod, container.spec, path) is None
        )
        for container in record.containers
    }


def empty_dirs_of(around: Surroundings, record: PodRecord) -> dict[str, int]:
    """Return emptyDir volume -> bytes in it; those in memory (`medium: Memory`) are left out."""
    names = {
        each["name"]
        for each in record.pod["spec"].get("volumes") or ()
        if each.get("emptyDir") is not None and each["emptyDir"].get("medium") != "Memory"
    }
    found = dict.fromkeys(sorted(names), 0)
    for container in record.containers:
        for path, size in _files(around, container).items():
            volume = _mount_of(record.pod, container.spec, path)
            if volume in found:
                found[volume] += size
    return found


def host_bytes_of(around: Surroundings, record: PodRecord) -> int:
    """Return what a pod wrote through hostPath volumes: on the node's disk, but not the pod's own."""
    names = {each["name"] for each in record.pod["spec"].get("volumes") or () if each.get("hostPath")}
    return sum(
        size
        for container in record.containers
        for path, size in _files(around, container).items()
        if _mount_of(record.pod, container.spec, path) in names
    )


def usage_of(around: Surroundings, record: PodRecord) -> int:
    """Return a pod's local ephemeral storage: writable layers and emptyDirs."""
    return sum(layers_of(around, record).values()) + sum(empty_dirs_of(around, record).values())


def available(around: Surroundings, node: Obj, records: list[PodRecord]) -> int:
    """Return the bytes left on a node's root file system, which holds its images, too."""
    capacity = amounts((node.get("status") or {}).get("capacity")).get(EPHEMERAL, 0)
    images = int(sum(around.images.images(node["metadata"]["name"]).values()) * UNPACKED)
    pods = sum(
        usage_of(around, each) + host_bytes_of(around, each)
        for each in records
        if each.has_sandbox and writes(each)
    )
    return capacity - SYSTEM_BYTES - images - pods


def collect_images(around: Surroundings, name: str, records: list[PodRecord]) -> int:
    """Delete the images of a node that no container uses; return how many bytes that freed."""
    used = set()
    for record in records:
        for container in record.containers:
            reference = parse_reference(container.spec.get("image", ""))
            if reference is not None:
                used.add(reference.full)
    held = around.images.images(name)
    freed = int(sum(size for image, size in held.items() if image not in used) * UNPACKED)
    around.images.keep(name, used)
    return freed


def _files(around: Surroundings, container: ContainerRecord) -> dict[str, int]:
    process = container.process
    if process is None or container.started_at is None or not process.may_write:
        return {}
    end = container.finished_at if not container.is_up and container.finished_at else around.now()
    return process.disk((end - container.started_at).total_seconds())


def _mount_of(pod: Obj, container: Obj, path: str) -> str | None:
    """Return the volume that a path is on; None for the container's own layer."""
    found, longest = None, -1
    for mount in container.get("volumeMounts") or ():
        where = mount["mountPath"].rstrip("/")
        if (path == where or path.startswith(f"{where}/")) and len(where) > longest:
            found, longest = mount["name"], len(where)
    return found
