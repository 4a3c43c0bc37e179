"""ResourceQuota: nothing is created beyond a namespace's quota (apiserver/pkg/admission/plugin/resourcequota)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, cast

from eks_lab.kube.quantity import Quantity, parse_quantity
from eks_lab.sim.admission.plugin import Plugin, refused
from eks_lab.sim.objects import Obj
from eks_lab.sim.quota import Usage, matches_scopes, usage_of
from eks_lab.sim.resource import Attributes, World

QUOTAS = "resourcequotas"
MANAGER = "kube-apiserver"
MUST_STATE = ("cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory")
"""Quotas on these demand that every container says what it wants."""
COUNTED_ON_UPDATE = frozenset({"persistentvolumeclaims", "services"})


class _Writer(Protocol):
    def update_status(self, rid: str, obj: Obj, *, manager: str) -> Obj: ...


class ResourceQuota(Plugin):
    """Counts what is created against every quota that it falls under, and refuses what is too much."""

    name: str = "ResourceQuota"

    def validate(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> list[str]:
        """Charge an object to the quotas of its namespace.

        Raises:
            ApiError: 403, a quota would be exceeded.
        """
        if obj is None or not request.resource.namespaced or not _is_counted(request):
            return []
        quotas = world.items(QUOTAS, request.key.namespace)
        if not quotas:
            return []
        rid = request.resource.id
        used = usage_of(rid, obj)
        if old is not None and request.operation == "UPDATE":
            before = usage_of(rid, old)
            used = {name: amount - before.get(name, Quantity(0)) for name, amount in used.items()}
            used = {name: amount for name, amount in used.items() if amount.amount > 0}
            if not used:
                return []
        charged = [new for quota in quotas if (new := _charged(request, quota, obj, used)) is not None]
        if not request.dry_run:
            for quota in charged:
                cast(_Writer, world).update_status(QUOTAS, quota, manager=MANAGER)
        return []


def _is_counted(request: Attributes) -> bool:
    if request.subresource or (request.resource.id == QUOTAS and request.operation != "CREATE"):
        return False
    if request.operation == "CREATE":
        return request.resource.id != "events"
    return request.operation == "UPDATE" and request.resource.id in COUNTED_ON_UPDATE


def _charged(request: Attributes, quota: Obj, obj: Obj, used: Usage) -> Obj | None:
    """Return the quota with the object added; None when it is not concerned.

    Raises:
        ApiError: 403.
    """
    hard = (quota.get("spec") or {}).get("hard") or {}
    name = quota["metadata"]["name"]
    if not matches_scopes(quota, request.resource.id, obj):
        return None
    if request.resource.id == "pods" and request.operation == "CREATE":
        missing = _unstated(obj["spec"], hard)
        if missing:
            raise refused(request, f"failed quota: {name}: must specify {missing}")
    asked = {resource: amount for resource, amount in used.items() if resource in hard}
    if not asked:
        return None
    status = quota.get("status") or {}
    limits, present = status.get("hard") or {}, status.get("used") or {}
    unknown = sorted(resource for resource in asked if resource not in limits or resource not in present)
    if unknown:
        raise refused(request, f"status unknown for quota: {name}, resources: {','.join(unknown)}")
    total = {resource: parse_quantity(str(present[resource])) + amount for resource, amount in asked.items()}
    exceeded = sorted(
        resource
        for resource in asked
        if asked[resource] and total[resource] > parse_quantity(str(limits[resource]))
    )
    if exceeded:
        raise refused(
            request,
            f"exceeded quota: {name}, requested: {_shown(exceeded, asked)}, "
            f"used: {_shown(exceeded, present)}, limited: {_shown(exceeded, limits)}",
        )
    counted = {resource: str(amount) for resource, amount in total.items()}
    return {**quota, "status": {**status, "used": {**present, **counted}}}


def _shown(names: Iterable[str], amounts: object) -> str:
    values = cast(dict[str, object], amounts)
    return ",".join(f"{name}={values[name]}" for name in names)


def _unstated(spec: Obj, hard: Obj) -> str:
    """Return which containers do not say what the quota wants to know: `limits.cpu for: a,b; …`."""
    wanted = [each for each in MUST_STATE if each in hard]
    if not wanted:
        return ""
    silent: dict[str, list[str]] = {}
    for container in (*(spec.get("containers") or ()), *(spec.get("initContainers") or ())):
        resources = container.get("resources") or {}
        requests, limits = resources.get("requests") or {}, resources.get("limits") or {}
        for each in wanted:
            kind, dot, plain = each.partition(".")
            holder, plain = (limits if kind == "limits" else requests, plain) if dot else (requests, each)
            if plain not in holder:
                silent.setdefault(each, []).append(container["name"])
    return "; ".join(f"{each} for: {','.join(sorted(set(names)))}" for each, names in sorted(silent.items()))
