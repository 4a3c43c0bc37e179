"""`x-kubernetes-validations`: CEL rules of custom resources (apiextensions-apiserver/pkg/apiserver/schema/cel).

The interpreter is an optional dependency; without it rules are skipped, and `expressions.available` says so.
"""

from __future__ import annotations

import re
from typing import Any

from eks_lab.kube.types import Schema
from eks_lab.sim.objects import FieldError, Obj, duplicate, forbidden_field, invalid, required
from eks_lab.sim.resources import expressions

_OLD_SELF = re.compile(r"\boldSelf\b")
_MISSING: Any = object()


def unchecked() -> FieldError:
    """Return the line that says rules were not asked because the object has not the right shape."""
    detail = (
        "some validation rules were not checked because the object was invalid; "
        "correct the existing errors to complete validation"
    )
    return invalid("<nil>", None, detail)


def rule_errors(schema: Schema, value: Any, old: Any = None, path: str = "") -> list[FieldError]:
    """Return what the rules of a schema say about a value.

    Args:
        schema: structural.
        value: it has the schema's shape.
        old: the stored value for transition rules; None for none.
        path: where the value stands.
    """
    errors: list[FieldError] = []
    if expressions.available():
        _walk(schema, value, _MISSING if old is None else old, path, errors)
    return errors


def _walk(schema: Schema, value: Any, old: Any, path: str, errors: list[FieldError]) -> None:
    for rule in schema.raw.get("x-kubernetes-validations") or ():
        error = _broken(rule, value, old, path)
        if error is not None:
            errors.append(error)
    if isinstance(value, dict):
        before = old if isinstance(old, dict) else {}
        for name, each in value.items():
            field = schema.properties.get(name, schema.additional)
            if field is not None and each is not None:
                here = f"{path}.{name}" if path else name
                _walk(field, each, before.get(name, _MISSING), here, errors)
    elif isinstance(value, list) and schema.items is not None:
        known = _by_key(schema, old) if isinstance(old, list) else {}
        for number, item in enumerate(value):
            _walk(schema.items, item, known.get(_key(schema, item), _MISSING), f"{path}[{number}]", errors)


def _key(schema: Schema, item: Any) -> Any:
    """Return what an item of a keyed list is known by; items of other lists have no past."""
    if schema.list_type == "map" and isinstance(item, dict):
        return tuple(str(item.get(key)) for key in schema.list_map_keys)
    return object()


def _by_key(schema: Schema, items: list[Any]) -> dict[Any, Any]:
    return {_key(schema, item): item for item in items}


def _broken(rule: Obj, value: Any, old: Any, path: str) -> FieldError | None:
    """Return the error of one rule, or None when it holds or does not apply."""
    text = rule["rule"]
    variables: dict[str, Any] = {"self": value}
    if _OLD_SELF.search(text):
        if old is _MISSING and not rule.get("optionalOldSelf"):
            return None
        variables["oldSelf"] = None if old is _MISSING else old
    where = path + (rule.get("fieldPath") or "") if path else (rule.get("fieldPath") or "").lstrip(".")
    try:
        holds = expressions.evaluate(text, variables)
    except expressions.ExpressionError as error:
        return FieldError("Invalid", where, f"Invalid value: {error.message} evaluating rule: {text}")
    if holds is True:
        return None
    message = _message(rule, variables)
    match rule.get("reason"):
        case "FieldValueForbidden":
            return forbidden_field(where, message)
        case "FieldValueRequired":
            return required(where, message)
        case "FieldValueDuplicate":
            return duplicate(where, value)
    if isinstance(value, dict | list):
        # Objects and lists are too long to repeat.
        return FieldError("Invalid", where, f"Invalid value: {message}")
    return invalid(where, value, message)


def _message(rule: Obj, variables: dict[str, Any]) -> str:
    if rule.get("messageExpression"):
        try:
            text = expressions.evaluate(rule["messageExpression"], variables)
        except expressions.ExpressionError:
            text = None
        if isinstance(text, str) and text.strip() and "\n" not in text:
            return text
    return (rule.get("message") or "").strip() or f"failed rule: {rule['rule'].strip()}"
