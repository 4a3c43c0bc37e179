"""The control plane: etcd's majority, tiers, SLA minutes, prices."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.calc.control_plane_capacity import (
    Need,
    cheapest,
    failure_tolerance,
    growth_steps,
    offers,
    quorum,
    survives_zone_loss,
)
from eks_lab.catalog.control_plane_tiers import terms
from eks_lab.errors import InputError
from tests.calc.answers import answer, answer_if_offered
from tests.calc.arithmetic import value_of

TODAY = "2026-11-22"


@pytest.mark.parametrize(
    ("members", "majority", "tolerance", "zone"),
    [(1, 1, 0, False), (2, 2, 0, False), (3, 2, 1, True), (4, 3, 1, False), (5, 3, 2, True), (7, 4, 3, True)],
)
def test_quorum(members: int, majority: int, tolerance: int, zone: bool) -> None:
    """EKS best practices: floor(n / 2) + 1; three members tolerate the loss of one."""
    result = answer("control-plane", etcd_members=members).result
    assert (result["etcd_quorum"], result["etcd_failure_tolerance"]) == (majority, tolerance)
    assert result["etcd_survives_zone_loss"] is zone


@pytest.mark.parametrize(
    ("tier", "per_hour", "per_month"),
    [
        ("standard", 0.10, 73.0),
        ("xl", 1.75, 1277.5),
        ("2xl", 3.50, 2555.0),
        ("4xl", 7.00, 5110.0),
        ("8xl", 14.00, 10220.0),
    ],
)
def test_prices(tier: str, per_hour: float, per_month: float) -> None:
    """Lesson on tiers: a month of 730 hours with the base fee."""
    result = answer("control-plane", tier=tier).result
    assert (result["usd_per_hour"], result["usd_per_month"]) == (per_hour, per_month)
    assert result["usd_per_year"] == per_month * 12


def test_extended_support_is_on_top() -> None:
    found = answer("control-plane", version="1.33", today=TODAY, tier="xl", clusters=2).result
    assert found["support_phase"] == "extended"
    assert found["usd_per_hour"] == 2 * (0.10 + 0.50 + 1.65)
    assert answer("control-plane", version="1.33").result["usd_per_month"] == 73


@pytest.mark.parametrize(
    ("need", "tier"),
    [
        ({}, "standard"),
        ({"seats": 600}, "standard"),
        ({"seats": 601}, "xl"),
        ({"seats": 2000}, "xl"),
        ({"seats": 2001}, "2xl"),
        ({"seats": 4001}, "4xl"),
        ({"seats": 8001}, "8xl"),
        ({"seats": 16_001}, None),
        ({"pods_per_second": 167}, "xl"),
        ({"pods_per_second": 168}, "2xl"),
        ({"pods_per_second": 284}, "4xl"),
        ({"pods_per_second": 401}, None),
        ({"database_gb": 8}, "standard"),
        ({"database_gb": 8.5}, "xl"),
        ({"database_gb": 17}, None),
        ({"hpa_sync_seconds": 10}, "xl"),
        ({"seats": 1900, "version": "1.33"}, "2xl"),
        ({"seats": 1700, "version": "1.30"}, "xl"),
        ({"seats": 100, "pods_per_second": 300, "database_gb": 12}, "4xl"),
    ],
)
def test_cheapest_tier(need: dict[str, object], tier: str | None) -> None:
    """Write-up of 2026-08-14: seats, pods/s and database of each tier, fewer seats before 1.34."""
    assert answer("control-plane", **need).result["tier"] == tier


def test_no_tier_is_large_enough() -> None:
    found = answer("control-plane", seats=20_000)
    assert found.result["usd_per_month"] is None
    assert found.headline.startswith("No tier on record carries this load")
    assert "16,000 seats" in found.warnings[0]


def test_a_tier_that_was_asked_for_is_judged() -> None:
    short = answer("control-plane", tier="xl", seats=3000, pods_per_second=200)
    assert (short.result["fit"], short.result["tier"]) == ("no", "xl")
    assert "does not carry it (seats, pods/s)" in short.headline
    maybe = answer("control-plane", tier="standard", seats=900)
    assert maybe.result["fit"] == "not promised"
    assert any("Standard mode promises nothing here (seats)" in warning for warning in maybe.warnings)
    assert answer("control-plane", tier="standard", seats=2001).result["fit"] == "no"


@pytest.mark.parametrize(("tier", "minutes"), [("standard", 21.6), ("xl", 4.32)])
def test_downtime_that_fits_into_30_days(tier: str, minutes: float) -> None:
    """Lesson on the SLA: 43,200 × 0.0005 = 21.6 minutes and 43,200 × 0.0001 = 4.3."""
    assert answer("control-plane", tier=tier).result["allowed_downtime_minutes"] == minutes


@pytest.mark.parametrize(
    ("downtime", "kept", "credit"),
    [(0, True, 0), (21, True, 0), (22, False, 10), (432, False, 10), (433, False, 25), (2161, False, 100)],
)
def test_credit(downtime: float, kept: bool, credit: float) -> None:
    """EKS SLA of 2022."""
    found = answer("control-plane", downtime_minutes=downtime)
    assert (found.result["sla_kept"], found.result["credit_percent"]) == (kept, credit)
    assert any("SLA of 2022-05-04 and may have changed" in warning for warning in found.warnings)


def test_credits_of_tiers_are_not_on_record() -> None:
    found = answer("control-plane", tier="xl", downtime_minutes=100)
    assert (found.result["sla_kept"], found.result["credit_percent"]) == (False, None)
    assert any("not on record" in warning for warning in found.warnings)


def test_monday_morning_of_the_course() -> None:
    """Lesson on scaling: 1,200 to 5,000 pods are 15 steps of 10 %; 3,800 pods take XL 23 seconds."""
    found = answer("control-plane", running_pods=1200, burst_pods=3800, tier="xl").result
    assert (found["growth_steps"], found["burst_seconds"]) == (15, 22.75)
    assert answer("control-plane", burst_pods=3800).result["burst_seconds"] is None


@pytest.mark.parametrize(
    ("now", "target", "steps"),
    [(100, 100, 0), (100, 110, 1), (100, 121, 2), (100, 122, 3), (1, 2, 8), (5, 3, 0)],
)
def test_growth(now: int, target: int, steps: int) -> None:
    assert growth_steps(now, target, 10) == steps


@pytest.mark.parametrize(
    ("inputs", "can"),
    [
        ({}, True),
        ({"database_gb": 8}, True),
        ({"database_gb": 8.1}, False),
        ({"hpa_sync_seconds": 12}, False),
    ],
)
def test_the_way_back_to_standard(inputs: dict[str, object], can: bool) -> None:
    """User guide: blocked while the database is over 8 GB; parameters: while the HPA period is not 15 s."""
    found = answer("control-plane", tier="xl", **inputs)
    assert found.result["can_return_to_standard"] is can
    assert any("no way back" in warning for warning in found.warnings) is not can


@pytest.mark.parametrize(
    ("inputs", "warning"),
    [
        ({"etcd_members": 4}, "An even number gains nothing"),
        ({"etcd_members": 5}, "EKS runs 3 members"),
        ({"database_gb": 7}, "The database is 88 % full"),
        ({"seats": 1000}, "third-party, of 2026-08-14"),
        ({"tier": "xl"}, "Read with third parties, not at AWS: provisioned control plane XL"),
        ({"tier": "xl"}, "does not cure a slow webhook"),
        ({"today": "2027-03-01"}, "tiers on record are of 2026-08-14, 199 days ago"),
        ({"prices": "eks_tier_xl_hour=2", "tier": "xl"}, "Your own prices count"),
    ],
)
def test_warnings(inputs: dict[str, object], warning: str) -> None:
    assert any(warning in found for found in answer("control-plane", **inputs).warnings)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"version": "1.37"}, "whether EKS offers 1.37"),
        ({"version": "1.29"}, "tiers are on record from 1.30 on, not for 1.29"),
        ({"version": "1.30", "today": TODAY}, "1.30 left EKS on 2026-07-23"),
        ({"version": "1.36", "today": "2026-05-01"}, "1.36 came to EKS on 2026-06-02"),
        ({"downtime_minutes": 43_201}, "43201 are more than the 43,200 minutes of 30 days"),
        ({"seats": -1}, "seats: -1 is below 0"),
        ({"hpa_sync_seconds": 9}, "hpa_sync_seconds: 9 is below 10"),
        ({"pods_per_second": float("nan")}, "is not a number"),
        ({"tier": "tier-xl"}, "is no choice"),
    ],
)
def test_refusals(inputs: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        answer("control-plane", **inputs)
    assert message in caught.value.message
    assert caught.value.hint


def test_own_prices() -> None:
    found = answer("control-plane", tier="xl", prices="eks_tier_xl_hour=2,eks_cluster_hour=0.2").result
    assert found["usd_per_hour"] == 2.2


ANY_QUESTION = st.fixed_dictionaries(
    {
        "version": st.sampled_from(["1.29", "1.30", "1.33", "1.34", "1.36"]),
        "tier": st.sampled_from(["cheapest", "standard", "xl", "2xl", "4xl", "8xl"]),
        "seats": st.none() | st.integers(0, 30_000),
        "pods_per_second": st.none() | st.floats(0, 600),
        "database_gb": st.none() | st.floats(0, 30),
        "hpa_sync_seconds": st.integers(10, 15),
        "running_pods": st.none() | st.integers(1, 10_000_000),
        "burst_pods": st.none() | st.integers(0, 10_000_000),
        "etcd_members": st.integers(1, 99),
        "zones": st.integers(1, 6),
        "days": st.integers(1, 366),
        "downtime_minutes": st.none() | st.floats(0, 50_000),
        "clusters": st.integers(1, 100),
        "today": st.none() | st.dates(date(2026, 1, 1), date(2029, 1, 1)).map(date.isoformat),
    }
)


@settings(deadline=None, max_examples=300)
@given(ANY_QUESTION)
def test_any_question_is_answered_or_refused(question: dict[str, Any]) -> None:
    found = answer_if_offered("control-plane", **question)
    if found is None:
        return
    result = found.result
    assert json.loads(json.dumps(result)) == result
    if question["tier"] == "cheapest" and result["tier"] is not None:
        assert result["fit"] == "yes"
    if result["fit"] == "yes":
        assert (question["seats"] or 0) <= result["seats"]
        assert (question["database_gb"] or 0) <= result["database_gb"]
        assert (question["pods_per_second"] or 0) <= (result["pods_per_second"] or 0)


@settings(deadline=None)
@given(ANY_QUESTION)
def test_the_working_works_out(question: dict[str, Any]) -> None:
    found = answer_if_offered("control-plane", **question)
    for step in found.steps if found else ():
        if "ln(" in step.substitution or "credit" in step.formula:
            continue
        assert step.value == pytest.approx(value_of(step.substitution), rel=1e-3, abs=0.01), step


@given(st.integers(1, 500), st.integers(1, 6))
def test_two_majorities_always_share_a_member(members: int, zones: int) -> None:
    assert 2 * quorum(members) > members
    assert quorum(members) + failure_tolerance(members) == members
    assert failure_tolerance(members + 1) >= failure_tolerance(members)
    if zones <= 2:
        assert not survives_zone_loss(members, zones)


@given(st.integers(0, 20_000), st.floats(0, 500), st.floats(0, 20))
def test_more_load_never_needs_a_smaller_tier(seats: int, rate: float, database: float) -> None:
    order = {offer.name: place for place, offer in enumerate(offers(Need(36), terms()))}

    def place(need: Need) -> int:
        found = cheapest(offers(need, terms()))
        return len(order) if found is None else order[found.name]

    base = place(Need(36, seats, rate, database))
    assert place(Need(36, seats + 500, rate, database)) >= base
    assert place(Need(36, seats, rate + 50, database)) >= base
    assert place(Need(36, seats, rate, database + 2)) >= base
    assert place(Need(33, seats, rate, database)) >= base
