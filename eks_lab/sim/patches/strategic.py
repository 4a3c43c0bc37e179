"""Strategic merge patch: lists merge by key, directives say the rest (apimachinery/pkg/util/strategicpatch)."""

from __future__ import annotations

from typing import Any

from eks_lab.kube.types import Schema
from eks_lab.sim.objects import ApiError, Obj, bad_request

_PATCH = "$patch"
_RETAIN = "$retainKeys"
_DELETE_PRIMITIVES = "$deleteFromPrimitiveList/"
_ORDER = "$setElementOrder/"


def apply_strategic_patch(target: Obj, patch: Any, schema: Schema | None) -> Obj:
    """Return the object with a strategic merge patch applied.

    Args:
        target: shared; it is not changed.
        patch: an object.
        schema: of the kind; it names merge keys and strategies.

    Raises:
        ApiError: 400 or 500, the patch makes no sense, in the server's words.
    """
    return _merge_map(target, patch, schema)


def _merge_map(target: Obj, patch: Obj, schema: Schema | None) -> Obj:
    directive = patch.get(_PATCH)
    if directive == "replace":
        return {key: value for key, value in patch.items() if key != _PATCH}
    if directive == "delete":
        return {}
    if directive not in (None, "merge"):
        raise ApiError(500, "", f"unknown patch type found: {directive}")
    result = dict(target)
    retained = patch.get(_RETAIN)
    if retained is not None:
        _check_retained(retained, patch)
        result = {key: value for key, value in result.items() if key in retained}
    orders = {key.removeprefix(_ORDER): value for key, value in patch.items() if key.startswith(_ORDER)}
    for key, value in patch.items():
        if key.startswith(_DELETE_PRIMITIVES):
            _delete_primitives(result, key.removeprefix(_DELETE_PRIMITIVES), value)
    for key, value in patch.items():
        if key in (_PATCH, _RETAIN) or key.startswith((_DELETE_PRIMITIVES, _ORDER)):
            continue
        if value is None:
            result.pop(key, None)
            continue
        result[key] = _merge_value(result.get(key), value, _field(schema, key), key)
    for key, order in orders.items():
        if isinstance(result.get(key), list):
            _order(result, key, order, patch.get(key), target.get(key), _field(schema, key))
    return result


def _field(schema: Schema | None, key: str) -> Schema | None:
    if schema is None:
        return None
    return schema.properties.get(key) or schema.additional


def _merge_value(present: Any, value: Any, schema: Schema | None, key: str) -> Any:
    if isinstance(value, dict):
        if isinstance(present, dict) and schema is not None and "replace" in schema.patch_strategies:
            return _clean(value) if _RETAIN not in value else _merge_map(present, value, schema)
        return _merge_map(present if isinstance(present, dict) else {}, value, schema)
    if isinstance(value, list):
        return _merge_list(present if isinstance(present, list) else [], value, schema, key)
    return value


def _check_retained(retained: Any, patch: Obj) -> None:
    if not isinstance(retained, list):
        raise bad_request("$retainKeys must be a list of the fields to keep")
    for key in patch:
        if not key.startswith("$") and patch[key] is not None and key not in retained:
            raise bad_request("$retainKeys list doesn't contain all of fields in the patch: " + key)


def _clean(value: Any) -> Any:
    """Return a value that came whole from a patch, without directives and nulls."""
    if isinstance(value, dict):
        return {
            key: _clean(each) for key, each in value.items() if not key.startswith("$") and each is not None
        }
    if isinstance(value, list):
        return [_clean(each) for each in value]
    return value


def _merge_list(present: list[Any], patch: list[Any], schema: Schema | None, key: str) -> list[Any]:
    merges = schema is not None and "merge" in schema.patch_strategies
    if not merges or schema is None:
        return [_clean(each) for each in patch if not _is_replace_directive(each)]
    if any(isinstance(each, dict) for each in patch) or any(isinstance(each, dict) for each in present):
        return _merge_keyed(present, patch, schema, key)
    # A merging list of plain values is a set.
    result = list(present)
    for each in patch:
        if each not in result:
            result.append(each)
    return _arranged(result, patch, present)


def _is_replace_directive(item: Any) -> bool:
    return isinstance(item, dict) and item.get(_PATCH) == "replace" and len(item) == 1


def _merge_keyed(present: list[Any], patch: list[Any], schema: Schema, key: str) -> list[Any]:
    if any(_is_replace_directive(each) for each in patch):
        return [_clean(each) for each in patch if not _is_replace_directive(each)]
    merge_key = schema.merge_key
    result = list(present)
    for item in patch:
        if not isinstance(item, dict):
            raise ApiError(500, "", f"The order in patch list:\n{patch}\n doesn't match")
        if merge_key not in item:
            raise ApiError(500, "", f"map: {_go_map(item)} does not contain declared merge key: {merge_key}")
        value = item[merge_key]
        matching = [number for number, each in enumerate(result) if each.get(merge_key) == value]
        directive = item.get(_PATCH)
        if directive == "delete":
            result = [each for each in result if each.get(merge_key) != value]
        elif matching:
            number = matching[0]
            result[number] = _merge_map(result[number], item, schema.items)
        else:
            result.append(_clean(item) if directive != "merge" else _merge_map({}, item, schema.items))
    kept = [each[merge_key] for each in patch if each.get(_PATCH) != "delete"]
    return _arranged(result, kept, [each.get(merge_key) for each in present], merge_key)


def _go_map(value: Obj) -> str:
    """Return a map as Go's %v prints it."""
    return "map[" + " ".join(f"{key}:{value[key]}" for key in sorted(value)) + "]"


def _delete_primitives(result: Obj, key: str, values: Any) -> None:
    present = result.get(key)
    if isinstance(present, list) and isinstance(values, list):
        left = [each for each in present if each not in values]
        if left:
            result[key] = left
        else:
            result.pop(key)


def _order(result: Obj, key: str, order: Any, patch: Any, target: Any, schema: Schema | None) -> None:
    """Put a merged list into the order a `$setElementOrder` asks for; what only the server has keeps its place."""
    if not isinstance(order, list):
        return
    merge_key = schema.merge_key if schema is not None else ""
    before = target if isinstance(target, list) else []
    result[key] = _arranged(
        result[key],
        [_identity(each, merge_key) for each in order],
        [_identity(each, merge_key) for each in before],
        merge_key,
    )


def _identity(item: Any, merge_key: str) -> Any:
    return item.get(merge_key) if isinstance(item, dict) else item


def _arranged(items: list[Any], wanted: list[Any], before: list[Any], merge_key: str = "") -> list[Any]:
    """Return merged items in the order of a patch: a new one stands in front (strategicpatch, normalizeElementOrder).

    Args:
        items: after merging.
        wanted: identities in the order of the patch.
        before: identities as they were on the server.
        merge_key: field that identifies an object.
    """
    named = [(_identity(each, merge_key), each) for each in items]
    listed = sorted((each for each in named if each[0] in wanted), key=lambda each: wanted.index(each[0]))
    rest = [each for each in named if each[0] not in wanted]
    merged: list[Any] = []
    # Server-only items stay before the first listed item that followed them on the server.
    for name, item in listed:
        while rest and name in before and before.index(rest[0][0]) < before.index(name):
            merged.append(rest.pop(0)[1])
        merged.append(item)
    return merged + [item for _, item in rest]
