"""Policy documents made ready for many decisions: patterns compiled once, conditions read once.

What an operator means is in `eks_lab.calc.iam_condition`, which the calculators and the checker use, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from eks_lab.calc.iam_condition import Operator, holds, read_operator, value_matches
from eks_lab.calc.iam_policy import VARIABLES_VERSION

Context = Mapping[str, tuple[str, ...]]
"""Condition keys in lower case -> values."""

_LIKE = read_operator("StringLike")
_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Condition:
    """One key under one operator."""

    operator: Operator | None
    """None for an operator that IAM does not have: it never holds."""
    key: str
    """In lower case."""
    values: tuple[str, ...]

    def holds(self, context: Context, *, variables: bool) -> bool:
        """Return whether it holds for a request."""
        if self.operator is None:
            return False
        return holds(self.operator, self.values, context.get(self.key), context, variables=variables)


@dataclass(frozen=True, slots=True)
class Patterns:
    """Values with wildcards, of which any may match."""

    plain: re.Pattern[str]
    """Those without variables, as one expression."""
    variable: tuple[str, ...] = ()
    """Those with `${…}`, as written."""

    def match(self, text: str, context: Context) -> bool:
        """Return whether any of them matches a text."""
        if self.plain.fullmatch(text) is not None:
            return True
        assert _LIKE is not None
        return any(value_matches(_LIKE, each, text, context) for each in self.variable)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement."""

    number: int
    """Place in the document, from 1."""
    sid: str
    allows: bool
    """False for a Deny."""
    actions: re.Pattern[str]
    """On actions in lower case."""
    not_action: bool
    resources: Patterns | None
    """None in a trust policy: every resource."""
    not_resource: bool
    principals: tuple[tuple[str, str], ...] | None
    """Kind (`AWS`, `Service`, `Federated`) and name; None in a policy of an identity."""
    not_principal: bool
    conditions: tuple[Condition, ...]
    variables: bool
    """Whether `${…}` is a variable: in version 2012-10-17."""

    def covers(self, action: str, resource: str, context: Context) -> bool:
        """Return whether it is about a request, principals left aside.

        Args:
            action: in lower case.
            resource: ARN or `*`.
            context: condition keys.
        """
        if (self.actions.fullmatch(action) is not None) == self.not_action:
            return False
        if self.resources is not None and self.resources.match(resource, context) == self.not_resource:
            return False
        return all(each.holds(context, variables=self.variables) for each in self.conditions)


@dataclass(frozen=True, slots=True)
class Document:
    """A policy document."""

    statements: tuple[Statement, ...] = ()

    @property
    def asks_time(self) -> bool:
        """Return whether the moment of the request decides."""
        return any(
            condition.key in _TIME_KEYS for statement in self.statements for condition in statement.conditions
        )


_TIME_KEYS = ("aws:currenttime", "aws:epochtime", "aws:tokenissuetime", "aws:multifactorauthage")


@lru_cache(maxsize=4096)
def read(text: str) -> Document:
    """Return a document; one that cannot be read has no statements, and so allows nothing.

    Args:
        text: JSON; IAM has refused what it would refuse when the policy was written.
    """
    try:
        found = json.loads(text)
    except ValueError:
        return Document()
    if not isinstance(found, dict):
        return Document()
    variables = found.get("Version") == VARIABLES_VERSION
    entries = found.get("Statement", [])
    entries = entries if isinstance(entries, list) else [entries]
    return Document(
        tuple(
            _statement(entry, number, variables)
            for number, entry in enumerate(entries, start=1)
            if isinstance(entry, dict)
        )
    )


def _statement(entry: dict[str, Any], number: int, variables: bool) -> Statement:
    not_action = "NotAction" in entry
    not_resource = "NotResource" in entry
    resource = entry.get("NotResource" if not_resource else "Resource")
    not_principal = "NotPrincipal" in entry
    principal = entry.get("NotPrincipal" if not_principal else "Principal")
    return Statement(
        number=number,
        sid=str(entry.get("Sid", "")),
        allows=entry.get("Effect") == "Allow",
        actions=_expression(
            [each.lower() for each in _texts(entry.get("NotAction" if not_action else "Action"))]
        ),
        not_action=not_action,
        resources=None if resource is None else _patterns(_texts(resource), variables),
        not_resource=not_resource,
        principals=None if principal is None else _principals(principal),
        not_principal=not_principal,
        conditions=_conditions(entry.get("Condition") or {}),
        variables=variables,
    )


def _texts(found: Any) -> list[str]:
    return [
        str(each) for each in (found if isinstance(found, list) else [found] if found is not None else [])
    ]


def _expression(patterns: list[str]) -> re.Pattern[str]:
    if not patterns:
        return _NEVER
    parts = (re.escape(each).replace(r"\*", ".*").replace(r"\?", ".") for each in patterns)
    return re.compile("|".join(f"(?:{part})" for part in parts), re.DOTALL)


def _patterns(values: list[str], variables: bool) -> Patterns:
    variable = tuple(each for each in values if variables and "${" in each)
    return Patterns(_expression([each for each in values if each not in variable]), variable)


def _principals(found: Any) -> tuple[tuple[str, str], ...]:
    if found == "*":
        return (("AWS", "*"),)
    if not isinstance(found, dict):
        return ()
    return tuple((kind, name) for kind, names in found.items() for name in _texts(names))


def _conditions(found: Mapping[str, Any]) -> tuple[Condition, ...]:
    conditions = []
    for name, keys in found.items():
        operator = read_operator(name)
        for key, value in keys.items() if isinstance(keys, dict) else ():
            values = value if isinstance(value, list) else [value]
            texts = tuple(str(each).lower() if isinstance(each, bool) else str(each) for each in values)
            conditions.append(Condition(operator, key.lower(), texts))
    return tuple(conditions)
