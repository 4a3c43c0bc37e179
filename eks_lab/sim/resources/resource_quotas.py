"""ResourceQuotas (ValidateResourceQuota)."""

from __future__ import annotations

from collections.abc import Sequence

from eks_lab.sim.objects import FieldError, Obj, invalid, required
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.columns import AGE, NAME
from eks_lab.sim.resources.field_rules import immutable_errors
from eks_lab.sim.resources.go_structs import go_value
from eks_lab.sim.resources.quantities import canonicalise
from eks_lab.sim.resources.resource_rules import amount_errors, is_standard_quota, quota_name_errors

_EXIST_ONLY = ("Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "CrossNamespacePodAffinity")
SCOPES = (*_EXIST_ONLY, "PriorityClass", "VolumeAttributesClass")
_PAIRS = (("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating"))
_POD_RESOURCES = frozenset(
    ("pods", "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory")
)
_EXISTS_RULE = (
    "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
    "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
)


def _fits(scope: str, name: str) -> bool:
    """Say whether a scope can narrow what a resource counts (IsResourceQuotaScopeValidForResource)."""
    if scope == "BestEffort":
        return name == "pods"
    if scope == "VolumeAttributesClass":
        return name in ("persistentvolumeclaims", "requests.storage")
    return scope not in SCOPES or name in _POD_RESOURCES


def _has_misfit(scope: str, hard: Sequence[str]) -> list[str]:
    return [name for name in hard if is_standard_quota(name) and not _fits(scope, name)]


def _scope_errors(spec: Obj) -> list[FieldError]:
    scopes, hard = spec.get("scopes") or [], sorted(spec.get("hard") or ())
    errors: list[FieldError] = []
    for scope in scopes:
        if scope not in SCOPES:
            errors.append(invalid("spec.scopes", scopes, "unsupported scope"))
        errors.extend(
            invalid("spec.scopes", scopes, "unsupported scope applied to resource")
            for _ in _has_misfit(scope, hard)
        )
    if any(one in scopes and other in scopes for one, other in _PAIRS):
        errors.append(invalid("spec.scopes", scopes, "conflicting scopes"))
    return errors


def _selector_errors(spec: Obj) -> list[FieldError]:
    selector = spec.get("scopeSelector")
    if selector is None:
        return []
    here, shown = "spec.scopeSelector.matchExpressions", go_value("ScopeSelector", selector)
    hard = sorted(spec.get("hard") or ())
    errors: list[FieldError] = []
    names = []
    for rule in selector.get("matchExpressions") or ():
        name, operator, values = (
            rule.get("scopeName") or "",
            rule.get("operator") or "",
            rule.get("values") or [],
        )
        names.append(name)
        if name not in SCOPES:
            errors.append(invalid(f"{here}.scopeName", name, "unsupported scope"))
        errors.extend(
            invalid(here, shown, "unsupported scope applied to resource") for _ in _has_misfit(name, hard)
        )
        if name in _EXIST_ONLY and operator != "Exists":
            errors.append(invalid(f"{here}.operator", operator, _EXISTS_RULE))
        if operator in ("In", "NotIn"):
            if not values:
                detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
                errors.append(required(f"{here}.values", detail))
        elif operator in ("Exists", "DoesNotExist"):
            if values:
                detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
                errors.append(invalid(f"{here}.values", values, detail))
        else:
            errors.append(invalid(f"{here}.operator", operator, "not a valid selector operator"))
    if any(one in names and other in names for one, other in _PAIRS):
        errors.append(invalid(here, shown, "conflicting scopes"))
    return errors


def _validate(quota: Obj, world: World) -> list[FieldError]:
    spec = quota["spec"]
    errors: list[FieldError] = []
    for field, amounts in (
        ("spec.hard", spec.get("hard") or {}),
        ("status.hard", (quota.get("status") or {}).get("hard") or {}),
        ("status.used", (quota.get("status") or {}).get("used") or {}),
    ):
        for name in sorted(amounts):
            errors.extend(quota_name_errors(name, f"{field}[{name}]"))
            errors.extend(amount_errors(name, amounts[name], f"{field}[{name}]"))
        if field == "spec.hard":
            errors.extend(_scope_errors(spec))
            errors.extend(_selector_errors(spec))
    return errors


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    errors = _validate(new, world)
    after, before = new["spec"].get("scopes") or [], old["spec"].get("scopes") or []
    return errors + immutable_errors(sorted(after), sorted(before), "spec.scopes")


def _default(quota: Obj, world: World) -> None:
    canonicalise(quota.setdefault("spec", {}).get("hard"))
    status = quota.setdefault("status", {})
    canonicalise(status.get("hard"))
    canonicalise(status.get("used"))


def _prepare_create(quota: Obj, world: World) -> None:
    quota["status"] = {}


def _prepare_update(new: Obj, old: Obj, world: World) -> None:
    new["status"] = old.get("status") or {}


def _amounts(quota: Obj, *, limits: bool) -> str:
    status = quota.get("status") or {}
    hard, used = status.get("hard") or {}, status.get("used") or {}
    return ", ".join(
        f"{name}: {used.get(name, '0')}/{hard[name]}"
        for name in sorted(hard)
        if name.startswith("limits") == limits
    )


RESOURCE_QUOTAS = Resource(
    plural="resourcequotas",
    kind="ResourceQuota",
    short_names=("quota",),
    has_status=True,
    columns=(
        NAME,
        Column("Request", lambda each, now: _amounts(each, limits=False)),
        Column("Limit", lambda each, now: _amounts(each, limits=True)),
        AGE,
    ),
    default=_default,
    prepare_create=_prepare_create,
    prepare_update=_prepare_update,
    validate=_validate,
    validate_update=_validate_update,
)

RESOURCES = (RESOURCE_QUOTAS,)
