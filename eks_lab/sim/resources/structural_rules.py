"""Which OpenAPI schemas a definition may carry (apiextensions-apiserver/pkg/apiserver/schema): structural ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from eks_lab.kube.types import Schema
from eks_lab.sim.objects import FieldError, Obj, forbidden_field, invalid, not_supported, required
from eks_lab.sim.resources.custom_validation import schema_errors
from eks_lab.sim.resources.expression_checks import (
    chain_type,
    constant_type,
    rule_value,
    syntax_problem,
    undeclared_problem,
    unknown_field_problem,
)
from eks_lab.sim.resources.go_structs import go_json

_TYPES = ("array", "boolean", "integer", "number", "object", "string")
_KEEP = "x-kubernetes-preserve-unknown-fields"
_EMBEDDED = "x-kubernetes-embedded-resource"
_EITHER = "x-kubernetes-int-or-string"
_LIST_TYPE = "x-kubernetes-list-type"
_LIST_KEYS = "x-kubernetes-list-map-keys"
_MAP_TYPE = "x-kubernetes-map-type"
_RULES = "x-kubernetes-validations"
_REASONS = ("FieldValueRequired", "FieldValueForbidden", "FieldValueInvalid", "FieldValueDuplicate")
_JUNCTORS = ("allOf", "anyOf", "oneOf")


def schema_definition_errors(schema: Obj, path: str) -> list[FieldError]:
    """Return the errors of one `openAPIV3Schema`.

    Args:
        schema: as written.
        path: of it.
    """
    errors: list[FieldError] = []
    if schema.get("nullable"):
        errors.append(forbidden_field(f"{path}.nullable", "nullable cannot be true at the root"))
    errors.extend(_node_errors(schema, path, is_root=True))
    structural = _structural_errors(schema, path, "at the root")
    if not errors:
        errors.extend(structural)
    return errors or _default_errors(schema, path)


def _children(schema: Obj, path: str) -> Iterator[tuple[Obj, str, str]]:
    """Yield each schema inside a schema with its path and what it is."""
    if isinstance(schema.get("items"), Mapping):
        yield schema["items"], f"{path}.items", "for specified array items"
    for name in sorted(schema.get("properties") or ()):
        yield schema["properties"][name], f"{path}.properties[{name}]", "for specified object fields"
    if isinstance(schema.get("additionalProperties"), Mapping):
        yield schema["additionalProperties"], f"{path}.additionalProperties", "for specified object fields"


def _node_errors(schema: Obj, path: str, *, is_root: bool = False) -> list[FieldError]:
    """Return what is wrong with single keywords (validateCustomResourceDefinitionOpenAPISchema)."""
    errors = _keyword_errors(schema, path)
    for child, here, _ in _children(schema, path):
        errors.extend(_node_errors(child, here))
    for junctor in _JUNCTORS:
        for number, child in enumerate(schema.get(junctor) or ()):
            errors.extend(_node_errors(child, f"{path}.{junctor}[{number}]"))
    if schema.get("not") is not None:
        errors.extend(_node_errors(schema["not"], f"{path}.not"))
    errors.extend(_list_errors(schema, path))
    node = Schema(schema)
    for number, rule in enumerate(schema.get(_RULES) or ()):
        errors.extend(_rule_errors(rule, node, f"{path}.{_RULES}[{number}]", is_root=is_root))
    return errors


def _keyword_errors(schema: Obj, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    kind = schema.get("type") or ""
    if schema.get("uniqueItems"):
        detail = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
        errors.append(forbidden_field(f"{path}.uniqueItems", detail))
    more = schema.get("additionalProperties")
    if more is not None:
        if schema.get("properties"):
            detail = "additionalProperties and properties are mutual exclusive"
            errors.append(forbidden_field(f"{path}.additionalProperties", detail))
        if more is False:
            detail = "additionalProperties cannot be set to false"
            errors.append(forbidden_field(f"{path}.additionalProperties", detail))
    if schema.get("$ref"):
        errors.append(forbidden_field(f"{path}.$ref", "$ref is not supported"))
    if kind == "null":
        errors.append(
            forbidden_field(f"{path}.type", "type cannot be set to null, use nullable as an alternative")
        )
    elif kind and kind not in _TYPES:
        errors.append(not_supported(f"{path}.type", kind, _TYPES))
    if isinstance(schema.get("items"), list):
        errors.append(forbidden_field(f"{path}.items", "items must be a schema object and not an array"))
    pattern = schema.get("pattern")
    if pattern:
        try:
            re.compile(pattern.replace("\\z", "\\Z"))
        except re.error as error:
            detail = f"must be a valid regular expression, but isn't: {error}"
            errors.append(invalid(f"{path}.pattern", pattern, detail))
    if schema.get(_KEEP) is False:
        errors.append(invalid(f"{path}.{_KEEP}", value=False, detail="must be true or undefined"))
    if schema.get(_MAP_TYPE) is not None:
        if kind != "object":
            detail = f"must be object if {_MAP_TYPE} is specified"
            errors.append(invalid(f"{path}.type", kind, detail) if kind else required(f"{path}.type", detail))
        if schema[_MAP_TYPE] not in ("atomic", "granular"):
            errors.append(not_supported(f"{path}.{_MAP_TYPE}", schema[_MAP_TYPE], ("atomic", "granular")))
    return errors


def _list_errors(schema: Obj, path: str) -> list[FieldError]:
    """Return the errors of `x-kubernetes-list-type` and its keys."""
    kind, list_type, keys = schema.get("type") or "", schema.get(_LIST_TYPE), schema.get(_LIST_KEYS) or []
    errors: list[FieldError] = []
    if list_type is not None:
        if kind != "array":
            detail = f"must be array if {_LIST_TYPE} is specified"
            errors.append(invalid(f"{path}.type", kind, detail) if kind else required(f"{path}.type", detail))
        if list_type not in ("atomic", "set", "map"):
            errors.append(not_supported(f"{path}.{_LIST_TYPE}", list_type, ("atomic", "map", "set")))
    if keys and list_type != "map":
        detail = f"must be map if {_LIST_KEYS} is non-empty"
        here = f"{path}.{_LIST_TYPE}"
        errors.append(required(here, detail) if list_type is None else invalid(here, list_type, detail))
    if list_type != "map":
        return errors
    if not keys:
        errors.append(required(f"{path}.{_LIST_KEYS}", f"must not be empty if {_LIST_TYPE} is map"))
    items = schema.get("items")
    if not isinstance(items, Mapping):
        return [*errors, required(f"{path}.items", f"must have a schema if {_LIST_TYPE} is map")]
    if items.get("type") != "object":
        detail = f"must be object if parent array's {_LIST_TYPE} is map"
        errors.append(invalid(f"{path}.items.type", items.get("type"), detail))
    properties = items.get("properties") or {}
    for number, key in enumerate(keys):
        here = f"{path}.{_LIST_KEYS}[{number}]"
        if key not in properties:
            errors.append(invalid(here, key, "entries must all be names of item properties"))
        elif properties[key].get("type") in ("array", "object"):
            detail = "must be a scalar type if parent array's x-kubernetes-list-type is map"
            errors.append(invalid(f"{path}.items.properties[{key}].type", properties[key]["type"], detail))
        elif "default" not in properties[key] and key not in (items.get("required") or ()):
            detail = f"this property is in {_LIST_KEYS}, so it must have a default or be a required property"
            errors.append(required(f"{path}.items.properties[{key}].default", detail))
    return errors


def _rule_errors(rule: Obj, schema: Schema, path: str, *, is_root: bool) -> list[FieldError]:
    text = (rule.get("rule") or "").strip()
    errors: list[FieldError] = []
    if not text:
        return [required(f"{path}.rule", "rule is not specified")]
    message = rule.get("message")
    if message is not None and message != "" and not message.strip():
        errors.append(invalid(f"{path}.message", message, "message must be non-empty if specified"))
    elif message and "\n" in message:
        errors.append(invalid(f"{path}.message", message, "message must not contain line breaks"))
    elif "\n" in text and not message:
        errors.append(required(f"{path}.message", "message must be specified if rule contains line breaks"))
    if rule.get("reason") is not None and rule["reason"] not in _REASONS:
        errors.append(not_supported(f"{path}.reason", rule["reason"], _REASONS))
    problem = (
        syntax_problem(text)
        or undeclared_problem(text, ("self", "oldSelf"))
        or unknown_field_problem(text, schema, is_root=is_root)
    )
    if not problem and (constant_type(text) or chain_type(text, schema)) not in ("", "bool", "boolean"):
        problem = "cel expression must evaluate to a bool"
    if problem:
        shown = f"Invalid value: {go_json(rule_value(rule))}: {problem}"
        errors.append(FieldError("Invalid", f"{path}.rule", shown))
    expression = (rule.get("messageExpression") or "").strip()
    if expression:
        problem = syntax_problem(expression)
        if not problem and constant_type(expression) not in ("", "string"):
            problem = "messageExpression must evaluate to a string"
        if problem:
            shown = f"Invalid value: {go_json(rule_value(rule))}: {problem}"
            errors.append(FieldError("Invalid", f"{path}.messageExpression", shown))
    return errors


def _structural_errors(schema: Obj, path: str, level: str) -> list[FieldError]:
    """Return why a schema is not structural: every node says its type, once (ValidateStructural)."""
    errors: list[FieldError] = []
    for child, here, what in _children(schema, path):
        errors.extend(_structural_errors(child, here, what))
    kind, is_root = schema.get("type") or "", level == "at the root"
    if schema.get(_EMBEDDED) and kind != "object":
        detail = f"must be object if {_EMBEDDED} is true"
        errors.append(invalid(f"{path}.type", kind, detail) if kind else required(f"{path}.type", detail))
    elif not kind and not schema.get(_EITHER) and not schema.get(_KEEP):
        errors.append(required(f"{path}.type", f"must not be empty {level}"))
    if is_root and kind and kind != "object":
        errors.append(invalid(f"{path}.type", kind, "must be object at the root"))
    if schema.get(_EMBEDDED) and not schema.get(_KEEP) and not schema.get("properties"):
        detail = f"must not be empty if {_EMBEDDED} is true without {_KEEP}"
        errors.append(required(f"{path}.properties", detail))
    if schema.get(_EITHER) and kind:
        errors.append(invalid(f"{path}.type", kind, f"must be empty if {_EITHER} is true"))
    if kind == "array" and schema.get("items") is None:
        errors.append(required(f"{path}.items", "must be specified"))
    metadata = (schema.get("properties") or {}).get("metadata")
    if metadata is not None and (is_root or schema.get(_EMBEDDED)):
        errors.extend(_metadata_errors(metadata, f"{path}.properties[metadata]"))
    for junctor in _JUNCTORS:
        for number, child in enumerate(schema.get(junctor) or ()):
            errors.extend(_branch_errors(child, schema, f"{path}.{junctor}[{number}]"))
    if schema.get("not") is not None:
        errors.extend(_branch_errors(schema["not"], schema, f"{path}.not"))
    return errors


def _metadata_errors(metadata: Obj, path: str) -> list[FieldError]:
    others = set(metadata.get("properties") or ()) - {"name", "generateName"}
    if metadata.get("type") == "object" and not others and "additionalProperties" not in metadata:
        return []
    if metadata.get("type") and metadata["type"] != "object":
        return [invalid(f"{path}.type", metadata["type"], "must be object")]
    if others:
        detail = (
            "must not specify anything other than name and generateName, but metadata is implicitly specified"
        )
        return [forbidden_field(path, detail)]
    return []


def _branch_errors(branch: Obj, parent: Obj, path: str) -> list[FieldError]:
    """Return the errors of a schema below allOf, anyOf, oneOf or not: it may judge values, not shape them."""
    errors: list[FieldError] = []
    if branch.get("type") and not parent.get(_EITHER):
        errors.append(forbidden_field(f"{path}.type", "must be empty to be structural"))
    for keyword in (
        "additionalProperties",
        "default",
        "description",
        "nullable",
        "title",
        _KEEP,
        _EMBEDDED,
        _EITHER,
    ):
        if branch.get(keyword):
            errors.append(forbidden_field(f"{path}.{keyword}", "must be empty to be structural"))
    for name in sorted(branch.get("properties") or ()):
        here = f"{path}.properties[{name}]"
        known = (parent.get("properties") or {}).get(name)
        if known is None and not isinstance(parent.get("additionalProperties"), Mapping):
            base = path[: path.rindex(".")]
            errors.append(required(f"{base}.properties[{name}]", f"because it is defined in {here}"))
        errors.extend(_branch_errors(branch["properties"][name], known or {}, here))
    return errors


def _default_errors(schema: Obj, path: str) -> list[FieldError]:
    """Return the errors of defaults that their own schema refuses (defaulting.ValidateDefaults)."""
    errors: list[FieldError] = []
    if "default" in schema:
        here = f"{path}.default"
        default: Any = schema["default"]
        errors.extend(schema_errors(Schema(schema), default, path=here, body=""))
    for child, here, _ in _children(schema, path):
        errors.extend(_default_errors(child, here))
    return errors
