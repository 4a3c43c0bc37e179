"""IAM condition operators: what matches, what a missing key means, and what sets do.

Source: `OPERATORS` and `MULTIVALUED` below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from typing import Literal

from eks_lab.calc.model import Reference

SetQualifier = Literal["", "ForAllValues", "ForAnyValue"]
Family = Literal["string", "arn", "number", "date", "bool", "binary", "ip", "null"]

OPERATORS = Reference(
    title="IAM user guide: Condition operators (missing keys, IfExists, wildcards)",
    date="2026-11-22",
    url="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html",
)
MULTIVALUED = Reference(
    title="IAM user guide: Single-valued and multivalued context keys (ForAllValues, ForAnyValue)",
    date="2026-11-22",
    url="https://docs.aws.amazon.com/IAM/latest/UserGuide/"
    "reference_policies_condition-single-vs-multi-valued-context-keys.html",
)

_IF_EXISTS = "IfExists"
_ANY = object()
_ONE = object()


@dataclass(frozen=True, slots=True)
class Operator:
    """A condition operator with its qualifiers."""

    name: str
    """As written: `ForAnyValue:StringLikeIfExists`."""
    base: str
    """`StringLike`, in IAM's spelling."""
    family: Family
    """What is compared."""
    negated: bool
    """Whether it holds when nothing matches: `StringNotEquals`."""
    wildcards: bool
    """Whether `*` and `?` in a value stand for other letters."""
    if_exists: bool
    """Whether a missing key lets it hold."""
    qualifier: SetQualifier
    """For keys with several values."""


_BASES: dict[str, tuple[Family, bool, bool]] = {
    "StringEquals": ("string", False, False),
    "StringNotEquals": ("string", True, False),
    "StringEqualsIgnoreCase": ("string", False, False),
    "StringNotEqualsIgnoreCase": ("string", True, False),
    "StringLike": ("string", False, True),
    "StringNotLike": ("string", True, True),
    "ArnEquals": ("arn", False, True),
    "ArnLike": ("arn", False, True),
    "ArnNotEquals": ("arn", True, True),
    "ArnNotLike": ("arn", True, True),
    "NumericEquals": ("number", False, False),
    "NumericNotEquals": ("number", True, False),
    "NumericLessThan": ("number", False, False),
    "NumericLessThanEquals": ("number", False, False),
    "NumericGreaterThan": ("number", False, False),
    "NumericGreaterThanEquals": ("number", False, False),
    "DateEquals": ("date", False, False),
    "DateNotEquals": ("date", True, False),
    "DateLessThan": ("date", False, False),
    "DateLessThanEquals": ("date", False, False),
    "DateGreaterThan": ("date", False, False),
    "DateGreaterThanEquals": ("date", False, False),
    "Bool": ("bool", False, False),
    "BinaryEquals": ("binary", False, False),
    "IpAddress": ("ip", False, False),
    "NotIpAddress": ("ip", True, False),
    "Null": ("null", False, False),
}
_SPELLED = {name.lower(): name for name in _BASES}
_QUALIFIERS: dict[str, SetQualifier] = {"forallvalues": "ForAllValues", "foranyvalue": "ForAnyValue"}


def read_operator(name: str) -> Operator | None:
    """Return the operator of a name, None when IAM has none; case does not matter."""
    rest, qualifier = name, ""
    before, colon, after = name.partition(":")
    if colon:
        qualifier, rest = _QUALIFIERS.get(before.lower(), "?"), after
    base = _SPELLED.get(rest.lower())
    if_exists = base is None and rest.lower().endswith(_IF_EXISTS.lower())
    if if_exists:
        base = _SPELLED.get(rest[: -len(_IF_EXISTS)].lower())
    if base is None or qualifier == "?" or (base == "Null" and if_exists):
        return None
    family, negated, wildcards = _BASES[base]
    return Operator(
        name=name,
        base=base,
        family=family,
        negated=negated,
        wildcards=wildcards,
        if_exists=if_exists,
        qualifier=_QUALIFIERS.get(qualifier.lower(), ""),
    )


def glob(pattern: str, text: str) -> bool:
    """Whether a text fits a pattern in which `*` is any text and `?` one letter."""
    return _fits(pattern, text, "*", "?")


def _fits(tokens: Sequence[object], text: str, many: object = _ANY, one: object = _ONE) -> bool:
    # Going back only to the last star keeps it quick for any number of stars.
    at, position, star, mark = 0, 0, -1, 0
    while position < len(text):
        if at < len(tokens) and tokens[at] == many:
            star, mark, at = at, position, at + 1
        elif at < len(tokens) and (tokens[at] == one or tokens[at] == text[position]):
            at, position = at + 1, position + 1
        elif star >= 0:
            at, mark = star + 1, mark + 1
            position = mark
        else:
            return False
    return all(token == many for token in tokens[at:])


def _tokens(value: str, context: Mapping[str, tuple[str, ...]], *, variables: bool) -> list[object] | None:
    """Split a value into letters and wildcards, with variables put in; None when one has no value.

    A wildcard that comes out of a variable is a plain letter.
    """
    found: list[object] = []
    at = 0
    while at < len(value):
        end = value.find("}", at) if variables and value.startswith("${", at) else -1
        if end < 0:
            letter = value[at]
            found.append(_ANY if letter == "*" else _ONE if letter == "?" else letter)
            at += 1
            continue
        text = _variable(value[at + 2 : end], context)
        if text is None:
            return None
        found.extend(text)
        at = end + 1
    return found


def _variable(inside: str, context: Mapping[str, tuple[str, ...]]) -> str | None:
    if inside in ("*", "?", "$"):
        return inside
    key, comma, default = inside.partition(",")
    values = context.get(key.strip().lower(), ())
    if len(values) == 1:
        return values[0]
    text = default.strip()
    return text[1:-1] if comma and len(text) > 1 and text[0] == text[-1] == "'" else None


def _literal(tokens: list[object]) -> str:
    return "".join("*" if token is _ANY else "?" if token is _ONE else str(token) for token in tokens)


def _arn_fits(tokens: list[object], text: str) -> bool:
    """Compare the six parts of two ARNs one by one, each with wildcards."""
    parts: list[list[object]] = [[]]
    for token in tokens:
        if token == ":" and len(parts) < 6:
            parts.append([])
        else:
            parts[-1].append(token)
    asked = text.split(":", 5)
    return len(parts) == len(asked) == 6 and all(
        _fits(part, given) for part, given in zip(parts, asked, strict=True)
    )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _moment(text: str) -> float | None:
    """Return seconds since 1970 of an ISO date or of such a number."""
    seconds = _number(text)
    if seconds is not None:
        return seconds
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _compares(base: str, wanted: float | None, given: float | None) -> bool:
    if wanted is None or given is None:
        return False
    tests: dict[str, Callable[[float, float], bool]] = {
        "LessThanEquals": lambda have, want: have <= want,
        "GreaterThanEquals": lambda have, want: have >= want,
        "LessThan": lambda have, want: have < want,
        "GreaterThan": lambda have, want: have > want,
    }
    for ending, test in tests.items():
        if base.endswith(ending):
            return test(given, wanted)
    return given == wanted


def _in_network(wanted: str, given: str) -> bool:
    try:
        return ip_address(given) in ip_network(wanted, strict=False)
    except ValueError:
        return False


def value_matches(
    operator: Operator,
    wanted: str,
    given: str,
    context: Mapping[str, tuple[str, ...]],
    *,
    variables: bool = True,
) -> bool:
    """Whether one value of a policy matches one value of the request, negation left aside.

    Args:
        operator: any but `Null`.
        wanted: of the policy, with wildcards and variables.
        given: of the request.
        context: keys in lower case -> values, for variables.
        variables: whether `${…}` is a variable (version 2012-10-17).
    """
    if operator.family == "string" and not (variables and "${" in wanted):
        if operator.wildcards:
            return glob(wanted, given)
        same_case = not operator.base.endswith("IgnoreCase")
        return wanted == given if same_case else wanted.lower() == given.lower()
    if operator.family in ("string", "arn"):
        tokens = _tokens(wanted, context, variables=variables)
        if tokens is None:
            return False
        if operator.family == "arn":
            return _arn_fits(tokens, given)
        if operator.wildcards:
            return _fits(tokens, given)
        if operator.base.endswith("IgnoreCase"):
            return _literal(tokens).lower() == given.lower()
        return _literal(tokens) == given
    if operator.family == "number":
        return _compares(operator.base, _number(wanted), _number(given))
    if operator.family == "date":
        return _compares(operator.base, _moment(wanted), _moment(given))
    if operator.family == "ip":
        return _in_network(wanted, given)
    return wanted.lower() == given.lower() if operator.family == "bool" else wanted == given


def holds(
    operator: Operator,
    wanted: tuple[str, ...],
    given: tuple[str, ...] | None,
    context: Mapping[str, tuple[str, ...]],
    *,
    variables: bool = True,
) -> bool:
    """Whether a condition holds.

    Args:
        operator: how values are compared.
        wanted: values of the policy; any of them will do, and none of them may match a negated one.
        given: values of the request, None or empty when the key is not in it.
        context: keys in lower case -> values, for variables.
        variables: whether `${…}` is a variable (version 2012-10-17).

    Returns:
        For a missing key: False, but True for IfExists, for negated operators and for ForAllValues;
        False for ForAnyValue even when it is negated. `Null` asks whether the key is missing.
    """
    present = tuple(value for value in given or () if value != "") if operator.qualifier else given or ()
    if operator.family == "null":
        return any((value.lower() == "true") == (not given) for value in wanted)
    if not present:
        if operator.if_exists or operator.qualifier == "ForAllValues":
            return True
        return operator.negated and operator.qualifier != "ForAnyValue"

    def one(value: str) -> bool:
        found = any(value_matches(operator, want, value, context, variables=variables) for want in wanted)
        return found != operator.negated

    if operator.qualifier == "ForAllValues":
        return all(one(value) for value in present)
    if operator.qualifier == "ForAnyValue":
        return any(one(value) for value in present)
    # A key of several values without a qualifier: one match is enough, and spoils a negation.
    return all(one(value) for value in present) if operator.negated else any(one(value) for value in present)
