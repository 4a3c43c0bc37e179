"""Resource names and amounts: cpu, memory, extended resources, what a quota may count."""

from __future__ import annotations

import functools
from collections.abc import Iterable

from eks_lab.sim.objects import FieldError, Obj, forbidden_field, invalid, required
from eks_lab.sim.resources.field_rules import NOT_NEGATIVE, qualified_problems
from eks_lab.sim.resources.quantities import quantity

_COUNTED = (
    "pods",
    "services",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
)
_QUOTA = frozenset(
    (
        "cpu",
        "memory",
        "ephemeral-storage",
        "requests.cpu",
        "requests.memory",
        "requests.storage",
        "requests.ephemeral-storage",
        "limits.cpu",
        "limits.memory",
        "limits.ephemeral-storage",
        *_COUNTED,
    )
)
_STANDARD = _QUOTA | {"storage"}
_CONTAINER = frozenset(("cpu", "memory", "ephemeral-storage"))
_LIMIT_RANGE = frozenset(("cpu", "memory", "storage", "ephemeral-storage"))
_HUGE_PAGES = "hugepages-"


def is_huge_pages(name: str) -> bool:
    """Say whether a resource is a size of huge pages."""
    return name.startswith(_HUGE_PAGES)


def is_native(name: str) -> bool:
    """Say whether a resource is Kubernetes' own rather than a device plugin's."""
    return "/" not in name or "kubernetes.io/" in name


@functools.lru_cache(maxsize=1024)
def is_extended(name: str) -> bool:
    """Say whether a resource is a device plugin's: `nvidia.com/gpu` (IsExtendedResourceName)."""
    if is_native(name) or name.startswith("requests."):
        return False
    return not qualified_problems(f"requests.{name}")


def may_overcommit(name: str) -> bool:
    """Say whether requests may be lower than limits."""
    return is_native(name) and not is_huge_pages(name)


def is_counted_whole(name: str) -> bool:
    """Say whether only whole numbers of a resource make sense (IsIntegerResourceName)."""
    return name in _COUNTED or is_extended(name)


def name_errors(name: str, path: str) -> list[FieldError]:
    """Return the errors of a resource's name (ValidateResourceName)."""
    problems = qualified_problems(name)
    if problems:
        return [invalid(path, name, said) for said in problems]
    if "/" not in name and name not in _STANDARD and not _has_prefixed_huge_pages(name):
        return [invalid(path, name, "must be a standard resource type or fully qualified")]
    return []


def is_standard_quota(name: str) -> bool:
    """Say whether a quota counts a resource by itself, without a prefix of its own."""
    return name in _QUOTA or _has_prefixed_huge_pages(name)


def _has_prefixed_huge_pages(name: str) -> bool:
    return name.startswith((_HUGE_PAGES, "requests.hugepages-"))


def container_name_errors(name: str, path: str) -> list[FieldError]:
    """Return the errors of a resource's name in a container's requests or limits."""
    if name in _CONTAINER:
        return []
    errors = name_errors(name, path)
    if "/" not in name:
        if not is_huge_pages(name):
            errors.append(invalid(path, name, "must be a standard resource for containers"))
    elif not is_native(name) and not is_extended(name):
        errors.append(invalid(path, name, "doesn't follow extended resource name standard"))
    return errors


def quota_name_errors(name: str, path: str) -> list[FieldError]:
    """Return the errors of a resource's name in a ResourceQuota (ValidateResourceQuotaResourceName)."""
    errors = name_errors(name, path)
    if "/" not in name and name not in _QUOTA and not _has_prefixed_huge_pages(name):
        errors.append(invalid(path, name, "must be a standard resource for quota"))
    return errors


def limit_range_name_errors(name: str, kind: str, path: str) -> list[FieldError]:
    """Return the errors of a resource's name in a LimitRange (validateLimitRangeResourceName)."""
    if kind in ("Pod", "Container"):
        return container_name_errors(name, path)
    errors = name_errors(name, path)
    if "/" not in name and name not in _LIMIT_RANGE and not is_huge_pages(name):
        errors.append(invalid(path, name, "must be a standard limit type or fully qualified"))
    return errors


def amount_errors(name: str, amount: str, path: str) -> list[FieldError]:
    """Return the errors of an amount (ValidateResourceQuantityValue)."""
    errors = []
    parsed = quantity(amount)
    if parsed.amount < 0:
        errors.append(invalid(path, str(parsed), NOT_NEGATIVE))
    if is_counted_whole(name) and parsed.milli % 1000:
        errors.append(invalid(path, str(parsed), "must be an integer"))
    return errors


def requirement_errors(resources: Obj, path: str, claims: Iterable[str] = ()) -> list[FieldError]:
    """Return the errors of a container's requests and limits (ValidateContainerResourceRequirements).

    The real server walks its maps in any order; here names are sorted.

    Args:
        resources: `{"requests": …, "limits": …, "claims": …}`.
        path: of them.
        claims: names of the pod's resource claims.
    """
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    errors: list[FieldError] = []
    has_huge_pages = False
    for name in sorted(limits):
        here = f"{path}.limits[{name}]"
        errors.extend(container_name_errors(name, here))
        errors.extend(amount_errors(name, limits[name], here))
        has_huge_pages = has_huge_pages or is_huge_pages(name)
    for name in sorted(requests):
        here = f"{path}.requests[{name}]"
        errors.extend(container_name_errors(name, here))
        errors.extend(amount_errors(name, requests[name], here))
        errors.extend(_request_against_limit(name, requests[name], limits.get(name), path))
        has_huge_pages = has_huge_pages or is_huge_pages(name)
    if has_huge_pages and not _CONTAINER.intersection(("cpu", "memory")).intersection((*limits, *requests)):
        errors.append(forbidden_field(path, "HugePages require cpu or memory"))
    errors.extend(_claim_errors(resources.get("claims") or (), claims, f"{path}.claims"))
    return errors


def _request_against_limit(name: str, request: str, limit: str | None, path: str) -> list[FieldError]:
    if limit is None:
        if may_overcommit(name):
            return []
        return [required(f"{path}.limits", "Limit must be set for non overcommitable resources")]
    if request == limit:
        return []
    asked, most = quantity(request), quantity(limit)
    if asked != most and not may_overcommit(name):
        return [invalid(f"{path}.requests", str(asked), f"must be equal to {name} limit of {most}")]
    if asked > most:
        return [
            invalid(f"{path}.requests", str(asked), f"must be less than or equal to {name} limit of {most}")
        ]
    return []


def _claim_errors(claims: Iterable[Obj], known: Iterable[str], path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    seen: set[tuple[str, str]] = set()
    for number, claim in enumerate(claims):
        name = claim.get("name") or ""
        each = (name, claim.get("request") or "")
        if not name:
            errors.append(required(f"{path}[{number}]"))
        elif each in seen:
            errors.append(FieldError("Duplicate", f"{path}[{number}]", f'Duplicate value: "{name}"'))
        elif name not in tuple(known):
            errors.append(FieldError("NotFound", f"{path}[{number}]", f'Not found: "{name}"'))
        seen.add(each)
    return errors
