"""Prometheus' text format: escapes, numbers, histograms."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.kube.exposition import Family, Histogram, number, page

SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)", re.DOTALL)
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)",?')


def read(line: str) -> tuple[str, dict[str, str], float]:
    """Return name, labels and value of a line, as Prometheus reads it."""
    found = SAMPLE.fullmatch(line)
    assert found, line
    text, labels = found[2] or "", {}
    while text:
        label = LABEL.match(text)
        assert label, text
        undone = re.sub(r"\\(.)", lambda each: "\n" if each[1] == "n" else each[1], label[2])
        labels[label[1]] = undone
        text = text[label.end() :]
    return found[1], labels, float(found[3])


def test_a_family_has_help_and_type_before_its_samples() -> None:
    family = Family("jobs_total", "Jobs.\nBy kind \\ size", "counter")
    family.add(3, {"kind": 'a "b"\nc\\d'})
    assert page([family, Family("empty", "Nothing.")]).splitlines() == [
        r"# HELP jobs_total Jobs.\nBy kind \\ size",
        "# TYPE jobs_total counter",
        r'jobs_total{kind="a \"b\"\nc\\d"} 3',
    ]


@given(st.text(), st.floats(allow_nan=False))
def test_any_label_and_number_come_back(label: str, value: float) -> None:
    family = Family("x", "X.")
    family.add(value, {"a": label, "b": ""})
    line = page([family]).split("\n", 2)[2].removesuffix("\n")
    assert read(line) == ("x", {"a": label, "b": ""}, value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (-1, "-1"), (0.25, "0.25"), (100000, "100000"), (1_000_000, "1e+06"),
        (1234567, "1.234567e+06"), (1795398347.5, "1.7953983475e+09"), (0.0001, "0.0001"), (0.00001, "1e-05"),
        (math.inf, "+Inf"), (-math.inf, "-Inf"), (math.nan, "NaN"),
    ],
)  # fmt: skip
def test_numbers_look_as_go_prints_them(value: float, text: str) -> None:
    assert number(value) == text


@given(st.lists(st.floats(0, 20), max_size=30))
def test_buckets_are_cumulative_and_bounds_belong_to_them(values: list[float]) -> None:
    histogram, family = Histogram((1, 2.5, 10)), Family("seconds", "S.", "histogram")
    for value in values:
        histogram.observe(value)
    histogram.add_to(family, {"verb": "GET"})
    found = {(ending, labels.get("le")): value for ending, labels, value in family.samples}
    for bound in (1, 2.5, 10, math.inf):
        assert found[("_bucket", number(bound))] == sum(value <= bound for value in values)
    assert found[("_count", None)] == len(values)
    assert found[("_sum", None)] == pytest.approx(sum(values))
