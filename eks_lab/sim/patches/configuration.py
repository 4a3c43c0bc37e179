"""Does an applied configuration fit its type (structured-merge-diff/typed/validate.go)."""

from __future__ import annotations

from typing import Any

from eks_lab.sim.objects import ApiError, Obj
from eks_lab.sim.patches.field_sets import shown_element
from eks_lab.sim.patches.shapes import DEDUCED, Kind, Shape, element_of
from eks_lab.sim.resource import Resource


def check_configuration(shape: Shape, configuration: Obj, resource: Resource, api_version: str) -> None:
    """Refuse a configuration that cannot be owned field by field.

    Args:
        shape: of the kind.
        configuration: what is applied.
        resource: of the object.
        api_version: it is written in.

    Raises:
        ApiError: 500, as the server answers.
    """
    problems: list[str] = []
    _check(shape, configuration, "", problems)
    if not problems:
        return
    metadata = configuration.get("metadata") or {}
    text = problems[0] if len(problems) == 1 else "errors:\n" + "\n".join(f"  {each}" for each in problems)
    group_version = api_version if "/" in api_version else f"/{api_version}"
    name = f"{metadata.get('namespace') or ''}/{metadata.get('name') or ''}"
    raise ApiError(
        500,
        "",
        f"failed to create typed patch object ({name}; {group_version}, Kind={resource.kind}): {text}",
    )


def _check(shape: Shape, value: Any, path: str, problems: list[str]) -> None:
    if value is None:
        return
    match shape.kind:
        case Kind.SCALAR:
            _check_scalar(shape, value, path, problems)
        case Kind.ATOMIC if not isinstance(value, dict if shape.scalar == "map" else list):
            problems.append(f"{path}: expected {shape.scalar}, got {_go_value(value)}")
        case Kind.STRUCT | Kind.MAP:
            if not isinstance(value, dict):
                problems.append(f"{path}: expected map, got {_go_value(value)}")
                return
            for key, each in value.items():
                inner = shape.fields.get(key) if shape.kind is Kind.STRUCT else shape.inner
                if inner is not None:
                    _check(inner, each, f"{path}.{key}", problems)
                elif not shape.is_open:
                    problems.append(f"{path}.{key}: field not declared in schema")
        case Kind.SET | Kind.KEYED:
            _check_list(shape, value, path, problems)


def _check_list(shape: Shape, value: Any, path: str, problems: list[str]) -> None:
    if not isinstance(value, list):
        problems.append(f"{path}: expected list, got {_go_value(value)}")
        return
    seen: set[str] = set()
    for number, item in enumerate(value):
        try:
            element = element_of(shape, item)
        except KeyError as error:
            problems.append(
                f"{path}: element {number}: associative list with keys has an element that omits key field "
                f'"{error.args[0]}" (and doesn\'t have default value)'
            )
            continue
        if element in seen:
            problems.append(f"{path}: duplicate entries for key {shown_element(element)}")
        seen.add(element)
        _check(shape.inner or DEDUCED, item, path + shown_element(element), problems)


def _check_scalar(shape: Shape, value: Any, path: str, problems: list[str]) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match shape.scalar:
        case "string" if not isinstance(value, str):
            problems.append(f"{path}: expected string, got {_go_value(value)}")
        case "numeric" if not is_number:
            problems.append(f"{path}: expected numeric (int or float), got {_go_type(value)}")
        case "boolean" if not isinstance(value, bool):
            problems.append(f"{path}: expected boolean, got {_go_value(value)}")
        case "" if isinstance(value, dict | list):
            problems.append(f"{path}: expected string, got {_go_value(value)}")


def _go_type(value: Any) -> str:
    names = {str: "string", bool: "bool", dict: "map[string]interface {}", list: "[]interface {}"}
    return names.get(type(value), "int64")


def _go_value(value: Any) -> str:
    """Return a value as Go's %#v prints the wrapper the server holds it in."""
    if isinstance(value, str):
        shown = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    elif isinstance(value, bool):
        shown = "true" if value else "false"
    elif isinstance(value, dict | list):
        return f"&{{{_go_type(value)}}}"
    else:
        shown = repr(value)
    return f"&value.valueUnstructured{{Value:{shown}}}"
