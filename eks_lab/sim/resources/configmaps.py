"""ConfigMaps."""

from __future__ import annotations

from eks_lab.sim.objects import FieldError, Obj, forbidden_field, invalid
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.columns import AGE, NAME
from eks_lab.sim.resources.field_rules import config_key_problems

LARGEST_DATA = 1024 * 1024
"""Bytes of all values together, of ConfigMaps and Secrets (MaxSecretSize)."""
FIXED = "field is immutable when `immutable` is set"


def fixed_errors(new: Obj, old: Obj, fields: tuple[str, ...]) -> list[FieldError]:
    """Return the errors of changing what was declared immutable.

    Args:
        new: the ConfigMap or Secret as wished.
        old: as stored.
        fields: that hold its data.
    """
    if not old.get("immutable"):
        return []
    errors = [] if new.get("immutable") else [forbidden_field("immutable", FIXED)]
    errors.extend(
        forbidden_field(field, FIXED) for field in fields if (new.get(field) or {}) != (old.get(field) or {})
    )
    return errors


def _validate(obj: Obj, world: World) -> list[FieldError]:
    data, binary = obj.get("data") or {}, obj.get("binaryData") or {}
    errors: list[FieldError] = []
    size = 0
    for key in sorted(data):
        here = f"data[{key}]"
        errors.extend(invalid(here, key, said) for said in config_key_problems(key))
        if key in binary:
            errors.append(invalid(here, key, "duplicate of key present in binaryData"))
        size += len(data[key].encode())
    for key in sorted(binary):
        errors.extend(invalid(f"binaryData[{key}]", key, said) for said in config_key_problems(key))
        size += len(binary[key]) * 3 // 4
    if size > LARGEST_DATA:
        errors.append(FieldError("TooLong", "", f"Too long: may not be more than {LARGEST_DATA} bytes"))
    return errors


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    return fixed_errors(new, old, ("data", "binaryData")) + _validate(new, world)


CONFIG_MAPS = Resource(
    plural="configmaps",
    kind="ConfigMap",
    short_names=("cm",),
    columns=(
        NAME,
        Column(
            "Data", lambda each, now: str(len(each.get("data") or ()) + len(each.get("binaryData") or ()))
        ),
        AGE,
    ),
    validate=_validate,
    validate_update=_validate_update,
)

RESOURCES = (CONFIG_MAPS,)
