"""YAML of course files: lines are known, bombs and duplicates are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.content.yaml_text import CourseYamlError, parse_yaml


def test_lines_of_keys_and_items() -> None:
    document = parse_yaml("a: 1\nlist:\n  - x\n  - b: 2\n", first_line=10)
    assert document.value == {"a": 1, "list": ["x", {"b": 2}]}
    assert document.line_of(("list", 1, "b")) == 13
    assert document.line_of(("list", 1, "missing")) == 13
    assert document.line_of(("nowhere",)) == 10


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ("a: &x 1\nb: *x\n", "yaml-alias", 1),
        ("a: 1\nb: 2\na: 3\n", "yaml-duplicate", 3),
        ("a: [1\n", "yaml-syntax", 2),
        ("a: 1\n---\nb: 2\n", "yaml-documents", 3),
        ("a: !!python/object/apply:os.system [id]\n", "yaml-value", 1),
        ("a: 2026-02-31\n", "yaml-value", 1),
        ("b: 1\na: !!timestamp soon\n", "yaml-value", 1),
        ("a:\n  x: 1\n  1: x\n", "yaml-value", 3),
        ("on: 1\n", "yaml-value", 1),
        ("a: {2026-01-01: x}\n", "yaml-value", 1),
        ("a: !!bool maybe\n", "yaml-value", 1),
        ("a: !!int ''\n", "yaml-value", 1),
        ("b: 1\na: !!set {x, y}\n", "yaml-value", 2),
        ("a: !!binary aGk=\n", "yaml-value", 1),
        ("a: !!omap [x: 1]\n", "yaml-value", 1),
        ("b: 1\na: 0x" + "f" * 5000, "yaml-value", 2),
        ("a: 1" + ":1" * 3000, "yaml-value", 1),
        ('b: 1\na: "\\e[2J"\n', "yaml-value", 2),
        ('b: 1\n"\\u202ea": 1\n', "yaml-value", 2),
        ("a:\n\t- tab\n", "yaml-syntax", 2),
        ("a:\n  " + "[" * 50_000 + "]" * 50_000, "yaml-deep", 2),
    ],
)
def test_what_is_refused(text: str, rule: str, line: int) -> None:
    with pytest.raises(CourseYamlError) as raised:
        parse_yaml(text)
    assert (raised.value.problem.rule, raised.value.problem.line) == (rule, line)


@given(st.text(max_size=200))
def test_any_text_parses_or_is_refused(text: str) -> None:
    lines = []
    try:
        parse_yaml(text)
    except CourseYamlError as error:
        lines.append(error.problem.line)
    assert all(line >= 1 for line in lines)
