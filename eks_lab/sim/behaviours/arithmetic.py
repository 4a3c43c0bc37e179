"""The shell's `$(( … ))`: whole numbers, variables, the usual operators."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable

LARGEST = 2**63
_OPERATORS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: lambda left, right: int(left / right) if right else 0,
    ast.Div: lambda left, right: int(left / right) if right else 0,
    ast.Mod: lambda left, right: left - right * int(left / right) if right else 0,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[int, int], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


def evaluate(text: str, variable: Callable[[str], str]) -> int:
    """Return the value of an expression; 0 when it is none that is understood.

    Args:
        text: what stands between `$((` and `))`.
        variable: name -> value.
    """
    try:
        tree = ast.parse(text.replace("$", "").strip() or "0", mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return 0
    return _value(tree.body, variable, 0)


def _value(node: ast.expr, variable: Callable[[str], str], depth: int) -> int:
    if depth > 50:
        return 0
    match node:
        case ast.Constant(value=int(number)):
            return number % LARGEST
        case ast.Name(id=name):
            value = variable(name).strip()
            return (
                int(value) % LARGEST if value.isdecimal() else -int(value[1:]) if value[1:].isdecimal() else 0
            )
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, variable, depth + 1)
        case ast.BinOp(left=left, op=kind, right=right) if type(kind) in _OPERATORS:
            result = _OPERATORS[type(kind)](
                _value(left, variable, depth + 1), _value(right, variable, depth + 1)
            )
            return result if abs(result) < LARGEST else 0
        case ast.Compare(left=left, ops=[kind], comparators=[right]) if type(kind) in _COMPARISONS:
            return int(
                _COMPARISONS[type(kind)](
                    _value(left, variable, depth + 1), _value(right, variable, depth + 1)
                )
            )
    return 0
