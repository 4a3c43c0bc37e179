"""RuntimeClasses (pkg/apis/node/validation)."""

from __future__ import annotations

from eks_lab.sim.objects import FieldError, Obj
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.columns import AGE, NAME, field_of
from eks_lab.sim.resources.field_rules import (
    immutable_errors,
    label_errors,
    label_problems,
    name_errors,
)
from eks_lab.sim.resources.quantities import canonicalise
from eks_lab.sim.resources.resource_rules import requirement_errors
from eks_lab.sim.resources.scheduling_rules import toleration_errors


def _default(runtime_class: Obj, world: World) -> None:
    canonicalise((runtime_class.get("overhead") or {}).get("podFixed"))
    for toleration in (runtime_class.get("scheduling") or {}).get("tolerations") or ():
        toleration.setdefault("operator", "Equal")


def _validate(runtime_class: Obj, world: World) -> list[FieldError]:
    errors = name_errors(label_problems, runtime_class.get("handler") or "", "handler")
    overhead = runtime_class.get("overhead")
    if overhead is not None:
        # The real server checks the overhead as if it were a container's limits, and says so.
        errors.extend(requirement_errors({"limits": overhead.get("podFixed") or {}}, "overhead"))
    scheduling = runtime_class.get("scheduling")
    if scheduling is not None:
        errors.extend(label_errors(scheduling.get("nodeSelector"), "scheduling.nodeSelector"))
        errors.extend(toleration_errors(scheduling.get("tolerations") or [], "scheduling.tolerations"))
    return errors


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    return immutable_errors(new.get("handler"), old.get("handler"), "handler")


RUNTIME_CLASSES = Resource(
    plural="runtimeclasses",
    kind="RuntimeClass",
    group="node.k8s.io",
    namespaced=False,
    columns=(NAME, Column("Handler", field_of("handler")), AGE),
    default=_default,
    validate=_validate,
    validate_update=_validate_update,
)

RESOURCES = (RUNTIME_CLASSES,)
