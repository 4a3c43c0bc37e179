"""Templates: reasons come out of the text, quoting keeps YAML what it was."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from eks_lab.generate.template import generated, quoted


def test_reasons_behind_and_below_a_line() -> None:
    file = generated(
        "a.yaml", "a: 1 #? One.\nb: {{ b }}\n#? Two is {{ b }},\n  #? and more.\nc: 3\n", {"b": 2}
    )
    assert file.text == "a: 1\nb: 2\nc: 3\n"
    assert file.reasons == {1: "One.", 2: "Two is 2, and more."}


def test_a_choice_may_hold_the_mark() -> None:
    assert generated("a.yaml", "a: {{ a|q }} #? Why.", {"a": "x #? y"}).text == 'a: "x #? y"\n'


def test_blank_lines_do_not_pile_up() -> None:
    text = "{% if no %}\nx\n{% endif %}\n\n\na\n\n{% if no %}\ny\n{% endif %}\n\nb\n\n"
    assert generated("a", text, {"no": False}).text == "a\n\nb\n"


def test_a_missing_name_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        generated("a", "{{ missing }}", {})


@given(
    st.text(st.characters(exclude_categories=["Cs"]))
    | st.booleans()
    | st.integers()
    | st.lists(st.sampled_from(["a", "no", "1", "a: b"]))
)
def test_quoted_values_are_read_back(value: object) -> None:
    assert yaml.safe_load(f"a: {quoted(value)}")["a"] == value


@pytest.mark.parametrize(
    "word", ["no", "Yes", "on", "y", "N", "null", "~", "1e3", "0x10", "", " a", "a ", "a: b", "a #b", "- a"]
)
def test_words_that_yaml_would_misread(word: str) -> None:
    assert quoted(word).startswith('"')


@pytest.mark.parametrize(
    "word", ["payments-api", "arn:aws:iam::111122223333:role/a", "/data", "public.ecr.aws/a:1"]
)
def test_plain_words_stay_plain(word: str) -> None:
    assert quoted(word) == word


def test_line_separators_of_unicode_stay_inside_a_line() -> None:
    file = generated("a.yaml", "a: {{ a|q }} #? Why.\nb: 1", {"a": "x\u2028y\x85z"})
    assert file.text.count("\n") == 2
    assert yaml.safe_load(file.text) == {"a": "x\u2028y\x85z", "b": 1}
    assert file.reasons == {1: "Why."}
