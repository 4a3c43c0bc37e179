"""Draws a lab's variables: the same seed, the same values, on every machine and every Python."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from eks_lab.content.calculated import calculated
from eks_lab.content.template import bounded, fill_value
from eks_lab.errors import ContentError

_STRICT: dict[str, Any] = {"extra": "forbid", "use_attribute_docstrings": True}
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """A figure that a calculator gives."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    calculator: str
    """Name as in `eks-lab calc list`."""
    inputs: dict[str, Any] = field(default_factory=dict)
    """Its inputs by name; those left out have their defaults."""
    output: str
    """Field of its result; a dot leads deeper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A value that differs from seed to seed. Exactly one of the fields is given."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    choose: list[Any] | None = None
    """One of these."""
    range: list[int] | None = None
    """A whole number from the first to the second, both included."""
    calc: Computed | None = None
    """The figure of a calculator, whose inputs may name variables above."""
    value: Any = None
    """A template over variables above: `{{ replicas + 1 }}`."""


def drawn(variables: Mapping[str, Variable], lab_id: str, seed: int, place: str) -> dict[str, Any]:
    """Return the value of every variable.

    Args:
        variables: in the order of the file; later ones may use earlier ones.
        lab_id: of the lab.
        seed: of this run.
        place: file, for messages.

    Raises:
        ContentError: a variable is not what it should be; the message names it.
    """
    values: dict[str, Any] = {}
    for name, variable in variables.items():
        where = f"{place}: vars.{name}"
        if not _NAME.fullmatch(name):
            raise ContentError(f"{where}: a variable's name is lower case letters, digits and _.")
        value = _value(variable, values, _number(f"{lab_id}/{name}/{seed}"), where)
        values[name] = bounded(value, where)
    return values


def _value(variable: Variable, values: Mapping[str, Any], number: int, where: str) -> Any:
    given = [name for name in ("choose", "range", "calc", "value") if getattr(variable, name) is not None]
    if len(given) != 1:
        shown = " and ".join(given) or "nothing"
        raise ContentError(f"{where} has {shown}.", hint="Give exactly one of choose, range, calc, value.")
    if variable.choose is not None:
        if not variable.choose:
            raise ContentError(f"{where}.choose is empty.", hint="List at least two values.")
        return fill_value(variable.choose[number % len(variable.choose)], values, where)
    if variable.range is not None:
        if len(variable.range) != 2 or variable.range[0] > variable.range[1]:
            raise ContentError(f"{where}.range is {variable.range}.", hint="Write [smallest, largest].")
        low, high = variable.range
        return low + number % (high - low + 1)
    if variable.calc is not None:
        inputs = fill_value(variable.calc.inputs, values, where)
        return calculated(variable.calc.calculator, inputs, variable.calc.output)
    return fill_value(variable.value, values, where)


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
