"""autoscaling/v1 as a view of v2: what v1 has no fields for travels in annotations.

Source: pkg/apis/autoscaling/v1/conversion.go and annotations.go of Kubernetes.
"""

from __future__ import annotations

from typing import Any

import orjson

from eks_lab.sim.objects import Obj

_PREFIX = "autoscaling.alpha.kubernetes.io"
_METRICS = f"{_PREFIX}/metrics"
_CURRENT = f"{_PREFIX}/current-metrics"
_CONDITIONS = f"{_PREFIX}/conditions"
_BEHAVIOR = f"{_PREFIX}/behavior"


def to_v1(autoscaler: Obj) -> Obj:
    """Return a v2 HorizontalPodAutoscaler as autoscaling/v1 shows it."""
    spec, status = autoscaler.get("spec") or {}, autoscaler.get("status") or {}
    kept = {key: spec[key] for key in ("scaleTargetRef", "minReplicas", "maxReplicas") if key in spec}
    carried: dict[str, Any] = {}
    rest = []
    for metric in spec.get("metrics") or ():
        percent = _cpu_percent(metric)
        if percent is not None and "targetCPUUtilizationPercentage" not in kept:
            kept["targetCPUUtilizationPercentage"] = percent
        else:
            rest.append(_old_metric(metric, "target"))
    if rest:
        carried[_METRICS] = rest
    if spec.get("behavior"):
        carried[_BEHAVIOR] = {
            name[:1].upper() + name[1:]: _capitalised(rules) for name, rules in spec["behavior"].items()
        }
    shown = {
        key: status[key]
        for key in ("observedGeneration", "lastScaleTime", "currentReplicas", "desiredReplicas")
        if key in status
    }
    shown = {"currentReplicas": 0, "desiredReplicas": 0, **shown}
    current = []
    for metric in status.get("currentMetrics") or ():
        used = ((metric.get("resource") or {}).get("current") or {}).get("averageUtilization")
        if (metric.get("resource") or {}).get("name") == "cpu" and used is not None:
            shown["currentCPUUtilizationPercentage"] = used
        current.append(_old_metric(metric, "current"))
    if current:
        carried[_CURRENT] = current
    if status.get("conditions"):
        carried[_CONDITIONS] = status["conditions"]
    answer = {**autoscaler, "apiVersion": "autoscaling/v1", "spec": kept, "status": shown}
    if carried:
        metadata = autoscaler["metadata"]
        texts = {key: orjson.dumps(value).decode() for key, value in carried.items()}
        answer["metadata"] = {**metadata, "annotations": {**(metadata.get("annotations") or {}), **texts}}
    return answer


def from_v1(autoscaler: Obj) -> Obj:
    """Return an autoscaling/v1 HorizontalPodAutoscaler in the form of v2."""
    spec, status = dict(autoscaler.get("spec") or {}), dict(autoscaler.get("status") or {})
    metadata = autoscaler.get("metadata") or {}
    annotations = dict(metadata.get("annotations") or {})
    carried = {
        key: _parsed(annotations.pop(key, None)) for key in (_METRICS, _CURRENT, _CONDITIONS, _BEHAVIOR)
    }
    percent = spec.pop("targetCPUUtilizationPercentage", None)
    used = status.pop("currentCPUUtilizationPercentage", None)
    metrics = [_new_metric(each, "target") for each in carried[_METRICS] or ()]
    if percent is not None:
        target = {"type": "Utilization", "averageUtilization": percent}
        metrics.insert(0, {"type": "Resource", "resource": {"name": "cpu", "target": target}})
    if metrics:
        spec["metrics"] = metrics
    if carried[_BEHAVIOR]:
        spec["behavior"] = _small(carried[_BEHAVIOR])
    current = [_new_metric(each, "current") for each in carried[_CURRENT] or ()]
    if used is not None and not current:
        current.append(
            {"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": used}}}
        )
    if current:
        status["currentMetrics"] = current
    if carried[_CONDITIONS]:
        status["conditions"] = carried[_CONDITIONS]
    answer = {**autoscaler, "apiVersion": "autoscaling/v2", "spec": spec}
    if status:
        answer["status"] = status
    if "annotations" in metadata:
        answer["metadata"] = {key: value for key, value in metadata.items() if key != "annotations"}
        if annotations:
            answer["metadata"]["annotations"] = annotations
    return answer


def _parsed(text: str | None) -> Any:
    if text is None:
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        # A broken annotation counts as none (dropRoundTripHorizontalPodAutoscalerAnnotations).
        return None


def _cpu_percent(metric: Obj) -> int | None:
    resource = metric.get("resource") or {}
    if metric.get("type") != "Resource" or resource.get("name") != "cpu":
        return None
    percent: int | None = (resource.get("target") or {}).get("averageUtilization")
    return percent


_FIELDS = {
    "averageUtilization": "AverageUtilization",
    "averageValue": "AverageValue",
    "value": "Value",
}
_SOURCES = ("object", "pods", "resource", "containerResource", "external")


def _old_metric(metric: Obj, word: str) -> Obj:
    """Return a metric's spec (`target`) or status (`current`) with the field names of v1."""
    answer: Obj = {"type": metric.get("type", "")}
    for name in _SOURCES:
        source = metric.get(name)
        if source is None:
            continue
        values = source.get(word) or {}
        old: Obj = {}
        if name == "object":
            old["target"] = source.get("describedObject") or {}
        for field in ("name", "container"):
            if source.get(field):
                old[field] = source[field]
        identifier = source.get("metric") or {}
        if identifier:
            old["metricName"] = identifier.get("name", "")
            if identifier.get("selector"):
                old["metricSelector" if name == "external" else "selector"] = identifier["selector"]
        for field, ending in _FIELDS.items():
            if values.get(field) is not None:
                key = "averageValue" if (name, field) == ("object", "averageValue") else f"{word}{ending}"
                old[key] = values[field]
        answer[name] = old
    return answer


def _new_metric(metric: Obj, word: str) -> Obj:
    """Return the reverse of `_old_metric`."""
    answer: Obj = {"type": metric.get("type", "")}
    for name in _SOURCES:
        old = metric.get(name)
        if old is None:
            continue
        source: Obj = {}
        if name == "object":
            source["describedObject"] = old.get("target") or {}
        for field in ("name", "container"):
            if old.get(field):
                source[field] = old[field]
        if "metricName" in old:
            source["metric"] = {"name": old["metricName"]}
            selector = old.get("metricSelector") or old.get("selector")
            if selector:
                source["metric"]["selector"] = selector
        values: Obj = {}
        for field, ending in _FIELDS.items():
            key = "averageValue" if (name, field) == ("object", "averageValue") else f"{word}{ending}"
            if old.get(key) is not None:
                values[field] = old[key]
        if word == "target":
            if "averageUtilization" in values:
                kind = "Utilization"
            else:
                kind = "AverageValue" if "averageValue" in values else "Value"
            values = {"type": kind, **values}
        source[word] = values
        answer[name] = source
    return answer


def _capitalised(value: Any) -> Any:
    """Return rules of behaviour as the annotation has them: under the Go names."""
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: _capitalised(each) for key, each in value.items()}
    return [_capitalised(each) for each in value] if isinstance(value, list) else value


def _small(value: Any) -> Any:
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: _small(each) for key, each in value.items() if each is not None}
    return [_small(each) for each in value] if isinstance(value, list) else value
