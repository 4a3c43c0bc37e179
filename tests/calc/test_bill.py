"""Bills and the way amounts are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.calc.bill import BillItem, bill_of, count_text, price_text, usd_text
from tests.calc.arithmetic import value_of


def item(group: str, quantity: float, usd: float, *, hourly: bool = False, unit: str = "things") -> BillItem:
    return BillItem(group, f"{group} things", quantity, unit, usd, hourly, "Needed.", (f"{group}_key",))


def test_a_month_has_730_hours_and_a_year_twelve_months() -> None:
    bill = bill_of(item("a", 2, 0.5, hourly=True), item("b", 3, 10))
    assert bill.usd_per_month == 760
    assert bill.usd_per_hour == pytest.approx(760 / 730)
    assert bill.usd_per_year == 9120
    assert bill.by_group() == {"a": 730, "b": 30}
    dominant = bill.dominant()
    assert dominant is not None
    assert dominant[0] == "a"
    assert dominant[1] == pytest.approx(100 * 730 / 760)
    assert bill.price_keys == ("a_key", "b_key")


def test_what_there_is_none_of_is_no_item() -> None:
    assert bill_of(None, item("a", 0, 5), item("b", 1, 5)).by_group() == {"b": 5}


def test_a_bill_of_nothing_has_no_dominant_item() -> None:
    assert bill_of().dominant() is None
    assert bill_of(item("a", 1, 0)).dominant() is None
    assert bill_of(item("a", 1, 0)).grid("Free").rows[-1][-1] == 0


@pytest.mark.parametrize(
    ("quantity", "unit", "text"),
    [
        (1, "nodes", "1 node"),
        (2, "nodes", "2 nodes"),
        (1, "IOPS", "1 IOPS"),
        (1, "GB", "1 GB"),
        (1.5, "GB", "1.5 GB"),
    ],
)
def test_quantities_are_in_the_right_number(quantity: float, unit: str, text: str) -> None:
    assert item("a", quantity, 1, unit=unit).quantity_text == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0.00"),
        (12, "12.00"),
        (1234.5, "1,234.50"),
        (0.0123425, "0.0123"),
        (0.00001, "1.0e-05"),
        (-5, "-5.00"),
    ],
)
def test_amounts(amount: float, text: str) -> None:
    assert usd_text(amount) == text


@pytest.mark.parametrize(
    ("amount", "text"), [(0.004445, "0.004445"), (5, "5"), (0.000003, "0.000003"), (10, "10")]
)
def test_prices_are_written_out(amount: float, text: str) -> None:
    assert price_text(amount) == text


@pytest.mark.parametrize(("amount", "text"), [(1234, "1,234"), (0.5, "0.5"), (1.47946, "1.4795"), (0, "0")])
def test_counts(amount: float, text: str) -> None:
    assert count_text(amount) == text


@given(st.integers(1, 10**6), st.decimals(0, 1000, places=6), st.booleans())
def test_the_line_of_an_item_works_out(quantity: int, usd: object, hourly: bool) -> None:
    found = item("a", quantity, float(str(usd)), hourly=hourly)
    step = found.step()
    assert isinstance(step.value, float)
    assert value_of(step.substitution) == pytest.approx(step.value, abs=0.01)
    assert ("hours" in step.formula) is hourly
