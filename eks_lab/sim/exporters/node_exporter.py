"""prometheus/node_exporter: what a node's operating system reports, as far as it is simulated."""

from __future__ import annotations

from eks_lab.kube.exposition import Family, page
from eks_lab.sim.exporters.processor_time import ProcessorTime
from eks_lab.sim.kubelet.controller import KubeletController
from eks_lab.sim.objects import Obj, parse_time
from eks_lab.sim.pod_resources import amounts

USER, SYSTEM, SOFTIRQ = 0.72, 0.26, 0.02
"""How the time that is used is split; a round picture of a web node."""
IDLE_MODES = ("iowait", "irq", "nice", "steal")
"""Modes of node_cpu_seconds_total that stay at zero here."""
CACHED = 0.4
"""Part of the memory nobody uses that the page cache takes."""
ROOT = {"device": "/dev/nvme0n1p1", "device_error": "", "fstype": "xfs", "mountpoint": "/"}
"""The root file system of AL2023."""
ROOT_USED = 4 * 1024**3
"""Bytes that the operating system takes, roughly."""


class NodeExporter:
    """One exporter a node, all in one."""

    def __init__(self, kubelet: KubeletController, time: ProcessorTime) -> None:
        """Wire it up.

        Args:
            kubelet: knows the nodes.
            time: CPU that was used.
        """
        self._kubelet = kubelet
        self._time = time

    def page(self, name: str) -> str:
        """Return `/metrics` of the exporter on a node; empty when the node is gone."""
        node = self._kubelet.around.node(name)
        return page(self.families(node)) if node is not None else ""

    def families(self, node: Obj) -> list[Family]:
        """Return everything the exporter on a node reports."""
        now = self._kubelet.around.now()
        status = node.get("status") or {}
        capacity = amounts(status.get("capacity"))
        cores = max(1, capacity.get("cpu", 1000) // 1000)
        booted = parse_time(node["metadata"]["creationTimestamp"])
        seconds, use = self._time.node(node)
        cpu = Family("node_cpu_seconds_total", "Seconds the CPUs spent in each mode.", "counter")
        for number in range(cores):
            uptime = (now - booted).total_seconds()
            parts = {
                "idle": max(0.0, uptime - seconds / cores),
                "user": seconds * USER / cores,
                "system": seconds * SYSTEM / cores,
                "softirq": seconds * SOFTIRQ / cores,
                **dict.fromkeys(IDLE_MODES, 0.0),
            }
            for mode in sorted(parts):
                cpu.add(parts[mode], {"cpu": str(number), "mode": mode})
        total = capacity.get("memory", 0)
        free = max(0, total - use.bytes)
        cached = round(free * CACHED)
        busy = use.millicores / 1000
        size = capacity.get("ephemeral-storage", 0)
        images = sum(self._kubelet.around.images.images(node["metadata"]["name"]).values())
        left = max(0, size - ROOT_USED - images)
        info = status.get("nodeInfo") or {}
        uname = {
            "domainname": "(none)",
            "machine": "aarch64" if info.get("architecture") == "arm64" else "x86_64",
            "nodename": node["metadata"]["name"],
            "release": info.get("kernelVersion", ""),
            "sysname": "Linux",
            "version": "#1 SMP",
        }
        return [
            _gauge("node_boot_time_seconds", "Node boot time, in unixtime.", booted.timestamp()),
            cpu,
            _gauge(
                "node_filesystem_avail_bytes",
                "Filesystem space available to non-root users in bytes.",
                left,
                ROOT,
            ),
            _gauge("node_filesystem_free_bytes", "Filesystem free space in bytes.", left, ROOT),
            _gauge("node_filesystem_size_bytes", "Filesystem size in bytes.", size, ROOT),
            _gauge("node_load1", "1m load average.", busy),
            _gauge("node_load15", "15m load average.", busy),
            _gauge("node_load5", "5m load average.", busy),
            _gauge("node_memory_Buffers_bytes", "Memory information field Buffers_bytes.", 0),
            _gauge("node_memory_Cached_bytes", "Memory information field Cached_bytes.", cached),
            _gauge("node_memory_MemAvailable_bytes", "Memory information field MemAvailable_bytes.", free),
            _gauge("node_memory_MemFree_bytes", "Memory information field MemFree_bytes.", free - cached),
            _gauge("node_memory_MemTotal_bytes", "Memory information field MemTotal_bytes.", total),
            _gauge("node_time_seconds", "System time in seconds since epoch (1970).", now.timestamp()),
            _gauge(
                "node_uname_info",
                "Labeled system information as provided by the uname system call.",
                1,
                uname,
            ),
        ]


def _gauge(name: str, text: str, value: float, labels: dict[str, str] | None = None) -> Family:
    return Family(name, text, samples=[("", labels or {}, value)])
