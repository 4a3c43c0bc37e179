"""References from a pod to its own fields and resources: `fieldRef` and `resourceFieldRef`."""

from __future__ import annotations

import re

from eks_lab.sim.objects import FieldError, Obj, invalid, not_supported, required
from eks_lab.sim.resources.field_rules import annotation_key_problems, qualified_problems

ENVIRONMENT_FIELDS = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
)
VOLUME_FIELDS = (
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
)
_KNOWN_FIELDS = frozenset(
    (*ENVIRONMENT_FIELDS, *VOLUME_FIELDS, "spec.restartPolicy", "spec.schedulerName", "status.phase")
)
_RESOURCES = (
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
)
_SUBSCRIPT = re.compile(r"(.*)\['(.*)'\]", re.DOTALL)
_BYTES = frozenset(("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"))
_SHOWN_BYTES = "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei"


def field_reference_errors(reference: Obj, supported: tuple[str, ...], path: str) -> list[FieldError]:
    """Return the errors of a `fieldRef` (validateObjectFieldSelector).

    Args:
        reference: `{"apiVersion": "v1", "fieldPath": "metadata.name"}`.
        supported: `ENVIRONMENT_FIELDS` or `VOLUME_FIELDS`.
        path: of the reference.
    """
    if not reference.get("apiVersion"):
        return [required(f"{path}.apiVersion")]
    field = reference.get("fieldPath") or ""
    if not field:
        return [required(f"{path}.fieldPath")]
    subscripted = _SUBSCRIPT.fullmatch(field)
    name = subscripted[1] if subscripted else field
    problem = ""
    if reference["apiVersion"] != "v1":
        problem = f"unsupported pod version: {reference['apiVersion']}"
    elif subscripted and name not in ("metadata.annotations", "metadata.labels"):
        problem = f"field label does not support subscript: {field}"
    elif not subscripted and name not in _KNOWN_FIELDS and name != "spec.host":
        problem = f"field label not supported: {field}"
    if problem:
        return [invalid(f"{path}.fieldPath", field, f"error converting fieldPath: {problem}")]
    if subscripted:
        key = subscripted[2]
        said = annotation_key_problems(key) if name == "metadata.annotations" else qualified_problems(key)
        return [invalid(path, key, each) for each in said]
    return [] if name in supported else [not_supported(f"{path}.fieldPath", name, supported)]


def resource_reference_errors(reference: Obj, path: str, *, of_volume: bool = False) -> list[FieldError]:
    """Return the errors of a `resourceFieldRef` (validateContainerResourceFieldSelector).

    Args:
        reference: `{"resource": "limits.cpu", "divisor": "1m"}`.
        path: of the reference.
        of_volume: True in a volume, where the container must be named.
    """
    name = reference.get("resource") or ""
    errors: list[FieldError] = []
    if of_volume and not reference.get("containerName"):
        errors.append(required(f"{path}.containerName"))
    elif not name:
        errors.append(required(f"{path}.resource"))
    elif name not in _RESOURCES and not name.startswith(("limits.hugepages-", "requests.hugepages-")):
        errors.append(not_supported(f"{path}.resource", name, _RESOURCES))
    divisor = reference.get("divisor") or "0"
    if divisor != "0":
        kind = name.partition(".")[2]
        if kind == "cpu" and divisor not in ("1", "1m"):
            detail = "only divisor's values 1m and 1 are supported with the cpu resource"
            errors.append(invalid(f"{path}.divisor", name, detail))
        elif kind in ("memory", "ephemeral-storage") and divisor not in _BYTES:
            resource = "memory" if kind == "memory" else "local ephemeral storage"
            detail = f"only divisor's values {_SHOWN_BYTES} are supported with the {resource} resource"
            errors.append(invalid(f"{path}.divisor", name, detail))
    return errors
