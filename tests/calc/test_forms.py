"""From what was typed to checked inputs."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.calc.forms import read_inputs
from eks_lab.calc.model import Answer, Calculator, Input, Value
from eks_lab.errors import InputError


def _compute(inputs: Any) -> Answer:
    raise NotImplementedError


FORM = Calculator(
    name="form",
    title="Form",
    summary="Every kind of input.",
    inputs=(
        Input("instance", "Instance", "instance", "m5.large", "A type."),
        Input("pods", "Pods", "integer", 10, "Pods.", unit="pods", minimum=1, maximum=100),
        Input("spare", "Spare", "integer", None, "Spare pods.", optional=True),
        Input("price", "Price", "number", 0.5, "Price.", unit="USD/h", maximum=10),
        Input("shift", "Shift", "number", 0.0, "May be negative.", minimum=-5),
        Input("dense", "Dense", "flag", False, "Whether."),
        Input("ip_family", "Family", "choice", "ipv4", "One.", choices=("ipv4", "ipv6", "dual-stack")),
        Input("note", "Note", "text", "", "Anything.", optional=True),
    ),
    compute=_compute,
)


def read(**raw: object) -> dict[str, Value]:
    return read_inputs(FORM, raw)


def refused(raw: dict[str, object]) -> InputError:
    with pytest.raises(InputError) as caught:
        read_inputs(FORM, raw)
    return caught.value


def test_defaults() -> None:
    assert read() == {
        "instance": "m5.large",
        "pods": 10,
        "spare": None,
        "price": 0.5,
        "shift": 0.0,
        "dense": False,
        "ip_family": "ipv4",
        "note": None,
    }


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("pods", "17", 17),
        ("pods", " +17 ", 17),
        ("pods", 17, 17),
        ("pods", 17.0, 17),
        ("spare", "", None),
        ("spare", None, None),
        ("spare", "0", 0),
        ("price", "1.25", 1.25),
        ("price", "1e-2", 0.01),
        ("price", 3, 3.0),
        ("shift", "-5", -5.0),
        ("dense", "true", True),
        ("dense", "Yes", True),
        ("dense", "on", True),
        ("dense", 1, True),
        ("dense", "off", False),
        ("dense", "0", False),
        ("dense", False, False),
        ("ip_family", "IPv6", "ipv6"),
        ("ip_family", "dual_stack", "dual-stack"),
        ("instance", " T3.Medium ", "t3.medium"),
        ("note", "  hello ", "hello"),
    ],
)
def test_values(name: str, value: object, expected: Value) -> None:
    found = read_inputs(FORM, {name: value})[name]
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize("key", ["ip_family", "ip-family", "IP-Family"])
def test_dashes_and_underscores(key: str) -> None:
    assert read_inputs(FORM, {key: "ipv6"})["ip_family"] == "ipv6"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("pods", "many", "pods: 'many' is not a whole number"),
        ("pods", "1.5", "pods: '1.5' is not a whole number"),
        ("pods", 1.5, "pods: 1.5 is not a whole number"),
        ("pods", True, "pods: True is not a whole number"),
        ("pods", "", "pods is empty"),
        ("pods", None, "pods is empty"),
        ("pods", "-3", "pods: '-3' is below 1"),
        ("pods", 0, "pods: 0 is below 1"),
        ("pods", 101, "pods: 101 is above 100"),
        ("pods", "٣", "pods: '٣' is not a whole number"),
        ("pods", "1_0", "pods: '1_0' is not a whole number"),
        ("pods", math.nan, "pods: nan is not a whole number"),
        ("pods", math.inf, "pods: inf is not a whole number"),
        pytest.param(
            "pods", 10**5000, "pods: a number of more than 30 digits is not a whole number", id="pods-huge"
        ),
        pytest.param("pods", "9" * 5000, "is not a whole number", id="pods-long"),
        ("pods", [1], "pods: a list is not a whole number"),
        ("pods", {"a": 1}, "pods: an object is not a whole number"),
        ("spare", -1, "spare: -1 is below 0"),
        ("price", "nan", "price: nan is not a number"),
        ("price", "inf", "price: inf is not a number"),
        ("price", "-1", "price: '-1' is below 0"),
        ("price", math.nan, "price: nan is not a number"),
        ("price", -math.inf, "price: -inf is not a number"),
        ("price", "cheap", "price: 'cheap' is not a number"),
        ("price", "1_0", "price: '1_0' is not a number"),
        pytest.param(
            "price", 10**400, "price: a number of more than 30 digits is not a number", id="price-huge"
        ),
        ("price", 10.5, "price: 10.5 is above 10"),
        ("shift", -5.5, "shift: -5.5 is below -5"),
        ("dense", "perhaps", "dense: 'perhaps' is neither yes nor no"),
        ("dense", 2, "dense: 2 is neither yes nor no"),
        ("ip_family", "ipv5", "ip_family: 'ipv5' is no choice"),
        ("ip_family", 6, "ip_family: 6 is no choice"),
        ("instance", "t3.medum", "instance: 't3.medum' is no EC2 instance type of the catalogue"),
        ("instance", 5, "instance: 5 is no instance type"),
        ("note", 5, "note: 5 is no text"),
        pytest.param("note", "x" * 1001, "note: 'xxx", id="note-long"),
    ],
)
def test_refusals_name_field_and_value(name: str, value: object, message: str) -> None:
    error = refused({name: value})
    assert message in error.message
    assert len(error.message) < 160
    assert error.hint
    assert error.exit_code == 2


@pytest.mark.parametrize(
    ("raw", "hint"),
    [
        ({"pods": "x"}, "Give a whole number from 1 to 100 (pods)."),
        ({"spare": "x"}, "Give a whole number from 0 up, or leave it empty."),
        ({"price": "x"}, "Give a number from 0 to 10 (USD/h)."),
        ({"dense": "x"}, "Give yes or no."),
        ({"ip_family": "x"}, "Choose ipv4 or ipv6 or dual-stack."),
        ({"ip_family": "ipv"}, "Did you mean ipv6 or ipv4? Choose ipv4 or ipv6 or dual-stack."),
        ({"instance": "t3.medum"}, "Did you mean t3.medium"),
        ({"instance": ""}, "Give an instance type, for example m5.large."),
        ({"ipfamily": "ipv4"}, "Did you mean ip_family?"),
        ({"colour": "red"}, "Inputs: instance, pods, spare, price"),
    ],
)
def test_hints_say_what_would_do(raw: dict[str, object], hint: str) -> None:
    assert hint in refused(raw).hint


def test_unknown_input_is_named() -> None:
    assert refused({"podz": 1}).message == "form has no input 'podz'"


def test_the_same_input_twice_is_refused() -> None:
    assert refused({"ip_family": "ipv4", "ip-family": "ipv6"}).message == "ip_family is given twice"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@settings(deadline=None, max_examples=300)
@given(
    st.dictionaries(
        st.sampled_from([field.name for field in FORM.inputs]) | st.text(max_size=8), JSON, max_size=4
    )
)
def test_anything_is_read_or_refused(raw: dict[str, object]) -> None:
    try:
        inputs = read_inputs(FORM, raw)
    except InputError:
        return
    assert list(inputs) == [field.name for field in FORM.inputs]
    assert isinstance(inputs["pods"], int)
    assert 1 <= inputs["pods"] <= 100
    assert isinstance(inputs["price"], float)
    assert 0 <= inputs["price"] <= 10
    assert inputs["spare"] is None or isinstance(inputs["spare"], int)


@settings(deadline=None)
@given(st.integers(1, 100))
def test_text_and_number_mean_the_same(pods: int) -> None:
    assert read(pods=str(pods)) == read(pods=pods) == read(pods=float(pods))
