"""How values of a type are owned: piece by piece, whole, by key (structured-merge-diff schemas).

A shape is made once per schema node and kept with it: every write of every object passes here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import orjson

from eks_lab.kube.types import Schema
from eks_lab.kube.wire_table import WireMessage, wire_table


class Kind(Enum):
    """How a value is owned."""

    SCALAR = "scalar"
    ATOMIC = "atomic"
    """A map or list that changes hands as a whole."""
    STRUCT = "struct"
    """Declared fields, each on its own."""
    MAP = "map"
    """Free keys, each on its own."""
    SET = "set"
    """A list of scalars, each on its own."""
    KEYED = "keyed"
    """A list of objects, told apart by some of their fields."""
    DEDUCED = "deduced"
    """Nothing is known: maps piece by piece, lists whole."""


@dataclass(slots=True)
class Shape:
    """How values of one schema node are owned."""

    kind: Kind
    fields: Mapping[str, Shape]
    """Of a struct."""
    inner: Shape | None
    """Of the values of a map or the items of a list."""
    keys: tuple[str, ...]
    """That tell the items of a keyed list apart, sorted."""
    defaults: Mapping[str, Any]
    """Of keys that may be missing."""
    present: frozenset[str]
    """Fields of a struct that Go writes even when they are empty: they are never new."""
    scalar: str = ""
    """`string`, `numeric`, `boolean` or empty for any."""
    is_open: bool = False
    """True when a struct may hold fields it does not declare."""


SCALAR = Shape(Kind.SCALAR, {}, None, (), {}, frozenset())
ATOMIC_MAP = Shape(Kind.ATOMIC, {}, None, (), {}, frozenset(), "map")
ATOMIC_LIST = Shape(Kind.ATOMIC, {}, None, (), {}, frozenset(), "list")
DEDUCED = Shape(Kind.DEDUCED, {}, None, (), {}, frozenset())
_TEXT = Shape(Kind.SCALAR, {}, None, (), {}, frozenset(), "string")
_NUMBER = Shape(Kind.SCALAR, {}, None, (), {}, frozenset(), "numeric")
_BOOLEAN = Shape(Kind.SCALAR, {}, None, (), {}, frozenset(), "boolean")

_KEY_DEFAULTS: Mapping[str, Any] = {"protocol": "TCP"}
"""Defaults of fields that tell list items apart; every one in the API is a port's protocol."""

_kept: dict[int, tuple[Schema, Shape]] = {}


def shape_of(schema: Schema, metadata: Schema | None = None) -> Shape:
    """Return the shape of a schema node.

    Args:
        schema: the node.
        metadata: of ObjectMeta, for the root of a custom resource, whose own schema leaves it out.
    """
    known = _kept.get(id(schema))
    if known is not None:
        return known[1]
    shape = Shape(Kind.SCALAR, {}, None, (), {}, frozenset())
    _kept[id(schema)] = (schema, shape)
    made = _made(schema)
    if metadata is not None and made.kind in (Kind.STRUCT, Kind.DEDUCED):
        fields = {**made.fields, "metadata": shape_of(metadata), "apiVersion": _TEXT, "kind": _TEXT}
        made = Shape(
            Kind.STRUCT,
            fields,
            None,
            (),
            {},
            frozenset({"metadata"}),
            "",
            made.is_open or made.kind is Kind.DEDUCED,
        )
    # Filled in place: a type that holds itself already points here.
    for name in Shape.__slots__:
        setattr(shape, name, getattr(made, name))
    return shape


def _made(schema: Schema) -> Shape:
    if schema.quantity or schema.int_or_string:
        return SCALAR
    match schema.type:
        case "object":
            return _of_object(schema)
        case "array":
            return _of_list(schema)
        case "string":
            return _TEXT if not schema.name.endswith("Time") else SCALAR
        case "integer" | "number":
            return _NUMBER
        case "boolean":
            return _BOOLEAN
    return DEDUCED


def _of_object(schema: Schema) -> Shape:
    if schema.map_type == "atomic":
        return ATOMIC_MAP
    if schema.properties:
        fields = {name: shape_of(field) for name, field in schema.properties.items()}
        return Shape(Kind.STRUCT, fields, None, (), {}, _never_new(schema), "", schema.open)
    if schema.additional is not None:
        return Shape(Kind.MAP, {}, shape_of(schema.additional), (), {}, frozenset())
    return DEDUCED


def _of_list(schema: Schema) -> Shape:
    items = schema.items
    if items is None or schema.list_type not in ("map", "set"):
        return ATOMIC_LIST
    if schema.list_type == "set":
        return Shape(Kind.SET, {}, shape_of(items), (), {}, frozenset())
    keys = tuple(sorted(schema.list_map_keys))
    defaults: dict[str, Any] = {}
    for key in keys:
        field = items.properties.get(key)
        if field is not None and "default" in field.raw:
            defaults[key] = field.raw["default"]
        elif key in _KEY_DEFAULTS:
            defaults[key] = _KEY_DEFAULTS[key]
    return Shape(Kind.KEYED, {}, shape_of(items), keys, defaults, frozenset())


def _never_new(schema: Schema) -> frozenset[str]:
    """Return the fields that an empty Go struct has when it is written: structs by value, what is not omitempty."""
    name = "k8s.io." + schema.name.removeprefix("io.k8s.").replace("-", "_")
    message = wire_table().message(name)
    if message is None:
        return frozenset()
    found: set[str] = set()
    _collect(message, schema, found)
    return frozenset(found)


def _collect(message: WireMessage, schema: Schema, found: set[str]) -> None:
    for field in message.fields.values():
        if field.inlined:
            inner = wire_table().message(field.message)
            if inner is not None:
                _collect(inner, schema, found)
            continue
        node = schema.properties.get(field.name)
        if node is None:
            continue
        is_struct = node.type == "object" and bool(node.properties) and not field.repeated
        if (is_struct and not field.pointer) or (field.repeated and field.name in message.kept_empty):
            found.add(field.name)


def element_of(shape: Shape, item: Any) -> str:
    """Return the path element of an item of a keyed list or a set.

    Raises:
        KeyError: a key without a default is missing; its name is the argument.
    """
    if shape.kind is Kind.SET:
        return "v:" + orjson.dumps(item).decode()
    if not isinstance(item, dict):
        raise KeyError(shape.keys[0] if shape.keys else "")
    keys: dict[str, Any] = {}
    for key in shape.keys:
        value = item.get(key)
        if value is None:
            if key not in shape.defaults:
                raise KeyError(key)
            value = shape.defaults[key]
        keys[key] = value
    return "k:" + orjson.dumps(keys).decode()
