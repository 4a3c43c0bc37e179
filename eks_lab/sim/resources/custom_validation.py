"""What a structural schema says about a value, in kube-apiserver's words (kube-openapi/pkg/validation)."""

from __future__ import annotations

import functools
import re
from datetime import date, datetime
from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_network
from typing import Any
from urllib.parse import urlsplit

from eks_lab.kube.types import Schema
from eks_lab.sim.objects import (
    FieldError,
    duplicate,
    invalid,
    not_supported,
    required,
    too_many,
    type_invalid,
)

_MISSING: Any = object()
_DURATION = re.compile(r"[+-]?(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+")
_UUID = re.compile(r"[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_HOST = re.compile(
    r"([a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)(\.[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)*"
)


def schema_errors(
    schema: Schema, value: Any, old: Any = None, path: str = "", body: str | None = None
) -> list[FieldError]:
    """Return everything wrong with a value.

    Args:
        schema: structural.
        value: to judge.
        old: the stored value; parts that did not change are not judged again (ratcheting). None for none.
        path: where the value stands.
        body: the same as messages write it inside the sentence; None for `path`.
    """
    errors: list[FieldError] = []
    _check(schema, value, _MISSING if old is None else old, path, path if body is None else body, errors)
    return errors


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return "integer"
    return {float: "number", str: "string", list: "array"}.get(type(value), "object")


def _check(schema: Schema, value: Any, old: Any, path: str, body: str, errors: list[FieldError]) -> None:
    if old is not _MISSING and old == value:
        return
    raw = schema.raw
    if value is None and raw.get("nullable"):
        return
    said = f"{body} in body " if body else "in body "
    if not _has_type(schema, value):
        wanted = "integer,string" if schema.int_or_string else schema.type
        kind = _kind(value)
        errors.append(type_invalid(path, kind, f'{said}must be of type {wanted}: "{kind}"'))
    if schema.enum and value not in schema.enum:
        errors.append(not_supported(path, value, [str(each) for each in schema.enum]))
    if isinstance(value, str):
        _check_text(raw, value, path, said, errors)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        _check_number(raw, value, path, said, errors)
    elif isinstance(value, list):
        _check_list(schema, value, old, path, body, errors)
    elif isinstance(value, dict):
        _check_object(schema, value, old, path, body, errors)
    _check_choices(schema, value, path, said, errors)


def _has_type(schema: Schema, value: Any) -> bool:
    kind = _kind(value)
    if schema.int_or_string:
        return kind in ("integer", "string")
    if not schema.type or kind == schema.type:
        return True
    return schema.type == "number" and kind == "integer"


def _check_text(raw: Any, value: str, path: str, said: str, errors: list[FieldError]) -> None:
    most, least = raw.get("maxLength"), raw.get("minLength")
    if most is not None and len(value) > most:
        errors.append(FieldError("TooLong", path, f"Too long: may not be more than {most} bytes"))
    if least is not None and len(value) < least:
        errors.append(invalid(path, value, f"{said}should be at least {least} chars long"))
    pattern = raw.get("pattern")
    if pattern and not _matches(pattern, value):
        errors.append(invalid(path, value, f"{said}should match '{pattern}'"))
    form = raw.get("format")
    if form and not has_format(form, value):
        errors.append(invalid(path, value, f'{said}must be of type {form}: "{value}"'))


@functools.lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        # RE2 writes the end of text as \z.
        return re.compile(pattern.replace("\\z", "\\Z"))
    except re.error:
        return None


def _matches(pattern: str, value: str) -> bool:
    compiled = _compiled(pattern)
    return compiled is None or compiled.search(value) is not None


def has_format(form: str, value: str) -> bool:
    """Say whether a text has a format; formats nobody knows are fine (strfmt)."""
    try:
        match form:
            case "date":
                date.fromisoformat(value)
                return len(value) == 10
            case "date-time" | "datetime":
                return datetime.fromisoformat(value).tzinfo is not None
            case "duration":
                return _DURATION.fullmatch(value) is not None
            case "ipv4":
                IPv4Address(value)
            case "ipv6":
                IPv6Address(value)
            case "cidr":
                ip_network(value, strict=False)
                return "/" in value
            case "uri":
                return bool(urlsplit(value).scheme)
            case "uuid" | "uuid3" | "uuid4" | "uuid5":
                return _UUID.fullmatch(value) is not None
            case "email":
                return _EMAIL.fullmatch(value) is not None
            case "hostname":
                return _HOST.fullmatch(value) is not None and len(value) < 256
    except (ValueError, AddressValueError):
        return False
    return True


def _check_number(raw: Any, value: float, path: str, said: str, errors: list[FieldError]) -> None:
    most, least, step = raw.get("maximum"), raw.get("minimum"), raw.get("multipleOf")
    if most is not None:
        if raw.get("exclusiveMaximum") and value >= most:
            errors.append(invalid(path, value, f"{said}should be less than {_number(most)}"))
        elif value > most:
            errors.append(invalid(path, value, f"{said}should be less than or equal to {_number(most)}"))
    if least is not None:
        if raw.get("exclusiveMinimum") and value <= least:
            errors.append(invalid(path, value, f"{said}should be greater than {_number(least)}"))
        elif value < least:
            errors.append(invalid(path, value, f"{said}should be greater than or equal to {_number(least)}"))
    if step and not _is_multiple(value, step):
        errors.append(invalid(path, value, f"{said}should be a multiple of {_number(step)}"))


def _is_multiple(value: float, step: float) -> bool:
    try:
        times = value / step
        return abs(times - round(times)) <= 1e-9
    except OverflowError:
        # As a float the quotient is infinite; go-openapi/validate compares such a one with itself.
        return True


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(value)


def _check_list(
    schema: Schema, value: list[Any], old: Any, path: str, body: str, errors: list[FieldError]
) -> None:
    raw = schema.raw
    most, least = raw.get("maxItems"), raw.get("minItems")
    if most is not None and len(value) > most:
        errors.append(too_many(path, len(value), most))
    if least is not None and len(value) < least:
        errors.append(invalid(path, len(value), f"{body} in body should have at least {least} items"))
    if schema.items is not None:
        known = _by_identity(schema, old) if isinstance(old, list) else {}
        for number, item in enumerate(value):
            before = known.get(_identity(schema, item, number), _MISSING)
            _check(schema.items, item, before, f"{path}[{number}]", f"{body}[{number}]", errors)
    if schema.list_type in ("set", "map"):
        seen: list[Any] = []
        for number, item in enumerate(value):
            shown = {key: item.get(key) for key in schema.list_map_keys} if isinstance(item, dict) else item
            if shown in seen:
                errors.append(duplicate(f"{path}[{number}]", shown))
            seen.append(shown)


def _identity(schema: Schema, item: Any, number: int) -> Any:
    if schema.list_type == "map" and isinstance(item, dict):
        return tuple(str(item.get(key)) for key in schema.list_map_keys)
    return number


def _by_identity(schema: Schema, items: list[Any]) -> dict[Any, Any]:
    return {_identity(schema, item, number): item for number, item in enumerate(items)}


def _check_object(
    schema: Schema, value: dict[str, Any], old: Any, path: str, body: str, errors: list[FieldError]
) -> None:
    raw = schema.raw
    most, least = raw.get("maxProperties"), raw.get("minProperties")
    if most is not None and len(value) > most:
        errors.append(too_many(path, len(value), most))
    if least is not None and len(value) < least:
        errors.append(invalid(path, len(value), f"{body} in body should have at least {least} properties"))
    names = list(schema.required)
    if schema.embedded_resource:
        names += [each for each in ("apiVersion", "kind") if each not in names]
    errors.extend(required(_join(path, name)) for name in names if name not in value)
    before = old if isinstance(old, dict) else {}
    for name, each in value.items():
        field = schema.properties.get(name, schema.additional)
        if field is not None:
            is_known = name in schema.properties
            here = _join(path, name) if is_known else f"{path}.{name}"
            _check(field, each, before.get(name, _MISSING), here, _join(body, name), errors)


def _check_choices(schema: Schema, value: Any, path: str, said: str, errors: list[FieldError]) -> None:
    raw = schema.raw

    def fits(choice: Any) -> bool:
        found: list[FieldError] = []
        _check(Schema(choice), value, _MISSING, path, path, found)
        return not found

    shown = "" if isinstance(value, dict | list) else value
    if raw.get("allOf") and not all(fits(each) for each in raw["allOf"]):
        for each in raw["allOf"]:
            _check(Schema(each), value, _MISSING, path, path, errors)
        errors.append(invalid(path, shown, f"{said}must validate all the schemas (allOf)"))
    if raw.get("anyOf") and not any(fits(each) for each in raw["anyOf"]):
        errors.append(invalid(path, shown, f"{said}must validate at least one schema (anyOf)"))
    if raw.get("oneOf"):
        count = sum(fits(each) for each in raw["oneOf"])
        if count != 1:
            which = "Found none valid" if count == 0 else f"Found {count} valid alternatives"
            errors.append(
                invalid(path, shown, f"{said}must validate one and only one schema (oneOf). {which}")
            )
    if raw.get("not") and fits(raw["not"]):
        errors.append(invalid(path, shown, f"{said}must not validate the schema (not)"))
