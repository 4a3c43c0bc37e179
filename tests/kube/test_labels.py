"""Selectors: read, matched, printed."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.kube import labels

NAMES = st.from_regex(r"[a-z]([a-z0-9-]{0,6}[a-z0-9])?", fullmatch=True).filter(
    lambda t: t not in ("in", "notin")
)


@pytest.mark.parametrize(
    ("text", "own", "selected"),
    [
        ("", {}, True),
        ("app=web", {"app": "web"}, True),
        ("app==web", {"app": "db"}, False),
        ("app!=web", {}, True),
        ("app", {"app": ""}, True),
        ("!app", {"app": "x"}, False),
        ("app in (web, db),tier notin (gold)", {"app": "db"}, True),
        ("app in (web)", {"app": "db"}, False),
        ("app in (,)", {"app": ""}, True),
        ("app=", {"app": ""}, True),
        ("size>3", {"size": "4"}, True),
        ("size<3", {"size": "many"}, False),
        (" example.com/app = web ", {"example.com/app": "web"}, True),
    ],
)
def test_text_selectors(text: str, own: dict[str, str], selected: bool) -> None:
    assert labels.parse_selector(text).matches(own) is selected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("app=web,", "found '', expected: identifier after ','"),
        ("=web", "found '=', expected: !, identifier, or 'end of string'"),
        ("app in web", "found 'web' expected: '('"),
        ("app web", "found 'web', expected: in, notin, =, ==, !=, gt, lt"),
        ("app=web x", "found 'x', expected: ',' or 'end of string'"),
        ("app in (a b)", "found 'b', expected: ',' or ')'"),
        ("app in (a", "found '', expected: ',', or identifier"),
        ("app==a=b", "found '=', expected: ',' or 'end of string'"),
        ("Bad_/x=1", "prefix part a lowercase RFC 1123 subdomain"),
        ("app=-", "a valid label must be an empty string"),
        ("size>x", "the value must be an integer"),
    ],
)
def test_bad_selectors_say_why(text: str, said: str) -> None:
    with pytest.raises(labels.SelectorError) as caught:
        labels.parse_selector(text)
    assert said in caught.value.message


@given(st.dictionaries(NAMES, NAMES, max_size=4))
def test_what_is_printed_reads_back(own: dict[str, str]) -> None:
    selector = labels.from_object({"matchLabels": own})
    assert labels.parse_selector(str(selector)).matches(own)
    assert selector.matches({**own, "more": "x"})


@given(NAMES, st.lists(NAMES, min_size=1, max_size=3), st.dictionaries(NAMES, NAMES, max_size=3))
def test_in_and_notin_are_opposites(key: str, values: list[str], own: dict[str, str]) -> None:
    chosen = labels.from_object({"matchExpressions": [{"key": key, "operator": "In", "values": values}]})
    rest = labels.from_object({"matchExpressions": [{"key": key, "operator": "NotIn", "values": values}]})
    assert chosen.matches(own) is not rest.matches(own)
    assert labels.parse_selector(str(chosen)).matches(own) is chosen.matches(own)


@given(st.text(max_size=20))
def test_no_text_makes_a_traceback(text: str) -> None:
    with suppress(labels.SelectorError):
        labels.parse_selector(text)


def test_absent_and_empty_differ() -> None:
    assert not labels.from_object(None).matches({})
    assert labels.from_object({}).matches({})
    assert labels.from_object({}).empty
    assert not labels.from_labels(None).matches({"a": "b"})
    assert labels.from_labels({"a": "b"}).matches({"a": "b"})


def test_expressions_of_every_operator() -> None:
    selector = labels.from_object(
        {
            "matchLabels": {"b": "1"},
            "matchExpressions": [
                {"key": "a", "operator": "Exists"},
                {"key": "c", "operator": "DoesNotExist"},
                {"key": "n", "operator": "Gt", "values": ["5"]},
            ],
        }
    )
    assert str(selector) == "a,b=1,!c,n>5"
    assert selector.matches({"a": "", "b": "1", "n": "6"})
    assert not selector.matches({"a": "", "b": "1", "n": "5"})
    with pytest.raises(labels.SelectorError, match='"Near" is not a valid label selector operator'):
        labels.from_object({"matchExpressions": [{"key": "a", "operator": "Near"}]})
    with pytest.raises(labels.SelectorError, match="must be empty for exists"):
        labels.from_object({"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["x"]}]})


def test_label_problems_name_key_or_value() -> None:
    found = labels.label_problems({"app": "my web app", "bad key": "x", "ok.io/a": ""})
    assert [offender for offender, _ in found] == ["my web app", "bad key"]
