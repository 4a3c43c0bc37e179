"""Answers as JSON and CSV, and back."""

from __future__ import annotations

import csv
import io
import json

import pytest

from eks_lab.calc import registry
from eks_lab.calc.export import (
    answer_from_json,
    answer_json,
    calculator_json,
    figures_csv,
    grid_csv,
    plot_csv,
)
from eks_lab.calc.forms import read_inputs
from eks_lab.calc.model import Answer, Grid, Plot, Series, Value
from eks_lab.calc.units import unit_word
from tests.fake_calculators import SHOW, show

INPUTS: dict[str, Value] = {"nodes": 3, "zone": "a", "spot": True, "label": 'a, "b"'}


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text), strict=True))


def default_answer(name: str) -> Answer:
    calculator = registry.get(name)
    has_today = any(field.name == "today" for field in calculator.inputs)
    return calculator.compute(read_inputs(calculator, {"today": "2026-11-22"} if has_today else {}))


@pytest.mark.parametrize("name", [*registry.names(), "show"])
def test_an_answer_survives_json(name: str) -> None:
    answer = show(INPUTS) if name == "show" else default_answer(name)
    text = json.dumps(answer_json(answer), allow_nan=False)
    assert answer_from_json(json.loads(text)) == answer


@pytest.mark.parametrize("document", [{}, {"calculator": "x"}, []])
def test_other_json_is_no_answer(document: object) -> None:
    with pytest.raises((KeyError, TypeError)):
        answer_from_json(document)  # type: ignore[arg-type]


def test_a_form_as_json() -> None:
    form = calculator_json(SHOW)
    assert list(form) == ["name", "title", "summary", "lesson", "inputs", "result_units"]
    assert form["inputs"][0]["name"] == "nodes"
    assert form["inputs"][1]["choices"] == ["a", "b"]
    json.dumps(form)


def test_figures_as_csv() -> None:
    found = rows(figures_csv(SHOW, show(INPUTS)))
    assert found == [
        ["part", "name", "value", "unit"],
        ["input", "nodes", "3", "nodes"],
        ["input", "zone", "a", ""],
        ["input", "spot", "yes", ""],
        ["input", "label", 'a, "b"', ""],
        ["result", "show", "3", "nodes"],
        ["result", "half", "1.5", "nodes"],
        ["result", "name", "web", ""],
        ["result", "nothing", "", ""],
        ["step", "show = nodes", "3", "nodes"],
        ["step", "half = show ÷ 2", "1.5", "nodes"],
    ]


def test_a_table_as_csv() -> None:
    grid = Grid("T", ("A, B", "C"), (("x\ny", None), (False, 2.5)))
    assert rows(grid_csv(grid)) == [["A, B", "C"], ["x\ny", ""], ["no", "2.5"]]


def test_a_plot_as_csv_has_every_point() -> None:
    plot = Plot("P", "x", "y", (Series("s", tuple((float(x), x / 2) for x in range(200))),))
    found = rows(plot_csv(plot))
    assert found[0] == ["x", "s"]
    assert len(found) == 201
    assert found[-1] == ["199", "99.5"]


@pytest.mark.parametrize(
    ("unit", "value", "word"),
    [
        ("pods", 1, "pod"),
        ("pods", 1.0, "pod"),
        ("pods", 0, "pods"),
        ("pods", 1.5, "pods"),
        ("addresses", 1, "address"),
        ("prefixes", 1, "prefix"),
        ("ENIs", 1, "ENI"),
        ("queries", 1, "query"),
        ("IOPS", 1, "IOPS"),
        ("USD/h", 1, "USD/h"),
        ("GiB", 1, "GiB"),
        ("s", 1, "s"),
        ("", 1, ""),
        ("nodes", True, "nodes"),
        ("nodes", None, "nodes"),
        ("load balancers", 1, "load balancer"),
        ("load balancers", 2, "load balancers"),
        ("events/s", 1, "event/s"),
        ("replica-minutes", 1.0, "replica-minute"),
        ("MiB/s", 1, "MiB/s"),
    ],
)
def test_unit_words(unit: str, value: object, word: str) -> None:
    assert unit_word(unit, value) == word
