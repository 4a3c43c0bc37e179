"""Terraform's functions: how many arguments each takes, of which types, and what it gives.

Data: `schemas/functions.json` (see `derive_functions`). Provider functions (`provider::…`) are not on record.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path

from eks_lab.checker.terraform.value_type import ValueType, element_of, read_type
from eks_lab.errors import DataError

_TABLE = Path(__file__).parent / "schemas" / "functions.json"
_SAME_AS_FIRST = frozenset({"slice", "reverse", "distinct", "sensitive", "nonsensitive", "setsubtract"})


@dataclass(frozen=True, slots=True)
class Function:
    """One function."""

    name: str
    """As written."""
    result: ValueType | None
    """None: it depends."""
    parameters: tuple[ValueType | None, ...]
    """Of those that have to be given."""
    more: ValueType | None
    """Type of further arguments."""
    takes_more: bool
    """Whether there may be further arguments."""


@functools.cache
def functions() -> dict[str, Function]:
    """Return all functions by name.

    Raises:
        DataError: the table is missing or damaged.
    """
    try:
        document = json.loads(_TABLE.read_bytes())
        return {
            name: Function(
                name=name,
                result=read_type(result),
                parameters=tuple(read_type(each) for each in parameters),
                more=read_type(more) if more else None,
                takes_more=more is not None,
            )
            for name, (result, parameters, more) in document["functions"].items()
        }
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            f"{_TABLE.name}: the table of functions cannot be read: {error}",
            hint="Install the program again.",
        ) from error


def result_type(name: str, arguments: list[ValueType | None]) -> ValueType | None:
    """Return the type that a call gives, None when it cannot be told.

    Args:
        name: of the function.
        arguments: types of what is passed.
    """
    first = arguments[0] if arguments else None
    inner = element_of(first)
    if name in _SAME_AS_FIRST:
        if first is not None and first.kind == "tuple" and name in ("slice", "reverse", "distinct"):
            return ValueType("list", element=inner)
        return first
    if name in ("tolist", "toset"):
        return ValueType(name[2:], element=inner)
    if name == "element" or (name == "one" and inner is not None):
        return inner
    if name == "values":
        if first is not None and first.kind == "object" and not first.is_open:
            kinds = list(first.attributes.values())
            same = kinds[0] if kinds and all(kind == kinds[0] for kind in kinds) else None
            return ValueType("list", element=same)
        return ValueType("list", element=inner)
    if name == "keys":
        return ValueType("list", element=read_type("string"))
    if name == "concat":
        inners = [element_of(each) for each in arguments]
        same = inners[0] if inners and all(each == inners[0] for each in inners) else None
        return ValueType("list", element=same)
    if name in ("format", "templatefile", "templatestring"):
        return read_type("string")
    if name == "flatten":
        return ValueType("list")
    if name == "range":
        return ValueType("list", element=read_type("number"))
    if name == "formatlist":
        return ValueType("list", element=read_type("string"))
    found = functions().get(name)
    return found.result if found else None
