"""PodDisruptionBudgets (pkg/apis/policy/validation)."""

from __future__ import annotations

from eks_lab.sim.objects import FieldError, Obj, invalid, not_supported
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.columns import AGE, NAME, field_of
from eks_lab.sim.resources.deployments import at_most_all_errors, count_or_percent_errors
from eks_lab.sim.resources.field_rules import non_negative_errors, selector_errors

_POLICIES = ("AlwaysAllow", "IfHealthyBudget")
_NUMBERS = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")


def _default(budget: Obj, world: World) -> None:
    budget.setdefault("spec", {})
    status = budget.setdefault("status", {})
    for number in _NUMBERS:
        status.setdefault(number, 0)


def _prepare_create(budget: Obj, world: World) -> None:
    budget["status"] = dict.fromkeys(_NUMBERS, 0)


def _prepare_update(new: Obj, old: Obj, world: World) -> None:
    new["status"] = old.get("status") or dict.fromkeys(_NUMBERS, 0)


def _validate(budget: Obj, world: World) -> list[FieldError]:
    spec = budget["spec"]
    least, most = spec.get("minAvailable"), spec.get("maxUnavailable")
    errors: list[FieldError] = []
    if least is not None and most is not None:
        shown = {
            "MinAvailable": least,
            "Selector": spec.get("selector"),
            "MaxUnavailable": most,
            "UnhealthyPodEvictionPolicy": spec.get("unhealthyPodEvictionPolicy"),
        }
        errors.append(invalid("spec", shown, "minAvailable and maxUnavailable cannot be both set"))
    for field, value in (("minAvailable", least), ("maxUnavailable", most)):
        if value is not None:
            errors.extend(count_or_percent_errors(value, f"spec.{field}"))
            errors.extend(at_most_all_errors(value, f"spec.{field}"))
    errors.extend(selector_errors(spec.get("selector"), "spec.selector"))
    policy = spec.get("unhealthyPodEvictionPolicy")
    if policy is not None and policy not in _POLICIES:
        errors.append(not_supported("spec.unhealthyPodEvictionPolicy", policy, _POLICIES))
    return errors


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    return _validate(new, world)


def _validate_status(new: Obj, old: Obj, world: World) -> list[FieldError]:
    status = new.get("status") or {}
    errors: list[FieldError] = []
    for number in _NUMBERS:
        errors.extend(non_negative_errors(status.get(number), f"status.{number}"))
    return errors


POD_DISRUPTION_BUDGETS = Resource(
    plural="poddisruptionbudgets",
    kind="PodDisruptionBudget",
    group="policy",
    short_names=("pdb",),
    has_status=True,
    columns=(
        NAME,
        Column("Min Available", field_of("spec", "minAvailable", otherwise="N/A")),
        Column("Max Unavailable", field_of("spec", "maxUnavailable", otherwise="N/A")),
        Column("Allowed Disruptions", field_of("status", "disruptionsAllowed", otherwise=0), type="integer"),
        AGE,
    ),
    default=_default,
    prepare_create=_prepare_create,
    prepare_update=_prepare_update,
    validate=_validate,
    validate_update=_validate_update,
    validate_status_update=_validate_status,
    counts_generation=True,
)

RESOURCES = (POD_DISRUPTION_BUDGETS,)
