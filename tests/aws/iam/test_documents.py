"""Documents made ready: patterns, and what is not a document."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from eks_lab.aws.iam.documents import read
from eks_lab.calc.iam_condition import glob
from tests.aws.account_fake import policy

_letters = st.text("ab*?:/", max_size=8)


@given(_letters, st.text("ab:/", max_size=8))
def test_resources_match_as_the_calculators_do(pattern: str, text: str) -> None:
    statement = read(policy({"Effect": "Allow", "Action": "*", "Resource": [pattern]})).statements[0]
    assert statement.covers("s3:getobject", text, {}) == glob(pattern, text)


@given(st.text(max_size=40))
def test_no_text_is_a_crash(text: str) -> None:
    assert read(text).statements == () or text.lstrip().startswith("{")


def test_not_action_and_not_resource() -> None:
    statement = read(
        policy({"Effect": "Deny", "NotAction": ["iam:*", "sts:*"], "NotResource": "arn:aws:s3:::free/*"})
    ).statements[0]
    assert statement.covers("ec2:runinstances", "*", {})
    assert not statement.covers("iam:getuser", "*", {})
    assert not statement.covers("s3:getobject", "arn:aws:s3:::free/a", {})


def test_variables_are_text_in_the_old_version() -> None:
    text = '{"Version": "2008-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "${aws:username}"}}'
    statement = read(text).statements[0]
    assert not statement.covers("s3:getobject", "ada", {"aws:username": ("ada",)})
    new = read(text.replace("2008-10-17", "2012-10-17")).statements[0]
    assert new.covers("s3:getobject", "ada", {"aws:username": ("ada",)})


def test_an_operator_that_iam_has_not_never_holds() -> None:
    statement = read(
        policy({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringSame": {"a": "b"}}})
    ).statements[0]
    assert not statement.covers("s3:getobject", "*", {"a": ("b",)})
