"""From a client's JSON to the object a Go server would hold: one pass that drops what is not known or empty.

A kube-apiserver decodes into structs and encodes them again: unknown fields, nulls and empty values vanish,
quantities come back in canonical form. Each definition is compiled once into a closure, because every write
passes here.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from eks_lab.kube import structure
from eks_lab.kube.quantity import QuantityError, canonical_text
from eks_lab.kube.types import GroupVersionKind, Schema
from eks_lab.kube.wire_table import WireMessage, wire_table
from eks_lab.sim.api.copies import private_copy
from eks_lab.sim.objects import ApiError, Obj, micro_timestamp, parse_time, timestamp
from eks_lab.sim.patches import field_sets
from eks_lab.sim.resource import Resource

if TYPE_CHECKING:
    from eks_lab.sim.api.core import Api

DROP = object()
"""What a field becomes that Go leaves out."""

_BOUNDS = {"int32": 2**31, "int64": 2**63}

Unknown = list[str]
Decoder = Callable[[Any, str, Unknown], Any]
"""Value, its path, where unknown paths are kept -> value or DROP."""


class Mistyped(Exception):  # noqa: N818 - never leaves this module
    """A value has a wrong type; `structure` says which, in Go's words."""


def decode(
    resource: Resource,
    version: str,
    schema: Schema,
    obj: Obj,
    field_validation: str,
    warnings: list[str],
    unknown: Unknown,
) -> Obj:
    """Return the object of a built-in kind as the server holds it.

    Args:
        resource: of the object.
        version: API version name of the body.
        schema: of the kind in that version.
        obj: from the client, never changed.
        field_validation: `Strict` refuses unknown fields, `Warn` names them, `Ignore` drops them silently.
        warnings: receives what `Warn` says.
        unknown: what is known to be wrong already (repeated fields); unknown ones are added.

    Raises:
        ApiError: 400, `Pod in version "v1" cannot be handled as a Pod: …`.
    """
    try:
        decoded: Obj = _decoder(schema)(obj, "", unknown)
    except Mistyped as mistyped:
        problem = structure.type_problem(schema, obj) or str(mistyped) or "json: cannot unmarshal"
        raise UndecodableError(resource.kind, version, problem) from None
    report_unknown(resource, version, unknown, field_validation, warnings)
    return decoded


class UndecodableError(ApiError):
    """A body that is no object of its kind."""

    def __init__(self, kind: str, version: str, problem: str) -> None:
        """Say `Pod in version "v1" cannot be handled as a Pod: …`.

        Args:
            kind: of the object.
            version: API version name of the body.
            problem: what the decoder says.
        """
        version = version.rpartition("/")[2]
        super().__init__(
            400, "BadRequest", f'{kind} in version "{version}" cannot be handled as a {kind}: {problem}'
        )
        self.problem = problem


def report_unknown(
    resource: Resource, version: str, unknown: Unknown, field_validation: str, warnings: list[str]
) -> None:
    """Refuse, name or forget unknown and duplicate fields.

    Args:
        resource: of the object.
        version: API version name of the body.
        unknown: paths, or whole sentences (`duplicate field "x"`).
        field_validation: Strict, Warn or Ignore.
        warnings: receives what `Warn` says.

    Raises:
        ApiError: 400.
    """
    if not unknown or field_validation == "Ignore":
        return
    texts = [each if " " in each else f'unknown field "{each}"' for each in unknown]
    if field_validation == "Strict":
        raise UndecodableError(resource.kind, version, f"strict decoding error: {', '.join(texts)}")
    warnings.extend(texts)


# --- compiled decoders --------------------------------------------------------------------------------------

_compiled: dict[int, tuple[Schema, Decoder]] = {}


def _decoder(schema: Schema) -> Decoder:
    """Return the decoder of a node; kept for as long as the node."""
    known = _compiled.get(id(schema))
    if known is None:
        # The placeholder ends recursion: JSONSchemaProps holds itself.
        def later(value: Any, path: str, unknown: Unknown) -> Any:
            return _compiled[id(schema)][1](value, path, unknown)

        _compiled[id(schema)] = (schema, later)
        _compiled[id(schema)] = known = (schema, _compile(schema))
    return known[1]


def _compile(schema: Schema) -> Decoder:
    if schema.quantity:
        return _quantity
    if schema.int_or_string:
        return _int_or_string
    if schema.name.endswith("v1.FieldsV1"):
        return _field_set
    match schema.type:
        case "object":
            if schema.properties:
                return _struct(schema)
            return _map(_decoder(schema.additional)) if schema.additional is not None else _object
        case "array":
            return _list(_decoder(schema.items)) if schema.items is not None else _anything
        case "string":
            return _text_with_form(schema) if _has_form(schema) else _text
        case "integer":
            return _integer(_BOUNDS.get(schema.format, 2**63))
        case "boolean":
            return _boolean
        case "number":
            return _number
    return _anything


def _has_form(schema: Schema) -> bool:
    return schema.format == "byte" or schema.name.endswith(("v1.Time", "v1.MicroTime"))


def _struct(schema: Schema) -> Decoder:
    fields: dict[str, Decoder] = {}
    droppable = _droppable(schema)
    for name, field in schema.properties.items():
        union = _UNIONS.get(field.name)
        # Only JSONSchemaProps has such fields, and holds itself in them.
        decoder = _decoder(field) if union is None else _union(_decoder(schema), *union)
        fields[name] = _omit_empty(decoder) if name in droppable else decoder
    may_hold_any = schema.open
    always = _always_there(schema)

    def struct(value: Any, path: str, unknown: Unknown) -> Any:
        if not isinstance(value, dict):
            if value is None:
                return DROP
            raise Mistyped
        result: Obj = {}
        prefix = f"{path}." if path else ""
        for key, inner in value.items():
            decoder = fields.get(key)
            if decoder is None:
                if may_hold_any:
                    result[key] = inner
                else:
                    unknown.append(prefix + key)
                continue
            decoded = decoder(inner, prefix + key, unknown)
            if decoded is not DROP:
                result[key] = decoded
        for key, zero in always:
            if key not in result:
                result[key] = zero
        return result

    return struct


def _always_there(schema: Schema) -> Sequence[tuple[str, str | int | bool]]:
    """Return the scalars that Go writes even where nobody gave them, with their zero values: a condition's status."""
    message = wire_table().message(message_of(schema.name))
    flat = flat_fields(message) if message is not None else {}
    return [
        (name, zero)
        for name, field in schema.properties.items()
        if name in schema.required
        and flat.get(name) == (False, False)
        and not field.int_or_string
        and not field.quantity
        and not _has_form(field)
        and (zero := _ZEROS.get(field.type)) is not None
    ]


_ZEROS: Mapping[str, str | int | bool] = {"string": "", "integer": 0, "boolean": False}


_EMPTY_SAYS_SOMETHING = frozenset((("io.k8s.api.autoscaling.v2.HPAScalingRules", "policies"),))
"""Lists whose defaults come only where the list is absent; an empty one is kept for validation to refuse."""


def _droppable(schema: Schema) -> frozenset[str]:
    """Return the fields that Go omits when they are empty: maps and lists, and scalars that are no pointers."""
    message = wire_table().message(message_of(schema.name))
    found = set()
    flat = flat_fields(message) if message is not None else {}
    for name, field in schema.properties.items():
        if (schema.name, name) in _EMPTY_SAYS_SOMETHING:
            continue
        is_collection = field.type == "array" or (field.type == "object" and field.additional is not None)
        wire = flat.get(name)
        if is_collection:
            if wire is None or wire[1] or field.type == "object":
                found.add(name)
        elif (
            field.type in ("string", "boolean", "integer", "number")
            and wire is not None
            and wire == (False, True)
        ):
            found.add(name)
    return frozenset(found)


def message_of(definition: str) -> str:
    """Return the protobuf message of an OpenAPI definition: `io.k8s.api.core.v1.Pod` -> `k8s.io.api.core.v1.Pod`."""
    return "k8s.io." + definition.removeprefix("io.k8s.").replace("-", "_")


@functools.lru_cache(maxsize=2048)
def _flat(name: str) -> Mapping[str, tuple[bool, bool]]:
    message = wire_table().message(name)
    return flat_fields(message) if message is not None else {}


def flat_fields(message: WireMessage) -> Mapping[str, tuple[bool, bool]]:
    """Return the JSON fields of a Go struct, those of inlined structs included.

    Returns:
        Name -> is a pointer, is left out when empty.
    """
    found: dict[str, tuple[bool, bool]] = {}
    for field in message.fields.values():
        if field.inlined:
            found.update(_flat(field.message))
        else:
            found[field.name] = (field.pointer, field.name not in message.kept_empty)
    return found


def _omit_empty(decoder: Decoder) -> Decoder:
    def omitting(value: Any, path: str, unknown: Unknown) -> Any:
        decoded = decoder(value, path, unknown)
        return decoded if decoded else DROP

    return omitting


def _map(values: Decoder) -> Decoder:
    def mapping(value: Any, path: str, unknown: Unknown) -> Any:
        if not isinstance(value, dict):
            if value is None:
                return DROP
            raise Mistyped
        result: Obj = {}
        for key, inner in value.items():
            decoded = values(inner, f"{path}.{key}", unknown)
            # A null in a map becomes the zero value of its type: Go keeps the key.
            result[key] = decoded if decoded is not DROP else _zero(values)
        return result

    return mapping


def _zero(decoder: Decoder) -> Any:
    """Return what a null among the values of a map or a list becomes: the zero value of their type."""
    candidates: tuple[Any, ...] = ({}, [], 0)
    for candidate in candidates:
        with suppress(Mistyped):
            zero = decoder(candidate, "", [])
            if zero is not DROP:
                return zero
    return ""


def _list(items: Decoder) -> Decoder:
    def listing(value: Any, path: str, unknown: Unknown) -> Any:
        if not isinstance(value, list):
            if value is None:
                return DROP
            raise Mistyped
        decoded = [items(inner, f"{path}[{number}]", unknown) for number, inner in enumerate(value)]
        if DROP in decoded:
            decoded = [_zero(items) if each is DROP else each for each in decoded]
        return decoded

    return listing


def _text(value: Any, path: str, unknown: Unknown) -> Any:
    if value.__class__ is str:
        return value
    if value is None:
        return DROP
    raise Mistyped


def _text_with_form(schema: Schema) -> Decoder:
    """Return the decoder of times and base64, whose form counts; times are kept as the server writes them."""
    written = _TIMES.get(schema.name.rpartition(".")[2])

    def formed(value: Any, path: str, unknown: Unknown) -> Any:
        if value is None:
            return DROP
        if not isinstance(value, str) or structure.type_problem(schema, value) is not None:  # type: ignore[arg-type]
            raise Mistyped
        return value if written is None else _rewritten(value, *written)

    return formed


_TIMES = {"Time": (timestamp, 20), "MicroTime": (micro_timestamp, 27)}
"""How a time is written, and how long that is."""


def _rewritten(text: str, write: Callable[[datetime], str], length: int) -> str:
    """Return a time in UTC with the server's digits: clients write `+00:00` for `Z` (meta/v1/time.go)."""
    if len(text) == length and text[-1] == "Z":
        return text
    try:
        return write(parse_time(text))
    except (ValueError, OverflowError):
        # Go reads the year 0000, too, and what an offset moves out of the years 1 to 9999; nobody here can reckon
        # with either, so neither is kept.
        raise Mistyped from None


def _integer(bound: int) -> Decoder:
    def integer(value: Any, path: str, unknown: Unknown) -> Any:
        if value.__class__ is int:
            if -bound <= value < bound:
                return value
            raise Mistyped
        if value is None:
            return DROP
        if value.__class__ is float and value.is_integer() and -bound <= value < bound:
            return int(value)
        raise Mistyped

    return integer


def _boolean(value: Any, path: str, unknown: Unknown) -> Any:
    if value is True or value is False:
        return value
    if value is None:
        return DROP
    raise Mistyped


def _number(value: Any, path: str, unknown: Unknown) -> Any:
    if value is None:
        return DROP
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Mistyped
    return value


def _object(value: Any, path: str, unknown: Unknown) -> Any:
    if value is None:
        return DROP
    if not isinstance(value, dict):
        raise Mistyped
    return value


_EXTENSIONS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1."
_UNIONS: Mapping[str, tuple[type, str]] = {
    f"{_EXTENSIONS}JSONSchemaPropsOrArray": (list, "JSON schema or array of them"),
    f"{_EXTENSIONS}JSONSchemaPropsOrBool": (bool, "boolean or JSON schema"),
}
"""Definition -> what may stand there beside a schema, and the words for both."""


def _union(props: Decoder, other: type, said: str) -> Decoder:
    """Return the decoder of a schema or something else (apiextensions/v1/marshal.go)."""
    several = _list(props)

    def either(value: Any, path: str, unknown: Unknown) -> Any:
        if isinstance(value, dict):
            return props(value, path, unknown)
        if value is None:
            return DROP
        if isinstance(value, other):
            return several(value, path, unknown) if other is list else value
        raise Mistyped(f"{said} expected at {path}")

    return either


def _field_set(value: Any, path: str, unknown: Unknown) -> Any:
    """Return the fields of a manager; none when they make no sense, as the server forgets such managers."""
    found = _object(value, path, unknown)
    return found if found is DROP or field_sets.is_set(found) else DROP


def _anything(value: Any, path: str, unknown: Unknown) -> Any:
    return DROP if value is None else value


@functools.lru_cache(maxsize=4096)
def _canonical(text: str) -> str:
    return canonical_text(text)


def _quantity(value: Any, path: str, unknown: Unknown) -> Any:
    if value is None:
        return DROP
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Mistyped
    try:
        return _canonical(value if isinstance(value, str) else repr(value))
    except (ValueError, QuantityError):
        raise Mistyped from None


def _int_or_string(value: Any, path: str, unknown: Unknown) -> Any:
    if value.__class__ is str or (value.__class__ is int and -(2**31) <= value < 2**31):
        return value
    if value is None:
        return DROP
    if value.__class__ is float and value.is_integer() and -(2**31) <= value < 2**31:
        return int(value)
    raise Mistyped


def decode_kind(api: Api, kind: GroupVersionKind, obj: Obj) -> Obj:
    """Return a body of a kind that is asked and never stored: DeleteOptions, Eviction, Scale.

    Args:
        api: whose schemas count.
        kind: which the URL takes; what the body says of itself is not judged.
        obj: from the client, never changed.

    Raises:
        ApiError: 400, a field has a wrong type.
    """
    schema = api.schemas.built_in.of(kind.group, kind.version, kind.kind)
    if schema is None:
        return private_copy(obj)
    try:
        decoded: Obj = _decoder(schema)(obj, "", [])
    except Mistyped as mistyped:
        problem = structure.type_problem(schema, obj) or str(mistyped) or "json: cannot unmarshal"
        raise UndecodableError(kind.kind, kind.version, problem) from None
    return decoded


def decode_object(
    api: Api,
    resource: Resource,
    version: str,
    obj: Obj,
    field_validation: str,
    warnings: list[str],
    duplicates: Sequence[str] = (),
) -> Obj:
    """Return a client's object as the server holds it, whatever kind it is.

    Args:
        api: whose schemas count.
        resource: built-in or custom.
        version: API version name of the body.
        obj: from the client, never changed.
        field_validation: Strict, Warn or Ignore.
        warnings: receives what `Warn` says.
        duplicates: sentences about repeated fields, named before unknown ones.

    Raises:
        ApiError: 400.
    """
    schema = api.schemas.of(resource, version)
    if schema is None:
        return private_copy(obj)
    unknown: Unknown = list(duplicates)
    if resource.dynamic:
        decoded = private_copy(structure.prune(schema, obj))
        metadata = decoded.get("metadata")
        if metadata is not None:
            meta = api.schemas.built_in.definition("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
            try:
                kept = _decoder(meta)(metadata, "metadata", unknown) if meta is not None else metadata
            except Mistyped:
                problem = structure.type_problem(meta, metadata) if meta is not None else ""
                raise UndecodableError(resource.kind, version, problem or "metadata is no object") from None
            decoded["metadata"] = kept
        unknown += [structure.shown_path(path) for path in structure.unknown_paths(schema, obj)]
        report_unknown(resource, version, unknown, field_validation, warnings)
        return decoded
    return decode(resource, version, schema, obj, field_validation, warnings, unknown)
