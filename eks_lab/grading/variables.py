"""Draws a lab's variables: the same seed, the same values, on every machine and every Python."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from eks_lab.errors import ContentError
from eks_lab.grading.calculated import calculated
from eks_lab.grading.model import Variable
from eks_lab.grading.template import fill_value

_NAME = re.compile(r"[a-z][a-z0-9_]*")


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
        values[name] = _value(variable, values, _number(f"{lab_id}/{name}/{seed}"), where)
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
