"""StorageClasses and VolumeAttributesClasses (pkg/apis/storage/validation)."""

from __future__ import annotations

from eks_lab.sim.objects import (
    FieldError,
    Obj,
    annotations_of,
    duplicate,
    invalid,
    not_supported,
    required,
)
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.columns import AGE, NAME, field_of
from eks_lab.sim.resources.field_rules import (
    immutable_errors,
    label_key_errors,
    name_errors,
    qualified_problems,
    value_problems,
)
from eks_lab.sim.resources.volume_rules import csi_driver_errors

DEFAULT_ANNOTATIONS = (
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
)
_ATTRIBUTES_DEFAULT = "volumeattributesclass.alpha.kubernetes.io/is-default-class"
_POLICIES = ("Delete", "Retain")
_MODES = ("Immediate", "WaitForFirstConsumer")
_MOST_PARAMETERS = 512
_LARGEST_PARAMETERS = 256 * 1024


def _default(storage_class: Obj, world: World) -> None:
    if storage_class.get("reclaimPolicy") is None:
        storage_class["reclaimPolicy"] = "Delete"
    if storage_class.get("volumeBindingMode") is None:
        storage_class["volumeBindingMode"] = "Immediate"


def _parameter_errors(parameters: Obj | None, path: str, *, must_have: bool) -> list[FieldError]:
    parameters = parameters or {}
    if must_have and not parameters:
        return [required(path, "must contain at least one key/value pair")]
    if len(parameters) > _MOST_PARAMETERS:
        text = f"Too long: may not be more than {_MOST_PARAMETERS} bytes"
        return [FieldError("TooLong", path, text)]
    errors: list[FieldError] = []
    if any(not key for key in parameters):
        errors.append(invalid(path, "", "field can not be empty."))
    size = sum(len(key) + len(value or "") for key, value in parameters.items())
    if size > _LARGEST_PARAMETERS:
        text = f"Too long: may not be more than {_LARGEST_PARAMETERS} bytes"
        errors.append(FieldError("TooLong", path, text))
    return errors


def _topology_errors(terms: list[Obj]) -> list[FieldError]:
    errors: list[FieldError] = []
    known: list[dict[str, frozenset[str]]] = []
    for number, term in enumerate(terms):
        path = f"allowedTopologies[{number}]"
        rules: dict[str, frozenset[str]] = {}
        for position, rule in enumerate(term.get("matchLabelExpressions") or ()):
            here, key, values = (
                f"{path}.matchLabelExpressions[{position}]",
                rule.get("key") or "",
                rule.get("values") or [],
            )
            if not values:
                errors.append(required(f"{here}.values"))
            seen: set[str] = set()
            for spot, value in enumerate(values):
                if value in seen:
                    errors.append(duplicate(f"{here}.values[{spot}]", value))
                seen.add(value)
                errors.extend(name_errors(value_problems, value, f"{here}.values[{spot}]"))
            errors.extend(label_key_errors(key, f"{here}.key"))
            if key in rules:
                errors.append(duplicate(f"{here}.key", key))
            rules[key] = frozenset(values)
        if rules in known:
            errors.append(duplicate(f"{path}.matchLabelExpressions", ""))
        known.append(rules)
    return errors


def _validate(storage_class: Obj, world: World) -> list[FieldError]:
    provisioner = storage_class.get("provisioner") or ""
    errors: list[FieldError] = []
    if not provisioner:
        errors.append(required("provisioner"))
    else:
        errors.extend(
            invalid("provisioner", provisioner, said) for said in qualified_problems(provisioner.lower())
        )
    errors.extend(_parameter_errors(storage_class.get("parameters"), "parameters", must_have=False))
    policy, mode = storage_class.get("reclaimPolicy"), storage_class.get("volumeBindingMode")
    if policy and policy not in _POLICIES:
        errors.append(not_supported("reclaimPolicy", policy, _POLICIES))
    if mode is None:
        errors.append(required("volumeBindingMode"))
    elif mode not in _MODES:
        errors.append(not_supported("volumeBindingMode", mode, _MODES))
    return errors + _topology_errors(storage_class.get("allowedTopologies") or [])


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    errors: list[FieldError] = []
    for field in ("parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"):
        errors.extend(immutable_errors(new.get(field), old.get(field), field))
    return errors + _topology_errors(new.get("allowedTopologies") or [])


def is_default_class(obj: Obj) -> bool:
    """Say whether claims without a class get this StorageClass."""
    annotations = annotations_of(obj)
    return any(annotations.get(each) == "true" for each in DEFAULT_ANNOTATIONS)


def _marked_name(obj: Obj, *, is_default: bool) -> str:
    name: str = obj["metadata"]["name"]
    return f"{name} (default)" if is_default else name


STORAGE_CLASSES = Resource(
    plural="storageclasses",
    kind="StorageClass",
    group="storage.k8s.io",
    namespaced=False,
    short_names=("sc",),
    columns=(
        Column(
            "Name",
            lambda each, now: _marked_name(each, is_default=is_default_class(each)),
            format="name",
            description=NAME.description,
        ),
        Column("Provisioner", field_of("provisioner")),
        Column("ReclaimPolicy", field_of("reclaimPolicy", otherwise="Delete")),
        Column("VolumeBindingMode", field_of("volumeBindingMode", otherwise="<unset>")),
        Column("AllowVolumeExpansion", field_of("allowVolumeExpansion", otherwise=False)),
        AGE,
    ),
    default=_default,
    validate=_validate,
    validate_update=_validate_update,
)


def _attributes_errors(obj: Obj, world: World) -> list[FieldError]:
    errors = csi_driver_errors(obj.get("driverName") or "", "driverName")
    return errors + _parameter_errors(obj.get("parameters"), "parameters", must_have=True)


def _attributes_update_errors(new: Obj, old: Obj, world: World) -> list[FieldError]:
    return immutable_errors(new.get("driverName"), old.get("driverName"), "driverName") + immutable_errors(
        new.get("parameters"), old.get("parameters"), "parameters"
    )


VOLUME_ATTRIBUTES_CLASSES = Resource(
    plural="volumeattributesclasses",
    kind="VolumeAttributesClass",
    group="storage.k8s.io",
    namespaced=False,
    short_names=("vac",),
    columns=(
        Column(
            "Name",
            lambda each, now: _marked_name(
                each, is_default=annotations_of(each).get(_ATTRIBUTES_DEFAULT) == "true"
            ),
            format="name",
            description=NAME.description,
        ),
        Column("DriverName", field_of("driverName")),
        AGE,
    ),
    validate=_attributes_errors,
    validate_update=_attributes_update_errors,
)

RESOURCES = (STORAGE_CLASSES, VOLUME_ATTRIBUTES_CLASSES)
