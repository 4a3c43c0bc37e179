"""On-demand prices."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from eks_lab.catalog import instance_types
from eks_lab.catalog.instance_types import catalogue
from eks_lab.catalog.prices import price_list, read_price_list
from eks_lab.errors import DataError

# USD an hour in us-east-1, Linux, on demand, of 2026-07-20.
KNOWN = [
    ("m5.large", 0.096),
    ("m5.4xlarge", 0.768),
    ("m5.metal", 4.608),
    ("m7g.medium", 0.0408),
    ("c7i.large", 0.08925),
    ("c7i-flex.large", 0.08479),
    ("c8a.large", 0.10777),
    ("r5a.large", 0.113),
    ("r8i.large", 0.13892),
    ("t3.nano", 0.0052),
    ("t3.small", 0.0208),
    ("t3.medium", 0.0416),
    ("t3.large", 0.0832),
    ("t4g.2xlarge", 0.2688),
    ("g4dn.xlarge", 0.526),
    ("p5.48xlarge", 55.04),
    ("i4i.large", 0.172),
]


@pytest.mark.parametrize(("name", "usd"), KNOWN)
def test_known_prices(name: str, usd: float) -> None:
    assert price_list().on_demand_usd_per_hour(instance_types.get(name)) == pytest.approx(usd, abs=1e-9)


@pytest.mark.parametrize(
    "name", ["i4i.xlarge", "g5.2xlarge", "m4.large", "t8i.medium", "x2gd.large", "m8gd.large"]
)
def test_a_price_that_is_not_on_record_is_not_guessed(name: str) -> None:
    assert price_list().on_demand_usd_per_hour(instance_types.get(name)) is None


def test_every_price_is_of_the_catalogue() -> None:
    prices = price_list()
    families = {found.family for found in catalogue()}
    assert set(prices.usd_per_vcpu_hour) <= families
    assert set(prices.usd_per_large_hour) == {"t3", "t3a", "t4g"}
    assert set(prices.usd_per_hour) <= set(catalogue().names)
    assert not set(prices.usd_per_vcpu_hour) & set(prices.usd_per_large_hour)


def test_source() -> None:
    assert price_list().source.as_of == date(2026, 7, 20)
    assert price_list().region == "us-east-1"


@pytest.mark.parametrize(
    ("today", "warns"),
    [(date(2026, 7, 20), False), (date(2027, 1, 16), False), (date(2027, 1, 17), True)],
)
def test_prices_older_than_180_days_warn(today: date, warns: bool) -> None:
    warning = price_list().staleness_warning(today)
    assert bool(warning) is warns
    if warns:
        assert "2026-07-20, 181 days ago" in warning


def test_incomplete_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_text(json.dumps({"format": 1, "source": {"title": "t", "date": "2026-01-01"}, "region": "x"}))
    with pytest.raises(DataError, match=r"prices\.json: 'usd_per_vcpu_hour' is missing"):
        read_price_list(path)
