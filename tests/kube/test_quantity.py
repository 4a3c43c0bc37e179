"""Quantities: exact, and printed as Go prints them."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.kube.quantity import Quantity, QuantityError, canonical_text, parse_quantity

SUFFIXES = [
    "",
    "n",
    "u",
    "m",
    "k",
    "M",
    "G",
    "T",
    "P",
    "E",
    "Ki",
    "Mi",
    "Gi",
    "Ti",
    "Pi",
    "Ei",
    "e3",
    "E-2",
    "e0",
]
TEXTS = st.builds(
    lambda sign, whole, fraction, suffix: f"{sign}{whole}{fraction}{suffix}",
    st.sampled_from(["", "+", "-"]),
    st.integers(0, 10**9),
    st.one_of(st.just(""), st.just("."), st.integers(0, 999).map(lambda digits: f".{digits}")),
    st.sampled_from(SUFFIXES),
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("8388608Ki", "8Gi"),
        ("0.5", "500m"),
        ("1500m", "1500m"),
        ("1000m", "1"),
        ("1000", "1k"),
        ("1024", "1024"),
        ("0.5Gi", "512Mi"),
        ("1.5Gi", "1536Mi"),
        ("20959212Ki", "20959212Ki"),
        ("1e3", "1e3"),
        ("1e4", "10e3"),
        ("0.1m", "100u"),
        ("0.0000000001", "1n"),
        ("0.5Ki", "512"),
        ("0.1Ki", "102400m"),
        ("-0.5", "-500m"),
        ("0Gi", "0"),
        ("100E", "9223372036854775807"),
        (".5", "500m"),
        ("5.", "5"),
        ("18242267924", "18242267924"),
    ],
)
def test_the_text_the_server_stores(text: str, shown: str) -> None:
    assert canonical_text(text) == shown


@pytest.mark.parametrize("text", ["", "abc", "--1", "1.2.3", "1 Gi", ".", "+", "m", "5GB", "64MB", "1x"])
def test_no_number_at_all(text: str) -> None:
    with pytest.raises(QuantityError, match="must match the regular expression"):
        parse_quantity(text)


@pytest.mark.parametrize("text", ["1ki", "1mm", "1e", "1e+", "1Gi3"])
def test_a_wrong_suffix(text: str) -> None:
    with pytest.raises(QuantityError, match="unable to parse quantity's suffix"):
        parse_quantity(text)


@given(TEXTS)
def test_the_canonical_text_means_the_same(text: str) -> None:
    quantity = parse_quantity(text)
    again = parse_quantity(str(quantity))

    assert again == quantity
    assert str(again) == str(quantity)
    assert "." not in str(quantity)


@given(TEXTS, TEXTS)
def test_arithmetic_and_order_are_exact(left: str, right: str) -> None:
    one, other = parse_quantity(left), parse_quantity(right)

    assert (one + other).amount == one.amount + other.amount
    assert (one - other) + other == one
    assert (one < other) == (one.amount < other.amount)
    assert (-one).amount == -one.amount
    assert bool(one) == (one.amount != 0)


@given(st.text(max_size=12))
def test_no_text_makes_a_traceback(text: str) -> None:
    with suppress(QuantityError):
        parse_quantity(text)


def test_rounding_is_upwards_as_in_the_scheduler() -> None:
    assert parse_quantity("100.1m").milli == 101
    assert parse_quantity("0.5").value == 1
    assert parse_quantity("-0.5").value == -1
    assert parse_quantity("2").milli == 2000
    assert parse_quantity("1Gi").value == 2**30


def test_sums_keep_the_left_family() -> None:
    assert str(parse_quantity("1Gi") + parse_quantity("1Gi")) == "2Gi"
    assert str(Quantity(0) + parse_quantity("1Gi")) == "1Gi"
    assert Quantity(Fraction(1, 2)) == parse_quantity("500m")
    assert hash(parse_quantity("1000m")) == hash(parse_quantity("1"))
    assert parse_quantity("1") != "1"


def test_huge_exponents_stay_cheap() -> None:
    assert canonical_text("1e999999999") == "9223372036854775807"
    assert canonical_text("0e999999999") == "0"
