"""Calculators by name."""

from __future__ import annotations

import subprocess
import sys

import pytest

from eks_lab.calc import registry
from eks_lab.calc.forms import read_inputs
from eks_lab.calc.model import Calculator
from eks_lab.errors import InputError


def test_names() -> None:
    names = registry.names()
    assert names[:2] == ("max-pods", "node-ips")
    assert len(set(names)) == len(names)


def defaults(calculator: Calculator) -> dict[str, object]:
    """Return what a caller adds to an empty form: the present day, where it is asked for."""
    return {field.name: "2026-11-22" for field in calculator.inputs if field.name == "today"}


@pytest.mark.parametrize("name", registry.names())
def test_every_calculator_answers_its_own_defaults(name: str) -> None:
    calculator = registry.get(name)
    assert calculator.name == name
    assert calculator.title
    assert calculator.summary.endswith(".")
    answer = calculator.compute(read_inputs(calculator, defaults(calculator)))
    assert answer.calculator == name
    assert answer.headline.endswith(".")
    assert list(answer.inputs) == [field.name for field in calculator.inputs]
    assert set(calculator.result_units) <= set(answer.result)
    assert answer.steps
    assert answer.sources


@pytest.mark.parametrize("name", registry.names())
def test_every_input_explains_itself(name: str) -> None:
    for field in registry.get(name).inputs:
        assert field.label
        assert field.help.endswith(".")
        assert field.name == field.name.lower()
        assert (field.default is None) <= field.optional
        if field.kind in ("integer", "number"):
            assert field.unit
            assert field.maximum is not None
        if field.kind == "choice":
            assert field.default in field.choices


@pytest.mark.parametrize("name", ["max-pods", "max_pods", " Max-Pods "])
def test_spelling_does_not_matter(name: str) -> None:
    assert registry.get(name).name == "max-pods"


@pytest.mark.parametrize(
    ("name", "hint"), [("maxpods", "Did you mean max-pods?"), ("zzz", "Calculators: max-pods")]
)
def test_unknown_name(name: str, hint: str) -> None:
    with pytest.raises(InputError, match=name) as caught:
        registry.get(name)
    assert hint in caught.value.hint


def test_listing_imports_no_calculator() -> None:
    code = (
        "import sys; from eks_lab.calc import registry; registry.names();"
        "assert 'eks_lab.calc.max_pods' not in sys.modules;"
        "registry.get('max-pods');"
        "assert 'eks_lab.calc.node_ips' not in sys.modules;"
        "assert not {'textual', 'pydantic', 'click', 'yaml', 'difflib'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
