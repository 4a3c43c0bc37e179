"""ReplicaSets, and what a selector and a template must agree on."""

from __future__ import annotations

from eks_lab.sim.objects import FieldError, Obj, invalid, required
from eks_lab.sim.resource import Column, Resource, Scale, World
from eks_lab.sim.resources.columns import AGE, NAME, field_of, selector_text, template_containers
from eks_lab.sim.resources.field_rules import immutable_errors, non_negative_errors, selector_errors
from eks_lab.sim.resources.pod_defaults import default_template
from eks_lab.sim.resources.pod_spec_rules import always_restart_errors, template_errors
from eks_lab.sim.resources.pod_warnings import template_warnings
from eks_lab.sim.selection import matches


def scale_selector(obj: Obj) -> str:
    """Return a workload's selector as the scale subresource writes it."""
    selector = obj["spec"].get("selector")
    return selector_text(selector) if selector else ""


def workload_warnings(obj: Obj, old: Obj | None, world: World) -> list[str]:
    """Return the warnings of a workload's pod template."""
    template = obj["spec"].get("template") or {}
    return template_warnings(template, old and old["spec"].get("template"), "spec.template")


def selected_template_errors(spec: Obj, kind: str) -> list[FieldError]:
    """Return the errors of a workload's selector and of the template it must match.

    Args:
        spec: of the workload.
        kind: as the real server names it in messages: `deployment` also for a ReplicaSet's empty selector.
    """
    selector = spec.get("selector")
    errors: list[FieldError] = []
    if selector is None:
        errors.append(required("spec.selector"))
    else:
        found = selector_errors(selector, "spec.selector")
        errors.extend(found)
        if not selector.get("matchLabels") and not selector.get("matchExpressions"):
            detail = f"empty selector is invalid for {kind}"
            errors.append(invalid("spec.selector", selector, detail))
        if found:
            return [*errors, invalid("spec.selector", selector, "invalid label selector")]
    template = spec.get("template") or {}
    labels = (template.get("metadata") or {}).get("labels")
    if not matches(selector, labels or {}):
        detail = "`selector` does not match template `labels`"
        errors.append(invalid("spec.template.metadata.labels", labels, detail))
    return errors + template_errors(template, "spec.template")


def _default(obj: Obj, world: World) -> None:
    spec = obj.setdefault("spec", {})
    if spec.get("replicas") is None:
        spec["replicas"] = 1
    default_template(spec.setdefault("template", {}))
    obj.setdefault("status", {}).setdefault("replicas", 0)


def _prepare_create(obj: Obj, world: World) -> None:
    obj["status"] = {"replicas": 0}


def _prepare_update(new: Obj, old: Obj, world: World) -> None:
    new["status"] = old.get("status") or {"replicas": 0}


def _validate(obj: Obj, world: World) -> list[FieldError]:
    spec = obj["spec"]
    errors = non_negative_errors(spec.get("replicas"), "spec.replicas")
    errors.extend(non_negative_errors(spec.get("minReadySeconds"), "spec.minReadySeconds"))
    errors.extend(selected_template_errors(spec, "deployment"))
    errors.extend(always_restart_errors(spec.get("template") or {}, "ReplicaSet", "spec.template"))
    return errors


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    fixed = immutable_errors(new["spec"].get("selector"), old["spec"].get("selector"), "spec.selector")
    return _validate(new, world) + fixed


REPLICA_SETS = Resource(
    plural="replicasets",
    kind="ReplicaSet",
    group="apps",
    short_names=("rs",),
    categories=("all",),
    has_status=True,
    scale=Scale(selector=scale_selector),
    columns=(
        NAME,
        Column("Desired", field_of("spec", "replicas", otherwise=0), type="integer"),
        Column("Current", field_of("status", "replicas", otherwise=0), type="integer"),
        Column("Ready", field_of("status", "readyReplicas", otherwise=0), type="integer"),
        AGE,
        *template_containers("spec", "template"),
        Column("Selector", lambda each, now: selector_text(each["spec"].get("selector")), wide=True),
    ),
    field_labels={"status.replicas": lambda each: str((each.get("status") or {}).get("replicas", 0))},
    default=_default,
    prepare_create=_prepare_create,
    prepare_update=_prepare_update,
    validate=_validate,
    validate_update=_validate_update,
    warnings=workload_warnings,
    counts_generation=True,
)

RESOURCES = (REPLICA_SETS,)
