"""ReplicationControllers and PodTemplates: the core group's own workloads."""

from __future__ import annotations

from eks_lab.sim.objects import FieldError, Obj, invalid, required
from eks_lab.sim.resource import Column, Resource, Scale, World
from eks_lab.sim.resources.columns import AGE, NAME, field_of, labels_text, template_containers
from eks_lab.sim.resources.field_rules import non_negative_errors
from eks_lab.sim.resources.pod_defaults import default_template
from eks_lab.sim.resources.pod_spec_rules import always_restart_errors, template_errors
from eks_lab.sim.resources.pod_warnings import template_warnings


def _default(controller: Obj, world: World) -> None:
    spec = controller.setdefault("spec", {})
    template = spec.get("template")
    if template is not None:
        default_template(template)
        labels = (template.get("metadata") or {}).get("labels")
        if labels:
            if not spec.get("selector"):
                spec["selector"] = dict(labels)
            if not controller["metadata"].get("labels"):
                controller["metadata"]["labels"] = dict(labels)
    if spec.get("replicas") is None:
        spec["replicas"] = 1
    controller.setdefault("status", {}).setdefault("replicas", 0)


def _prepare_create(controller: Obj, world: World) -> None:
    controller["status"] = {"replicas": 0}


def _prepare_update(new: Obj, old: Obj, world: World) -> None:
    new["status"] = old.get("status") or {"replicas": 0}


def _validate(controller: Obj, world: World) -> list[FieldError]:
    spec = controller["spec"]
    errors = non_negative_errors(spec.get("minReadySeconds"), "spec.minReadySeconds")
    selector = spec.get("selector") or {}
    if not selector:
        errors.append(required("spec.selector"))
    errors.extend(non_negative_errors(spec.get("replicas"), "spec.replicas"))
    template = spec.get("template")
    if template is None:
        return [*errors, required("spec.template")]
    labels = (template.get("metadata") or {}).get("labels")
    if selector and any((labels or {}).get(key) != value for key, value in selector.items()):
        detail = "`selector` does not match template `labels`"
        errors.append(invalid("spec.template.metadata.labels", labels, detail))
    errors.extend(template_errors(template, "spec.template"))
    errors.extend(always_restart_errors(template, "ReplicationController", "spec.template"))
    return errors


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    return _validate(new, world)


def _warnings(controller: Obj, old: Obj | None, world: World) -> list[str]:
    template = controller["spec"].get("template") or {}
    return template_warnings(template, old and old["spec"].get("template"), "spec.template")


REPLICATION_CONTROLLERS = Resource(
    plural="replicationcontrollers",
    kind="ReplicationController",
    short_names=("rc",),
    categories=("all",),
    has_status=True,
    scale=Scale(selector=lambda each: _plain(each["spec"].get("selector"))),
    columns=(
        NAME,
        Column("Desired", field_of("spec", "replicas", otherwise=0), type="integer"),
        Column("Current", field_of("status", "replicas", otherwise=0), type="integer"),
        Column("Ready", field_of("status", "readyReplicas", otherwise=0), type="integer"),
        AGE,
        *template_containers("spec", "template"),
        Column("Selector", lambda each, now: labels_text(each["spec"].get("selector")), wide=True),
    ),
    field_labels={"status.replicas": lambda each: str((each.get("status") or {}).get("replicas", 0))},
    default=_default,
    prepare_create=_prepare_create,
    prepare_update=_prepare_update,
    validate=_validate,
    validate_update=_validate_update,
    warnings=_warnings,
    counts_generation=True,
)


def _plain(selector: Obj | None) -> str:
    return labels_text(selector) if selector else ""


def _default_pod_template(obj: Obj, world: World) -> None:
    default_template(obj.setdefault("template", {}))


def _validate_pod_template(obj: Obj, world: World) -> list[FieldError]:
    return template_errors(obj["template"], "template")


def _validate_pod_template_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    return _validate_pod_template(new, world)


def _pod_template_warnings(obj: Obj, old: Obj | None, world: World) -> list[str]:
    return template_warnings(obj["template"], old and old.get("template"), "template")


POD_TEMPLATES = Resource(
    plural="podtemplates",
    kind="PodTemplate",
    columns=(
        NAME,
        *(Column(each.name, each.cell) for each in template_containers("template")),
        Column(
            "Pod Labels",
            lambda each, now: labels_text((each["template"].get("metadata") or {}).get("labels")),
        ),
    ),
    default=_default_pod_template,
    validate=_validate_pod_template,
    validate_update=_validate_pod_template_update,
    warnings=_pod_template_warnings,
    counts_generation=True,
)

RESOURCES = (REPLICATION_CONTROLLERS, POD_TEMPLATES)
