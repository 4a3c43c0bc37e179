"""Upgrade plans: calendar, moves, rolling updates, extended support, and the way back."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.calc.model import Answer
from eks_lab.calc.node_rollout import NodeGroup, TightBudget, eviction_rounds, rollout, surge_nodes
from eks_lab.calc.upgrade_path import journey
from eks_lab.catalog import kubernetes_versions
from eks_lab.errors import InputError
from tests.calc.answers import answer, answer_if_offered
from tests.calc.arithmetic import value_of

TODAY = "2026-11-22"


def plan(start: str = "1.33", end: str = "1.36", **inputs: object) -> Answer:
    return answer("upgrade-plan", **{"today": TODAY, "from_version": start, "to_version": end, **inputs})


def refused(**inputs: object) -> InputError:
    with pytest.raises(InputError) as caught:
        answer("upgrade-plan", **inputs)
    return caught.value


def moves(found: Answer) -> list[str]:
    """Return the moves of the plan as `nodes 1.32 1.33`."""
    return [
        f"{row[2]} {row[3]} {row[4]}" for row in found.grids[0].rows if row[2] in ("nodes", "control plane")
    ]


def test_today_has_to_be_set() -> None:
    assert refused().message == "today is not set"


def test_three_clusters_of_the_course() -> None:
    """Lesson on versions: 116 days, 1,392 USD a cluster so far, 8,760 hours in all, 13,140 USD."""
    found = plan(clusters=3)
    assert (found.result["paid_usd"], found.result["stay_usd"]) == (4176, 8964)
    assert found.result["paid_usd"] + found.result["stay_usd"] == 13_140
    assert (found.result["way_usd"], found.result["avoided_usd"]) == (0, 8964)
    assert (found.result["fee_usd_per_month"], found.result["fee_after_usd_per_month"]) == (1314, 219)
    assert "avoids 8,964.00 USD" in found.headline


@pytest.mark.parametrize(
    ("start", "phase", "left", "fee"),
    [
        ("1.35", "standard", 125, 73.0),
        ("1.34", "standard", 10, 73.0),
        ("1.33", "extended", 249, 438.0),
        ("1.32", "extended", 121, 438.0),
        ("1.31", "extended", 4, 438.0),
    ],
)
def test_phase_and_fee(start: str, phase: str, left: int, fee: float) -> None:
    """EKS pricing: 0.10 USD an hour, 0.60 in extended support; 73.00 and 438.00 for 730 hours."""
    result = plan(start).result
    assert (result["from_phase"], result["days_left_in_phase"]) == (phase, left)
    assert (result["fee_usd_per_month"], result["fee_after_usd_per_month"]) == (fee, 73)


def test_what_is_still_extended_when_it_is_reached_costs_too() -> None:
    found = plan("1.31", "1.32")
    assert (found.result["stay_usd"], found.result["way_usd"], found.result["avoided_usd"]) == (48, 48, 0)
    assert any("1.32 is in extended support itself" in warning for warning in found.warnings)
    assert "no extended support is avoided" in found.headline


def test_a_later_version_is_in_extended_support_over_the_same_time() -> None:
    """1.34 stays until 2 Dec 2027, 365 days extended; 1.35 is extended from 27 Mar 2027 on, 250 days."""
    result = plan("1.34", "1.35").result
    assert result["stay_usd"] == 365 * 24 * 0.5
    assert result["way_usd"] == 250 * 24 * 0.5
    assert result["avoided_usd"] == 115 * 24 * 0.5


def test_pauses_cost_extended_support_on_the_way() -> None:
    """1.32 to 1.36 with 30 days between: 1.33 is held until 22 Dec, then 1.34, both extended."""
    result = plan("1.32", "1.36", pause_days=30).result
    assert result["way_usd"] == (30 + 30) * 24 * 0.5
    assert plan("1.32", "1.36", pause_days=0).result["way_usd"] == 0


def test_the_standard_policy_ends_before_the_surcharge() -> None:
    found = plan("1.34", "1.36", upgrade_policy="standard")
    assert (found.result["stay_usd"], found.result["avoided_usd"]) == (0, 0)
    assert any("policy STANDARD" in warning for warning in found.warnings)
    late = plan("1.33", "1.36", upgrade_policy="standard")
    assert late.result["stay_usd"] == 2988
    assert any("does not lead out of extended support" in warning for warning in late.warnings)


def test_seven_moves_of_the_course() -> None:
    """Lesson on versions: control plane on 1.33, nodes on 1.32, target 1.36 are seven moves."""
    found = plan(nodes_version="1.32")
    assert moves(found) == [
        "nodes 1.32 1.33",
        "control plane 1.33 1.34",
        "nodes 1.33 1.34",
        "control plane 1.34 1.35",
        "nodes 1.34 1.35",
        "control plane 1.35 1.36",
        "nodes 1.35 1.36",
    ]
    assert (found.result["upgrades"], found.result["node_moves"], found.result["moves"]) == (3, 4, 7)


def test_nodes_may_wait_until_kubelet_would_be_too_old() -> None:
    """Kubernetes: kubelet may be three minors older than the API server."""
    found = plan("1.31", "1.36", node_moves="when-forced")
    assert moves(found) == [
        "control plane 1.31 1.32",
        "control plane 1.32 1.33",
        "control plane 1.33 1.34",
        "nodes 1.31 1.34",
        "control plane 1.34 1.35",
        "control plane 1.35 1.36",
        "nodes 1.34 1.36",
    ]
    assert any("insights flag those that lag" in warning for warning in found.warnings)


def test_add_ons_come_after_the_nodes_of_each_upgrade() -> None:
    rows = plan("1.34", "1.36").grids[0].rows
    assert [row[2] for row in rows] == ["control plane", "nodes", "add-ons, clients"] * 2
    assert [row[0] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert rows[2][4] == "for 1.35"


def test_dates_of_the_moves_and_the_rollback_window() -> None:
    found = plan(pause_days=14)
    days = [row[1] for row in found.grids[0].rows if row[2] == "control plane"]
    assert days == ["2026-11-22", "2026-12-06", "2026-12-20"]
    assert (found.result["done_on"], found.result["rollback_until"]) == ("2026-12-20", "2026-12-27")
    assert found.result["days_of_standard_left"] == (date(2027, 8, 2) - date(2026, 12, 20)).days


@pytest.mark.parametrize(
    ("zones", "max_unavailable", "surge"),
    [(5, 1, 10), (5, 20, 20), (3, 1, 6), (3, 6, 6), (1, 1, 2), (2, 5, 5)],
)
def test_surge(zones: int, max_unavailable: int, surge: int) -> None:
    """User guide: the larger of twice the zones and maxUnavailable; five zones and 1 give 10, 20 give 20."""
    assert surge_nodes(zones, max_unavailable) == surge
    found = plan(zones=zones, max_unavailable=max_unavailable, nodes=30).result
    assert (found["surge_nodes"], found["peak_nodes"], found["lowest_nodes"]) == (surge, 30 + surge, 30)


@pytest.mark.parametrize(
    ("max_unavailable", "waves", "minutes"), [(1, 9, 59), (3, 3, 23), (2, 5, 35), (9, 1, 11), (100, 1, 11)]
)
def test_nine_nodes_of_the_course(max_unavailable: int, waves: int, minutes: float) -> None:
    """Lesson on node groups: 5 + 9 × 6 = 59 minutes one by one, 5 + 3 × 6 = 23 three at a time."""
    found = plan(max_unavailable=max_unavailable)
    assert (found.result["waves"], found.result["node_update_minutes"]) == (waves, minutes)
    assert found.result["work_minutes"] == 3 * 20 + 3 * minutes


def test_the_minimal_strategy_never_grows() -> None:
    found = plan(update_strategy="minimal", max_unavailable=2)
    assert (found.result["surge_nodes"], found.result["peak_nodes"], found.result["lowest_nodes"]) == (
        0,
        9,
        7,
    )
    assert found.result["node_update_minutes"] == 5 * (4 + 1 + 1 + 5)
    assert any("7 of 9 nodes" in warning for warning in found.warnings)


def test_a_budget_that_allows_nothing_fails_after_15_minutes() -> None:
    """User guide: PodEvictionFailure after 15 minutes."""
    found = plan(budget_pods_per_node=1, allowed_disruptions=0)
    assert found.result["node_update_fails"] is True
    assert (found.result["drain_minutes"], found.result["node_update_minutes"]) == (None, 20)
    assert found.result["work_minutes"] is None
    assert "the first update of nodes fails after 20 minutes" in found.headline
    assert "PodEvictionFailure" in found.warnings[0]
    assert found.steps[-1].value == 2988


@pytest.mark.parametrize(
    ("pods", "allowed", "drain", "fails"),
    [(5, 1, 15, False), (6, 1, 18, True), (6, 2, 9, False), (1, 5, 4, False)],
)
def test_a_budget_slows_a_drain(pods: int, allowed: int, drain: float, fails: bool) -> None:
    result = plan(budget_pods_per_node=pods, allowed_disruptions=allowed, pod_ready_minutes=3).result
    assert (result["drain_minutes"], result["node_update_fails"]) == (drain, fails)


def test_nodes_drained_side_by_side_share_the_budget() -> None:
    one = plan(budget_pods_per_node=4, pod_ready_minutes=2, max_unavailable=1).result
    three = plan(budget_pods_per_node=4, pod_ready_minutes=2, max_unavailable=3).result
    assert (one["drain_minutes"], three["drain_minutes"]) == (8, 24)
    assert (one["node_update_fails"], three["node_update_fails"]) == (False, True)


def test_force_ends_a_drain_at_the_limit() -> None:
    found = plan(budget_pods_per_node=1, allowed_disruptions=0, force=True)
    assert found.result["node_update_fails"] is False
    assert found.result["node_update_minutes"] == 5 + 9 * (15 + 1 + 1)
    assert any("--force deletes" in warning for warning in found.warnings)


def test_without_nodes_there_is_no_update_of_nodes() -> None:
    found = plan(nodes=0)
    assert (found.result["surge_nodes"], found.result["waves"], found.result["node_update_minutes"]) == (
        0,
        0,
        0,
    )
    assert found.result["node_update_fails"] is False


@pytest.mark.parametrize(
    ("inputs", "warning"),
    [
        (
            {},
            "one minor at a time: 1.33 → 1.34 → 1.35 → 1.36. A request for 1.36 straight from 1.33 is refused",
        ),
        ({"start": "1.31"}, "1.31 leaves extended support in 4 days (2026-11-26)"),
        ({"end": "1.34"}, "1.34 leaves standard support on 2026-12-02, 10 days after the last upgrade"),
        ({"start": "1.32"}, "Entering 1.33: no Amazon Linux 2 images"),
        ({}, "Whether EKS offers 1.37 was unknown on 2026-11-22"),
        ({}, "1.35: sources give 27 or 28 January 2026"),
        ({}, "1.36 needs 1.13 or newer"),
        ({"pause_days": 1}, "With 1 day between upgrades"),
        (
            {"start": "1.32", "pause_days": 300},
            "1.33 leaves extended support on 2027-07-29, before its upgrade",
        ),
        ({"max_unavailable": 9}, "drains all 9 nodes at once"),
        ({"today": "2027-03-01"}, "calendar on record is of 2026-08-22, 191 days ago"),
        ({"prices": "eks_extended_support_hour=0.4"}, "Your own prices count"),
    ],
)
def test_warnings(inputs: dict[str, Any], warning: str) -> None:
    assert any(warning in found for found in plan(**inputs).warnings)


def test_one_step_says_nothing_about_skipping() -> None:
    found = plan("1.34", "1.35")
    assert not any("one minor at a time" in warning for warning in found.warnings)
    assert found.headline.startswith("1.34 to 1.35: 1 upgrade and 1 update of the nodes")


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"to_version": "1.37"}, "to_version: whether EKS offers 1.37 was unknown on 2026-11-22"),
        ({"from_version": "1.37"}, "from_version: whether EKS offers 1.37"),
        ({"to_version": "1.40"}, "to_version: Kubernetes 1.40 did not exist"),
        ({"from_version": "1.9"}, "from_version: EKS never offered Kubernetes 1.9"),
        ({"from_version": "1.30"}, "from_version: 1.30 left extended support on 2026-07-23; EKS upgrades"),
        ({"from_version": "1.36"}, "to_version: 1.36 is the present version"),
        ({"from_version": "1.36", "to_version": "1.34"}, "to_version: 1.34 is 2 minors below 1.36"),
        (
            {"from_version": "1.31", "to_version": "1.30"},
            "to_version: 1.30 left extended support on 2026-07-23",
        ),
        ({"today": "2026-01-01"}, "to_version: 1.36 came to EKS on 2026-06-02, after 2026-01-01"),
        ({"nodes_version": "1.34"}, "kubelet 1.34 is newer than the API server 1.33"),
        ({"from_version": "1.35", "nodes_version": "1.31"}, "kubelet 1.31 is 4 minors behind 1.35"),
        ({"nodes_version": "x"}, "nodes_version: 'x' is no Kubernetes version"),
        ({"max_unavailable": 101}, "max_unavailable: 101 is above 100"),
        ({"prices": "eks_extended_support_hour=nan"}, "is no price"),
    ],
)
def test_refusals(inputs: dict[str, object], message: str) -> None:
    error = refused(**{"today": TODAY, **inputs})
    assert message in error.message
    assert error.hint


def test_rollback() -> None:
    """User guide: one minor, within 7 days, nodes first; add-ons and etcd data stay."""
    found = plan("1.36", "1.35", upgraded_on="2026-11-18")
    assert found.headline.startswith("1.36 back to 1.35: possible until 2026-11-25, 3 days left; nodes first")
    assert (found.result["rollback_until"], found.result["rollback_days_left"]) == ("2026-11-25", 3)
    assert found.result["avoided_usd"] is None
    assert [row[0] for row in found.grids[0].rows] == [
        "insights",
        "nodes",
        "add-ons that do not fit",
        "control plane",
    ]
    assert any("not data" in warning for warning in found.warnings)


def test_rollback_on_the_last_day_and_one_day_later() -> None:
    last = plan("1.36", "1.35", upgraded_on="2026-11-15")
    assert (last.result["rollback_days_left"], "today is the last day" in last.headline) == (0, True)
    error = refused(today=TODAY, from_version="1.36", to_version="1.35", upgraded_on="2026-11-14")
    assert "8 days ago; a rollback has to begin within 7 days" in error.message
    ahead = refused(today=TODAY, from_version="1.36", to_version="1.35", upgraded_on="2026-11-23")
    assert "is after today" in ahead.message


def test_rollback_without_the_day_of_the_upgrade_is_not_judged() -> None:
    found = plan("1.36", "1.35")
    assert (found.result["rollback_until"], found.result["rollback_days_left"]) == (None, None)
    assert any("is not judged: give upgraded_on" in warning for warning in found.warnings)


def test_rollback_into_extended_support_is_paid_again() -> None:
    found = plan("1.34", "1.33", upgraded_on="2026-11-20", clusters=2)
    assert found.steps[3].value == 2 * 730 * 0.5
    assert any("the upgrade policy has to be EXTENDED" in warning for warning in found.warnings)
    assert found.result["fee_after_usd_per_month"] == 2 * 438


def test_nodes_that_were_not_moved_need_not_go_back() -> None:
    found = plan("1.36", "1.35", nodes_version="1.35", upgraded_on="2026-11-20")
    assert found.result["node_moves"] == 0
    assert "the nodes fit already" in found.headline


def test_the_simulator_can_ask_without_a_form() -> None:
    start, end = kubernetes_versions.get("1.33"), kubernetes_versions.get("1.35")
    found = journey(start, end, start, date(2026, 11, 22), pause_days=7)
    assert (found.hops, found.done) == (2, date(2026, 11, 29))
    assert found.version_on(date(2026, 11, 28)).name == "1.34"
    assert found.version_on(date(2026, 11, 21)).name == "1.33"
    assert eviction_rounds(7, 2) == 4
    assert eviction_rounds(0, 0) == 0


ANY_PLAN = st.fixed_dictionaries(
    {
        "from_version": st.sampled_from(["1.30", "1.31", "1.32", "1.33", "1.34", "1.35", "1.36"]),
        "to_version": st.sampled_from(["1.31", "1.32", "1.33", "1.34", "1.35", "1.36", "1.37"]),
        "today": st.dates(date(2026, 6, 2), date(2028, 12, 31)).map(date.isoformat),
        "nodes_version": st.none() | st.sampled_from(["1.30", "1.31", "1.33", "1.36"]),
        "upgraded_on": st.none() | st.dates(date(2026, 6, 2), date(2028, 1, 1)).map(date.isoformat),
        "upgrade_policy": st.sampled_from(["extended", "standard"]),
        "clusters": st.integers(1, 50),
        "pause_days": st.integers(0, 365),
        "node_moves": st.sampled_from(["every-minor", "when-forced"]),
        "nodes": st.integers(0, 2000),
        "zones": st.integers(1, 6),
        "max_unavailable": st.integers(1, 100),
        "update_strategy": st.sampled_from(["default", "minimal"]),
        "drain_minutes": st.floats(0, 30),
        "budget_pods_per_node": st.integers(0, 100),
        "allowed_disruptions": st.integers(0, 20),
        "pod_ready_minutes": st.floats(0, 10),
        "force": st.booleans(),
    }
)


@settings(deadline=None, max_examples=300)
@given(ANY_PLAN)
def test_any_question_is_answered_or_refused(question: dict[str, Any]) -> None:
    found = answer_if_offered("upgrade-plan", **question)
    if found is None:
        return
    result = found.result
    assert json.loads(json.dumps(result)) == result
    assert all(len(row) == len(grid.columns) for grid in found.grids for row in grid.rows)
    assert result["peak_nodes"] >= question["nodes"] >= result["lowest_nodes"] >= 0
    if result["upgrades"]:
        assert result["avoided_usd"] == pytest.approx(result["stay_usd"] - result["way_usd"], abs=0.02)
        assert result["moves"] == result["upgrades"] + result["node_moves"]
        for plot in found.plots:
            for series in plot.series:
                amounts = [amount for _, amount in series.points]
                assert amounts == sorted(amounts)
            ends = [series.points[-1][1] for series in plot.series]
            assert ends == [pytest.approx(result["stay_usd"]), pytest.approx(result["way_usd"])]


@settings(deadline=None)
@given(ANY_PLAN)
def test_the_working_works_out(question: dict[str, Any]) -> None:
    found = answer_if_offered("upgrade-plan", **question)
    for step in found.steps if found else ():
        if isinstance(step.value, str) or "kubelet" in step.substitution:
            continue
        assert step.value == pytest.approx(value_of(step.substitution), rel=1e-3, abs=0.02), step


@settings(deadline=None)
@given(ANY_PLAN)
def test_kubelet_never_falls_too_far_behind(question: dict[str, Any]) -> None:
    found = answer_if_offered("upgrade-plan", **question)
    if found is None or not found.result["upgrades"]:
        return
    control_plane = int(question["from_version"][2:])
    nodes = int((question["nodes_version"] or question["from_version"])[2:])
    for row in found.grids[0].rows:
        if row[2] == "control plane":
            assert int(str(row[3])[2:]) == control_plane
            control_plane = int(str(row[4])[2:])
        elif row[2] == "nodes":
            nodes = int(str(row[4])[2:])
        assert 0 <= control_plane - nodes <= 3
    assert (control_plane, nodes) == (int(question["to_version"][2:]),) * 2


@given(st.integers(0, 500), st.integers(1, 6), st.integers(1, 99), st.integers(0, 20), st.floats(0, 5))
def test_rollouts_are_monotonic(nodes: int, zones: int, at_a_time: int, pods: int, ready: float) -> None:
    """More at a time never needs more waves, and a larger budget never a longer drain."""

    def go(max_unavailable: int, allowed: int) -> Any:
        return rollout(
            NodeGroup(nodes=nodes, zones=zones, max_unavailable=max_unavailable, force=True),
            TightBudget(pods_per_node=pods, allowed_disruptions=allowed, ready_minutes=ready),
        )

    assert go(at_a_time + 1, 1).waves <= go(at_a_time, 1).waves
    assert go(at_a_time + 1, 1).surge_nodes >= go(at_a_time, 1).surge_nodes
    assert go(at_a_time, 2).minutes <= go(at_a_time, 1).minutes
    assert go(at_a_time, 1).waves * at_a_time >= nodes


@given(st.integers(0, 300), st.integers(0, 200))
def test_waiting_never_makes_the_way_cheaper(wait: int, pause: int) -> None:
    start, end = kubernetes_versions.get("1.32"), kubernetes_versions.get("1.36")
    until = start.end_of_extended
    day = date(2026, 6, 2) + timedelta(days=min(wait, 290))
    quick = journey(start, end, start, day, pause_days=pause)
    slow = journey(start, end, start, day, pause_days=pause + 1)
    assert quick.extended_days(until) <= slow.extended_days(until) <= start.extended_days(day, until)
