"""Kinds of dynamic resource allocation (resource.k8s.io): stored and shown; no driver allocates here."""

from __future__ import annotations

from eks_lab.sim.objects import FieldError, Obj, required
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.columns import AGE, NAME, field_of
from eks_lab.sim.resources.field_rules import immutable_errors, name_errors, subdomain_problems

_GROUP = "resource.k8s.io"


def _default(obj: Obj, world: World) -> None:
    obj.setdefault("spec", {})


def _default_claim(claim: Obj, world: World) -> None:
    _default_requests(claim.setdefault("spec", {}))
    claim.setdefault("status", {})


def _default_template(template: Obj, world: World) -> None:
    inner = template.setdefault("spec", {})
    _default_requests(inner.setdefault("spec", {}))


def _default_requests(spec: Obj) -> None:
    for request in (spec.get("devices") or {}).get("requests") or ():
        exactly = request.get("exactly")
        for each in [*([exactly] if exactly else []), *(request.get("firstAvailable") or ())]:
            if not each.get("allocationMode"):
                each["allocationMode"] = "ExactCount"
            if each["allocationMode"] == "ExactCount" and not each.get("count"):
                each["count"] = 1


def _prepare_claim(claim: Obj, world: World) -> None:
    claim["status"] = {}


def _keep_status(new: Obj, old: Obj, world: World) -> None:
    new["status"] = old.get("status") or {}


def _request_errors(spec: Obj, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    for number, request in enumerate((spec.get("devices") or {}).get("requests") or ()):
        here = f"{path}.devices.requests[{number}]"
        if not request.get("name"):
            errors.append(required(f"{here}.name"))
        exactly, first = request.get("exactly"), request.get("firstAvailable")
        if exactly is None and not first:
            errors.append(required(here, "exactly one of `exactly` or `firstAvailable` is required"))
        elif exactly is not None and not exactly.get("deviceClassName"):
            errors.append(required(f"{here}.exactly.deviceClassName"))
    return errors


def _state(claim: Obj) -> str:
    """Return what `kubectl get resourceclaim` says of a claim (resourceClaimState)."""
    status, metadata = claim.get("status") or {}, claim["metadata"]
    found = []
    if metadata.get("deletionTimestamp"):
        found.append("deleted")
    if status.get("allocation") is None:
        found.append("pending")
    else:
        found.append("allocated")
        if status.get("reservedFor"):
            found.append("reserved")
    return ",".join(found)


def _template_errors(template: Obj, world: World) -> list[FieldError]:
    return _request_errors(template["spec"]["spec"], "spec.spec")


def _slice_errors(resource_slice: Obj, world: World) -> list[FieldError]:
    driver = resource_slice["spec"].get("driver") or ""
    return name_errors(subdomain_problems, driver, "spec.driver") if driver else [required("spec.driver")]


DEVICE_CLASSES = Resource(
    plural="deviceclasses",
    kind="DeviceClass",
    group=_GROUP,
    namespaced=False,
    columns=(NAME, AGE),
    default=_default,
    counts_generation=True,
)
RESOURCE_CLAIMS = Resource(
    plural="resourceclaims",
    kind="ResourceClaim",
    group=_GROUP,
    has_status=True,
    columns=(NAME, Column("State", lambda each, now: _state(each)), AGE),
    default=_default_claim,
    prepare_create=_prepare_claim,
    prepare_update=_keep_status,
    validate=lambda claim, world: _request_errors(claim["spec"], "spec"),
    validate_update=lambda new, old, world: immutable_errors(new["spec"], old["spec"], "spec"),
)
RESOURCE_CLAIM_TEMPLATES = Resource(
    plural="resourceclaimtemplates",
    kind="ResourceClaimTemplate",
    group=_GROUP,
    columns=(NAME, AGE),
    default=_default_template,
    validate=_template_errors,
    validate_update=lambda new, old, world: immutable_errors(new["spec"], old["spec"], "spec"),
)
RESOURCE_SLICES = Resource(
    plural="resourceslices",
    kind="ResourceSlice",
    group=_GROUP,
    namespaced=False,
    columns=(
        NAME,
        Column("Node", field_of("spec", "nodeName", otherwise="<unset>")),
        Column("Driver", field_of("spec", "driver")),
        Column("Pool", field_of("spec", "pool", "name")),
        AGE,
    ),
    field_labels={
        "spec.nodeName": lambda each: each["spec"].get("nodeName") or "",
        "spec.driver": lambda each: each["spec"].get("driver") or "",
    },
    default=_default,
    validate=_slice_errors,
    counts_generation=True,
)

RESOURCES = (DEVICE_CLASSES, RESOURCE_CLAIMS, RESOURCE_CLAIM_TEMPLATES, RESOURCE_SLICES)
