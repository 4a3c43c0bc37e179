"""What pods use, as the HPA asks for it: the same samples that `kubectl top` shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eks_lab.sim.controllers.horizontal_pod_autoscaler.measure import PodUsage
from eks_lab.sim.kubelet.controller import KubeletController
from eks_lab.sim.kubelet.metrics import Metrics
from eks_lab.sim.objects import ApiError, key_of, parse_time
from eks_lab.sim.pod_resources import amounts
from eks_lab.sim.resources.metrics import POD_METRICS


class MetricsUsage:
    """Reads PodMetrics objects."""

    def __init__(self, kubelet: KubeletController) -> None:
        """Read what a kubelet measures."""
        self._metrics = Metrics(kubelet)
        self._api = kubelet.around.api

    def pod_usage(self, namespace: str, selector: Mapping[str, object]) -> Sequence[PodUsage]:
        """Return the samples there are of pods in a namespace that a label selector matches.

        Raises:
            ApiError: 404, metrics-server does not run.
        """
        if all(each.id != POD_METRICS.id for each in self._api.resources()):
            text = "the server could not find the requested resource (get pods.metrics.k8s.io)"
            raise ApiError(404, "NotFound", text)
        found = []
        for sample in self._metrics.pods(namespace, dict(selector)):
            containers = {each["name"]: amounts(each["usage"]) for each in sample["containers"]}
            window = float(sample["window"].removesuffix("s"))
            found.append(PodUsage(key_of(sample), parse_time(sample["timestamp"]), window, containers))
        return found
