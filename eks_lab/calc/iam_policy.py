"""IAM policy documents: from JSON to statements, with what IAM itself would refuse.

Calculators and a later IAM simulator share it. Source: `GRAMMAR` below.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from eks_lab.calc.iam_condition import Operator, glob, read_operator
from eks_lab.calc.model import Reference
from eks_lab.errors import InputError

Effect = Literal["Allow", "Deny"]

GRAMMAR = Reference(
    title="IAM user guide: Grammar of the IAM JSON policy language",
    date="2026-11-22",
    url="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html",
)
VARIABLES_VERSION = "2012-10-17"
_VERSIONS = (VARIABLES_VERSION, "2008-10-17")
_PRINCIPAL_KINDS = ("AWS", "Service", "Federated", "CanonicalUser")
_POLICY_KEYS = ("Version", "Id", "Statement")
_STATEMENT_KEYS = (
    *("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction"),
    *("Resource", "NotResource", "Condition"),
)
_LONGEST = 10_240
"""Characters without white space: what all inline policies of a role may have together."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One key under one operator of a Condition block."""

    operator: Operator
    """How values are compared."""
    key: str
    """As written; keys do not depend on case."""
    values: tuple[str, ...]
    """As written, at least one; any of them will do."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement."""

    number: int
    """Place in the document, from 1."""
    sid: str
    """Empty when it has none."""
    effect: Effect
    """What it does when it applies."""
    principals: tuple[tuple[str, str], ...]
    """Kind (`AWS`, `Service`, `Federated`, `CanonicalUser`) and name; `*` is (`AWS`, `*`)."""
    not_principal: bool
    """Whether the principals are those it does not apply to."""
    actions: tuple[str, ...]
    """With wildcards."""
    not_action: bool
    """Whether the actions are those it does not apply to."""
    resources: tuple[str, ...]
    """Empty in a trust policy."""
    conditions: tuple[Condition, ...]
    """All of them have to hold."""

    @property
    def name(self) -> str:
        """Return `statement 1`, with its Sid when it has one."""
        return f"statement {self.number} ({self.sid})" if self.sid else f"statement {self.number}"

    def covers(self, action: str) -> bool:
        """Whether it is about an action; case does not matter, `*` and `?` stand for letters."""
        found = any(glob(pattern.lower(), action.lower()) for pattern in self.actions)
        return found != self.not_action


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document."""

    version: str
    """`2012-10-17`; `2008-10-17` when it names none."""
    statements: tuple[Statement, ...]
    """In their order, at least one."""
    characters: int
    """Length without white space, as IAM counts it."""

    @property
    def has_variables(self) -> bool:
        """Whether `${aws:…}` in a value is a variable; in the old version it is plain text."""
        return self.version == VARIABLES_VERSION


class _Reader:
    """Reads one document; every refusal names the field and the statement."""

    def __init__(self, field: str) -> None:
        self.field = field

    def refuse(self, problem: str, hint: str) -> InputError:
        return InputError(f"{self.field}: {problem}", hint=hint)

    def unique(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise self.refuse(
                    f"the key {key[:80]!r} comes twice in one object, so one of the two would be lost",
                    "Write both under one key, for example two condition keys under one StringEquals.",
                )
            found[key] = value
        return found

    def document(self, text: str) -> Mapping[str, Any]:
        try:
            found = json.loads(text, object_pairs_hook=self.unique)
        except json.JSONDecodeError as error:
            raise self.refuse(
                f"this is no JSON: {error.msg} in line {error.lineno}, column {error.colno}",
                "Check quotes, commas and braces there.",
            ) from None
        except (ValueError, RecursionError):
            raise self.refuse("this JSON cannot be read", "Give a policy document.") from None
        if not isinstance(found, dict):
            raise self.refuse(
                "a policy is a JSON object", 'Begin with {"Version": "2012-10-17", "Statement": [ … ]}.'
            )
        return found

    def policy(self, text: str) -> Policy:
        characters = len("".join(text.split()))
        if characters > _LONGEST:
            raise self.refuse(
                f"{characters:,} characters are more than IAM takes in any policy",
                "Give one policy document.",
            )
        document = self.document(text)
        self.only(document, _POLICY_KEYS, "the policy")
        version = document.get("Version", _VERSIONS[1])
        if version not in _VERSIONS:
            raise self.refuse(
                f"Version {str(version)[:40]!r} is none of IAM's", f'Write "{VARIABLES_VERSION}".'
            )
        entries = document.get("Statement")
        if isinstance(entries, dict):
            entries = [entries]
        if not isinstance(entries, list) or not entries:
            raise self.refuse("there is no Statement", "Give at least one statement.")
        statements = tuple(self.statement(entry, number) for number, entry in enumerate(entries, start=1))
        return Policy(version=version, statements=statements, characters=characters)

    def only(self, found: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
        from eks_lab.catalog.suggestion import did_you_mean

        for key in found:
            if key not in known:
                raise self.refuse(
                    f"{where} has no element {key[:60]!r}, IAM refuses it",
                    did_you_mean(key, known) or f"Elements: {', '.join(known)}.",
                )

    def statement(self, entry: object, number: int) -> Statement:
        where = f"statement {number}"
        if not isinstance(entry, dict):
            raise self.refuse(f"{where} is no JSON object", "Write a statement between braces.")
        self.only(entry, _STATEMENT_KEYS, where)
        effect = entry.get("Effect")
        if effect not in ("Allow", "Deny"):
            raise self.refuse(f"{where} has no Effect of Allow or Deny", "IAM takes these two words only.")
        for plain, negated in (("Principal", "NotPrincipal"), ("Action", "NotAction")):
            if plain in entry and negated in entry:
                raise self.refuse(f"{where} has both {plain} and {negated}", "Keep one of them.")
        action = "NotAction" if "NotAction" in entry else "Action"
        if action not in entry:
            raise self.refuse(f"{where} has no Action", "Name the actions it is about.")
        actions = self.texts(entry[action], f"{where}, {action}")
        for name in actions:
            if name != "*" and ":" not in name:
                raise self.refuse(
                    f"{where}: the action {name[:60]!r} has no service prefix", "Write sts:AssumeRole."
                )
        principal = "NotPrincipal" if "NotPrincipal" in entry else "Principal"
        resource = entry.get("Resource", entry.get("NotResource", []))
        sid = entry.get("Sid", "")
        return Statement(
            number=number,
            sid=sid if isinstance(sid, str) else "",
            effect="Allow" if effect == "Allow" else "Deny",
            principals=self.principals(entry[principal], where) if principal in entry else (),
            not_principal=principal == "NotPrincipal",
            actions=actions,
            not_action=action == "NotAction",
            resources=self.texts(resource, f"{where}, Resource") if resource else (),
            conditions=self.conditions(entry.get("Condition", {}), where),
        )

    def texts(self, found: object, where: str) -> tuple[str, ...]:
        values = found if isinstance(found, list) else [found]
        if not values or not all(isinstance(value, str) and value for value in values):
            raise self.refuse(f"{where} is neither a text nor a list of texts", "Write texts in quotes.")
        return tuple(values)

    def principals(self, found: object, where: str) -> tuple[tuple[str, str], ...]:
        if found == "*":
            return (("AWS", "*"),)
        if not isinstance(found, dict) or not found:
            raise self.refuse(
                f"{where}: the Principal is neither an object nor *",
                'Write {"Federated": "arn:…"} or {"Service": "pods.eks.amazonaws.com"}.',
            )
        self.only(found, _PRINCIPAL_KINDS, f"{where}, Principal")
        return tuple(
            (kind, name) for kind, names in found.items() for name in self.texts(names, f"{where}, {kind}")
        )

    def conditions(self, found: object, where: str) -> tuple[Condition, ...]:
        if not isinstance(found, dict):
            raise self.refuse(
                f"{where}: the Condition is no object", 'Write {"StringEquals": {"key": "value"}}.'
            )
        conditions = []
        for name, keys in found.items():
            operator = read_operator(name)
            if operator is None:
                raise self.refuse(
                    f"{where}: IAM has no condition operator {name[:60]!r}", "StringEquals is the usual one."
                )
            if not isinstance(keys, dict) or not keys:
                raise self.refuse(f"{where}: {name} has no condition keys", "Write key and value below it.")
            conditions += [
                Condition(operator, key, self.scalars(value, f"{where}, {name}, {key[:80]}"))
                for key, value in keys.items()
            ]
        return tuple(conditions)

    def scalars(self, found: object, where: str) -> tuple[str, ...]:
        values = found if isinstance(found, list) else [found]
        if not values or not all(isinstance(value, str | int | float | bool) for value in values):
            raise self.refuse(f"{where} has no value", "Write a text, or a list of texts.")
        return tuple(str(value).lower() if isinstance(value, bool) else str(value) for value in values)


def read_policy(text: str, *, field: str = "policy") -> Policy:
    """Read a policy document.

    Args:
        text: JSON.
        field: the input it was typed into, for messages.

    Raises:
        InputError: it is no JSON, or IAM would refuse it (an unknown element or operator, no effect or
            action, a key twice); the message names the statement.
    """
    return _Reader(field).policy(text)
