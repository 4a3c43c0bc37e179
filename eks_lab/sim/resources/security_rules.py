"""Security contexts of containers and pods."""

from __future__ import annotations

import re

from eks_lab.sim.objects import FieldError, Obj, invalid, not_supported, required
from eks_lab.sim.resources.field_rules import LARGEST_INT32
from eks_lab.sim.resources.go_structs import go_value
from eks_lab.sim.resources.volume_rules import descending_path_errors

_ID_RULE = f"must be between 0 and {LARGEST_INT32}, inclusive"
_PROFILES = ("Localhost", "RuntimeDefault", "Unconfined")
_PROC_MOUNTS = ("Default", "Unmasked")
_SYSCTL = re.compile(r"([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?", re.ASCII)


def _id_errors(number: int | None, path: str) -> list[FieldError]:
    return [] if number is None or 0 <= number <= LARGEST_INT32 else [invalid(path, number, _ID_RULE)]


def _profile_errors(profile: Obj | None, kind: str, path: str) -> list[FieldError]:
    """Return the errors of a seccomp or AppArmor profile.

    Args:
        profile: `{"type": "RuntimeDefault"}`.
        kind: `seccomp` or `AppArmor`, as messages say it.
        path: of the profile.
    """
    if profile is None:
        return []
    name = profile.get("type") or ""
    where = f"{path}.localhostProfile"
    local = profile.get("localhostProfile")
    errors: list[FieldError] = []
    if not name:
        field = "seccompProfile" if kind == "seccomp" else "appArmorProfile"
        errors.append(required(f"{path}.type", f"type is required when {field} is set"))
    elif name not in _PROFILES:
        errors.append(not_supported(f"{path}.type", name, _PROFILES))
    if name == "Localhost":
        if not local:
            errors.append(required(where, f"must be set when {kind} type is Localhost"))
        elif kind == "seccomp":
            errors.extend(descending_path_errors(local, where))
    elif local is not None:
        shown = go_value("Profile", profile) if kind == "seccomp" else local
        errors.append(invalid(where, shown, f"can only be set when {kind} type is Localhost"))
    return errors


def container_security_errors(context: Obj | None, path: str) -> list[FieldError]:
    """Return the errors of a container's securityContext (ValidateSecurityContext)."""
    if not context:
        return []
    errors = _id_errors(context.get("runAsUser"), f"{path}.runAsUser")
    errors.extend(_id_errors(context.get("runAsGroup"), f"{path}.runAsGroup"))
    mount = context.get("procMount")
    if mount is not None and mount not in _PROC_MOUNTS:
        errors.append(not_supported(f"{path}.procMount", mount, _PROC_MOUNTS))
    errors.extend(_profile_errors(context.get("seccompProfile"), "seccomp", f"{path}.seccompProfile"))
    if context.get("allowPrivilegeEscalation") is False:
        shown = go_value("SecurityContext", context)
        if context.get("privileged"):
            detail = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"
            errors.append(invalid(path, shown, detail))
        if "CAP_SYS_ADMIN" in ((context.get("capabilities") or {}).get("add") or ()):
            detail = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"
            errors.append(invalid(path, shown, detail))
    errors.extend(_profile_errors(context.get("appArmorProfile"), "AppArmor", f"{path}.appArmorProfile"))
    return errors


def pod_security_errors(spec: Obj, path: str) -> list[FieldError]:
    """Return the errors of a pod's securityContext (validatePodSpecSecurityContext).

    Args:
        spec: of the pod.
        path: of the spec.
    """
    context = spec.get("securityContext")
    if not context and not spec.get("shareProcessNamespace"):
        return []
    context = context or {}
    here = f"{path}.securityContext"
    errors: list[FieldError] = []
    for name in ("fsGroup", "runAsUser", "runAsGroup"):
        errors.extend(_id_errors(context.get(name), f"{here}.{name}"))
    for number in context.get("supplementalGroups") or ():
        errors.extend(_id_errors(number, f"{here}.supplementalGroups"))
    if spec.get("hostPID") and spec.get("shareProcessNamespace"):
        detail = "ShareProcessNamespace and HostPID cannot both be enabled"
        errors.append(invalid(f"{here}.shareProcessNamespace", True, detail))
    for number, sysctl in enumerate(context.get("sysctls") or ()):
        errors.extend(_sysctl_errors(sysctl.get("name") or "", f"{here}.sysctls[{number}].name"))
    for name, words in (
        ("fsGroupChangePolicy", ("Always", "OnRootMismatch")),
        ("supplementalGroupsPolicy", ("Merge", "Strict")),
        ("seLinuxChangePolicy", ("MountOption", "Recursive")),
    ):
        word = context.get(name)
        if word is not None and word not in words:
            errors.append(not_supported(f"{here}.{name}", word, words))
    errors.extend(_profile_errors(context.get("seccompProfile"), "seccomp", f"{here}.seccompProfile"))
    errors.extend(_profile_errors(context.get("appArmorProfile"), "AppArmor", f"{here}.appArmorProfile"))
    return errors


def _sysctl_errors(name: str, path: str) -> list[FieldError]:
    if not name:
        return [required(path)]
    if len(name) > 253 or _SYSCTL.fullmatch(name) is None:
        rule = f"must have at most 253 characters and match regex ^{_SYSCTL.pattern}$"
        return [invalid(path, name, rule)]
    return []
