"""PodMetrics and NodeMetrics as metrics-server answers them (metrics.k8s.io/v1beta1)."""

from __future__ import annotations

from datetime import timedelta

from eks_lab.sim.kubelet.controller import KubeletController
from eks_lab.sim.kubelet.nodes import has_kubelet
from eks_lab.sim.kubelet.usage import Usage, Use
from eks_lab.sim.objects import Key, Obj, key_of, labels_of, parse_time, timestamp
from eks_lab.sim.selection import matches
from eks_lab.sim.service_pods import pods_of_selector

YOUNGEST = timedelta(seconds=2)
"""A container younger than this has no figures yet. metrics-server counts a fresh container from its start, at its
next scrape (--metric-resolution, 15 s); here it scrapes when somebody asks."""
API_VERSION = "metrics.k8s.io/v1beta1"


class Metrics:
    """What metrics-server knows."""

    def __init__(self, kubelet: KubeletController) -> None:
        """Scrape the kubelets."""
        self._kubelet = kubelet
        self.usage = Usage(kubelet)

    def pod(self, key: Key) -> Obj | None:
        """Return the PodMetrics of a pod; None when it has no figures: unknown, not running, or too young."""
        around = self._kubelet.around
        pod = around.api.get("pods", key)
        if pod is None or not self._is_old_enough(pod):
            return None
        uses = self.usage.of_pod(pod)
        if not uses:
            return None
        containers = [{"name": name, "usage": _amounts(use)} for name, use in uses.items()]
        return {**self._head("PodMetrics", pod), "containers": containers}

    def pods(self, namespace: str = "", selector: Obj | None = None) -> list[Obj]:
        """Return the PodMetrics of a namespace, or of all.

        Args:
            namespace: empty means all.
            selector: a `metav1.LabelSelector`; None takes every pod.
        """
        api = self._kubelet.around.api
        if selector is None or not namespace:
            pods = api.items("pods", namespace)
            if selector is not None:
                pods = [pod for pod in pods if matches(selector, labels_of(pod))]
        else:
            pods = pods_of_selector(api, namespace, selector)
        metrics = (self.pod(key_of(pod)) for pod in pods)
        return [each for each in metrics if each is not None]

    def node(self, name: str) -> Obj | None:
        """Return the NodeMetrics of a node; None when nobody measures it."""
        node = self._kubelet.around.node(name)
        if node is None or not has_kubelet(self._kubelet.around.api, name):
            return None
        return {**self._head("NodeMetrics", node), "usage": _amounts(self.usage.of_node(name))}

    def nodes(self, selector: Obj | None = None) -> list[Obj]:
        """Return the NodeMetrics of all nodes, or of those a selector matches."""
        found = []
        for node in self._kubelet.around.api.items("nodes"):
            if selector is None or matches(selector, labels_of(node)):
                metrics = self.node(node["metadata"]["name"])
                if metrics is not None:
                    found.append(metrics)
        return found

    def _is_old_enough(self, pod: Obj) -> bool:
        now = self._kubelet.around.now()
        statuses = (pod.get("status") or {}).get("containerStatuses") or ()
        starts = [
            started
            for each in statuses
            if (started := ((each.get("state") or {}).get("running") or {}).get("startedAt"))
        ]
        return bool(starts) and all(now - parse_time(each) >= YOUNGEST for each in starts)

    def _head(self, kind: str, obj: Obj) -> Obj:
        moment = timestamp(self._kubelet.around.now())
        metadata: Obj = {"name": obj["metadata"]["name"]}
        if obj["metadata"].get("namespace"):
            metadata["namespace"] = obj["metadata"]["namespace"]
        metadata["creationTimestamp"] = moment
        if labels_of(obj):
            metadata["labels"] = labels_of(obj)
        return {
            "kind": kind,
            "apiVersion": API_VERSION,
            "metadata": metadata,
            "timestamp": moment,
            "window": "15.0s",
        }


def _amounts(use: Use) -> Obj:
    return {"cpu": f"{round(use.millicores * 1_000_000)}n", "memory": f"{use.bytes // 1024}Ki"}
