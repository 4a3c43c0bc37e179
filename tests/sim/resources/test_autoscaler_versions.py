"""autoscaling/v1 shows what it can and carries the rest in annotations; nothing is lost on the way."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.sim.objects import Obj
from eks_lab.sim.resources.autoscaler_v1 import from_v1, to_v1

_REFERENCE = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
_AMOUNTS = st.sampled_from(["200Mi", "5", "100m"])
_UTILIZATION = st.builds(
    lambda percent: {"type": "Utilization", "averageUtilization": percent}, st.integers(1, 100)
)
_AVERAGE = st.builds(lambda amount: {"type": "AverageValue", "averageValue": amount}, _AMOUNTS)
_VALUE = st.builds(lambda amount: {"type": "Value", "value": amount}, _AMOUNTS)
_NAMED = st.sampled_from([{"name": "queue"}, {"name": "queue", "selector": {"matchLabels": {"a": "b"}}}])


def _metric(kind: str, source: dict[str, Any]) -> Obj:
    return {"type": kind, kind[:1].lower() + kind[1:]: source}


_METRICS = st.one_of(
    st.builds(
        lambda name, target: _metric("Resource", {"name": name, "target": target}),
        st.sampled_from(["cpu", "memory"]),
        st.one_of(_UTILIZATION, _AVERAGE),
    ),
    st.builds(
        lambda target: _metric("ContainerResource", {"name": "cpu", "container": "c", "target": target}),
        st.one_of(_UTILIZATION, _AVERAGE),
    ),
    st.builds(lambda named, target: _metric("Pods", {"metric": named, "target": target}), _NAMED, _AVERAGE),
    st.builds(
        lambda named, target: _metric("External", {"metric": named, "target": target}),
        _NAMED,
        st.one_of(_VALUE, _AVERAGE),
    ),
    st.builds(
        lambda named, target: _metric(
            "Object", {"describedObject": _REFERENCE, "metric": named, "target": target}
        ),
        _NAMED,
        st.one_of(_VALUE, _AVERAGE),
    ),
)


def _autoscaler(**spec: Any) -> Obj:
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "h", "namespace": "ns", "annotations": {"mine": "kept"}},
        "spec": {"maxReplicas": 5, "minReplicas": 2, "scaleTargetRef": _REFERENCE, **spec},
    }


@given(st.lists(_METRICS, max_size=4))
def test_there_and_back_again(metrics: list[Obj]) -> None:
    autoscaler = _autoscaler(metrics=metrics) if metrics else _autoscaler()
    back = from_v1(to_v1(autoscaler))
    sent = autoscaler["spec"].pop("metrics", [])
    got = back["spec"].pop("metrics", [])
    # The one metric that v1 has a field for comes first afterwards.
    assert sorted(map(orjson.dumps, got)) == sorted(map(orjson.dumps, sent))
    assert back["spec"] == autoscaler["spec"]
    assert back["metadata"] == autoscaler["metadata"]


def test_cpu_utilization_has_a_field_in_v1() -> None:
    target = {"type": "Utilization", "averageUtilization": 70}
    shown = to_v1(_autoscaler(metrics=[_metric("Resource", {"name": "cpu", "target": target})]))
    assert shown["apiVersion"] == "autoscaling/v1"
    assert shown["spec"]["targetCPUUtilizationPercentage"] == 70
    assert shown["status"] == {"currentReplicas": 0, "desiredReplicas": 0}
    assert shown["metadata"]["annotations"] == {"mine": "kept"}


def test_what_v1_cannot_say_stands_in_annotations() -> None:
    target = {"type": "AverageValue", "averageValue": "200Mi"}
    behavior = {"scaleDown": {"stabilizationWindowSeconds": 60}}
    metrics = [_metric("Resource", {"name": "memory", "target": target})]
    annotations = to_v1(_autoscaler(metrics=metrics, behavior=behavior))["metadata"]["annotations"]
    assert orjson.loads(annotations["autoscaling.alpha.kubernetes.io/metrics"]) == [
        {"type": "Resource", "resource": {"name": "memory", "targetAverageValue": "200Mi"}}
    ]
    assert orjson.loads(annotations["autoscaling.alpha.kubernetes.io/behavior"]) == {
        "ScaleDown": {"StabilizationWindowSeconds": 60}
    }


def test_a_measured_status_survives() -> None:
    current = {"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 42}}}
    conditions = [{"type": "AbleToScale", "status": "True"}]
    status = {
        "currentReplicas": 2,
        "desiredReplicas": 3,
        "currentMetrics": [current],
        "conditions": conditions,
    }
    shown = to_v1({**_autoscaler(), "status": status})
    assert shown["status"]["currentCPUUtilizationPercentage"] == 42
    assert from_v1(shown)["status"] == status


def test_a_broken_annotation_counts_as_none() -> None:
    autoscaler = to_v1(_autoscaler())
    autoscaler["metadata"] = {"name": "h", "annotations": {"autoscaling.alpha.kubernetes.io/metrics": "{"}}
    assert "metrics" not in from_v1(autoscaler)["spec"]
    assert "annotations" not in from_v1(autoscaler)["metadata"]
