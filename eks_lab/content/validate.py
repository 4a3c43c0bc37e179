"""Turn plain YAML values into the dataclasses of `model`, with every error placed and explained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from eks_lab.content.findings import Problem
from eks_lab.content.yaml_text import Location, YamlDocument

if TYPE_CHECKING:
    from pydantic import TypeAdapter

T = TypeVar("T")
_adapters: dict[type[Any], TypeAdapter[Any]] = {}
_schemas: dict[type[Any], dict[str, Any]] = {}


def adapter(kind: type[T]) -> TypeAdapter[T]:
    """Return the validator of a model class; pydantic is imported on first use, off the start-up path."""
    from pydantic import TypeAdapter

    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def json_schema(kind: type[Any]) -> dict[str, Any]:
    """Return the JSON Schema of a model class, field docstrings as descriptions."""
    if kind not in _schemas:
        _schemas[kind] = adapter(kind).json_schema()
    return _schemas[kind]


def validate(kind: type[T], document: YamlDocument) -> tuple[T | None, list[Problem]]:
    """Return the object, or None and every problem.

    Args:
        kind: a dataclass of `eks_lab.content.model` or of a diagram.
        document: the parsed file.
    """
    from pydantic import ValidationError

    try:
        return adapter(kind).validate_python(document.value), []
    except ValidationError as error:
        problems = []
        for detail in error.errors(include_url=False):
            location = _in_file(document.value, detail["loc"])
            problems.append(
                _explain(kind, document, location, detail["type"], detail["msg"], detail.get("input"))
            )
        return None, problems


def _explain(
    kind: type[Any], document: YamlDocument, location: Location, error_type: str, text: str, value: object
) -> Problem:
    where = ".".join(str(part) for part in location) or "the file"
    schema = json_schema(kind)
    description = _node(schema, location, document.value)[1]
    line = document.line_of(location)
    if error_type in {"missing", "missing_argument"}:
        return Problem(line, "schema-missing", f"{where} is missing", description or "Add it.")
    if error_type in {"unexpected_keyword_argument", "extra_forbidden"}:
        allowed = ", ".join(_properties(schema, location[:-1], document.value))
        return Problem(line, "schema-unknown", f"{where} is not a known field", f"Known fields: {allowed}.")
    shown = repr(value)
    shown = shown if len(shown) <= 60 else shown[:57] + "…"
    lower = text[0].lower() + text[1:] if text else text
    return Problem(
        line, "schema-value", f"{where} is {shown}: {lower}", description or "Write another value."
    )


def _resolve(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while True:
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
        elif "allOf" in node and len(node["allOf"]) == 1:
            node = node["allOf"][0]
        elif "anyOf" in node:
            options = [option for option in node["anyOf"] if option.get("type") != "null"]
            if len(options) != 1:
                return node
            node = options[0]
        else:
            return node


def _in_file(value: Any, location: Sequence[str | int]) -> Location:
    """Return a location without what only pydantic has: the tags of unions (`items.0.choice.prompt`)."""
    kept: list[str | int] = []
    for number, part in enumerate(location):
        is_missing = isinstance(part, str) and isinstance(value, dict) and number == len(location) - 1
        try:
            value = value[part]
        except (LookupError, TypeError):
            if not is_missing:
                continue
        kept.append(part)
    return tuple(kept)


def _node(schema: dict[str, Any], location: Location, value: Any) -> tuple[dict[str, Any], str]:
    node, description = _chosen(schema, _resolve(schema, schema), value), ""
    for part in location:
        if isinstance(part, int):
            node = node.get("items", {})
            value = value[part] if isinstance(value, list) and part < len(value) else None
        else:
            node = node.get("properties", {}).get(part, {})
            description = node.get("description", description)
            value = value.get(part) if isinstance(value, dict) else None
        node = _chosen(schema, _resolve(schema, node), value)
    return node, description


def _chosen(schema: dict[str, Any], node: dict[str, Any], value: Any) -> dict[str, Any]:
    """Return the alternative that a value names, where a field such as `kind` tells them apart."""
    told = node.get("discriminator")
    if told is None or not isinstance(value, dict):
        return node
    named = value.get(told["propertyName"])
    reference = told["mapping"].get(named) if isinstance(named, str) else None
    return _resolve(schema, {"$ref": reference}) if reference else node


def _properties(schema: dict[str, Any], location: Location, value: Any) -> list[str]:
    return sorted(_node(schema, location, value)[0].get("properties", {}))
