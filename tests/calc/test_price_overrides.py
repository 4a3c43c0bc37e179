"""The learner's own prices, and what is said about prices."""

from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.calc.price_overrides import PriceBook, read_overrides, read_pairs
from eks_lab.catalog import instance_types
from eks_lab.catalog.service_prices import service_prices
from eks_lab.errors import InputError

KEYS = tuple(service_prices().prices)


def test_pairs() -> None:
    assert read_pairs("compare", " nodes = 5 , nat=single;\n zones=2,") == {
        "nodes": "5",
        "nat": "single",
        "zones": "2",
    }
    assert read_pairs("compare", " , ") == {}


@pytest.mark.parametrize("text", ["nodes", "nodes=", "=5", "nodes=1,nodes=2", "a=1,,b"])
def test_pieces_that_are_no_pairs(text: str) -> None:
    with pytest.raises(InputError, match=r"^compare: ") as caught:
        read_pairs("compare", text)
    assert caught.value.hint


def test_overrides_of_services_and_instance_types() -> None:
    assert read_overrides("NAT-gateway-hour=0.05,M5.Large=9e-2,spot_discount_percent=70") == {
        "nat_gateway_hour": 0.05,
        "m5.large": 0.09,
        "spot_discount_percent": 70.0,
    }


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("nat_gatway_hour=1", "Did you mean nat_gateway_hour"),
        ("m5.lrge=1", "Did you mean m5.large"),
        ("zzz=1", "nat_gateway_hour"),
    ],
)
def test_unknown_prices_are_named_with_a_guess(text: str, hint: str) -> None:
    with pytest.raises(InputError, match=f"prices: no price named '{text[:-2]}'") as caught:
        read_overrides(text)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    "value", ["-1", "nan", "inf", "1e400", "cheap", "0x1", "1_0", "$1", "1000001", "١", "1" * 50]
)
def test_values_that_are_no_price(value: str) -> None:
    with pytest.raises(InputError, match=r"prices: nat_gateway_hour=.* is no price") as caught:
        read_overrides(f"nat_gateway_hour={value}")
    assert "from 0 to 1,000,000" in caught.value.hint


def test_a_share_ends_at_100() -> None:
    assert read_overrides("eks_auto_mode_percent=100") == {"eks_auto_mode_percent": 100.0}
    with pytest.raises(InputError, match="eks_auto_mode_percent") as caught:
        read_overrides("eks_auto_mode_percent=101")
    assert "from 0 to 100" in caught.value.hint


def test_two_spellings_of_one_price() -> None:
    with pytest.raises(InputError, match="kms_key_month is given twice"):
        read_overrides("kms_key_month=1,kms-key-month=2")


def test_own_prices_come_first() -> None:
    book = PriceBook.of({"prices": "nat_gateway_hour=0.05,m5.large=0.09,i4i.xlarge=0.4", "today": None})
    assert book.value("nat_gateway_hour") == 0.05
    assert book.value("nat_gateway_gb") == 0.045
    assert book.node_usd_per_hour(instance_types.get("m5.large")) == 0.09
    assert book.node_usd_per_hour(instance_types.get("i4i.xlarge")) == 0.4
    assert book.node_usd_per_hour(instance_types.get("m5.xlarge")) == 0.192


def test_a_type_without_a_price_says_how_to_give_one() -> None:
    with pytest.raises(InputError, match=r"no price of i4i\.xlarge is on record") as caught:
        PriceBook().node_usd_per_hour(instance_types.get("i4i.xlarge"))
    assert "i4i.xlarge=0.25" in caught.value.hint


def test_doubts_are_grouped_with_figure_and_date() -> None:
    warnings = PriceBook().warnings(
        [
            "eks_cluster_hour",
            "cross_zone_gb",
            "gp3_gib_month",
            "eks_tier_xl_hour",
            "regional_nat_gateway_hour",
        ]
    )
    assert len(warnings) == 3
    assert warnings[0].startswith(
        "Read with third parties, not at AWS: provisioned control plane XL 1.65 USD/h"
    )
    assert "2026-08-14" in warnings[0]
    assert "traffic across zones, each direction 0.01 USD/GB (2026-11-22)" in warnings[1]
    assert "gp3 space 0.08 USD/GiB-month (2026-11-22)" in warnings[1]
    assert warnings[2].startswith("Inferred, found in no document: regional NAT gateway")


def test_verified_prices_need_no_warning() -> None:
    assert PriceBook().warnings(["eks_cluster_hour", "fargate_gb_hour"], instances=["m5.large"]) == ()


def test_an_own_price_replaces_the_doubt() -> None:
    book = PriceBook(overrides={"cross_zone_gb": 0.02, "m5.large": 0.05})
    (warning,) = book.warnings(["cross_zone_gb"], instances=["m5.large"])
    assert warning == (
        "Your own prices count: traffic across zones, each direction 0.02 instead of 0.01 USD/GB;"
        " m5.large 0.05 USD/h."
    )


def test_an_own_price_without_effect_is_pointed_out() -> None:
    warnings = PriceBook(overrides={"kms_key_month": 2.0, "m5.large": 0.05}).warnings(["eks_cluster_hour"])
    assert warnings == ("Your price of kms_key_month, m5.large changes nothing: nothing here is paid by it.",)


@pytest.mark.parametrize(("today", "stale"), [("2026-11-22", 0), ("2027-01-17", 1), ("2027-06-01", 2)])
def test_stale_prices(today: str, stale: int) -> None:
    """EC2 prices are of 2026-07-20, those of EKS of 2026-11-22."""
    book = PriceBook(today=date.fromisoformat(today))
    warnings = book.warnings(["eks_cluster_hour"], instances=["m5.large"])
    assert len(warnings) == stale
    if stale == 2:
        assert warnings[0] == (
            "Prices older than 180 days: EKS control plane (2026-11-22). Check them on the pricing pages."
        )


def test_without_a_day_nothing_is_stale() -> None:
    assert PriceBook().warnings(["eks_cluster_hour"], instances=["m5.large"]) == ()


def test_references_are_those_of_the_prices_used() -> None:
    book = PriceBook(overrides={"kms_key_month": 2.0})
    found = book.references(["eks_cluster_hour", "eks_extended_support_hour", "kms_key_month"])
    assert [reference.title for reference in found] == ["Amazon EKS pricing, us-east-1"]
    assert found[0].date == "2026-11-22"
    with_nodes = book.references([], instances=["m5.large"])
    assert [reference.date for reference in with_nodes] == ["2026-07-20"]
    assert PriceBook(overrides={"m5.large": 1.0}).references([], instances=["m5.large"]) == ()


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    refused: InputError | None = None
    overrides: dict[str, float] = {}
    try:
        overrides = read_overrides(text)
    except InputError as error:
        refused = error
    if refused is not None:
        assert refused.message.startswith("prices: ")
        assert refused.hint
        assert len(refused.message) < 200
    for key, value in overrides.items():
        assert key in KEYS or key in instance_types.catalogue()
        assert math.isfinite(value)
        assert value >= 0


@given(st.dictionaries(st.sampled_from(KEYS), st.floats(0, 100), max_size=5))
def test_any_price_can_be_overridden(overrides: dict[str, float]) -> None:
    text = ",".join(f"{key}={value!r}" for key, value in overrides.items())
    book = PriceBook.of({"prices": text or None, "today": None})
    for key in KEYS:
        expected = overrides.get(key, service_prices().prices[key].value)
        assert book.value(key) == pytest.approx(expected)
