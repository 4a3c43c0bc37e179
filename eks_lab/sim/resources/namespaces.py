"""Namespaces."""

from __future__ import annotations

from eks_lab.sim.objects import FieldError, Obj, invalid
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.columns import AGE, NAME, field_of
from eks_lab.sim.resources.field_rules import label_problems, qualified_problems

_NAME_LABEL = "kubernetes.io/metadata.name"
_FINALIZER = "kubernetes"


def _default(namespace: Obj, world: World) -> None:
    metadata = namespace["metadata"]
    if metadata.get("name"):
        labels = metadata.get("labels")
        if labels is None:
            labels = metadata["labels"] = {}
        labels[_NAME_LABEL] = metadata["name"]


def _prepare_create(namespace: Obj, world: World) -> None:
    _default(namespace, world)
    namespace["status"] = {"phase": "Active"}
    spec = namespace.get("spec") or {}
    finalizers = spec.get("finalizers") or []
    if _FINALIZER not in finalizers:
        finalizers = [*finalizers, _FINALIZER]
    namespace["spec"] = {**spec, "finalizers": finalizers}


def _keep(new: Obj, old: Obj, *fields: str) -> None:
    for field in fields:
        if field in old:
            new[field] = old[field]
        else:
            new.pop(field, None)


def _prepare_update(new: Obj, old: Obj, world: World) -> None:
    _keep(new, old, "spec", "status")


def _validate(namespace: Obj, world: World) -> list[FieldError]:
    errors: list[FieldError] = []
    for finalizer in (namespace.get("spec") or {}).get("finalizers") or ():
        said = qualified_problems(finalizer)
        errors.extend(invalid("spec.finalizers", finalizer, each) for each in said)
        if not said and "/" not in finalizer and finalizer != _FINALIZER:
            detail = "name is neither a standard finalizer name nor is it fully qualified"
            errors.append(invalid("spec.finalizers", finalizer, detail))
    return errors


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    return _validate(new, world)


NAMESPACES = Resource(
    plural="namespaces",
    kind="Namespace",
    namespaced=False,
    short_names=("ns",),
    verbs=("create", "delete", "get", "list", "patch", "update", "watch"),
    has_status=True,
    subresources={"finalize": "Namespace"},
    subresource_validation={"finalize": _validate_update},
    columns=(
        NAME,
        Column("Status", field_of("status", "phase"), description="The status of the namespace"),
        AGE,
    ),
    field_labels={"status.phase": lambda each: (each.get("status") or {}).get("phase") or ""},
    default=_default,
    prepare_create=_prepare_create,
    prepare_update=_prepare_update,
    validate=_validate,
    validate_update=_validate_update,
    name_problem=lambda name: list(label_problems(name)),
)

RESOURCES = (NAMESPACES,)
