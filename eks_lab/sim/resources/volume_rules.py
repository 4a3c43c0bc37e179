"""Volumes of pods (ValidateVolumes and validateVolumeSource of pkg/apis/core/validation)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from eks_lab.sim.objects import (
    FieldError,
    Obj,
    duplicate,
    forbidden_field,
    invalid,
    not_supported,
    required,
    too_long,
)
from eks_lab.sim.resources.claim_rules import claim_spec_errors
from eks_lab.sim.resources.field_paths import (
    VOLUME_FIELDS,
    field_reference_errors,
    resource_reference_errors,
)
from eks_lab.sim.resources.field_rules import (
    annotation_errors,
    label_errors,
    label_problems,
    subdomain_problems,
)
from eks_lab.sim.resources.quantities import quantity

FILE_MODE_RULE = "must be a number between 0 and 0777 (octal), both inclusive"
_HOST_PATH_TYPES = (
    "",
    "BlockDevice",
    "CharDevice",
    "Directory",
    "DirectoryOrCreate",
    "File",
    "FileOrCreate",
    "Socket",
)
_LONGEST_TOKEN_LIFE = 1 << 32
_SHORTEST_TOKEN_LIFE = 600


def backstep_errors(target: str, path: str) -> list[FieldError]:
    """Return the error of a path that climbs with `..`."""
    return [invalid(path, target, "must not contain '..'")] if ".." in target.split("/") else []


def descending_path_errors(target: str, path: str) -> list[FieldError]:
    """Return the errors of a path that must lead down from where it starts."""
    errors = [invalid(path, target, "must be a relative path")] if target.startswith("/") else []
    return errors + backstep_errors(target, path)


def _file_path_errors(target: str, path: str) -> list[FieldError]:
    errors = descending_path_errors(target, path)
    if target.startswith("..") and not target.startswith("../") and target != "..":
        errors.append(invalid(path, target, "must not start with '..'"))
    return errors


def _mode_errors(mode: int | None, path: str) -> list[FieldError]:
    return [] if mode is None or 0 <= mode <= 0o777 else [invalid(path, mode, FILE_MODE_RULE)]


def _item_errors(item: Obj, path: str) -> list[FieldError]:
    errors = [] if item.get("key") else [required(f"{path}.key")]
    if not item.get("path"):
        errors.append(required(f"{path}.path"))
    errors.extend(_file_path_errors(item.get("path") or "", f"{path}.path"))
    errors.extend(_mode_errors(item.get("mode"), f"{path}.mode"))
    return errors


def _items_errors(source: Obj, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    for number, item in enumerate(source.get("items") or ()):
        errors.extend(_item_errors(item, f"{path}.items[{number}]"))
    return errors


def _empty_dir(source: Obj, path: str) -> list[FieldError]:
    if quantity(source.get("sizeLimit")).amount < 0:
        return [forbidden_field(f"{path}.sizeLimit", "SizeLimit field must be a valid resource quantity")]
    return []


def host_path_errors(source: Obj, path: str) -> list[FieldError]:
    """Return the errors of a hostPath of a pod or of a PersistentVolume."""
    if not source.get("path"):
        return [required(f"{path}.path")]
    errors = backstep_errors(source["path"], f"{path}.path")
    kind = source.get("type")
    if kind is not None and kind not in _HOST_PATH_TYPES:
        errors.append(not_supported(f"{path}.type", kind, _HOST_PATH_TYPES))
    return errors


def _secret(source: Obj, path: str) -> list[FieldError]:
    errors = [] if source.get("secretName") else [required(f"{path}.secretName")]
    errors.extend(_mode_errors(source.get("defaultMode"), f"{path}.defaultMode"))
    return errors + _items_errors(source, path)


def _config_map(source: Obj, path: str) -> list[FieldError]:
    errors = [] if source.get("name") else [required(f"{path}.name")]
    errors.extend(_mode_errors(source.get("defaultMode"), f"{path}.defaultMode"))
    return errors + _items_errors(source, path)


def nfs_errors(source: Obj, path: str) -> list[FieldError]:
    """Return the errors of an NFS export of a pod or of a PersistentVolume."""
    errors = [] if source.get("server") else [required(f"{path}.server")]
    target = source.get("path") or ""
    if not target:
        errors.append(required(f"{path}.path"))
    if not target.startswith("/"):
        errors.append(invalid(f"{path}.path", target, "must be an absolute path"))
    return errors


def _iscsi(source: Obj, path: str) -> list[FieldError]:
    errors = [required(f"{path}.{name}") for name in ("targetPortal", "iqn") if not source.get(name)]
    lun = source.get("lun") or 0
    if not 0 <= lun <= 255:
        errors.append(invalid(f"{path}.lun", lun, "must be between 0 and 255, inclusive"))
    return errors


def _claim(source: Obj, path: str) -> list[FieldError]:
    return [] if source.get("claimName") else [required(f"{path}.claimName")]


def _downward_file_errors(item: Obj, path: str) -> list[FieldError]:
    errors = [] if item.get("path") else [required(f"{path}.path")]
    errors.extend(_file_path_errors(item.get("path") or "", f"{path}.path"))
    if item.get("fieldRef") is not None:
        errors.extend(field_reference_errors(item["fieldRef"], VOLUME_FIELDS, f"{path}.fieldRef"))
        if item.get("resourceFieldRef") is not None:
            detail = "fieldRef and resourceFieldRef can not be specified simultaneously"
            errors.append(invalid(path, "resource", detail))
    elif item.get("resourceFieldRef") is not None:
        here = f"{path}.resourceFieldRef"
        errors.extend(resource_reference_errors(item["resourceFieldRef"], here, of_volume=True))
    else:
        errors.append(required(path, "one of fieldRef and resourceFieldRef is required"))
    return errors + _mode_errors(item.get("mode"), f"{path}.mode")


def _downward(source: Obj, path: str) -> list[FieldError]:
    errors = _mode_errors(source.get("defaultMode"), f"{path}.defaultMode")
    for item in source.get("items") or ():
        errors.extend(_downward_file_errors(item, path))
    return errors


def _projected(source: Obj, path: str) -> list[FieldError]:
    errors = _mode_errors(source.get("defaultMode"), f"{path}.defaultMode")
    seen: set[str] = set()
    for number, part in enumerate(source.get("sources") or ()):
        errors.extend(_projection_errors(part, path, f"{path}.sources[{number}]", seen))
    return errors


def _projection_errors(part: Obj, path: str, here: str, seen: set[str]) -> list[FieldError]:
    errors: list[FieldError] = []
    count = 0
    for kind in ("secret", "configMap"):
        source = part.get(kind)
        if source is None:
            continue
        count += 1
        if not source.get("name"):
            errors.append(required(f"{here}.{kind}.name"))
        for number, item in enumerate(source.get("items") or ()):
            errors.extend(_item_errors(item, f"{here}.{kind}.items[{number}]"))
            errors.extend(_twice(item, source.get("name") or "", path, seen))
    downward = part.get("downwardAPI")
    if downward is not None:
        count += 1
        for item in downward.get("items") or ():
            errors.extend(_downward_file_errors(item, f"{path}.downwardAPI"))
            errors.extend(_twice(item, item.get("path") or "", path, seen))
    token = part.get("serviceAccountToken")
    if token is not None:
        count += 1
        life = token.get("expirationSeconds") or 0
        where = f"{here}.serviceAccountToken.expirationSeconds"
        if life < _SHORTEST_TOKEN_LIFE:
            errors.append(invalid(where, life, "may not specify a duration less than 10 minutes"))
        if life > _LONGEST_TOKEN_LIFE:
            errors.append(invalid(where, life, "may not specify a duration larger than 2^32 seconds"))
        if not token.get("path"):
            errors.append(required(f"{path}.path"))
        else:
            errors.extend(_file_path_errors(token["path"], f"{path}.path"))
    count += sum(part.get(kind) is not None for kind in ("clusterTrustBundle", "podCertificate"))
    if count > 1:
        errors.append(forbidden_field(here, "may not specify more than 1 volume type per source"))
    return errors


def _twice(item: Obj, shown: str, path: str, seen: set[str]) -> list[FieldError]:
    target = item.get("path") or ""
    if not target:
        return []
    if target in seen:
        return [invalid(path, shown, "conflicting duplicate paths")]
    seen.add(target)
    return []


def csi_driver_errors(driver: str, path: str) -> list[FieldError]:
    """Return the errors of a CSI driver's name (ValidateCSIDriverName)."""
    if not driver:
        return [required(path)]
    errors = [too_long(path, 63)] if len(driver) > 63 else []
    return errors + [invalid(path, driver, said) for said in subdomain_problems(driver.lower())]


def _csi(source: Obj, path: str) -> list[FieldError]:
    errors = csi_driver_errors(source.get("driver") or "", f"{path}.driver")
    secret = source.get("nodePublishSecretRef")
    if secret is not None and not secret.get("name"):
        errors.append(required(f"{path}.nodePublishSecretRef.name"))
    return errors


def _ephemeral(source: Obj, path: str) -> list[FieldError]:
    here = f"{path}.volumeClaimTemplate"
    template = source.get("volumeClaimTemplate")
    if template is None:
        return [required(here)]
    metadata = template.get("metadata") or {}
    errors = annotation_errors(metadata.get("annotations"), f"{here}.metadata.annotations")
    errors.extend(label_errors(metadata.get("labels"), f"{here}.metadata.labels"))
    errors.extend(
        forbidden_field(f"{here}.metadata.{name}", "cannot be set for an ephemeral volume claim template")
        for name in metadata
        if name not in ("annotations", "labels", "creationTimestamp")
    )
    return errors + claim_spec_errors(template.get("spec") or {}, f"{here}.spec")


def _image(source: Obj, path: str) -> list[FieldError]:
    errors = [] if source.get("reference") else [required(f"{path}.reference")]
    policy = source.get("pullPolicy")
    policies = ("Always", "IfNotPresent", "Never")
    if policy and policy not in policies:
        errors.append(not_supported(f"{path}.pullPolicy", policy, policies))
    return errors


def _anything(source: Obj, path: str) -> list[FieldError]:
    return []


# In the order in which the real server looks: the second kind of volume that is there gets the complaint.
_KINDS: dict[str, Callable[[Obj, str], list[FieldError]]] = {
    "emptyDir": _empty_dir,
    "hostPath": host_path_errors,
    "gitRepo": _anything,
    "gcePersistentDisk": _anything,
    "awsElasticBlockStore": _anything,
    "secret": _secret,
    "nfs": nfs_errors,
    "iscsi": _iscsi,
    "glusterfs": _anything,
    "flocker": _anything,
    "persistentVolumeClaim": _claim,
    "rbd": _anything,
    "cinder": _anything,
    "cephfs": _anything,
    "quobyte": _anything,
    "downwardAPI": _downward,
    "fc": _anything,
    "flexVolume": _anything,
    "configMap": _config_map,
    "azureFile": _anything,
    "vsphereVolume": _anything,
    "photonPersistentDisk": _anything,
    "portworxVolume": _anything,
    "azureDisk": _anything,
    "storageos": _anything,
    "projected": _projected,
    "scaleIO": _anything,
    "csi": _csi,
    "ephemeral": _ephemeral,
    "image": _image,
}


def volume_errors(volumes: Sequence[Obj], path: str) -> tuple[list[FieldError], dict[str, Obj]]:
    """Return the errors of a pod's volumes, and the faultless ones by name.

    Args:
        volumes: `spec.volumes`.
        path: of them.
    """
    errors: list[FieldError] = []
    known: dict[str, Obj] = {}
    for number, volume in enumerate(volumes):
        here = f"{path}[{number}]"
        name = volume.get("name") or ""
        found = _source_errors(volume, here)
        if not name:
            found.append(required(f"{here}.name"))
        else:
            found.extend(invalid(f"{here}.name", name, said) for said in label_problems(name))
        if name in known:
            found.append(duplicate(f"{here}.name", name))
        if found:
            errors.extend(found)
        else:
            known[name] = volume
    return errors, known


def _source_errors(volume: Obj, path: str) -> list[FieldError]:
    if len(volume) == 2:
        # The usual volume: a name and one source.
        for kind in volume:
            if kind in _KINDS:
                return _KINDS[kind](volume[kind] or {}, f"{path}.{kind}")
    errors: list[FieldError] = []
    count = 0
    for kind, check in _KINDS.items():
        source = volume.get(kind)
        if source is None:
            continue
        count += 1
        if count > 1:
            errors.append(forbidden_field(f"{path}.{kind}", "may not specify more than 1 volume type"))
        else:
            errors.extend(check(source, f"{path}.{kind}"))
    if not count:
        errors.append(required(path, "must specify a volume type"))
    return errors
