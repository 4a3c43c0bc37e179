"""Does an object fit its type: unknown fields, wrong types, pruning.

Words and order are those of the API server's strict decoder (sigs.k8s.io/json and each type's own
UnmarshalJSON in k8s.io/apimachinery) as kubectl shows them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from eks_lab.kube.quantity import QuantityError, parse_quantity
from eks_lab.kube.types import Schema
from eks_lab.kube.wire_table import wire_table

Path = tuple[str | int, ...]
_OBJECT_FIELDS = frozenset(("apiVersion", "kind", "metadata"))
_BOUNDS = {"int32": 2**31, "int64": 2**63}
_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_TIME_LAYOUT = "2006-01-02T15:04:05Z07:00"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One value of a wrong type."""

    path: Path
    """Field names and list positions from the object's root."""
    message: str
    """As Go's decoder words it: `json: cannot unmarshal …`."""
    found: str
    """`string`, `number`, `bool`, `array` or `object`."""
    wanted: str
    """The Go type of the field: `int32`, `[]v1.Container`, `v1.PullPolicy`."""


def shown_path(path: Path) -> str:
    """Return a path as the API server prints it: `spec.containers[0].image`."""
    shown = ""
    for step in path:
        shown += f"[{step}]" if isinstance(step, int) else f".{step}" if shown else step
    return shown


def unknown_paths(schema: Schema, obj: Mapping[str, Any]) -> Iterator[Path]:
    """Yield where fields stand that the type does not know, in the object's order.

    Args:
        schema: the object's type.
        obj: the whole object, or any part of one that the schema describes.
    """
    yield from _unknown(schema, obj, (), schema.custom)


def _unknown(schema: Schema, value: Any, path: Path, is_object: bool) -> Iterator[Path]:
    if isinstance(value, dict):
        properties, additional = schema.properties, schema.additional
        may_hold_any = schema.open
        for key, inner in value.items():
            field = properties.get(key)
            if field is not None:
                if isinstance(inner, dict | list) and not (is_object and key == "metadata"):
                    yield from _unknown(field, inner, (*path, key), field.embedded_resource)
            elif additional is not None:
                if isinstance(inner, dict | list):
                    yield from _unknown(additional, inner, (*path, key), additional.embedded_resource)
            elif not (may_hold_any or (is_object and key in _OBJECT_FIELDS)):
                yield (*path, key)
    elif isinstance(value, list):
        items = schema.items
        if items is not None:
            for position, inner in enumerate(value):
                if isinstance(inner, dict | list):
                    yield from _unknown(items, inner, (*path, position), items.embedded_resource)


def unknown_fields(schema: Schema, obj: Mapping[str, Any]) -> list[str]:
    """Return what strict field validation complains of.

    Returns:
        `unknown field "spec.template.spec.containers[0].imagee"`, one text a field, in the object's order.
    """
    return [f'unknown field "{shown_path(path)}"' for path in unknown_paths(schema, obj)]


def prune(schema: Schema, obj: Mapping[str, Any]) -> dict[str, Any]:
    """Return the object without the fields its type does not know; untouched parts are shared, not copied."""
    pruned: dict[str, Any] = _pruned(schema, obj, schema.custom)
    return pruned


def _pruned(schema: Schema, value: Any, is_object: bool) -> Any:
    if isinstance(value, Mapping):
        properties, additional, may_hold_any = schema.properties, schema.additional, schema.open
        kept: dict[str, Any] = {}
        for key, inner in value.items():
            field = properties.get(key, additional)
            if is_object and key in _OBJECT_FIELDS:
                kept[key] = inner
            elif field is not None:
                nested = isinstance(inner, Mapping | list)
                kept[key] = _pruned(field, inner, field.embedded_resource) if nested else inner
            elif may_hold_any:
                kept[key] = inner
        return kept
    if isinstance(value, list) and (items := schema.items) is not None:
        return [
            _pruned(items, inner, items.embedded_resource) if isinstance(inner, Mapping | list) else inner
            for inner in value
        ]
    return value


def type_problem(schema: Schema, obj: Mapping[str, Any]) -> str | None:
    """Return the first value of a wrong type, as Go's decoder words it; None when every type fits.

    The API server puts `Deployment in version "v1" cannot be handled as a Deployment: ` before it.

    Returns:
        `json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32`.
    """
    first = next(type_mismatches(schema, obj), None)
    return None if first is None else first.message


def type_mismatches(schema: Schema, obj: Any) -> Iterator[Mismatch]:
    """Yield every value of a wrong type, in the object's order.

    Args:
        schema: the object's type; for custom resources the Go words are only approximate, because their
            server validates by JSON Schema instead.
        obj: the object.
    """
    yield from _mismatches(schema, obj, (), "", ())


def _mismatches(
    schema: Schema, value: Any, path: Path, struct: str, fields: tuple[str, ...]
) -> Iterator[Mismatch]:
    """Walk one value.

    Args:
        schema: what it should be.
        value: what it is.
        path: where it stands.
        struct: definition name of the innermost Go struct around it.
        fields: the struct fields that lead here; Go leaves out list positions and the keys of maps.
    """
    if value is None:
        return
    kind = schema.type
    if isinstance(value, dict):
        if kind == "object" or (kind == "" and not schema.quantity and not schema.int_or_string):
            properties, additional = schema.properties, schema.additional
            for key, inner in value.items():
                known = properties.get(key)
                if known is not None:
                    yield from _mismatches(known, inner, (*path, key), schema.name or struct, (*fields, key))
                elif additional is not None:
                    yield from _mismatches(additional, inner, (*path, key), struct, fields)
            return
    elif isinstance(value, list):
        if kind == "array":
            items = schema.items
            if items is not None:
                for position, inner in enumerate(value):
                    yield from _mismatches(items, inner, (*path, position), struct, fields)
            return
        if kind == "" and not schema.quantity and not schema.int_or_string:
            return
    message = _value_problem(schema, value, struct, fields)
    if message:
        yield Mismatch(path, message, json_kind(value), go_type(schema, struct, fields[-1] if fields else ""))


def json_kind(value: Any) -> str:
    """Return what Go's decoder calls a JSON value."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    return {str: "string", list: "array", dict: "object", type(None): "null"}.get(type(value), "value")


def go_type(schema: Schema, struct: str = "", field: str = "") -> str:
    """Return the Go type a schema node stands for.

    Args:
        schema: the node.
        struct: definition name of the struct around it, for fields of a named string type.
        field: the field's name in that struct.
    """
    if schema.type == "object" or schema.quantity:
        if schema.name:
            return ".".join(schema.name.split(".")[-2:])
        if schema.additional is not None:
            inner = schema.additional
            return "v1.ResourceList" if inner.quantity else f"map[string]{go_type(inner, struct, field)}"
        return "map[string]interface {}"
    if schema.type == "array":
        inner_type = go_type(schema.items, struct, field) if schema.items is not None else "interface {}"
        return f"[]{inner_type}"
    if schema.type == "string":
        if schema.format == "byte":
            return "[]uint8"
        return wire_table().string_types.get(f"{struct}.{field}", "string")
    if schema.type == "integer":
        return schema.format or "int64"
    return {"boolean": "bool", "number": "float64"}.get(schema.type, "interface {}")


def _value_problem(schema: Schema, value: Any, struct: str, fields: tuple[str, ...]) -> str | None:
    kind, found = schema.type, json_kind(value)
    if schema.quantity:
        return _quantity_problem(value)
    if schema.int_or_string:
        return _int_or_string_problem(value, found)
    if kind == "":
        return None
    if schema.name.endswith(".Time") or schema.name.endswith(".MicroTime"):
        return _time_problem(value, found)
    if kind == "integer" and found == "number":
        bound = _BOUNDS.get(schema.format, 2**63)
        if float(value).is_integer() and -bound <= value < bound:
            return None
        found = f"number {_go_number(value)}"
    elif kind == "string" and found == "string":
        return _base64_problem(value) if schema.format == "byte" else None
    elif (kind, found) in (("boolean", "bool"), ("number", "number")):
        return None
    wanted = go_type(schema, struct, fields[-1] if fields else "")
    if not struct or not fields:
        return f"json: cannot unmarshal {found} into Go value of type {wanted}"
    owner = struct.rpartition(".")[2]
    return f"json: cannot unmarshal {found} into Go struct field {owner}.{'.'.join(fields)} of type {wanted}"


def _go_number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(value)


def _quantity_problem(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return str(QuantityError.format_wrong())
    try:
        parse_quantity(value if isinstance(value, str) else repr(value))
    except QuantityError as error:
        return error.message
    return None


def _int_or_string_problem(value: Any, found: str) -> str | None:
    if found == "string" or (found == "number" and float(value).is_integer() and -(2**31) <= value < 2**31):
        return None
    shown = f"number {_go_number(value)}" if found == "number" else found
    return f"json: cannot unmarshal {shown} into Go value of type int32"


def _time_problem(value: Any, found: str) -> str | None:
    if found != "string":
        return f"json: cannot unmarshal {found} into Go value of type string"
    layout, text = _TIME_LAYOUT, value
    if _TIME.fullmatch(value):
        try:
            datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            return f'parsing time "{value}": year, day or hour out of range'
        return None
    for part in ("2006", "-", "01", "-", "02", "T", "15", ":", "04", ":", "05", "Z07:00"):
        size = len(part)
        fits = (
            text[:size].isdecimal() and len(text) >= size if part.isdecimal() else text.startswith(part[:1])
        )
        if not fits:
            return f'parsing time "{value}" as "{layout}": cannot parse "{text}" as "{part}"'
        text = text[size:]
    return f'parsing time "{value}" as "{layout}": cannot parse "{value}" as "{layout}"'


def _base64_problem(text: str) -> str | None:
    """Return Go's complaint about base64, with the byte it stumbles on."""
    plain = text.replace("\r", "").replace("\n", "")
    body = plain.rstrip("=")
    padding = len(plain) - len(body)
    for at, letter in enumerate(text):
        if letter not in _BASE64 and letter not in "\r\n=":
            return f"illegal base64 data at input byte {at}"
    if "=" in body:
        return f"illegal base64 data at input byte {text.index('=')}"
    if len(plain) % 4 or padding > 2:
        return f"illegal base64 data at input byte {len(body) - len(body) % 4 if not padding else len(body)}"
    return None


def missing_required(schema: Schema, obj: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the required fields that are not there, parents before children.

    A field that is null counts as missing, as it does for the API server.

    Args:
        schema: the object's type.
        obj: the object or a part of it.
        path: where that part stands.
    """
    if isinstance(obj, Mapping):
        for name in schema.required:
            if obj.get(name) is None:
                yield (*path, name)
        for key, inner in obj.items():
            field = schema.properties.get(key, schema.additional)
            if field is not None and isinstance(inner, Mapping | list):
                yield from missing_required(field, inner, (*path, key))
    elif isinstance(obj, Sequence) and not isinstance(obj, str) and schema.items is not None:
        for position, inner in enumerate(obj):
            yield from missing_required(schema.items, inner, (*path, position))
