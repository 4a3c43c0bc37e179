"""Sets of fields in the form of FieldsV1: a tree of path elements (structured-merge-diff/fieldpath/serialize.go).

A node `{}` is a field that is in the set; a node with children is in the set when it has the key `.`.
The root itself is never in a set, so an empty root is the empty set. Nodes are shared and never changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

Fields = dict[str, Any]
"""One node of a set."""

LEAF: Fields = {}
"""A field that is in the set and has no fields of its own in it. Shared: never change it."""


def is_set(value: Any) -> bool:
    """Say whether a value from outside is a set of fields; the server forgets the managers of what is none."""
    return isinstance(value, dict) and all(
        (element == "." or _is_element(element)) and is_set(node) for element, node in value.items()
    )


def _is_element(text: str) -> bool:
    """Say whether a text names a field, a key, a value or a place (fieldpath/serialize-pe.go)."""
    kind, separator, rest = text.partition(":")
    if not separator or kind not in ("f", "k", "v", "i"):
        return False
    if kind == "f":
        return True
    try:
        read = orjson.loads(rest)
    except orjson.JSONDecodeError:
        return False
    return isinstance(read, dict) if kind == "k" else kind == "v" or isinstance(read, int)


def is_member(node: Fields) -> bool:
    """Say whether the field of a node is in the set."""
    return not node or "." in node


def _collapsed(node: Fields) -> Fields:
    """Return a node in its shortest form."""
    return LEAF if len(node) == 1 and "." in node else node


def _grown(node: Fields) -> Fields:
    """Return a node with its membership spelt out."""
    return node or {".": LEAF}


def union(one: Fields, other: Fields, *, is_root: bool = True) -> Fields:
    """Return the fields that are in either set."""
    if one is other:
        return one
    if is_root:
        if not one:
            return other
        if not other:
            return one
    else:
        one, other = _grown(one), _grown(other)
    merged = dict(one)
    for element, node in other.items():
        present = merged.get(element)
        merged[element] = node if present is None else union(present, node, is_root=False)
    return merged if is_root else _collapsed(merged)


def difference(one: Fields, other: Fields, *, is_root: bool = True) -> Fields:
    """Return the fields of the first set that are not in the second; empty at the root when none are left."""
    if is_root and (not one or not other):
        return one
    left: Fields = {}
    changed = False
    one_grown, other_grown = (one, other) if is_root else (_grown(one), _grown(other))
    for element, node in one_grown.items():
        taken = other_grown.get(element)
        if taken is None:
            left[element] = node
            continue
        if element == ".":
            changed = True
            continue
        rest = difference(node, taken, is_root=False)
        changed = changed or rest is not node
        if rest is not NOTHING:
            left[element] = rest
    if not changed and len(left) == len(one_grown):
        return one
    if not left:
        return {} if is_root else NOTHING
    return left if is_root else _collapsed(left)


NOTHING: Fields = {"": None}
"""Stands for a node that vanished; never part of a set."""


def intersection(one: Fields, other: Fields, *, is_root: bool = True) -> Fields:
    """Return the fields that are in both sets; empty at the root when none are."""
    if not is_root:
        one, other = _grown(one), _grown(other)
    both: Fields = {}
    for element, node in one.items():
        partner = other.get(element)
        if partner is None:
            continue
        if element == ".":
            both["."] = LEAF
            continue
        shared = intersection(node, partner, is_root=False)
        if shared is not NOTHING:
            both[element] = shared
    if not both:
        return {} if is_root else NOTHING
    return both if is_root else _collapsed(both)


def paths(fields: Fields, prefix: str = "") -> Iterator[str]:
    """Yield the fields of a set as messages write them, at each level members before what is deeper.

    Yields:
        `.spec.containers[name="c"].image`.
    """
    elements = sorted(element for element in fields if element != ".")
    for element in elements:
        if is_member(fields[element]):
            yield prefix + shown_element(element)
    for element in elements:
        if fields[element]:
            yield from paths(fields[element], prefix + shown_element(element))


def shown_element(element: str) -> str:
    """Return one path element as messages write it: `f:a` -> `.a`, `k:{"name":"c"}` -> `[name="c"]`."""
    kind, value = element[:2], element[2:]
    if kind == "f:":
        return f".{value}"
    if kind == "k:":
        keys = orjson.loads(value)
        return "[" + ",".join(f"{key}={_value(keys[key])}" for key in sorted(keys)) + "]"
    if kind == "v:":
        return f"[={_value(orjson.loads(value))}]"
    return f"[{value}]"


def _value(value: Any) -> str:
    return orjson.dumps(value).decode()
