"""Prices of control plane, Fargate, network, storage, keys and logs."""

from __future__ import annotations

import json
import string
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from eks_lab.catalog import service_prices
from eks_lab.catalog.service_prices import CERTAINTIES, PERCENT, read_service_prices
from eks_lab.catalog.source import packaged_file
from eks_lab.errors import DataError, InputError

# Key, value, certainty. us-east-1, November 2026: the course's fact sheet, B7 to B9.
FACTS = [
    ("eks_cluster_hour", 0.10, "verified"),
    ("eks_extended_support_hour", 0.50, "verified"),
    ("eks_tier_xl_hour", 1.65, "third-party"),
    ("eks_tier_2xl_hour", 3.40, "third-party"),
    ("eks_tier_4xl_hour", 6.90, "third-party"),
    ("eks_tier_8xl_hour", 13.90, "third-party"),
    ("eks_auto_mode_percent", 12, "third-party"),
    ("eks_hybrid_vcpu_hour", 0.02, "widely-known"),
    ("kms_key_month", 1.00, "verified"),
    ("kms_10k_requests", 0.03, "verified"),
    ("fargate_vcpu_hour", 0.04048, "verified"),
    ("fargate_gb_hour", 0.004445, "verified"),
    ("fargate_ephemeral_gb_hour", 0.000111, "verified"),
    ("nat_gateway_hour", 0.045, "verified"),
    ("nat_gateway_gb", 0.045, "widely-known"),
    ("regional_nat_gateway_hour", 0.045, "inferred"),
    ("public_ipv4_hour", 0.005, "widely-known"),
    ("cross_zone_gb", 0.01, "widely-known"),
    ("interface_endpoint_hour", 0.01, "widely-known"),
    ("interface_endpoint_gb", 0.01, "widely-known"),
    ("s3_gateway_endpoint_gb", 0, "widely-known"),
    ("gp3_gib_month", 0.08, "widely-known"),
    ("gp3_iops_month", 0.005, "widely-known"),
    ("gp3_mibps_month", 0.040, "widely-known"),
    ("efs_gb_month", 0.30, "third-party"),
    ("efs_read_gb", 0.03, "third-party"),
    ("efs_write_gb", 0.06, "third-party"),
]
# AWS Price List through the expected outputs of infracost's tests, snapshot 2026-08-21.
LOOKED_UP = [
    ("alb_hour", 0.0225),
    ("alb_lcu_hour", 0.008),
    ("nlb_hour", 0.0225),
    ("nlb_lcu_hour", 0.006),
    ("internet_out_gb", 0.09),
    ("io2_gib_month", 0.125),
    ("io2_iops_month", 0.065),
    ("efs_one_zone_gb_month", 0.16),
    ("cloudwatch_ingest_gb", 0.50),
    ("cloudwatch_stored_gb_month", 0.03),
    ("cloudwatch_query_gb", 0.005),
    ("s3_gb_month", 0.023),
    ("s3_1k_puts", 0.005),
]


@pytest.mark.parametrize(("key", "value", "certainty"), FACTS)
def test_prices_of_the_fact_sheet(key: str, value: float, certainty: str) -> None:
    price = service_prices.get(key)
    assert (price.value, price.certainty) == (value, certainty)


@pytest.mark.parametrize(("key", "value"), LOOKED_UP)
def test_prices_of_the_price_list(key: str, value: float) -> None:
    price = service_prices.get(key)
    assert (price.value, price.certainty) == (value, "third-party")
    assert price.source.as_of == date(2026, 8, 21)


def test_the_third_party_of_the_tiers_is_dated() -> None:
    source = service_prices.get("eks_tier_xl_hour").source
    assert source.as_of == date(2026, 8, 14)
    assert "Third-party" in source.title


@pytest.mark.parametrize("word", ["capabilit", "archive", "efs_ia", "argocd"])
def test_prices_that_sources_contradict_are_absent(word: str) -> None:
    assert not [key for key in service_prices.service_prices().prices if word in key]


def test_every_price_is_complete() -> None:
    prices = service_prices.service_prices()
    assert prices.region == "us-east-1"
    for key, price in prices.prices.items():
        assert price.key == key
        assert set(key) <= set(string.ascii_lowercase + string.digits + "_")
        assert price.what
        assert price.source.title
        assert date(2026, 5, 1) <= price.source.as_of <= date(2026, 11, 22)
        assert price.certainty in CERTAINTIES
        assert price.unit == PERCENT if key.endswith("_percent") else price.unit.startswith("USD/")
        assert not price.note or price.note.endswith(".")


def test_spelling_does_not_matter() -> None:
    assert service_prices.get(" NAT-gateway-hour ").key == "nat_gateway_hour"


def test_unknown_price() -> None:
    with pytest.raises(InputError, match="'nat_gatway_hour'") as caught:
        service_prices.get("nat_gatway_hour")
    assert "nat_gateway_hour" in caught.value.hint
    with pytest.raises(InputError) as caught:
        service_prices.get("zzz")
    assert caught.value.hint


@pytest.mark.parametrize(
    ("today", "stale"),
    [(date(2026, 8, 14), False), (date(2027, 2, 10), False), (date(2027, 2, 11), True)],
)
def test_a_price_is_stale_after_180_days(today: date, stale: bool) -> None:
    assert service_prices.get("eks_tier_xl_hour").is_stale(today) is stale


def test_the_file_names_no_machine() -> None:
    text = packaged_file(service_prices.DATA_FILE).read_text(encoding="utf-8")
    assert "/tmp" not in text
    assert all(ord(letter) < 128 for letter in text)


ENTRY = {
    "what": "NAT",
    "value": 1,
    "unit": "USD/h",
    "source": "here",
    "date": "2026-01-01",
    "certainty": "verified",
}


def _write(path: Path, **changes: Any) -> Path:
    entry = {key: value for key, value in {**ENTRY, **changes}.items() if value is not None}
    document = {
        "format": 1,
        "source": {"title": "t", "date": "2026-01-01"},
        "region": "us-east-1",
        "sources": {"here": {"title": "Here", "url": ""}},
        "prices": {"nat_hour": entry},
    }
    path.write_text(json.dumps(document))
    return path


def test_a_sound_file_is_read(tmp_path: Path) -> None:
    price = read_service_prices(_write(tmp_path / "prices.json")).get("nat_hour")
    assert (price.value, price.source.title, price.note) == (1.0, "Here", "")


@pytest.mark.parametrize(
    "changes",
    [
        {"value": -1},
        {"value": "dear"},
        {"value": None},
        {"value": 101, "unit": "%"},
        {"value": float("nan")},
        {"certainty": "hearsay"},
        {"source": "elsewhere"},
        {"date": "yesterday"},
        {"what": None},
    ],
)
def test_a_damaged_price_is_named(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(DataError, match=r"prices\.json: nat_hour: this price cannot be read"):
        read_service_prices(_write(tmp_path / "prices.json", **changes))


def test_a_file_without_prices_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_text(json.dumps({"format": 1, "source": {"title": "t", "date": "2026-01-01"}}))
    with pytest.raises(DataError, match="cannot be read"):
        read_service_prices(path)
