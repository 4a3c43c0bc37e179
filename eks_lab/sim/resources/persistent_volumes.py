"""PersistentVolumes."""

from __future__ import annotations

from eks_lab.sim.objects import (
    FieldError,
    Obj,
    forbidden_field,
    invalid,
    not_supported,
    required,
    timestamp,
)
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.claim_rules import (
    ACCESS_MODES,
    VOLUME_MODES,
    access_mode_errors,
    access_modes_text,
    positive_storage_errors,
)
from eks_lab.sim.resources.columns import AGE, NAME, UNSET, field_of
from eks_lab.sim.resources.field_rules import immutable_errors, subdomain_problems
from eks_lab.sim.resources.go_structs import go_diff
from eks_lab.sim.resources.quantities import canonicalise
from eks_lab.sim.resources.scheduling_rules import node_selector_errors
from eks_lab.sim.resources.volume_rules import csi_driver_errors, host_path_errors, nfs_errors

__all__ = ["ACCESS_MODES", "PERSISTENT_VOLUMES", "RESOURCES"]

_POLICIES = ("Delete", "Recycle", "Retain")
_SOURCES = (
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "glusterfs",
    "flocker",
    "nfs",
    "rbd",
    "quobyte",
    "cephfs",
    "iscsi",
    "cinder",
    "fc",
    "flexVolume",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "scaleIO",
    "local",
    "storageos",
    "csi",
)


def _default(volume: Obj, world: World) -> None:
    spec = volume.setdefault("spec", {})
    if not spec.get("persistentVolumeReclaimPolicy"):
        spec["persistentVolumeReclaimPolicy"] = "Retain"
    spec.setdefault("volumeMode", "Filesystem")
    canonicalise(spec.get("capacity"))
    if spec.get("hostPath") is not None:
        spec["hostPath"].setdefault("type", "")
    reference = spec.get("claimRef")
    if reference:
        reference.setdefault("apiVersion", "v1")
        reference.setdefault("kind", "PersistentVolumeClaim")
    status = volume.setdefault("status", {})
    if not status.get("phase"):
        status["phase"] = "Pending"


def _prepare_create(volume: Obj, world: World) -> None:
    volume["status"] = {"phase": "Pending", "lastPhaseTransitionTime": timestamp(world.now())}


def _prepare_update(new: Obj, old: Obj, world: World) -> None:
    new["status"] = old.get("status") or {"phase": "Pending"}


def _source_errors(spec: Obj) -> list[FieldError]:
    given = [kind for kind in _SOURCES if spec.get(kind) is not None]
    if not given:
        return [required("spec", "must specify a volume type")]
    errors: list[FieldError] = []
    first = given[0]
    source, here = spec[first], f"spec.{first}"
    if first == "hostPath":
        errors.extend(host_path_errors(source, here))
        if source.get("path") == "/" and spec.get("persistentVolumeReclaimPolicy") == "Recycle":
            detail = "may not be 'recycle' for a hostPath mount of '/'"
            errors.append(forbidden_field("spec.persistentVolumeReclaimPolicy", detail))
    elif first == "nfs":
        errors.extend(nfs_errors(source, here))
    elif first == "local":
        if not source.get("path"):
            errors.append(required(f"{here}.path"))
        if spec.get("nodeAffinity") is None:
            errors.append(required("spec.nodeAffinity", "Local volume requires node affinity"))
    elif first == "csi":
        errors.extend(csi_driver_errors(source.get("driver") or "", f"{here}.driver"))
        if not source.get("volumeHandle"):
            errors.append(required(f"{here}.volumeHandle"))
    errors.extend(
        forbidden_field(f"spec.{kind}", "may not specify more than 1 volume type") for kind in given[1:]
    )
    return errors


def _validate(volume: Obj, world: World) -> list[FieldError]:
    spec = volume["spec"]
    modes, capacity = spec.get("accessModes") or [], spec.get("capacity") or {}
    errors = [] if modes else [required("spec.accessModes")]
    errors.extend(access_mode_errors(modes, "spec.accessModes"))
    if not capacity:
        errors.append(required("spec.capacity"))
    if "storage" not in capacity or len(capacity) > 1:
        errors.append(not_supported("spec.capacity", capacity, ("storage",)))
    for name in sorted(capacity):
        errors.extend(positive_storage_errors(capacity[name], f"spec.capacity[{name}]"))
    policy = spec.get("persistentVolumeReclaimPolicy")
    if policy not in _POLICIES:
        errors.append(not_supported("spec.persistentVolumeReclaimPolicy", policy, _POLICIES))
    affinity = spec.get("nodeAffinity")
    if affinity is not None:
        if affinity.get("required") is None:
            errors.append(required("spec.nodeAffinity.required", "must specify required node constraints"))
        else:
            errors.extend(node_selector_errors(affinity["required"], "spec.nodeAffinity.required"))
    errors.extend(_source_errors(spec))
    storage_class = spec.get("storageClassName")
    if storage_class:
        errors.extend(
            invalid("spec.storageClassName", storage_class, said)
            for said in subdomain_problems(storage_class)
        )
    mode = spec.get("volumeMode")
    if mode not in VOLUME_MODES:
        errors.append(not_supported("spec.volumeMode", mode, VOLUME_MODES))
    return errors


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    errors = _validate(new, world)
    after = {kind: new["spec"].get(kind) for kind in _SOURCES}
    before = {kind: old["spec"].get(kind) for kind in _SOURCES}
    if after != before:
        difference = go_diff("PersistentVolumeSource", before, after)
        detail = f"spec.persistentvolumesource is immutable after creation\n{difference}"
        errors.append(forbidden_field("spec.persistentvolumesource", detail))
    errors.extend(
        immutable_errors(new["spec"].get("volumeMode"), old["spec"].get("volumeMode"), "spec.volumeMode")
    )
    affinity = old["spec"].get("nodeAffinity")
    if affinity is not None and new["spec"].get("nodeAffinity") != affinity:
        detail = "field is immutable, except for updating from beta label to GA"
        errors.append(invalid("spec.nodeAffinity", new["spec"].get("nodeAffinity"), detail))
    return errors


def _claim_text(volume: Obj) -> str:
    reference = volume["spec"].get("claimRef")
    return f"{reference.get('namespace', '')}/{reference.get('name', '')}" if reference else ""


def _phase(volume: Obj) -> str:
    if volume["metadata"].get("deletionTimestamp"):
        return "Terminating"
    phase: str = (volume.get("status") or {}).get("phase", "")
    return phase


PERSISTENT_VOLUMES = Resource(
    plural="persistentvolumes",
    kind="PersistentVolume",
    namespaced=False,
    short_names=("pv",),
    has_status=True,
    columns=(
        NAME,
        Column("Capacity", field_of("spec", "capacity", "storage")),
        Column("Access Modes", lambda each, now: access_modes_text(each["spec"].get("accessModes") or [])),
        Column("Reclaim Policy", field_of("spec", "persistentVolumeReclaimPolicy")),
        Column("Status", lambda each, now: _phase(each)),
        Column("Claim", lambda each, now: _claim_text(each)),
        Column("StorageClass", field_of("spec", "storageClassName")),
        Column("VolumeAttributesClass", field_of("spec", "volumeAttributesClassName", otherwise=UNSET)),
        Column("Reason", field_of("status", "reason")),
        AGE,
        Column("VolumeMode", field_of("spec", "volumeMode", otherwise=UNSET), wide=True),
    ),
    default=_default,
    prepare_create=_prepare_create,
    prepare_update=_prepare_update,
    validate=_validate,
    validate_update=_validate_update,
)

RESOURCES = (PERSISTENT_VOLUMES,)
