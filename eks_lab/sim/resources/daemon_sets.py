"""DaemonSets and ControllerRevisions."""

from __future__ import annotations

from eks_lab.sim.objects import FieldError, Obj, controller_of, invalid, not_supported, required
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.columns import (
    AGE,
    NAME,
    NONE,
    field_of,
    labels_text,
    selector_text,
    template_containers,
)
from eks_lab.sim.resources.deployments import at_most_all_errors, count_or_percent_errors, is_nothing
from eks_lab.sim.resources.field_rules import immutable_errors, non_negative_errors
from eks_lab.sim.resources.pod_defaults import default_template
from eks_lab.sim.resources.pod_spec_rules import always_restart_errors
from eks_lab.sim.resources.replica_sets import selected_template_errors, workload_warnings

_NUMBERS = ("currentNumberScheduled", "desiredNumberScheduled", "numberMisscheduled", "numberReady")


def _default(obj: Obj, world: World) -> None:
    spec = obj.setdefault("spec", {})
    strategy = spec.get("updateStrategy") or {}
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.get("rollingUpdate") or {}
        for field, value in (("maxSurge", 0), ("maxUnavailable", 1)):
            if rolling.get(field) is None:
                rolling[field] = value
        strategy["rollingUpdate"] = rolling
    spec["updateStrategy"] = strategy
    if spec.get("revisionHistoryLimit") is None:
        spec["revisionHistoryLimit"] = 10
    default_template(spec.setdefault("template", {}))
    status = obj.setdefault("status", {})
    for number in _NUMBERS:
        status.setdefault(number, 0)


def _prepare_create(obj: Obj, world: World) -> None:
    obj["status"] = dict.fromkeys(_NUMBERS, 0)


def _prepare_update(new: Obj, old: Obj, world: World) -> None:
    new["status"] = old.get("status") or dict.fromkeys(_NUMBERS, 0)


def _strategy_errors(strategy: Obj) -> list[FieldError]:
    path, kind = "spec.updateStrategy", strategy.get("type")
    if kind == "OnDelete":
        return []
    if kind != "RollingUpdate":
        return [not_supported(f"{path}.type", kind, ("RollingUpdate", "OnDelete"))]
    rolling = strategy.get("rollingUpdate")
    if rolling is None:
        return [required(f"{path}.rollingUpdate")]
    here = f"{path}.rollingUpdate"
    unavailable, surge = rolling.get("maxUnavailable"), rolling.get("maxSurge")
    errors = count_or_percent_errors(unavailable, f"{here}.maxUnavailable")
    errors.extend(count_or_percent_errors(surge, f"{here}.maxSurge"))
    if not is_nothing(unavailable) and not is_nothing(surge):
        errors.append(invalid(f"{here}.maxSurge", surge, "may not be set when maxUnavailable is non-zero"))
    elif is_nothing(unavailable) and is_nothing(surge):
        errors.append(required(f"{here}.maxUnavailable", "cannot be 0 when maxSurge is 0"))
    errors.extend(at_most_all_errors(unavailable, f"{here}.maxUnavailable"))
    return errors + at_most_all_errors(surge, f"{here}.maxSurge")


def _validate(obj: Obj, world: World) -> list[FieldError]:
    spec = obj["spec"]
    errors = selected_template_errors(spec, "daemonset")
    errors.extend(always_restart_errors(spec.get("template") or {}, "DaemonSet", "spec.template"))
    errors.extend(non_negative_errors(spec.get("minReadySeconds"), "spec.minReadySeconds"))
    errors.extend(_strategy_errors(spec.get("updateStrategy") or {}))
    return errors + non_negative_errors(spec.get("revisionHistoryLimit"), "spec.revisionHistoryLimit")


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    fixed = immutable_errors(new["spec"].get("selector"), old["spec"].get("selector"), "spec.selector")
    return _validate(new, world) + fixed


def _number(field: str, title: str) -> Column:
    return Column(title, field_of("status", field, otherwise=0), type="integer")


DAEMON_SETS = Resource(
    plural="daemonsets",
    kind="DaemonSet",
    group="apps",
    short_names=("ds",),
    categories=("all",),
    has_status=True,
    columns=(
        NAME,
        _number("desiredNumberScheduled", "Desired"),
        _number("currentNumberScheduled", "Current"),
        _number("numberReady", "Ready"),
        _number("updatedNumberScheduled", "Up-to-date"),
        _number("numberAvailable", "Available"),
        Column(
            "Node Selector",
            lambda each, now: labels_text((each["spec"]["template"].get("spec") or {}).get("nodeSelector")),
        ),
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


def _revision_errors(obj: Obj, world: World) -> list[FieldError]:
    errors = [] if obj.get("data") is not None else [required("data", "data is mandatory")]
    return errors + non_negative_errors(obj.get("revision"), "revision")


def _revision_update_errors(new: Obj, old: Obj, world: World) -> list[FieldError]:
    errors = _revision_errors(new, world)
    return (
        errors
        if new.get("data") == old.get("data")
        else [*errors, invalid("data", new.get("data"), "field is immutable")]
    )


def _controller(revision: Obj) -> str:
    owner = controller_of(revision)
    if owner is None:
        return NONE
    group = owner["apiVersion"].rpartition("/")[0]
    kind = owner["kind"].lower()
    return f"{kind}.{group}/{owner['name']}" if group else f"{kind}/{owner['name']}"


CONTROLLER_REVISIONS = Resource(
    plural="controllerrevisions",
    kind="ControllerRevision",
    group="apps",
    columns=(
        NAME,
        Column("Controller", lambda each, now: _controller(each)),
        Column("Revision", field_of("revision", otherwise=0)),
        AGE,
    ),
    validate=_revision_errors,
    validate_update=_revision_update_errors,
)

RESOURCES = (DAEMON_SETS, CONTROLLER_REVISIONS)
