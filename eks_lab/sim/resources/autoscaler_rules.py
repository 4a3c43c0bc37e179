"""What a HorizontalPodAutoscaler may say (pkg/apis/autoscaling/validation)."""

from __future__ import annotations

from collections.abc import Iterable

from eks_lab.kube import names
from eks_lab.sim.objects import FieldError, Obj, forbidden_field, invalid, not_supported, required
from eks_lab.sim.resources.field_rules import name_errors, selector_errors
from eks_lab.sim.resources.quantities import quantity

SOURCES = {
    "Object": "object",
    "External": "external",
    "Pods": "pods",
    "Resource": "resource",
    "ContainerResource": "containerResource",
}
"""Type of a metric -> its field, in the order in which the real server looks."""
_LONGEST_WINDOW = 3600
_LONGEST_PERIOD = 1800
_TARGETS = ("Utilization", "Value", "AverageValue")


def autoscaler_errors(spec: Obj) -> list[FieldError]:
    """Return the errors of a HorizontalPodAutoscaler's spec.

    Args:
        spec: in the form of autoscaling/v2, with its defaults.
    """
    least, most = spec.get("minReplicas"), spec.get("maxReplicas") or 0
    errors: list[FieldError] = []
    if least is not None and least < 1:
        errors.append(invalid("spec.minReplicas", least, "must be greater than or equal to 1"))
    if most < 1:
        errors.append(required("spec.maxReplicas", "must be set and greater than 0"))
    if least is not None and least > most:
        detail = "must be greater than or equal to `minReplicas`"
        errors.append(invalid("spec.maxReplicas", most, detail))
    errors.extend(_reference_errors(spec.get("scaleTargetRef") or {}, "spec.scaleTargetRef"))
    errors.extend(_metrics_errors(spec.get("metrics") or [], least, "spec.metrics"))
    behavior = spec.get("behavior") or {}
    for direction in ("scaleUp", "scaleDown"):
        if behavior.get(direction) is not None:
            errors.extend(_behavior_errors(behavior[direction], f"spec.behavior.{direction}"))
    return errors


def _reference_errors(reference: Obj, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    for field in ("kind", "name"):
        if not reference.get(field):
            errors.append(required(f"{path}.{field}"))
        else:
            errors.extend(name_errors(names.path_segment, reference[field], f"{path}.{field}"))
    version = reference.get("apiVersion") or ""
    here = f"{path}.apiVersion"
    if version.count("/") > 1:
        errors.append(invalid(here, version, f"unexpected GroupVersion string: {version}"))
    elif "/" not in version and (reference.get("kind"), version) != ("ReplicationController", "v1"):
        errors.append(invalid(here, version, "apiVersion must specify API group"))
    return errors


def _metrics_errors(metrics: list[Obj], least: int | None, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    for number, metric in enumerate(metrics):
        errors.extend(_metric_errors(metric, f"{path}[{number}]"))
    # Only a metric from outside the pods can say when to come back from zero.
    if least == 0 and not any(metric.get("type") in ("Object", "External") for metric in metrics):
        detail = "must specify at least one Object or External metric to support scaling to zero replicas"
        errors.append(forbidden_field(path, detail))
    return errors


def _metric_errors(metric: Obj, path: str) -> list[FieldError]:
    kind = metric.get("type") or ""
    errors: list[FieldError] = []
    if not kind:
        errors.append(required(f"{path}.type", "must specify a metric source type"))
    elif kind not in SOURCES:
        errors.append(not_supported(f"{path}.type", kind, sorted(SOURCES)))
    present = [field for field in SOURCES.values() if metric.get(field) is not None]
    if present:
        errors.extend(_source_errors(present[0], metric[present[0]], f"{path}.{present[0]}"))
    wanted = SOURCES.get(kind, "")
    if wanted and wanted not in present:
        detail = "must populate information for the given metric source"
        errors.append(required(f"{path}.{wanted}", detail))
    if len(present) != 1:
        errors.extend(
            forbidden_field(f"{path}.{field}", "must populate the given metric source only")
            for field in present
            if field != wanted
        )
    return errors


def _source_errors(field: str, source: Obj, path: str) -> list[FieldError]:
    target = source.get("target") or {}
    value, average = target.get("value"), target.get("averageValue")
    errors: list[FieldError] = []
    if field in ("resource", "containerResource"):
        return _resource_errors(field, source, path)
    if field == "object":
        errors.extend(_reference_errors(source.get("describedObject") or {}, f"{path}.describedObject"))
    errors.extend(_identifier_errors(source.get("metric") or {}, f"{path}.metric"))
    errors.extend(_target_errors(target, f"{path}.target"))
    if field == "pods":
        if average is None or quantity(average).amount <= 0:
            detail = "must specify a positive target averageValue"
            errors.append(required(f"{path}.target.averageValue", detail))
    elif field == "object":
        if value is None and average is None:
            detail = "must set either a target value or averageValue"
            errors.append(required(f"{path}.target.averageValue", detail))
    else:
        if value is None and average is None:
            detail = "must set either a target value for metric or a per-pod target"
            errors.append(required(f"{path}.target.averageValue", detail))
        if value is not None and average is not None:
            detail = "may not set both a target value for metric and a per-pod target"
            errors.append(forbidden_field(f"{path}.target.value", detail))
    return errors


def _resource_errors(field: str, source: Obj, path: str) -> list[FieldError]:
    target = source.get("target") or {}
    errors: list[FieldError] = []
    if not source.get("name"):
        errors.append(required(f"{path}.name", "must specify a resource name"))
    if field == "containerResource" and not source.get("container"):
        errors.append(required(f"{path}.container", "must specify a container"))
    errors.extend(_target_errors(target, f"{path}.target"))
    utilization, average = target.get("averageUtilization"), target.get("averageValue")
    if utilization is None and average is None:
        detail = "must set either a target raw value or a target utilization"
        errors.append(required(f"{path}.target.averageUtilization", detail))
    if utilization is not None and average is not None:
        detail = "may not set both a target raw value and a target utilization"
        errors.append(forbidden_field(f"{path}.target.averageValue", detail))
    return errors


def _identifier_errors(metric: Obj, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    if not metric.get("name"):
        errors.append(required(f"{path}.name", "must specify a metric name"))
    else:
        errors.extend(name_errors(names.path_segment, metric["name"], f"{path}.name"))
    return errors + selector_errors(metric.get("selector"), f"{path}.selector")


def _target_errors(target: Obj, path: str) -> list[FieldError]:
    kind = target.get("type") or ""
    errors: list[FieldError] = []
    if not kind:
        errors.append(required(f"{path}.type", "must specify a metric target type"))
    if kind not in _TARGETS:
        errors.append(invalid(f"{path}.type", kind, "must be either Utilization, Value, or AverageValue"))
    for field in ("value", "averageValue"):
        if target.get(field) is not None and quantity(target[field]).amount <= 0:
            errors.append(invalid(f"{path}.{field}", target[field], "must be positive"))
    utilization = target.get("averageUtilization")
    if utilization is not None and utilization < 1:
        errors.append(invalid(f"{path}.averageUtilization", utilization, "must be greater than 0"))
    return errors


def _behavior_errors(rules: Obj, path: str) -> list[FieldError]:
    window = rules.get("stabilizationWindowSeconds")
    here = f"{path}.stabilizationWindowSeconds"
    errors: list[FieldError] = []
    if window is not None and window < 0:
        errors.append(invalid(here, window, "must be greater than or equal to zero"))
    if window is not None and window > _LONGEST_WINDOW:
        errors.append(invalid(here, window, f"must be less than or equal to {_LONGEST_WINDOW}"))
    errors.extend(_choice(rules.get("selectPolicy"), ("Disabled", "Max", "Min"), f"{path}.selectPolicy"))
    policies = rules.get("policies") or []
    if not policies:
        errors.append(required(f"{path}.policies", "must specify at least one Policy"))
    for number, policy in enumerate(policies):
        errors.extend(_policy_errors(policy, f"{path}.policies[{number}]"))
    tolerance = rules.get("tolerance")
    if tolerance is not None and quantity(tolerance).amount < 0:
        errors.append(invalid(f"{path}.tolerance", tolerance, "must be greater than or equal to 0"))
    return errors


def _policy_errors(policy: Obj, path: str) -> list[FieldError]:
    kind, value, period = policy.get("type") or "", policy.get("value") or 0, policy.get("periodSeconds") or 0
    errors = _choice(kind, ("Percent", "Pods"), f"{path}.type")
    if value <= 0:
        errors.append(invalid(f"{path}.value", value, "must be greater than zero"))
    if period <= 0:
        errors.append(invalid(f"{path}.periodSeconds", period, "must be greater than zero"))
    if period > _LONGEST_PERIOD:
        detail = f"must be less than or equal to {_LONGEST_PERIOD}"
        errors.append(invalid(f"{path}.periodSeconds", period, detail))
    return errors


def _choice(value: str | None, supported: Iterable[str], path: str) -> list[FieldError]:
    words = tuple(supported)
    return [] if value is None or value in words else [not_supported(path, value, words)]
