"""Deployments."""

from __future__ import annotations

from typing import Any

from eks_lab.kube import names
from eks_lab.sim.objects import FieldError, Obj, forbidden_field, invalid, not_supported, required
from eks_lab.sim.resource import Column, Resource, Scale, World
from eks_lab.sim.resources.columns import AGE, NAME, field_of, selector_text, template_containers
from eks_lab.sim.resources.field_rules import immutable_errors, non_negative_errors
from eks_lab.sim.resources.pod_defaults import default_template
from eks_lab.sim.resources.pod_spec_rules import always_restart_errors
from eks_lab.sim.resources.replica_sets import (
    scale_selector,
    selected_template_errors,
    workload_warnings,
)


def _default(obj: Obj, world: World) -> None:
    spec = obj.setdefault("spec", {})
    if spec.get("replicas") is None:
        spec["replicas"] = 1
    strategy = spec.get("strategy") or {}
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.get("rollingUpdate") or {}
        for field in ("maxSurge", "maxUnavailable"):
            if rolling.get(field) is None:
                rolling[field] = "25%"
        strategy["rollingUpdate"] = rolling
    spec["strategy"] = strategy
    for field, value in (("revisionHistoryLimit", 10), ("progressDeadlineSeconds", 600)):
        if spec.get(field) is None:
            spec[field] = value
    default_template(spec.setdefault("template", {}))
    obj.setdefault("status", {})


def _prepare_create(obj: Obj, world: World) -> None:
    obj["status"] = {}


def _prepare_update(new: Obj, old: Obj, world: World) -> None:
    new["status"] = old.get("status") or {}


def count_or_percent_errors(value: Any, path: str) -> list[FieldError]:
    """Return the errors of a number that may be a percentage (ValidatePositiveIntOrPercent)."""
    if isinstance(value, str):
        return [invalid(path, value, said) for said in names.percent(value)]
    return non_negative_errors(value, path)


def at_most_all_errors(value: Any, path: str) -> list[FieldError]:
    """Return the error of a percentage above 100 (IsNotMoreThan100Percent)."""
    if isinstance(value, str) and not names.percent(value) and int(value[:-1]) > 100:
        return [invalid(path, value, "must not be greater than 100%")]
    return []


def is_nothing(value: Any) -> bool:
    """Say whether a number or percentage is zero, as validation counts it."""
    return value in (0, None, "0%") or (
        isinstance(value, str) and not names.percent(value) and int(value[:-1]) == 0
    )


def _strategy_errors(strategy: Obj) -> list[FieldError]:
    path, rolling = "spec.strategy", strategy.get("rollingUpdate")
    kind = strategy.get("type")
    if kind == "Recreate":
        detail = "may not be specified when strategy `type` is 'Recreate'"
        return [forbidden_field(f"{path}.rollingUpdate", detail)] if rolling is not None else []
    if kind != "RollingUpdate":
        shown = {"Type": kind, "RollingUpdate": rolling}
        return [not_supported(path, shown, ("Recreate", "RollingUpdate"))]
    if rolling is None:
        return [required(f"{path}.rollingUpdate", "this should be defaulted and never be nil")]
    here = f"{path}.rollingUpdate"
    unavailable, surge = rolling.get("maxUnavailable"), rolling.get("maxSurge")
    errors = count_or_percent_errors(unavailable, f"{here}.maxUnavailable")
    errors.extend(count_or_percent_errors(surge, f"{here}.maxSurge"))
    if is_nothing(unavailable) and is_nothing(surge):
        detail = "may not be 0 when `maxSurge` is 0"
        errors.append(invalid(f"{here}.maxUnavailable", unavailable, detail))
    return errors + at_most_all_errors(unavailable, f"{here}.maxUnavailable")


def _validate(obj: Obj, world: World) -> list[FieldError]:
    spec = obj["spec"]
    errors = non_negative_errors(spec.get("replicas"), "spec.replicas")
    errors.extend(selected_template_errors(spec, "deployment"))
    errors.extend(always_restart_errors(spec.get("template") or {}, "ReplicaSet", "spec.template"))
    errors.extend(_strategy_errors(spec.get("strategy") or {}))
    ready = spec.get("minReadySeconds") or 0
    errors.extend(non_negative_errors(ready, "spec.minReadySeconds"))
    errors.extend(non_negative_errors(spec.get("revisionHistoryLimit"), "spec.revisionHistoryLimit"))
    deadline = spec.get("progressDeadlineSeconds")
    if deadline is not None:
        errors.extend(non_negative_errors(deadline, "spec.progressDeadlineSeconds"))
        if deadline <= ready:
            detail = "must be greater than minReadySeconds"
            errors.append(invalid("spec.progressDeadlineSeconds", deadline, detail))
    return errors


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    fixed = immutable_errors(new["spec"].get("selector"), old["spec"].get("selector"), "spec.selector")
    return _validate(new, world) + fixed


def _ready(obj: Obj) -> str:
    return f"{(obj.get('status') or {}).get('readyReplicas', 0)}/{obj['spec'].get('replicas', 0)}"


DEPLOYMENTS = Resource(
    plural="deployments",
    kind="Deployment",
    group="apps",
    short_names=("deploy",),
    categories=("all",),
    has_status=True,
    scale=Scale(selector=scale_selector),
    columns=(
        NAME,
        Column("Ready", lambda each, now: _ready(each)),
        Column("Up-to-date", field_of("status", "updatedReplicas", otherwise=0)),
        Column("Available", field_of("status", "availableReplicas", otherwise=0)),
        AGE,
        *template_containers("spec", "template"),
        Column("Selector", lambda each, now: selector_text(each["spec"].get("selector")), wide=True),
    ),
    default=_default,
    prepare_create=_prepare_create,
    prepare_update=_prepare_update,
    validate=_validate,
    validate_update=_validate_update,
    warnings=workload_warnings,
    counts_generation=True,
)

RESOURCES = (DEPLOYMENTS,)
