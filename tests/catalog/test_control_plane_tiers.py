"""Tiers of the control plane: every figure on record."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from eks_lab.catalog import service_prices
from eks_lab.catalog.control_plane_tiers import DATA_FILE, read_terms, terms
from eks_lab.catalog.source import packaged_file
from eks_lab.errors import DataError

# Write-up of the AWS pages of 2026-08-14: tier, seats from 1.34 on and on 1.30 to 1.33, pods/s, GB,
# HPA workers, USD/h.
TIERS = [
    ("xl", 2000, 1700, 167, 16, 50, 1.65),
    ("2xl", 4000, 3400, 283, 16, 100, 3.40),
    ("4xl", 8000, 6800, 400, 16, 200, 6.90),
    ("8xl", 16000, 13600, 400, 16, 200, 13.90),
]


@pytest.mark.parametrize(("name", "new", "old", "rate", "gb", "workers", "usd"), TIERS)
def test_tiers(name: str, new: int, old: int, rate: int, gb: int, workers: int, usd: float) -> None:
    tier = next(tier for tier in terms().tiers if tier.name == name)
    assert [tier.seats(minor) for minor in (29, 30, 33, 34, 36)] == [None, old, old, new, new]
    assert tier.pods_per_second(36) == rate
    assert (tier.database_gb, tier.hpa_workers) == (gb, workers)
    assert service_prices.get(tier.price_key).value == usd


def test_modes() -> None:
    known = terms()
    assert (known.etcd_members, known.growth_step_percent, known.oldest_minor) == (3, 10, 30)
    assert (known.standard.seats_at_start, known.standard.seats_towards) == (600, 2000)
    assert (known.standard.database_gb, known.standard.hpa_sync_seconds) == (8, 15)
    assert (known.standard.sla_percent, known.standard.sla_period_minutes) == (99.95, 5)
    assert (known.provisioned_sla_percent, known.provisioned_sla_period_minutes) == (99.99, 1)
    assert known.certainty == "third-party"


@pytest.mark.parametrize(
    ("availability", "credit"),
    [(100, 0), (99.95, 0), (99.9499, 10), (99.0, 10), (98.99, 25), (95.0, 25), (94.99, 100), (0, 100)],
)
def test_credits_of_the_sla(availability: float, credit: float) -> None:
    """EKS SLA of 2022: below 99.95 % 10 %, below 99.0 % 25 %, below 95 % 100 %."""
    assert terms().credit_percent(availability) == credit


@pytest.mark.parametrize(("age", "warns"), [(180, False), (181, True)])
def test_old_tiers_warn(age: int, warns: bool) -> None:
    assert bool(terms().staleness_warning(terms().source.as_of + timedelta(days=age))) is warns


def test_tiers_out_of_order_are_refused(tmp_path: Path) -> None:
    document = json.loads(packaged_file(DATA_FILE).read_bytes())
    document["tiers"].reverse()
    path = tmp_path / "tiers.json"
    path.write_text(json.dumps(document))
    with pytest.raises(DataError, match=r"tiers\.json: .* do not rise"):
        read_terms(path)
    del document["credits"]
    path.write_text(json.dumps(document))
    with pytest.raises(DataError, match=r"tiers\.json"):
        read_terms(path)
