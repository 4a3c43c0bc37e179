"""Condition operators of IAM: matching, missing keys, sets, variables."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.calc.iam_condition import glob, holds, read_operator

CONTEXT = {"aws:principaltag/team": ("blue",), "aws:tagkeys": ("a", "b"), "aws:username": ("x*y",)}


def check(name: str, wanted: object, given_: object, *, variables: bool = True) -> bool:
    operator = read_operator(name)
    assert operator is not None
    policy = tuple(wanted) if isinstance(wanted, list) else (str(wanted),)
    values = tuple(given_) if isinstance(given_, list) else None if given_ is None else (str(given_),)
    return holds(operator, policy, values, CONTEXT, variables=variables)


# IAM user guide, condition operators and multivalued keys: operator, policy, request, holds.
ROWS: list[tuple[str, object, object, bool]] = [
    ("StringEquals", "a", "a", True),
    ("StringEquals", "a", "A", False),
    ("StringEquals", ["a", "b"], "b", True),
    ("StringEquals", "a*", "ab", False),
    ("StringEquals", "a*", "a*", True),
    ("StringNotEquals", "a", "b", True),
    ("StringNotEquals", ["a", "b"], "b", False),
    ("StringEqualsIgnoreCase", "Ab", "aB", True),
    ("StringNotEqualsIgnoreCase", "Ab", "aB", False),
    ("StringLike", "a*c", "abc", True),
    ("StringLike", "a?c", "abc", True),
    ("StringLike", "a?c", "ac", False),
    ("StringLike", "a*C", "abc", False),
    ("StringNotLike", "a*", "abc", False),
    ("StringNotLike", ["x*", "y*"], "abc", True),
    (
        "ArnLike",
        "arn:aws:eks:*:111122223333:cluster/*",
        "arn:aws:eks:eu-west-1:111122223333:cluster/lab",
        True,
    ),
    ("ArnEquals", "arn:aws:eks:*:1:cluster/lab", "arn:aws:eks:us-east-1:1:cluster/lab", True),
    ("ArnLike", "arn:aws:*", "arn:aws:eks:us-east-1:1:cluster/lab", False),
    ("ArnLike", "arn:*:1:cluster/lab", "arn:aws:eks:us-east-1:1:cluster/lab", False),
    ("ArnNotLike", "arn:aws:eks:*:1:cluster/*", "arn:aws:eks:us-east-1:1:cluster/lab", False),
    ("ArnNotEquals", "arn:aws:eks:*:2:cluster/*", "arn:aws:eks:us-east-1:1:cluster/lab", True),
    ("NumericEquals", "3", "3.0", True),
    ("NumericNotEquals", "3", "4", True),
    ("NumericLessThan", "10", "9", True),
    ("NumericLessThan", "10", "10", False),
    ("NumericLessThanEquals", "3600", "3600", True),
    ("NumericGreaterThan", "1", "2", True),
    ("NumericGreaterThanEquals", "2", "2", True),
    ("NumericEquals", "many", "3", False),
    ("DateLessThan", "2026-11-22T00:00:00Z", "2026-11-21T23:59:59Z", True),
    ("DateGreaterThan", "2026-11-22", "2026-11-21T23:59:59Z", False),
    ("DateEquals", "1970-01-01T00:01:00Z", "60", True),
    ("DateGreaterThanEquals", "soon", "60", False),
    ("Bool", "true", "True", True),
    ("Bool", "true", "false", False),
    ("BinaryEquals", "QUJD", "QUJD", True),
    ("IpAddress", "10.0.0.0/8", "10.1.2.3", True),
    ("NotIpAddress", "10.0.0.0/8", "10.1.2.3", False),
    ("IpAddress", "everywhere", "10.1.2.3", False),
    ("IpAddress", "2001:db8::/32", "2001:db8::1", True),
    # A key that is not in the request.
    ("StringEquals", "a", None, False),
    ("StringLike", "*", None, False),
    ("StringNotEquals", "a", None, True),
    ("StringNotLike", "*", None, True),
    ("ArnNotLike", "*", None, True),
    ("NumericLessThan", "1", None, False),
    ("Bool", "false", None, False),
    ("StringEqualsIfExists", "a", None, True),
    ("StringEqualsIfExists", "a", "b", False),
    ("StringNotEqualsIfExists", "a", "a", False),
    ("Null", "true", None, True),
    ("Null", "true", "a", False),
    ("Null", "false", "a", True),
    ("Null", "false", None, False),
    # Sets.
    ("ForAllValues:StringEquals", ["a", "b"], ["a"], True),
    ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
    ("ForAllValues:StringEquals", ["a"], None, True),
    ("ForAllValues:StringEquals", ["a"], [""], True),
    ("ForAllValues:StringNotEquals", ["a"], ["b", "c"], True),
    ("ForAllValues:StringNotEquals", ["a"], ["b", "a"], False),
    ("ForAnyValue:StringEquals", ["a"], ["b", "a"], True),
    ("ForAnyValue:StringEquals", ["a"], ["b"], False),
    ("ForAnyValue:StringEquals", ["a"], None, False),
    ("ForAnyValue:StringNotEquals", ["a"], None, False),
    ("ForAnyValue:StringNotEquals", ["a"], ["a", "b"], True),
    ("ForAnyValue:StringNotEquals", ["a"], ["a"], False),
    ("ForAnyValue:StringLikeIfExists", ["a*"], None, True),
    ("ForAllValues:StringLike", ["kubernetes-*", "eks-*"], ["eks-cluster-arn", "kubernetes-namespace"], True),
    # Variables.
    ("StringEquals", "${aws:PrincipalTag/team}", "blue", True),
    ("StringLike", "team-${aws:principaltag/TEAM}-*", "team-blue-1", True),
    ("StringEquals", "${aws:PrincipalTag/none}", "", False),
    ("StringEquals", "${aws:PrincipalTag/none, 'red'}", "red", True),
    ("StringEquals", "${aws:PrincipalTag/team, 'red'}", "blue", True),
    ("StringEquals", "${aws:TagKeys}", "a", False),
    ("StringLike", "${*}b", "*b", True),
    ("StringLike", "${*}b", "ab", False),
    ("StringLike", "${?}${$}", "?$", True),
    ("StringLike", "${aws:username}", "xzy", False),
    ("StringEquals", "${open", "${open", True),
]


@pytest.mark.parametrize(("name", "wanted", "request_", "expected"), ROWS)
def test_documented_rows(name: str, wanted: object, request_: object, expected: bool) -> None:
    assert check(name, wanted, request_) is expected


def test_the_old_version_has_no_variables() -> None:
    assert not check("StringEquals", "${aws:PrincipalTag/team}", "blue", variables=False)
    assert check("StringEquals", "${aws:PrincipalTag/team}", "${aws:PrincipalTag/team}", variables=False)


@pytest.mark.parametrize("name", ["stringequals", "STRINGLIKE", "foranyvalue:stringlikeifexists"])
def test_case_of_operators_does_not_matter(name: str) -> None:
    assert read_operator(name) is not None


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Equals",
        "StringEqual",
        "NullIfExists",
        "ForAll:StringEquals",
        "StringEquals:x",
        "IfExists",
        ":",
        "ForAnyValue:",
    ],
)
def test_unknown_operators(name: str) -> None:
    assert read_operator(name) is None


LETTERS = st.text(alphabet="ab*?.", max_size=14)


@given(LETTERS, st.text(alphabet="ab.", max_size=14))
def test_glob_agrees_with_regular_expressions(pattern: str, text: str) -> None:
    expression = "".join(".*" if one == "*" else "." if one == "?" else re.escape(one) for one in pattern)
    assert glob(pattern, text) == (re.fullmatch(expression, text, re.DOTALL) is not None)


@given(st.sampled_from([row[0] for row in ROWS]), LETTERS, LETTERS | st.none())
def test_a_negated_operator_says_the_opposite(name: str, wanted: str, value: str | None) -> None:
    operator = read_operator(name)
    assert operator is not None
    if operator.qualifier or operator.if_exists or operator.family == "null":
        return
    opposite = {"Equals": "NotEquals", "Like": "NotLike"}
    for ending, other in opposite.items():
        if operator.base in (f"String{ending}", f"Arn{ending}"):
            negated = operator.base.replace(ending, other)
            assert check(operator.base, wanted, value) != check(negated, wanted, value)
