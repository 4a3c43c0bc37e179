"""A patch whose result is no object of its kind: what the API server says (apiserver/pkg/endpoints/handlers/patch.go)."""

from __future__ import annotations

import json
from typing import Any

from eks_lab.kube.structure import json_kind, type_problem
from eks_lab.kube.types import Schema
from eks_lab.sim.objects import ApiError, Obj, invalid, invalid_object

_GO_KINDS = {"string": "string", "bool": "bool", "object": "map", "array": "slice"}


def misfit(type: str, patch: Any, result: Obj, schema: Schema | None, problem: str) -> ApiError:
    """Return the refusal of a patch.

    Args:
        type: `json`, `merge` or `strategic`.
        patch: as it came.
        result: the object with the patch applied.
        schema: of the kind.
        problem: what Go's JSON decoder says of the result.
    """
    if type == "strategic":
        # A strategic merge patch never becomes JSON again: maps are turned into structs.
        value, problem = go_text(patch), (schema and conversion_problem(schema, result)) or problem
    else:
        value = json.dumps(dict(sorted(result.items())), separators=(",", ":"), ensure_ascii=False)
    return invalid_object("", "", "", [invalid("patch", value, problem)])


def go_text(value: Any) -> str:
    """Return a JSON value as Go's `%+v` prints it: `map[data:map[x:5]]`."""
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{go_text(value[key])}" for key in sorted(value)) + "]"
    if isinstance(value, list):
        return "[" + " ".join(go_text(each) for each in value) + "]"
    if value is None:
        return "<nil>"
    return str(value).lower() if isinstance(value, bool) else str(value)


def conversion_problem(schema: Schema, value: Any) -> str:
    """Return what runtime.DefaultUnstructuredConverter says of a value; nothing when it fits.

    Args:
        schema: of the value.
        value: any JSON value.
    """
    if value is None:
        return ""
    if schema.quantity or schema.int_or_string or schema.name.endswith(("Time", "RawExtension")):
        # These read JSON themselves.
        return type_problem(schema, value) or ""
    found = json_kind(value)
    kind = _GO_KINDS.get(found) or ("float64" if isinstance(value, float) else "int64")
    match schema.type:
        case "object" if schema.properties:
            if found != "object":
                return f"cannot restore struct from: {kind}"
            fields = ((field, schema.properties[field]) for field in value if field in schema.properties)
            return next(filter(None, (conversion_problem(each, value[field]) for field, each in fields)), "")
        case "object" if schema.additional is not None:
            if found != "object":
                return f"cannot restore map from {kind}"
            each = schema.additional
            return next(filter(None, (conversion_problem(each, entry) for entry in value.values())), "")
        case "array" if schema.items is not None:
            if found != "array":
                return f"cannot restore slice from {kind}"
            each = schema.items
            return next(filter(None, (conversion_problem(each, entry) for entry in value)), "")
        case "string" if schema.format == "byte":
            return (
                (type_problem(schema, value) or "")
                if found == "string"
                else f"cannot restore slice from {kind}"
            )
        case "string" if found != "string":
            return "unrecognized type: string"
        case "boolean" if found != "bool":
            return "unrecognized type: bool"
        case "integer" if found != "number" or not float(value).is_integer():
            return f"unrecognized type: {schema.format or 'int64'}"
    return ""
