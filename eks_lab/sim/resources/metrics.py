"""What metrics-server serves for `kubectl top` and the HPA: measured on demand, never stored."""

from __future__ import annotations

from eks_lab.sim.objects import Obj
from eks_lab.sim.resource import Column, Resource
from eks_lab.sim.resources.columns import NAME, field_of
from eks_lab.sim.resources.quantities import ZERO, quantity

_GROUP = "metrics.k8s.io"
_VERBS = ("get", "list")


def _container_total(metrics: Obj, name: str) -> str:
    """Return the usage of a pod's containers, as metrics-server's Table adds it up."""
    total = sum(
        (quantity((each.get("usage") or {}).get(name)) for each in metrics.get("containers") or ()), ZERO
    )
    return str(total)


NODE_METRICS = Resource(
    plural="nodes",
    kind="NodeMetrics",
    group=_GROUP,
    version="v1beta1",
    namespaced=False,
    singular="",
    verbs=_VERBS,
    columns=(
        NAME,
        Column("cpu", field_of("usage", "cpu")),
        Column("memory", field_of("usage", "memory")),
        Column("Window", field_of("window")),
    ),
)

POD_METRICS = Resource(
    plural="pods",
    kind="PodMetrics",
    group=_GROUP,
    version="v1beta1",
    verbs=_VERBS,
    columns=(
        NAME,
        Column("cpu", lambda each, now: _container_total(each, "cpu")),
        Column("memory", lambda each, now: _container_total(each, "memory")),
        Column("Window", field_of("window")),
    ),
)

RESOURCES = (NODE_METRICS, POD_METRICS)
