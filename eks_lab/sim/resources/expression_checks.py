"""What the API server says about CEL expressions before it takes them (k8s.io/apiserver/pkg/cel).

The interpreter knows no types, so only what can be seen without them is told: syntax, names nobody
declared, fields a schema does not have, and results that are plainly no boolean.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from eks_lab.kube.types import Schema
from eks_lab.sim.resources import expressions

_PARSER = re.compile(r"^Failed to parse expression '.*?': (?=ERROR:)", re.DOTALL)
_TEXT = re.compile(r"""r?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
_CHAIN = re.compile(r"(?<![\w.])(self|oldSelf)((?:\s*\.\s*\w+)+)(\s*\()?")
_STEP = re.compile(r"\s*\.\s*(\w+)")
_TYPE_NAMES = frozenset(
    (
        "bool",
        "bytes",
        "double",
        "duration",
        "int",
        "list",
        "map",
        "null_type",
        "string",
        "timestamp",
        "type",
        "uint",
    )
)
_NAMESPACES = frozenset(
    ("base64", "cel", "cidr", "format", "google", "ip", "math", "optional", "semver", "sets")
)
_BOUND = re.compile(
    r"(?:\.(?:all|exists|exists_one|existsOne|map|filter|sortBy|transformList|transformMap)|\bcel\.bind)"
    r"\(\s*(\w+)\s*,(?:\s*(\w+)\s*,)?"
)
_ESCAPES = {"__underscores__": "__", "__dot__": ".", "__dash__": "-", "__slash__": "/"}
_ALWAYS = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}}
_CEL_TYPES: Mapping[type, str] = {
    int: "int", float: "double", str: "string", bytes: "bytes", list: "list(dyn)", dict: "map(dyn, dyn)",
}  # fmt: skip


def syntax_problem(text: str) -> str:
    """Return why an expression cannot be read, as `compilation failed: ERROR: …`; empty when it can."""
    if not expressions.available():
        return ""
    try:
        expressions.check(text)
    except expressions.ExpressionError as error:
        said = _PARSER.sub("", error.message)
        return "compilation failed: " + said.replace("\n|", "\n |")
    return ""


def _pointed(text: str, at: int, said: str) -> str:
    """Return an error of the compiler that points at a place of the expression."""
    before = text[:at]
    line = before.count("\n")
    column = at - (before.rfind("\n") + 1)
    source = text.split("\n")[line]
    return (
        f"compilation failed: ERROR: <input>:{line + 1}:{column + 1}: {said}\n | {source}\n | {'.' * column}^"
    )


def _without_texts(text: str) -> str:
    """Return the expression with its string literals blanked out, letter for letter."""
    return _TEXT.sub(lambda match: " " * len(match[0]), text)


def undeclared_problem(text: str, declared: Collection[str]) -> str:
    """Return the error of the first name that nobody declared; empty when all are known.

    Args:
        text: an expression that can be read.
        declared: variables it may use.
    """
    if not expressions.available():
        return ""
    plain = _without_texts(text)
    # Macros bind names of their own: all(x, x > 1).
    bound = {name for match in _BOUND.finditer(plain) for name in match.groups() if name}
    known = {*declared, *bound, *_TYPE_NAMES, *_NAMESPACES}
    found = []
    for name in expressions.variables(text):
        if name not in known:
            match = re.search(rf"(?<![\w.]){re.escape(name)}\b", plain)
            if match is not None:
                found.append((match.start(), name))
    if not found:
        return ""
    at, name = min(found)
    return _pointed(text, at, f"undeclared reference to '{name}' (in container '')")


def constant_type(text: str) -> str:
    """Return the type of an expression without variables, as CEL names it; empty when it has some."""
    if not expressions.available() or expressions.variables(text):
        return ""
    try:
        value = expressions.evaluate(text, {})
    except expressions.ExpressionError:
        return ""
    if isinstance(value, bool):
        return "bool"
    return _CEL_TYPES.get(type(value), "")


def unknown_field_problem(text: str, schema: Schema, *, is_root: bool) -> str:
    """Return the error of the first field that the schema does not have.

    Args:
        text: a rule of `x-kubernetes-validations` that can be read.
        schema: of what it judges.
        is_root: True when that is the whole object, which always has a kind and a name.
    """
    for match in _CHAIN.finditer(_without_texts(text)):
        steps = list(_STEP.finditer(match[2]))
        if match[3]:
            # The last name is a function.
            steps.pop()
        node: Schema | None = schema
        for depth, step in enumerate(steps):
            if node is None or node.type != "object" or node.additional is not None:
                break
            if node.preserve_unknown_fields or node.embedded_resource:
                break
            name = _unescaped(step[1])
            if is_root and depth == 0 and name in _ALWAYS:
                break
            following = node.properties.get(name)
            if following is None:
                at = match.start(2) + step.start() + step[0].index(".")
                return _pointed(text, at, f"undefined field '{step[1]}'")
            node = following
    return ""


def chain_type(text: str, schema: Schema) -> str:
    """Return the schema type of an expression that is one chain of fields (`self.a.b`); empty for others."""
    match = _CHAIN.fullmatch(text.strip())
    if match is None or match[3]:
        return ""
    node: Schema | None = schema
    for step in _STEP.finditer(match[2]):
        node = node.properties.get(_unescaped(step[1])) if node is not None else None
    return node.type if node is not None and not node.int_or_string else ""


def _unescaped(name: str) -> str:
    for code, meant in _ESCAPES.items():
        name = name.replace(code, meant)
    reserved = re.fullmatch(r"__(\w+)__", name)
    return reserved[1] if reserved else name


def boolean_problem(text: str) -> str:
    """Return `must evaluate to bool but got int` for an expression that plainly gives something else."""
    kind = constant_type(text)
    return f"must evaluate to bool but got {kind}" if kind not in ("", "bool") else ""


def condition_problem(text: str, declared: Collection[str]) -> str:
    """Return the first thing wrong with a condition of an admission policy or webhook; empty for nothing.

    Args:
        text: CEL.
        declared: variables it may use.
    """
    return syntax_problem(text) or undeclared_problem(text, declared) or boolean_problem(text)


def rule_value(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule as messages show it: the fields of the Go struct."""
    return {
        "Rule": rule.get("rule") or "",
        "Message": rule.get("message") or "",
        "MessageExpression": rule.get("messageExpression") or "",
        "Reason": rule.get("reason"),
        "FieldPath": rule.get("fieldPath") or "",
        "OptionalOldSelf": rule.get("optionalOldSelf"),
    }
