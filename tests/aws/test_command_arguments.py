"""Shorthand, compared with what it stands for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.aws.command_arguments import ArgumentError, Shorthand

_names = st.text("abcXYZ", min_size=1, max_size=4)
_plain = st.text("abc 0:/.-", min_size=1, max_size=6).map(str.strip).filter(bool)
_values = st.recursive(
    _plain,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, min_size=1, max_size=3),
    max_leaves=6,
)


def written(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{name}={written(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(written(each) for each in value) + "]"
    return str(value)


@given(st.dictionaries(_names, _values, min_size=1, max_size=3))
def test_what_is_written_is_read(value: dict[str, object]) -> None:
    assert Shorthand("--x", written(value)[1:-1]).read() == value


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Name=a,Values=b,c", {"Name": "a", "Values": ["b", "c"]}),
        ("Key='a,b',Value=\"c=d\"", {"Key": "a,b", "Value": "c=d"}),
        ("a=b=c", {"a": "b=c"}),
        ("a=", {"a": ""}),
    ],
)
def test_shorthand(text: str, found: object) -> None:
    assert Shorthand("--x", text).read() == found


@given(st.text("ab=,{}[]'\" ", max_size=10))
def test_any_text_is_read_or_refused(text: str) -> None:
    said = ""
    try:
        Shorthand("--x", text).read()
    except ArgumentError as error:
        said = str(error)
    assert said == "" or said.startswith("Error parsing parameter '--x'")
