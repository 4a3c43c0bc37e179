"""What changed between two objects, and what an object says at all, as sets of fields."""

from __future__ import annotations

from typing import Any

from eks_lab.sim.objects import Obj
from eks_lab.sim.patches.field_sets import LEAF, Fields
from eks_lab.sim.patches.shapes import DEDUCED, Kind, Shape, element_of

_MISSING: Any = object()


def changed_fields(shape: Shape, old: Obj | None, new: Obj) -> tuple[Fields, Fields]:
    """Compare two states of an object.

    Args:
        shape: of the kind.
        old: before; None for a new object.
        new: after.

    Returns:
        The fields that were added or got another value, and those that were removed.
    """
    changed: Fields = {}
    removed: Fields = {}
    _compare_map(shape, old or {}, new, changed, removed)
    return changed, removed


def _compare(shape: Shape, old: Any, new: Any, element: str, changed: Fields, removed: Fields) -> None:
    """Compare two values that are both there; what differs goes to the two nodes under `element`."""
    if old is new:
        return
    kind = shape.kind
    if kind is Kind.DEDUCED and isinstance(old, dict) and isinstance(new, dict):
        kind = Kind.MAP
    if kind in (Kind.STRUCT, Kind.MAP) and isinstance(old, dict) and isinstance(new, dict):
        inner: Fields = {}
        gone: Fields = {}
        _compare_map(shape, old, new, inner, gone)
    elif kind in (Kind.SET, Kind.KEYED) and isinstance(old, list) and isinstance(new, list):
        inner, gone = {}, {}
        try:
            _compare_list(shape, old, new, inner, gone)
        except KeyError:
            inner = {".": LEAF} if old != new else {}
    else:
        if old != new:
            changed[element] = LEAF
        return
    if inner:
        changed[element] = inner
    if gone:
        removed[element] = gone


def _shape_in(shape: Shape, key: str) -> Shape:
    if shape.kind is Kind.STRUCT:
        return shape.fields.get(key, DEDUCED)
    return shape.inner or DEDUCED


def _compare_map(shape: Shape, old: Obj, new: Obj, changed: Fields, removed: Fields) -> None:
    present = shape.present
    for key, value in new.items():
        before = old.get(key, _MISSING)
        if before is value:
            continue
        inner = _shape_in(shape, key)
        element = f"f:{key}"
        if before is _MISSING or before is None:
            if value is None:
                continue
            if (
                key in present
                and isinstance(value, dict | list)
                and inner.kind not in (Kind.ATOMIC, Kind.SCALAR)
            ):
                empty: Any = {} if isinstance(value, dict) else []
                _compare(inner, empty, value, element, changed, removed)
            else:
                changed[element] = everything(inner, value)
        elif value is None:
            removed[element] = everything(inner, before)
        else:
            _compare(inner, before, value, element, changed, removed)
    for key, before in old.items():
        if key not in new and before is not None:
            inner = _shape_in(shape, key)
            fields = everything(inner, before)
            removed[f"f:{key}"] = fields


def _compare_list(shape: Shape, old: list[Any], new: list[Any], changed: Fields, removed: Fields) -> None:
    inner = shape.inner or DEDUCED
    before = {element_of(shape, item): item for item in old}
    after = {element_of(shape, item): item for item in new}
    for element, item in after.items():
        if element not in before:
            changed[element] = everything(inner, item)
        elif shape.kind is Kind.KEYED:
            _compare(inner, before[element], item, element, changed, removed)
    for element, item in before.items():
        if element not in after:
            removed[element] = everything(inner, item)


def everything(shape: Shape, value: Any) -> Fields:
    """Return the field of a value and all fields below it: what somebody owns who wrote it anew."""
    kind = shape.kind
    if kind is Kind.DEDUCED and isinstance(value, dict):
        kind = Kind.MAP
    if kind in (Kind.STRUCT, Kind.MAP) and isinstance(value, dict):
        node: Fields = {f"f:{key}": everything(_shape_in(shape, key), each) for key, each in value.items()}
    elif kind in (Kind.SET, Kind.KEYED) and isinstance(value, list):
        inner = shape.inner or DEDUCED
        try:
            node = {element_of(shape, item): everything(inner, item) for item in value}
        except KeyError:
            return LEAF
    else:
        return LEAF
    return {".": LEAF, **node} if node else LEAF


def applied_fields(shape: Shape, value: Any) -> Fields:
    """Return the fields that a configuration names: what its applier owns (ToFieldSet).

    A declared struct or list is not owned itself, only what stands in it; the key of a map and the item of a
    keyed list are.
    """
    kind = shape.kind
    if kind is Kind.DEDUCED and isinstance(value, dict):
        kind = Kind.MAP
    node: Fields = {}
    if kind in (Kind.STRUCT, Kind.MAP) and isinstance(value, dict):
        for key, each in value.items():
            inner = _shape_in(shape, key)
            is_leaf = each is None or each == {} or _is_whole(inner, each)
            if is_leaf:
                node[f"f:{key}"] = LEAF
                continue
            below = applied_fields(inner, each)
            if kind is Kind.MAP or key not in shape.fields:
                below = {".": LEAF, **below} if below else LEAF
            elif not below:
                continue
            node[f"f:{key}"] = below
    elif kind is Kind.SET and isinstance(value, list):
        node = {element_of(shape, item): LEAF for item in value}
    elif kind is Kind.KEYED and isinstance(value, list):
        inner = shape.inner or DEDUCED
        for item in value:
            node[element_of(shape, item)] = {".": LEAF, **applied_fields(inner, item)}
    return node


def _is_whole(shape: Shape, value: Any) -> bool:
    """Say whether a value is owned as one."""
    if shape.kind in (Kind.SCALAR, Kind.ATOMIC):
        return True
    if shape.kind is Kind.DEDUCED:
        return not isinstance(value, dict)
    return not isinstance(value, dict | list)
