"""APIServices: who serves which group and version (kube-aggregator/pkg/apis/apiregistration)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from eks_lab.kube import names
from eks_lab.sim.objects import FieldError, Obj, condition_of, invalid, required, timestamp
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.columns import AGE, NAME

_MOST_GROUP_PRIORITY = 20_000
_MOST_VERSION_PRIORITY = 1000
_METRICS = "metrics.k8s.io"
_GROUP_PRIORITIES = {
    "": 18_000, "apps": 17_800, "events.k8s.io": 17_750, "authentication.k8s.io": 17_700,
    "authorization.k8s.io": 17_600, "autoscaling": 17_500, "batch": 17_400, "certificates.k8s.io": 17_300,
    "networking.k8s.io": 17_200, "policy": 17_100, "rbac.authorization.k8s.io": 17_000, "storage.k8s.io": 16_800,
    "apiextensions.k8s.io": 16_700, "admissionregistration.k8s.io": 16_700, "scheduling.k8s.io": 16_600,
    "coordination.k8s.io": 16_500, "node.k8s.io": 16_300, "discovery.k8s.io": 16_200,
    "flowcontrol.apiserver.k8s.io": 16_100, "resource.k8s.io": 15_900,
}  # fmt: skip
"""Higher stands first in discovery (pkg/controlplane/apiserver/aggregator.go)."""
_VERSION_PRIORITIES = {"/v1": 1, "autoscaling/v2": 30, "flowcontrol.apiserver.k8s.io/v1": 21}
_USUAL_VERSION_PRIORITY = 15


def initial_services(resources: Iterable[Resource]) -> list[Obj]:
    """Return the APIServices of a new cluster: one for each version that the server has built in.

    Args:
        resources: built-in ones. That of metrics.k8s.io is served by metrics-server, as its manifest says.

    Returns:
        Objects to create, by name.
    """
    found: dict[str, Obj] = {}
    for resource in resources:
        for each in (resource.version, *resource.other_versions):
            group, version = resource.group_version(each)
            name = f"{version}.{group}"
            if resource.dynamic or group == "apiregistration.k8s.io":
                # The aggregator has no entry for itself.
                continue
            spec: Obj = {"group": group, "version": version}
            metadata: Obj = {"name": name}
            if group == _METRICS:
                spec["service"] = {"namespace": "kube-system", "name": "metrics-server", "port": 443}
                spec |= {"groupPriorityMinimum": 100, "versionPriority": 100, "insecureSkipTLSVerify": True}
                metadata["labels"] = {"k8s-app": "metrics-server"}
            else:
                priority = _VERSION_PRIORITIES.get(f"{group}/{version}", _USUAL_VERSION_PRIORITY)
                spec["groupPriorityMinimum"] = _GROUP_PRIORITIES.get(group, 1000)
                spec["versionPriority"] = priority
                metadata["labels"] = {"kube-aggregator.kubernetes.io/automanaged": "onstart"}
            found[name] = {
                "metadata": metadata,
                "spec": {key: each for key, each in spec.items() if each != ""},
            }
    return [found[name] for name in sorted(found)]


def passed_checks(now: datetime) -> Obj:
    """Return the condition of an APIService whose backend answers."""
    return {
        "type": "Available",
        "status": "True",
        "lastTransitionTime": timestamp(now),
        "reason": "Passed",
        "message": "all checks passed",
    }


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
