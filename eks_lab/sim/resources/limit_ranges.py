"""LimitRanges (SetDefaults_LimitRangeItem, ValidateLimitRange)."""

from __future__ import annotations

from eks_lab.kube.quantity import Quantity
from eks_lab.sim.objects import FieldError, Obj, duplicate, forbidden_field, invalid, required
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.columns import NAME
from eks_lab.sim.resources.field_rules import qualified_problems
from eks_lab.sim.resources.quantities import canonicalise, quantity
from eks_lab.sim.resources.resource_rules import limit_range_name_errors, may_overcommit

_TYPES = ("Pod", "Container", "PersistentVolumeClaim")
_FIELDS = ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio")


def _default(limit_range: Obj, world: World) -> None:
    for limit in limit_range.setdefault("spec", {}).get("limits") or ():
        for field in _FIELDS:
            canonicalise(limit.get(field))
        if limit.get("type") != "Container":
            continue
        # What is not said follows: the default limit the maximum, the default request the default limit,
        # then the minimum.
        for field, sources in (("default", ("max",)), ("defaultRequest", ("default", "min"))):
            filled = dict(limit.get(field) or {})
            for source in sources:
                for name, amount in (limit.get(source) or {}).items():
                    filled.setdefault(name, amount)
            if filled:
                limit[field] = filled


def _comparison_errors(name: str, found: dict[str, Quantity], path: str) -> list[FieldError]:
    low, high = found.get("min"), found.get("max")
    usual, request, ratio = (
        found.get("default"),
        found.get("defaultRequest"),
        found.get("maxLimitRequestRatio"),
    )
    errors: list[FieldError] = []

    def complain(field: str, value: Quantity, detail: str) -> None:
        errors.append(invalid(f"{path}.{field}[{name}]", str(value), detail))

    if low is not None and high is not None and low > high:
        complain("min", low, f"min value {low} is greater than max value {high}")
    if request is not None and low is not None and low > request:
        detail = f"min value {low} is greater than default request value {request}"
        complain("defaultRequest", request, detail)
    if request is not None and high is not None and request > high:
        complain(
            "defaultRequest", request, f"default request value {request} is greater than max value {high}"
        )
    if request is not None and usual is not None and request > usual:
        detail = f"default request value {request} is greater than default limit value {usual}"
        complain("defaultRequest", request, detail)
    # The real server shows the bound here, not the value it complains about.
    if usual is not None and low is not None and low > usual:
        complain("default", low, f"min value {low} is greater than default value {usual}")
    if usual is not None and high is not None and usual > high:
        complain("default", high, f"default value {usual} is greater than max value {high}")
    if ratio is not None and ratio.amount < 1:
        complain("maxLimitRequestRatio", ratio, f"ratio {ratio} is less than 1")
    if ratio is not None and low is not None and high is not None and low.amount > 0:
        most = high.amount / low.amount
        if ratio.amount > most:
            detail = f"ratio {ratio} is greater than max/min = {float(most):f}"
            complain("maxLimitRequestRatio", ratio, detail)
    if not may_overcommit(name) and usual is not None and request is not None and usual != request:
        detail = f"default value {usual} must equal to defaultRequest value {request} in {name}"
        complain("defaultRequest", request, detail)
    return errors


def _limit_errors(limit: Obj, path: str) -> list[FieldError]:
    kind = limit.get("type") or ""
    errors: list[FieldError] = []
    found: dict[str, dict[str, Quantity]] = {}
    for field in _FIELDS:
        amounts = limit.get(field) or {}
        if kind == "Pod" and field in ("default", "defaultRequest"):
            if amounts:
                detail = "may not be specified when `type` is 'Pod'"
                errors.append(forbidden_field(f"{path}.{field}", detail))
            continue
        if (
            field == "maxLimitRequestRatio"
            and kind == "PersistentVolumeClaim"
            and not any("storage" in (limit.get(bound) or {}) for bound in ("min", "max"))
        ):
            detail = "either minimum or maximum storage value is required, but neither was provided"
            errors.append(required("spec.limits.limits", detail))
        for name in sorted(amounts):
            errors.extend(limit_range_name_errors(name, kind, f"{path}.{field}[{name}]"))
            found.setdefault(name, {})[field] = quantity(amounts[name])
    for name in sorted(found):
        errors.extend(_comparison_errors(name, found[name], path))
    return errors


def _validate(limit_range: Obj, world: World) -> list[FieldError]:
    errors: list[FieldError] = []
    seen: set[str] = set()
    for number, limit in enumerate(limit_range["spec"].get("limits") or ()):
        here, kind = f"spec.limits[{number}]", limit.get("type") or ""
        errors.extend(invalid(f"{here}.type", kind, said) for said in qualified_problems(kind))
        if "/" not in kind and kind not in _TYPES and not qualified_problems(kind):
            detail = "must be a standard limit type or fully qualified"
            errors.append(invalid(f"{here}.type", kind, detail))
        if kind in seen:
            errors.append(duplicate(f"{here}.type", kind))
        seen.add(kind)
        errors.extend(_limit_errors(limit, here))
    return errors


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    return _validate(new, world)


LIMIT_RANGES = Resource(
    plural="limitranges",
    kind="LimitRange",
    short_names=("limits",),
    columns=(NAME, Column("Created At", lambda each, now: each["metadata"].get("creationTimestamp", ""))),
    default=_default,
    validate=_validate,
    validate_update=_validate_update,
)

RESOURCES = (LIMIT_RANGES,)
