"""PriorityClasses (pkg/apis/scheduling)."""

from __future__ import annotations

from eks_lab.sim.objects import FieldError, Obj, forbidden_field, not_supported
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.columns import AGE, NAME, field_of
from eks_lab.sim.resources.field_rules import immutable_errors

HIGHEST_USER_PRIORITY = 1_000_000_000
SYSTEM_CLASSES = {"system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000}
_PREFIX = "system-"
_POLICIES = ("PreemptLowerPriority", "Never")


def _default(priority: Obj, world: World) -> None:
    priority.setdefault("value", 0)
    if priority.get("preemptionPolicy") is None:
        priority["preemptionPolicy"] = "PreemptLowerPriority"


def _system_problem(priority: Obj) -> str:
    """Return why a name with the reserved prefix is not a system class (IsKnownSystemPriorityClass)."""
    name = priority["metadata"].get("name") or ""
    if name not in SYSTEM_CLASSES:
        return f"{name} is not a known system priority class"
    if priority["value"] != SYSTEM_CLASSES[name]:
        return f"value of {name} PriorityClass must be {SYSTEM_CLASSES[name]}"
    if priority.get("globalDefault"):
        return f"globalDefault of {name} PriorityClass must be false"
    return ""


def _policy_errors(priority: Obj) -> list[FieldError]:
    policy = priority.get("preemptionPolicy")
    if policy is not None and policy not in _POLICIES:
        return [not_supported("preemptionPolicy", policy, _POLICIES)]
    return []


def _validate(priority: Obj, world: World) -> list[FieldError]:
    errors: list[FieldError] = []
    if (priority["metadata"].get("name") or "").startswith(_PREFIX):
        problem = _system_problem(priority)
        if problem:
            detail = f"priority class names with '{_PREFIX}' prefix are reserved for system use only. error: {problem}"
            errors.append(forbidden_field("metadata.name", detail))
    elif priority["value"] > HIGHEST_USER_PRIORITY:
        detail = f"maximum allowed value of a user defined priority is {HIGHEST_USER_PRIORITY}"
        errors.append(forbidden_field("value", detail))
    return errors + _policy_errors(priority)


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    errors: list[FieldError] = []
    if new["value"] != old["value"]:
        errors.append(forbidden_field("value", "may not be changed in an update."))
    return errors + immutable_errors(
        new.get("preemptionPolicy"), old.get("preemptionPolicy"), "preemptionPolicy"
    )


PRIORITY_CLASSES = Resource(
    plural="priorityclasses",
    kind="PriorityClass",
    group="scheduling.k8s.io",
    namespaced=False,
    short_names=("pc",),
    columns=(
        NAME,
        Column("Value", field_of("value", otherwise=0), type="integer"),
        Column("Global-Default", field_of("globalDefault", otherwise=False), type="boolean"),
        AGE,
        Column("PreemptionPolicy", field_of("preemptionPolicy")),
    ),
    default=_default,
    validate=_validate,
    validate_update=_validate_update,
    counts_generation=True,
)

RESOURCES = (PRIORITY_CLASSES,)
