"""JSON patch (RFC 6902) with the API server's answers to broken ones.

A patch that does not apply is answered without a word about why, as kube-apiserver does.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from eks_lab.sim.objects import ApiError, Obj, bad_request

MOST_OPERATIONS = 10_000
"""Operations of one patch (handlers/patch.go: maxJSONPatchOperations)."""

_REFUSED = "the server rejected our request due to an error in our request"


class _Refused(Exception):  # noqa: N818 - never leaves this module
    """An operation does not apply."""


def apply_json_patch(obj: Obj, patch: Any) -> Obj:
    """Return the object with every operation done, in order.

    Args:
        obj: shared; it is not changed.
        patch: a list of operations.

    Raises:
        ApiError: 400 the patch is no list of operations, 413 too many, 422 one does not apply.
    """
    operations = _operations(patch)
    result: Any = copy.deepcopy(obj)
    try:
        for operation in operations:
            result = _do(result, operation)
    except _Refused as error:
        raise ApiError(422, "Invalid", _REFUSED) from error
    if not isinstance(result, dict):
        raise ApiError(422, "Invalid", _REFUSED)
    return result


def _operations(patch: Any) -> list[Obj]:
    if not isinstance(patch, list):
        found = {dict: "object", str: "string", bool: "bool"}.get(type(patch), "number")
        raise bad_request(
            f"error decoding patch: json: cannot unmarshal {found} into Go value of type []handlers.jsonPatchOp"
        )
    if len(patch) > MOST_OPERATIONS:
        raise ApiError(
            413,
            "RequestEntityTooLarge",
            f"The allowed maximum operations in a JSON patch is {MOST_OPERATIONS}, got {len(patch)}",
        )
    for operation in patch:
        if not isinstance(operation, dict):
            found = {list: "array", str: "string", bool: "bool"}.get(type(operation), "number")
            raise bad_request(
                f"error decoding patch: json: cannot unmarshal {found} into Go value of type handlers.jsonPatchOp"
            )
    return patch


def _do(document: Any, operation: Obj) -> Any:
    name = operation.get("op")
    path = _pointer(operation, "path")
    match name:
        case "add":
            return _add(document, path, copy.deepcopy(_value(operation)))
        case "remove":
            return _remove(document, path)
        case "replace":
            _find(document, path)
            return _put(document, path, copy.deepcopy(_value(operation)))
        case "move":
            source = _pointer(operation, "from")
            if path[: len(source)] == source and len(path) > len(source):
                raise _Refused
            value = _find(document, source)
            return _add(_remove(document, source), path, value)
        case "copy":
            return _add(document, path, copy.deepcopy(_find(document, _pointer(operation, "from"))))
        case "test":
            _test(document, path, operation.get("value"))
            return document
        case _:
            raise _Refused


def _pointer(operation: Obj, field: str) -> tuple[str, ...]:
    """Return the steps of a JSON pointer (RFC 6901)."""
    text = operation.get(field)
    if not isinstance(text, str) or (text and not text.startswith("/")):
        raise _Refused
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in text.split("/")[1:])


def _value(operation: Obj) -> Any:
    if "value" not in operation:
        raise _Refused
    return operation["value"]


def _index(step: str, length: int) -> int:
    """Return a place in a list; negative numbers and leading zeros are none."""
    if not step.isascii() or not step.isdecimal() or (len(step) > 1 and step[0] == "0") or len(step) > 9:
        raise _Refused
    number = int(step)
    if number >= length:
        raise _Refused
    return number


def _find(document: Any, path: Sequence[str]) -> Any:
    here = document
    for step in path:
        if isinstance(here, dict) and step in here:
            here = here[step]
        elif isinstance(here, list):
            here = here[_index(step, len(here))]
        else:
            raise _Refused
    return here


def _add(document: Any, path: Sequence[str], value: Any) -> Any:
    if not path:
        return value
    parent, last = _find(document, path[:-1]), path[-1]
    if isinstance(parent, dict):
        parent[last] = value
    elif isinstance(parent, list):
        parent.insert(len(parent) if last == "-" else _index(last, len(parent) + 1), value)
    else:
        raise _Refused
    return document


def _put(document: Any, path: Sequence[str], value: Any) -> Any:
    if not path:
        return value
    parent, last = _find(document, path[:-1]), path[-1]
    if isinstance(parent, list):
        parent[_index(last, len(parent))] = value
    else:
        parent[last] = value
    return document


def _remove(document: Any, path: Sequence[str]) -> Any:
    _find(document, path)
    if not path:
        return None
    parent, last = _find(document, path[:-1]), path[-1]
    if isinstance(parent, list):
        del parent[_index(last, len(parent))]
    else:
        del parent[last]
    return document


def _test(document: Any, path: Sequence[str], wanted: Any) -> None:
    try:
        found = _find(document, path)
    except _Refused:
        # A missing value equals null, as in the library that kube-apiserver uses.
        if wanted is None:
            return
        raise
    if not _equal(found, wanted):
        raise _Refused


def _equal(one: Any, other: Any) -> bool:
    """Compare as JSON does: true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return bool(one == other)
