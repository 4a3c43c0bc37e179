"""Policy documents: what IAM takes and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.calc.iam_policy import read_policy
from eks_lab.errors import InputError

STATEMENT: dict[str, Any] = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}


def document(**changes: object) -> str:
    """Return a policy whose one statement is changed; None removes an element."""
    statement = {key: value for key, value in {**STATEMENT, **changes}.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


def test_a_policy() -> None:
    text = document(
        Sid="One",
        Principal={"Service": ["a.amazonaws.com", "b.amazonaws.com"], "AWS": "111122223333"},
        Action=["sts:Assume*", "sts:TagSession"],
        Condition={"Bool": {"aws:SecureTransport": True}, "NumericEquals": {"x": [1, 2.5]}},
    )
    policy = read_policy(text)
    (statement,) = policy.statements
    assert policy.has_variables
    assert policy.characters == len("".join(text.split()))
    assert statement.name == "statement 1 (One)"
    assert statement.principals == (
        ("Service", "a.amazonaws.com"),
        ("Service", "b.amazonaws.com"),
        ("AWS", "111122223333"),
    )
    assert [condition.values for condition in statement.conditions] == [("true",), ("1", "2.5")]


@pytest.mark.parametrize(
    ("element", "actions", "asked", "covered"),
    [
        ("Action", "sts:AssumeRole", "sts:AssumeRole", True),
        ("Action", "STS:assumerole", "sts:AssumeRole", True),
        ("Action", "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", False),
        ("Action", "sts:AssumeRole*", "sts:AssumeRoleWithWebIdentity", True),
        ("Action", "*", "sts:TagSession", True),
        ("Action", "sts:?agSession", "sts:TagSession", True),
        ("NotAction", "sts:TagSession", "sts:AssumeRole", True),
        ("NotAction", "sts:*", "sts:AssumeRole", False),
    ],
)
def test_actions(element: str, actions: str, asked: str, covered: bool) -> None:
    text = document(**{"Action": None, element: actions})
    assert read_policy(text).statements[0].covers(asked) is covered


def test_without_a_version_it_is_the_old_one() -> None:
    policy = read_policy(json.dumps({"Statement": [STATEMENT]}))
    assert (policy.version, policy.has_variables) == ("2008-10-17", False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "policy: this is no JSON: "),
        ('{"Statement": [1,]}', "in line 1, column"),
        ("", "policy: this is no JSON"),
        ("[]", "a policy is a JSON object"),
        ("[" * 5000, "policy: this"),
        ("{}", "there is no Statement"),
        ('{"Statement": []}', "there is no Statement"),
        ('{"Statement": "x"}', "there is no Statement"),
        ('{"Statement": [3]}', "statement 1 is no JSON object"),
        ('{"Version": "2026-01-01", "Statement": {}}', "Version '2026-01-01' is none of IAM's"),
        ('{"Statements": []}', "the policy has no element 'Statements'"),
        ('{"Version": "2012-10-17", "Version": "2012-10-17"}', "the key 'Version' comes twice"),
        (document(Effect="allow"), "statement 1 has no Effect of Allow or Deny"),
        (document(Effect=None), "statement 1 has no Effect"),
        (document(Action=None), "statement 1 has no Action"),
        (document(Action="AssumeRole"), "the action 'AssumeRole' has no service prefix"),
        (document(Action=[]), "Action is neither a text nor a list"),
        (document(Action=3), "Action is neither a text nor a list"),
        (document(NotAction="sts:TagSession"), "has both Action and NotAction"),
        (document(NotPrincipal="*"), "has both Principal and NotPrincipal"),
        (document(Principal="me"), "the Principal is neither an object nor *"),
        (document(Principal={"Role": "x"}), "Principal has no element 'Role'"),
        (document(Principal={"AWS": 5}), "AWS is neither a text"),
        (document(Conditions={}), "statement 1 has no element 'Conditions'"),
        (document(Condition=[]), "the Condition is no object"),
        (document(Condition={"StringsEqual": {"a": "b"}}), "no condition operator 'StringsEqual'"),
        (document(Condition={"StringEquals": {}}), "StringEquals has no condition keys"),
        (document(Condition={"StringEquals": {"a": []}}), "a has no value"),
        (document(Condition={"StringEquals": {"a": {"b": "c"}}}), "a has no value"),
        (document(Sid="x" * 30_000), "characters are more than IAM takes"),
    ],
)
def test_refusals(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_policy(text)
    assert message in caught.value.message
    assert len(caught.value.message) < 300
    assert caught.value.hint


def test_a_condition_key_twice_is_refused() -> None:
    text = document(Condition={"StringEquals": {"a": "b"}})
    twice = text.replace('{"a": "b"}', '{"a": "b", "a": "c"}')
    with pytest.raises(InputError, match="'a' comes twice"):
        read_policy(twice)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
ANY_STATEMENT = st.dictionaries(
    st.sampled_from(
        ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "Condition"]
    ),
    JSON_VALUES | st.sampled_from(["Allow", "Deny", "*", "sts:AssumeRole"]),
    max_size=6,
)


def _has_a_hint(error: InputError) -> None:
    assert error.hint


@given(st.text(max_size=60) | st.dictionaries(st.text(max_size=9), JSON_VALUES).map(json.dumps))
def test_any_text_is_a_policy_or_refused(text: str) -> None:
    try:
        read_policy(text)
    except InputError as error:
        _has_a_hint(error)


@given(st.lists(ANY_STATEMENT, max_size=4))
def test_any_statements_are_a_policy_or_refused(statements: list[dict[str, Any]]) -> None:
    try:
        policy = read_policy(json.dumps({"Version": "2012-10-17", "Statement": statements}))
    except InputError as error:
        _has_a_hint(error)
    else:
        assert len(policy.statements) == len(statements)
