"""Mounts of volumes and block devices in containers (ValidateVolumeMounts, ValidateVolumeDevices)."""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.sim.objects import (
    FieldError,
    Obj,
    field_not_found,
    forbidden_field,
    invalid,
    not_supported,
    required,
)
from eks_lab.sim.resources.volume_rules import backstep_errors, descending_path_errors

_PROPAGATIONS = ("Bidirectional", "HostToContainer", "None")
_RECURSIVE = ("Disabled", "Enabled", "IfPossible")


def mount_errors(container: Obj, volumes: Mapping[str, Obj], path: str) -> list[FieldError]:
    """Return the errors of a container's volumeMounts.

    Args:
        container: that has them.
        volumes: the pod's faultless volumes by name.
        path: of the mounts.
    """
    devices = container.get("volumeDevices") or ()
    device_names = {each.get("name") for each in devices}
    device_paths = {each.get("devicePath") for each in devices}
    errors: list[FieldError] = []
    seen: set[str] = set()
    for number, mount in enumerate(container["volumeMounts"]):
        here = f"{path}[{number}]"
        name, target = mount.get("name") or "", mount.get("mountPath") or ""
        if not name:
            errors.append(required(f"{here}.name"))
        if name not in volumes:
            errors.append(field_not_found(f"{here}.name", name))
        if not target:
            errors.append(required(f"{here}.mountPath"))
        if target in seen:
            errors.append(invalid(f"{here}.mountPath", target, "must be unique"))
        seen.add(target)
        if name in device_names:
            errors.append(invalid(f"{here}.name", name, "must not already exist in volumeDevices"))
        if target in device_paths:
            detail = "must not already exist as a path in volumeDevices"
            errors.append(invalid(f"{here}.mountPath", target, detail))
        errors.extend(_details(mount, container, path, here))
    return errors


def _details(mount: Obj, container: Obj, path: str, here: str) -> list[FieldError]:
    """Return the errors of the rarer fields; several of their paths lack the number, as upstream."""
    errors: list[FieldError] = []
    sub_path, expression = mount.get("subPath"), mount.get("subPathExpr")
    if sub_path:
        errors.extend(descending_path_errors(sub_path, f"{path}.subPath"))
    if expression:
        if sub_path:
            detail = "subPathExpr and subPath are mutually exclusive"
            errors.append(invalid(f"{here}.subPathExpr", expression, detail))
        errors.extend(descending_path_errors(expression, f"{path}.subPathExpr"))
    propagation = mount.get("mountPropagation")
    if propagation is not None:
        where = f"{path}.mountPropagation"
        if propagation not in _PROPAGATIONS:
            errors.append(not_supported(where, propagation, _PROPAGATIONS))
        privileged = (container.get("securityContext") or {}).get("privileged")
        if propagation == "Bidirectional" and not privileged:
            detail = "Bidirectional mount propagation is available only to privileged containers"
            errors.append(forbidden_field(where, detail))
    recursive = mount.get("recursiveReadOnly")
    if recursive is not None:
        where = f"{path}.recursiveReadOnly"
        if recursive not in _RECURSIVE:
            errors.append(not_supported(where, recursive, _RECURSIVE))
        elif recursive != "Disabled" and not mount.get("readOnly"):
            errors.append(forbidden_field(where, "may only be specified when readOnly is true"))
        elif recursive != "Disabled" and propagation not in (None, "None"):
            detail = "may only be specified when mountPropagation is None or not specified"
            errors.append(forbidden_field(where, detail))
    return errors


def device_errors(container: Obj, volumes: Mapping[str, Obj], path: str) -> list[FieldError]:
    """Return the errors of a container's volumeDevices.

    Args:
        container: that has them.
        volumes: the pod's faultless volumes by name.
        path: of the devices.
    """
    mounts = container.get("volumeMounts") or ()
    mount_names = {each.get("name") for each in mounts}
    mount_paths = {each.get("mountPath") for each in mounts}
    errors: list[FieldError] = []
    names: set[str] = set()
    paths: set[str] = set()
    for number, device in enumerate(container["volumeDevices"]):
        here = f"{path}[{number}]"
        name, target = device.get("name") or "", device.get("devicePath") or ""
        volume = volumes.get(name)
        if not name:
            errors.append(required(f"{here}.name"))
        if name in names:
            errors.append(invalid(f"{here}.name", name, "must be unique"))
        if volume is None:
            errors.append(field_not_found(f"{here}.name", name))
        elif "persistentVolumeClaim" not in volume and "ephemeral" not in volume:
            detail = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
            errors.append(invalid(f"{here}.name", name, detail))
        if not target:
            errors.append(required(f"{here}.devicePath"))
        elif target in paths:
            errors.append(invalid(f"{here}.devicePath", target, "must be unique"))
        if backstep_errors(target, here):
            errors.append(invalid(f"{here}.devicePath", target, "can not contain backsteps ('..')"))
        else:
            paths.add(target)
        if name in mount_names:
            errors.append(invalid(f"{here}.name", name, "must not already exist in volumeMounts"))
        if target in mount_paths:
            detail = "must not already exist as a path in volumeMounts"
            errors.append(invalid(f"{here}.devicePath", target, detail))
        names.add(name)
    return errors
