"""PersistentVolumeClaims."""

from __future__ import annotations

from typing import Any

from eks_lab.sim.objects import FieldError, Obj, forbidden_field
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.claim_rules import access_modes_text, claim_spec_errors
from eks_lab.sim.resources.columns import AGE, NAME, UNSET, field_of
from eks_lab.sim.resources.field_rules import immutable_errors
from eks_lab.sim.resources.go_structs import go_diff
from eks_lab.sim.resources.pod_defaults import default_claim_spec
from eks_lab.sim.resources.quantities import canonicalise, quantity

_FIXED = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n"


def _default(claim: Obj, world: World) -> None:
    default_claim_spec(claim.setdefault("spec", {}))
    status = claim.setdefault("status", {})
    if not status.get("phase"):
        status["phase"] = "Pending"
    for field in ("capacity", "allocatedResources"):
        canonicalise(status.get(field))


def _prepare_create(claim: Obj, world: World) -> None:
    claim["status"] = {"phase": "Pending"}


def _prepare_update(new: Obj, old: Obj, world: World) -> None:
    new["status"] = old.get("status") or {"phase": "Pending"}


def _validate(claim: Obj, world: World) -> list[FieldError]:
    return claim_spec_errors(claim["spec"], "spec")


def _with_storage(spec: Obj, amount: Any) -> Obj:
    resources = spec.get("resources") or {}
    return {
        **spec,
        "resources": {**resources, "requests": {**(resources.get("requests") or {}), "storage": amount}},
    }


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    errors = _validate(new, world)
    after, before = dict(new["spec"]), dict(old["spec"])
    size = ((after.get("resources") or {}).get("requests") or {}).get("storage")
    old_size = ((before.get("resources") or {}).get("requests") or {}).get("storage")
    status = new.get("status") or {}
    if not before.get("volumeName") and after.get("volumeName"):
        before["volumeName"] = after["volumeName"]
    if before.get("storageClassName") is None and after.get("storageClassName"):
        # The binder gives old claims the default class.
        del after["storageClassName"]
    if status.get("phase") == "Bound":
        if size is not None and old_size is not None:
            after = _with_storage(after, old_size)
        if after.get("volumeAttributesClassName"):
            after["volumeAttributesClassName"] = before.get("volumeAttributesClassName")
    if {key: value for key, value in after.items() if value is not None} != {
        key: value for key, value in before.items() if value is not None
    }:
        errors.append(forbidden_field("spec", _FIXED + go_diff("ClaimSpec", before, after)))
    present = ((old.get("status") or {}).get("capacity") or {}).get("storage")
    if size is not None and quantity(size) < quantity(old_size) and quantity(size) < quantity(present):
        detail = "field can not be less than status.capacity"
        errors.append(forbidden_field("spec.resources.requests.storage", detail))
    mode = new["spec"].get("volumeMode"), old["spec"].get("volumeMode")
    return errors + immutable_errors(*mode, "spec.volumeMode")


def _phase(claim: Obj) -> str:
    if claim["metadata"].get("deletionTimestamp"):
        return "Terminating"
    phase: str = (claim.get("status") or {}).get("phase", "")
    return phase


def _bound(claim: Obj, field: str) -> Any:
    return (claim.get("status") or {}).get(field) if claim["spec"].get("volumeName") else None


PERSISTENT_VOLUME_CLAIMS = Resource(
    plural="persistentvolumeclaims",
    kind="PersistentVolumeClaim",
    short_names=("pvc",),
    has_status=True,
    columns=(
        NAME,
        Column("Status", lambda each, now: _phase(each)),
        Column("Volume", field_of("spec", "volumeName")),
        Column("Capacity", lambda each, now: (_bound(each, "capacity") or {}).get("storage", "")),
        Column("Access Modes", lambda each, now: access_modes_text(_bound(each, "accessModes") or [])),
        Column("StorageClass", field_of("spec", "storageClassName")),
        Column("VolumeAttributesClass", field_of("spec", "volumeAttributesClassName", otherwise=UNSET)),
        AGE,
        Column("VolumeMode", field_of("spec", "volumeMode", otherwise=UNSET), wide=True),
    ),
    default=_default,
    prepare_create=_prepare_create,
    prepare_update=_prepare_update,
    validate=_validate,
    validate_update=_validate_update,
)

RESOURCES = (PERSISTENT_VOLUME_CLAIMS,)
