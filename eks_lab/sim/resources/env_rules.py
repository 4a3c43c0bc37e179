"""Environment variables of containers (ValidateEnv, ValidateEnvFrom)."""

from __future__ import annotations

from collections.abc import Callable

from eks_lab.sim.objects import FieldError, Obj, invalid, required
from eks_lab.sim.resources.field_paths import (
    ENVIRONMENT_FIELDS,
    field_reference_errors,
    resource_reference_errors,
)
from eks_lab.sim.resources.field_rules import config_key_problems, env_name_problems, subdomain_problems

_ONE_SOURCE = (
    "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
)
_TOO_MANY = "may not have more than one field specified at a time"


def _field(reference: Obj, path: str) -> list[FieldError]:
    return field_reference_errors(reference, ENVIRONMENT_FIELDS, path)


def _resource(reference: Obj, path: str) -> list[FieldError]:
    return resource_reference_errors(reference, path)


def _key(reference: Obj, path: str) -> list[FieldError]:
    name, key = reference.get("name") or "", reference.get("key") or ""
    errors = [invalid(f"{path}.name", name, said) for said in subdomain_problems(name)]
    if not key:
        errors.append(required(f"{path}.key"))
    else:
        errors.extend(invalid(f"{path}.key", key, said) for said in config_key_problems(key))
    return errors


def _file_key(reference: Obj, path: str) -> list[FieldError]:
    return [required(f"{path}.{name}") for name in ("key", "volumeName", "path") if not reference.get(name)]


_SOURCES: dict[str, Callable[[Obj, str], list[FieldError]]] = {
    "fieldRef": _field,
    "resourceFieldRef": _resource,
    "configMapKeyRef": _key,
    "secretKeyRef": _key,
    "fileKeyRef": _file_key,
}


def _value_from_errors(variable: Obj, path: str) -> list[FieldError]:
    source = variable["valueFrom"] or {}
    given = [kind for kind in _SOURCES if source.get(kind) is not None]
    errors: list[FieldError] = []
    for kind in given:
        errors.extend(_SOURCES[kind](source[kind], f"{path}.{kind}"))
    if not given:
        errors.append(invalid(path, "", _ONE_SOURCE))
    elif variable.get("value"):
        errors.append(invalid(path, "", "may not be specified when `value` is not empty"))
    elif len(given) > 1:
        errors.append(invalid(path, "", _TOO_MANY))
    return errors


def environment_errors(container: Obj, path: str) -> list[FieldError]:
    """Return the errors of a container's `env` and `envFrom`.

    Args:
        container: that has them.
        path: of the container.
    """
    errors: list[FieldError] = []
    for number, variable in enumerate(container.get("env") or ()):
        here = f"{path}.env[{number}]"
        name = variable.get("name")
        if not name:
            errors.append(required(f"{here}.name"))
        else:
            errors.extend(invalid(f"{here}.name", name, said) for said in env_name_problems(name))
        if variable.get("valueFrom") is not None:
            errors.extend(_value_from_errors(variable, f"{here}.valueFrom"))
    for number, source in enumerate(container.get("envFrom") or ()):
        here = f"{path}.envFrom[{number}]"
        prefix = source.get("prefix")
        if prefix:
            errors.extend(invalid(f"{here}.prefix", prefix, said) for said in env_name_problems(prefix))
        given = [kind for kind in ("configMapRef", "secretRef") if source.get(kind) is not None]
        for kind in given:
            name = source[kind].get("name") or ""
            if not name:
                errors.append(required(f"{here}.{kind}.name"))
            else:
                errors.extend(invalid(f"{here}.{kind}.name", name, said) for said in subdomain_problems(name))
        if not given:
            detail = "must specify one of: `configMapRef` or `secretRef`"
            errors.append(invalid(f"{path}.envFrom", "", detail))
        elif len(given) > 1:
            errors.append(invalid(f"{path}.envFrom", "", _TOO_MANY))
    return errors
