"""What a kubelet answers on port 10250: metrics, cAdvisor's metrics, the summary, its pods (pkg/kubelet/server)."""

from __future__ import annotations

import json
from typing import Any

from eks_lab.kube.exposition import Family, page
from eks_lab.sim.exporters.processor_time import ProcessorTime, started_containers
from eks_lab.sim.kubelet.controller import KubeletController
from eks_lab.sim.kubelet.surroundings import POD_BY_NODE
from eks_lab.sim.objects import Obj, parse_time, timestamp, uid_of
from eks_lab.sim.pod_resources import amounts
from eks_lab.sim.pod_state import is_finished

NOT_SIMULATED = ("/metrics/probes", "/configz", "/logs", "/containerLogs", "/debug", "/checkpoint")
"""Paths of a real kubelet that have no answer here."""
SPARE_COUNTERS = 100
"""Counters of what is gone that are kept beyond twice the number of pods and nodes."""


class KubeletPages:
    """Answers for the kubelets of all nodes."""

    def __init__(self, kubelet: KubeletController, time: ProcessorTime) -> None:
        """Wire it up.

        Args:
            kubelet: of all nodes.
            time: CPU that was used.
        """
        self._kubelet = kubelet
        self._time = time

    def page(self, node: Obj, path: str) -> tuple[str, bool] | None:
        """Return text and whether it is JSON; None when a kubelet has nothing there.

        Args:
            node: whose kubelet is asked.
            path: from the root, without parameters.
        """
        self._forget_what_is_gone()
        match path.rstrip("/") or "/":
            case "/metrics":
                return page(self._kubelet_families(node)), False
            case "/metrics/resource":
                return page(self._resource_families(node)), False
            case "/metrics/cadvisor":
                return page(self._cadvisor_families(node)), False
            case "/stats/summary":
                return json.dumps(self._summary(node)), True
            case "/pods" | "/runningpods":
                listed = {"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": self._pods(node)}
                return json.dumps(listed), True
            case "/healthz" | "/healthz/ping" | "/healthz/syncloop":
                return "ok", False
        return None

    def _forget_what_is_gone(self) -> None:
        """Drop the counters of pods and nodes that are no more, when they begin to be many."""
        store = self._kubelet.around.api.store
        if len(self._time) > 2 * (store.count("pods") + store.count("nodes")) + SPARE_COUNTERS:
            self._time.forget({uid_of(each) for rid in ("pods", "nodes") for each in store.items(rid)})

    def _pods(self, node: Obj) -> list[Obj]:
        """Return the pods that a node runs."""
        found = self._kubelet.around.api.store.indexed("pods", POD_BY_NODE, node["metadata"]["name"])
        return [pod for pod in found if not is_finished(pod)]

    def _kubelet_families(self, node: Obj) -> list[Family]:
        pods = self._pods(node)
        states = {"created": 0, "exited": 0, "running": 0}
        running_pods = 0
        for pod in pods:
            status = pod.get("status") or {}
            kinds = [
                next(iter(each.get("state") or {}), "")
                for name in ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses")
                for each in status.get(name) or ()
            ]
            states["running"] += kinds.count("running")
            states["exited"] += kinds.count("terminated")
            running_pods += "running" in kinds
        containers = Family("kubelet_running_containers", "Number of containers currently running")
        for state, count in states.items():
            if count:
                containers.add(count, {"container_state": state})
        name = node["metadata"]["name"]
        version = self._kubelet.around.api.version
        major, _, minor = version.partition(".")
        running = (node["status"].get("nodeInfo") or {}).get("kubeletVersion", "")
        return [
            _gauge("kubelet_node_name", "The node's name. The count is always 1.", 1, {"node": name}),
            _gauge("kubelet_running_pods", "Number of pods that have a running pod sandbox", running_pods),
            containers,
            _gauge(
                "kubelet_active_pods",
                "The number of pods the kubelet considers active and which are being considered when admitting new pods.",
                len(pods),
                {"static": ""},
            ),
            _gauge(
                "kubernetes_build_info",
                "A metric with a constant '1' value labeled by versions of Kubernetes.",
                1,
                {"git_version": running, "major": major, "minor": minor},
            ),
            _gauge(
                "process_start_time_seconds",
                "Start time of the process since unix epoch in seconds.",
                _epoch(node["metadata"]["creationTimestamp"]),
            ),
        ]

    def _resource_families(self, node: Obj) -> list[Family]:
        container_cpu = Family(
            "container_cpu_usage_seconds_total",
            "Cumulative cpu time consumed by the container in core-seconds",
            "counter",
        )
        container_memory = Family(
            "container_memory_working_set_bytes", "Current working set of the container in bytes"
        )
        container_start = Family(
            "container_start_time_seconds", "Start time of the container since unix epoch in seconds"
        )
        pod_cpu = Family(
            "pod_cpu_usage_seconds_total",
            "Cumulative cpu time consumed by the pod in core-seconds",
            "counter",
        )
        pod_memory = Family("pod_memory_working_set_bytes", "Current working set of the pod in bytes")
        pods = self._pods(node)
        for pod in pods:
            where = {"namespace": pod["metadata"]["namespace"], "pod": pod["metadata"]["name"]}
            used = self._time.containers(pod)
            starts = started_containers(pod)
            for name, (seconds, use) in used.items():
                labels = {"container": name, **where}
                container_cpu.add(seconds, labels)
                container_memory.add(use.bytes, labels)
                container_start.add(_epoch(starts[name]), labels)
            if used:
                pod_cpu.add(sum(seconds for seconds, _ in used.values()), where)
                pod_memory.add(sum(use.bytes for _, use in used.values()), where)
        seconds, use = self._time.node(node)
        return [
            container_cpu,
            container_memory,
            container_start,
            Family(
                "node_cpu_usage_seconds_total",
                "Cumulative cpu time consumed by the node in core-seconds",
                "counter",
                [("", {}, seconds)],
            ),
            _gauge("node_memory_working_set_bytes", "Current working set of the node in bytes", use.bytes),
            pod_cpu,
            pod_memory,
            _gauge(
                "resource_scrape_error",
                "1 if there was an error while getting container metrics, 0 otherwise",
                0,
            ),
        ]

    def _cadvisor_families(self, node: Obj) -> list[Family]:
        cpu = Family(
            "container_cpu_usage_seconds_total", "Cumulative cpu time consumed in seconds.", "counter"
        )
        working = Family("container_memory_working_set_bytes", "Current working set in bytes.")
        usage = Family(
            "container_memory_usage_bytes",
            "Current memory usage in bytes, including all memory regardless of when it was accessed",
        )
        rss = Family("container_memory_rss", "Size of RSS in bytes.")
        quota = Family("container_spec_cpu_quota", "CPU quota of the container.")
        period = Family("container_spec_cpu_period", "CPU period of the container.")
        shares = Family("container_spec_cpu_shares", "CPU share of the container.")
        limit = Family("container_spec_memory_limit_bytes", "Memory limit for the container.")
        start = Family(
            "container_start_time_seconds", "Start time of the container since unix epoch in seconds."
        )
        seen = Family("container_last_seen", "Last time a container was seen by the exporter")
        now = self._kubelet.around.now().timestamp()
        for pod in self._pods(node):
            used = self._time.containers(pod)
            if not used:
                continue
            total = _labels(pod, "", "", "")
            cpu.add(sum(seconds for seconds, _ in used.values()), {**total, "cpu": "total"})
            for family in (working, usage, rss):
                family.add(sum(use.bytes for _, use in used.values()), total)
            starts = started_containers(pod)
            for status, spec in _containers(pod):
                name = spec["name"]
                if name not in used:
                    continue
                seconds, use = used[name]
                labels = _labels(
                    pod, name, status.get("image", ""), status.get("containerID", "").rpartition("/")[2]
                )
                cpu.add(seconds, {**labels, "cpu": "total"})
                for family in (working, usage, rss):
                    family.add(use.bytes, labels)
                resources = spec.get("resources") or {}
                limits, requests = amounts(resources.get("limits")), amounts(resources.get("requests"))
                if limits.get("cpu"):
                    quota.add(limits["cpu"] * 100, labels)
                period.add(100_000, labels)
                shares.add(max(2, requests.get("cpu", 0) * 1024 // 1000), labels)
                limit.add(limits.get("memory", 0), labels)
                start.add(_epoch(starts[name]), labels)
                seen.add(now, labels)
        capacity = amounts(node["status"].get("capacity"))
        return [
            cpu,
            seen,
            rss,
            usage,
            working,
            period,
            quota,
            shares,
            limit,
            start,
            _gauge("machine_cpu_cores", "Number of logical CPU cores.", capacity.get("cpu", 0) / 1000),
            _gauge(
                "machine_memory_bytes",
                "Amount of memory installed on the machine.",
                capacity.get("memory", 0),
            ),
        ]

    def _summary(self, node: Obj) -> dict[str, Any]:
        """Return the Summary of stats/v1alpha1."""
        moment = timestamp(self._kubelet.around.now())

        def figures(seconds: float, millicores: float, size: int) -> dict[str, Any]:
            return {
                "cpu": {
                    "time": moment,
                    "usageNanoCores": round(millicores * 1_000_000),
                    "usageCoreNanoSeconds": round(seconds * 1e9),
                },
                "memory": {"time": moment, "usageBytes": size, "workingSetBytes": size, "rssBytes": size},
            }

        pods = []
        for pod in self._pods(node):
            used = self._time.containers(pod)
            starts = started_containers(pod)
            metadata = pod["metadata"]
            pods.append(
                {
                    "podRef": {key: metadata[key] for key in ("name", "namespace", "uid")},
                    "startTime": (pod.get("status") or {}).get("startTime"),
                    "containers": [
                        {
                            "name": name,
                            "startTime": starts[name],
                            **figures(seconds, use.millicores, use.bytes),
                        }
                        for name, (seconds, use) in used.items()
                    ],
                    **figures(
                        sum(seconds for seconds, _ in used.values()),
                        sum(use.millicores for _, use in used.values()),
                        sum(use.bytes for _, use in used.values()),
                    ),
                }
            )
        seconds, use = self._time.node(node)
        name = node["metadata"]["name"]
        return {
            "node": {
                "nodeName": name,
                "startTime": node["metadata"]["creationTimestamp"],
                **figures(seconds, use.millicores, use.bytes),
            },
            "pods": pods,
        }


def _gauge(name: str, text: str, value: float, labels: dict[str, str] | None = None) -> Family:
    return Family(name, text, samples=[("", labels or {}, value)])


def _epoch(moment: str) -> float:
    return parse_time(moment).timestamp()


def _containers(pod: Obj) -> list[tuple[Obj, Obj]]:
    """Return status and spec of every container that has both."""
    found = []
    status = pod.get("status") or {}
    for field, specs in (("initContainerStatuses", "initContainers"), ("containerStatuses", "containers")):
        by_name = {each["name"]: each for each in pod["spec"].get(specs) or ()}
        found += [
            (each, by_name[each["name"]]) for each in status.get(field) or () if each["name"] in by_name
        ]
    return found


def _labels(pod: Obj, container: str, image: str, name: str) -> dict[str, str]:
    quality = ((pod.get("status") or {}).get("qosClass") or "BestEffort").lower()
    parent = "" if quality == "guaranteed" else f"kubepods-{quality}.slice/"
    middle = "" if quality == "guaranteed" else f"-{quality}"
    folder = f"/kubepods.slice/{parent}kubepods{middle}-pod{uid_of(pod).replace('-', '_')}.slice"
    return {
        "container": container,
        "id": f"{folder}/cri-containerd-{name}.scope" if name else folder,
        "image": image,
        "name": name,
        "namespace": pod["metadata"]["namespace"],
        "pod": pod["metadata"]["name"],
    }
