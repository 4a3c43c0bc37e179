"""References: what they are replaced by, and what they refuse."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eks_lab.aws.faults.references import Scope
from eks_lab.errors import ContentError

VALUES: dict[str, Any] = {
    "subnets": {"private": ["subnet-a", "subnet-b"]},
    "count": 3,
    "policy": {"Action": "sts:${verb}"},
    "verb": "AssumeRole",
    "round": "${about}",
    "about": "${round}",
}
PLAIN = st.text(alphabet="aé [](.)|-_\"'\\\n", max_size=12)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${subnets.private[1]}", "subnet-b"),
        ("--subnets=${subnets.private[0]},${ subnets.private[1] }", "--subnets=subnet-a,subnet-b"),
        ("${count}", 3),
        ("${count} pods", "3 pods"),
        ("${policy}", {"Action": "sts:AssumeRole"}),
        ("x=${policy}", 'x={"Action":"sts:AssumeRole"}'),
        ("${policy | base64}", base64.b64encode(b'{"Action":"sts:AssumeRole"}').decode()),
        ("${count | json}", "3"),
        ("$count $ {count}", "$count $ {count}"),
    ],
)
def test_a_reference_becomes_what_it_names(text: str, value: Any) -> None:
    assert Scope(VALUES).fill(text) == value


def test_structures_are_filled_all_the_way_down() -> None:
    wish = {"${verb}": [{"replicas": "${count}", "keep": True, "none": None}]}
    assert Scope(VALUES).fill(wish) == {"AssumeRole": [{"replicas": 3, "keep": True, "none": None}]}


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("${nothing}", "nothing is not there"),
        ("${subnets.public[0]}", "public is not there"),
        ("${subnets.private[9]}", r"\[9\] is not there"),
        ("${count.real}", "real is not there"),
        ("${verb.__class__}", "__class__ is not there"),
        ("${verb()}", "is no reference"),
        ("${1 + 1}", "is no reference"),
        ("${verb | exec}", "there is no filter exec"),
        ("${round}", "without end"),
    ],
)
def test_what_names_nothing_is_refused(text: str, part: str) -> None:
    with pytest.raises(ContentError, match=part):
        Scope(VALUES).fill(text)


@given(PLAIN, PLAIN)
def test_text_around_a_reference_stays(before: str, after: str) -> None:
    found = Scope(VALUES).fill(f"{before}${{verb}}{after}")
    assert found == f"{before}AssumeRole{after}"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | PLAIN,
        lambda each: st.lists(each) | st.dictionaries(PLAIN, each),
        max_leaves=8,
    )
)
def test_values_without_references_stay_as_they_are(value: Any) -> None:
    assert Scope({}).fill(value) == value
