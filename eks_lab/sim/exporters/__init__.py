"""What exporters measure, in Prometheus' text format: the kubelet, node_exporter and kube-state-metrics.

Names, types and labels are those of the real ones (kubernetes/kubernetes pkg/kubelet/metrics and cluster resource
metrics, google/cadvisor docs/storage/prometheus.md, prometheus/node_exporter, kubernetes/kube-state-metrics docs);
figures come from the simulated kubelets and the stored objects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from eks_lab.sim.exporters.node_exporter import NodeExporter
from eks_lab.sim.exporters.processor_time import ProcessorTime
from eks_lab.sim.exporters.state_metrics import state_page
from eks_lab.sim.kubelet.controller import KubeletController
from eks_lab.sim.kubelet.usage import Usage
from eks_lab.sim.objects import Obj


def exporter_pages(kubelet: KubeletController) -> Mapping[str, Callable[[Obj], str]]:
    """Return what behaviours serve as computed pages.

    Args:
        kubelet: whose cluster is measured.

    Returns:
        Name of the page (`page` of an answer in a behaviour file) -> a function from the pod that is asked to the
        text of its answer.
    """
    exporter = NodeExporter(kubelet, ProcessorTime(Usage(kubelet), kubelet.around.clock))
    return {
        "kube-state-metrics": lambda pod: state_page(kubelet.around.api),
        "node-exporter": lambda pod: exporter.page(pod["spec"]["nodeName"]),
    }
