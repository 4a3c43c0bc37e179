"""APIServices: who serves which group and version (kube-aggregator/pkg/apis/apiregistration)."""

from __future__ import annotations

from eks_lab.kube import names
from eks_lab.sim.objects import FieldError, Obj, condition_of, invalid, required, timestamp
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.columns import AGE, NAME

_MOST_GROUP_PRIORITY = 20_000
_MOST_VERSION_PRIORITY = 1000


def _default(service: Obj, world: World) -> None:
    spec = service.setdefault("spec", {})
    if spec.get("service") is not None and spec["service"].get("port") is None:
        spec["service"]["port"] = 443
    service.setdefault("status", {})


def _prepare_create(service: Obj, world: World) -> None:
    service["status"] = {}
    if service["spec"].get("service") is None:
        # What the API server itself serves is available at once.
        service["status"] = {"conditions": [_local(world)]}


def _local(world: World) -> Obj:
    return {
        "type": "Available",
        "status": "True",
        "lastTransitionTime": timestamp(world.now()),
        "reason": "Local",
        "message": "Local APIServices are always available",
    }


def _prepare_update(new: Obj, old: Obj, world: World) -> None:
    new["status"] = old.get("status") or {}


def _validate(service: Obj, world: World) -> list[FieldError]:
    spec = service["spec"]
    group, version = spec.get("group") or "", spec.get("version") or ""
    name = service["metadata"].get("name") or ""
    errors: list[FieldError] = []
    wanted = f"{version}.{group}" if group else f"{version}."
    if name != wanted:
        errors.append(invalid("metadata.name", name, f'must be `spec.version+"."+spec.group`: "{wanted}"'))
    if group:
        errors.extend(invalid("spec.group", group, said) for said in names.dns1123_subdomain(group))
    errors.extend(invalid("spec.version", version, said) for said in names.dns1035_label(version))
    for field, most in (
        ("groupPriorityMinimum", _MOST_GROUP_PRIORITY),
        ("versionPriority", _MOST_VERSION_PRIORITY),
    ):
        value = spec.get(field) or 0
        if not 0 < value <= most:
            errors.append(invalid(f"spec.{field}", value, f"must be positive and less than {most}"))
    backend = spec.get("service")
    if backend is None:
        if spec.get("caBundle"):
            detail = "local APIServices may not have a caBundle"
            errors.append(invalid("spec.caBundle", f"{len(spec['caBundle'])} bytes", detail))
        if spec.get("insecureSkipTLSVerify"):
            detail = "local APIServices may not have insecureSkipTLSVerify"
            errors.append(invalid("spec.insecureSkipTLSVerify", value=True, detail=detail))
        return errors
    for field in ("namespace", "name"):
        if not backend.get(field):
            errors.append(required(f"spec.service.{field}"))
    if spec.get("insecureSkipTLSVerify") and spec.get("caBundle"):
        detail = "may not be true if caBundle is present"
        errors.append(invalid("spec.insecureSkipTLSVerify", value=True, detail=detail))
    return errors


def _service(service: Obj) -> str:
    backend = service["spec"].get("service")
    return f"{backend['namespace']}/{backend['name']}" if backend else "Local"


def _available(service: Obj) -> str:
    condition = condition_of(service, "Available")
    if condition is None:
        return "Unknown"
    if condition["status"] == "True":
        return "True"
    return f"{condition['status']} ({condition.get('reason', '')})"


API_SERVICES = Resource(
    plural="apiservices",
    kind="APIService",
    group="apiregistration.k8s.io",
    namespaced=False,
    categories=("api-extensions",),
    has_status=True,
    columns=(
        NAME,
        Column("Service", lambda each, now: _service(each)),
        Column("Available", lambda each, now: _available(each)),
        AGE,
    ),
    default=_default,
    prepare_create=_prepare_create,
    prepare_update=_prepare_update,
    validate=_validate,
    validate_update=lambda new, old, world: _validate(new, world),
    name_problem=names.path_segment,
)

RESOURCES = (API_SERVICES,)
