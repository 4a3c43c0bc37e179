"""Label selectors: the text form of `kubectl -l`, and matchLabels with matchExpressions.

Source: kubernetes/apimachinery pkg/labels/selector.go and pkg/apis/meta/v1/helpers.go; messages are theirs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eks_lab.errors import InputError
from eks_lab.kube import names

_TOKEN = re.compile(r"\s*(==|!=|[=!<>(),]|[^\s=!<>(),]+)")
_BINARY = {"in": "in", "notin": "notin", "=": "=", "==": "=", "!=": "!=", ">": "gt", "<": "lt"}
_SYMBOLS = frozenset(("==", "!=", "=", "!", "<", ">", "(", ")", ","))
_EXPECTED = "in, notin, =, ==, !=, gt, lt"
_OPERATORS = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!", "Gt": "gt", "Lt": "lt"}


class SelectorError(InputError):
    """A selector that cannot be read, in the API server's words."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition on one label."""

    key: str
    operator: str
    """`=`, `!=`, `in`, `notin`, `exists`, `!`, `gt` or `lt`."""
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Return whether the labels meet this condition."""
        value = labels.get(self.key)
        match self.operator:
            case "=" | "in":
                return value is not None and value in self.values
            case "!=" | "notin":
                return value is None or value not in self.values
            case "exists":
                return value is not None
            case "!":
                return value is None
        try:
            return value is not None and (
                int(value) > int(self.values[0])
                if self.operator == "gt"
                else int(value) < int(self.values[0])
            )
        except ValueError:
            return False

    def __str__(self) -> str:
        match self.operator:
            case "exists":
                return self.key
            case "!":
                return f"!{self.key}"
            case "in" | "notin":
                return f"{self.key} {self.operator} ({','.join(sorted(self.values))})"
        sign = {"gt": ">", "lt": "<"}.get(self.operator, self.operator)
        return f"{self.key}{sign}{self.values[0]}"


@dataclass(frozen=True, slots=True)
class Selector:
    """Every condition must hold; none at all selects everything."""

    requirements: tuple[Requirement, ...] = ()
    nothing: bool = False
    """True for a selector that is absent where absence selects nothing."""

    def matches(self, labels: Mapping[str, str] | None) -> bool:
        """Return whether an object with these labels is selected."""
        own = labels or {}
        return not self.nothing and all(requirement.matches(own) for requirement in self.requirements)

    @property
    def empty(self) -> bool:
        """Return whether it selects everything."""
        return not self.requirements and not self.nothing

    def __str__(self) -> str:
        """Return the canonical text, sorted by key, as `describe` shows it."""
        return ",".join(
            str(requirement) for requirement in sorted(self.requirements, key=lambda one: one.key)
        )


EVERYTHING = Selector()
NOTHING = Selector(nothing=True)


def parse_selector(text: str) -> Selector:
    """Read the text of `kubectl get -l`.

    Args:
        text: `app=web,tier in (a, b),!canary,release`.

    Raises:
        SelectorError: with the API server's message.
    """
    tokens = [found[1] for found in _TOKEN.finditer(text)] + [""]
    requirements: list[Requirement] = []
    at = 0
    while tokens[at] != "":
        if tokens[at] in _SYMBOLS and tokens[at] != "!":
            raise SelectorError(f"found '{tokens[at]}', expected: !, identifier, or 'end of string'")
        try:
            requirement, at = _requirement(tokens, at)
        except SelectorError as error:
            raise SelectorError(f"unable to parse requirement: {error.message}") from error
        requirements.append(requirement)
        if tokens[at] == "":
            break
        if tokens[at] != ",":
            raise SelectorError(f"found '{tokens[at]}', expected: ',' or 'end of string'")
        at += 1
        if tokens[at] == "" or (tokens[at] in _SYMBOLS and tokens[at] != "!"):
            raise SelectorError(f"found '{tokens[at]}', expected: identifier after ','")
    return Selector(tuple(requirements))


def _requirement(tokens: Sequence[str], at: int) -> tuple[Requirement, int]:
    absent = tokens[at] == "!"
    at += absent
    key = tokens[at]
    if key == "" or key in _SYMBOLS:
        raise SelectorError(f"found '{key}', expected: identifier")
    problems = names.qualified_name(key)
    if problems:
        raise SelectorError(f'Invalid value: "{key}": {"; ".join(problems)}')
    at += 1
    if tokens[at] in ("", ","):
        return Requirement(key, "!" if absent else "exists"), at
    if absent or tokens[at] not in _BINARY:
        raise SelectorError(f"found '{tokens[at]}', expected: {_EXPECTED}")
    operator = _BINARY[tokens[at]]
    at += 1
    if operator in ("in", "notin"):
        values, at = _values(tokens, at)
    elif tokens[at] in ("", ","):
        values = ("",)
    elif tokens[at] in _SYMBOLS:
        raise SelectorError(f"found '{tokens[at]}', expected: identifier")
    else:
        values, at = (tokens[at],), at + 1
    return _checked(key, operator, values), at


def _values(tokens: Sequence[str], at: int) -> tuple[tuple[str, ...], int]:
    if tokens[at] != "(":
        raise SelectorError(f"found '{tokens[at]}' expected: '('")
    at += 1
    found: list[str] = []
    pending = True
    while tokens[at] != ")":
        token = tokens[at]
        if token == ",":
            if pending:
                found.append("")
            pending = True
        elif token == "" or token in _SYMBOLS:
            raise SelectorError(f"found '{token}', expected: ',', or identifier")
        elif not pending:
            raise SelectorError(f"found '{token}', expected: ',' or ')'")
        else:
            found.append(token)
            pending = False
        at += 1
    if pending:
        found.append("")
    return tuple(dict.fromkeys(found)), at + 1


def _checked(key: str, operator: str, values: Sequence[str]) -> Requirement:
    problems: list[str] = []
    if operator in ("in", "notin") and not values:
        problems.append("values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty")
    if operator in ("gt", "lt"):
        if len(values) != 1:
            problems.append("values: Invalid value: for 'Gt', 'Lt' operators, exactly one value is required")
        problems.extend(
            f'values[{position}]: Invalid value: "{value}": '
            "for 'Gt', 'Lt' operators, the value must be an integer"
            for position, value in enumerate(values)
            if re.fullmatch(r"[+-]?\d+", value, re.ASCII) is None
        )
    for position, value in enumerate(values):
        said = names.label_value(value)
        if said:
            problems.append(f'values[{position}][{key}]: Invalid value: "{value}": {"; ".join(said)}')
    if problems:
        raise SelectorError(problems[0] if len(problems) == 1 else f"[{', '.join(problems)}]")
    return Requirement(key, operator, tuple(values))


def from_labels(labels: Mapping[str, str] | None) -> Selector:
    """Return the selector that wants exactly these values, as a Service's does; None or empty selects nothing."""
    if not labels:
        return NOTHING
    return Selector(tuple(Requirement(key, "=", (str(value),)) for key, value in sorted(labels.items())))


def from_object(selector: Mapping[str, Any] | None) -> Selector:
    """Read matchLabels and matchExpressions, also a node's matchExpressions with Gt and Lt.

    Args:
        selector: `{"matchLabels": …, "matchExpressions": …}`; None selects nothing, `{}` everything.

    Raises:
        SelectorError: an unknown operator, or values that do not suit it.
    """
    if selector is None:
        return NOTHING
    requirements = [
        _checked(key, "=", (str(value),))
        for key, value in sorted((selector.get("matchLabels") or {}).items())
    ]
    for expression in selector.get("matchExpressions") or ():
        operator = _OPERATORS.get(expression.get("operator", ""))
        if operator is None:
            raise SelectorError(f'"{expression.get("operator", "")}" is not a valid label selector operator')
        values = tuple(str(value) for value in expression.get("values") or ())
        if operator in ("exists", "!") and values:
            raise SelectorError(
                "values: Invalid value: values set must be empty for exists and does not exist"
            )
        requirements.append(_checked(str(expression.get("key", "")), operator, values))
    return Selector(tuple(requirements))


def label_problems(labels: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what is wrong with labels: the offending key or value, and the API server's sentence."""
    problems: list[tuple[str, str]] = []
    for key, value in labels.items():
        problems.extend((key, said) for said in names.qualified_name(key))
        if isinstance(value, str):
            problems.extend((value, said) for said in names.label_value(value))
    return problems
