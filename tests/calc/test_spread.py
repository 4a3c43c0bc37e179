"""Spreading, budgets and drains: the rules of Kubernetes, against a scheduler written out pod by pod."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eks_lab.calc.disruption_budget import Budget, RollingUpdate, rolling_update
from eks_lab.calc.int_or_percent import IntOrPercent, read_int_or_percent
from eks_lab.calc.spread_scenario import TaintsPolicy, Workload, drain, replicas_for_zone_loss
from eks_lab.calc.topology_spread import Constraint, even_counts, fill, fullest_domain, placed
from eks_lab.errors import InputError
from tests.calc.answers import answer, answer_if_offered
from tests.calc.arithmetic import value_of


def number(text: str) -> IntOrPercent:
    return read_int_or_percent("field", text)


@pytest.mark.parametrize(
    ("text", "total", "up", "down"),
    [("2", 7, 2, 2), ("0", 7, 0, 0), ("50%", 7, 4, 3), ("25%", 3, 1, 0), ("100%", 7, 7, 7), ("0%", 7, 0, 0)],
)
def test_counts_and_percentages(text: str, total: int, up: int, down: int) -> None:
    """Kubernetes: budgets and maxSurge round up, maxUnavailable of a rolling update down."""
    assert number(text).of(total, round_up=True) == up
    assert number(text).of(total, round_up=False) == down
    assert str(number(text)) == text


@pytest.mark.parametrize("text", ["-1", "1.5", "50 %", "%", "half", "", "1e3", "101%", "٣"])
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="field"):
        number(text)


@pytest.mark.parametrize(
    ("budget", "replicas", "desired", "allowed"),
    [
        ({"min_available": "2"}, 3, 2, 1),
        ({"min_available": "3"}, 3, 3, 0),
        ({"min_available": "5"}, 3, 5, 0),
        ({"min_available": "50%"}, 7, 4, 3),
        ({"min_available": "100%"}, 3, 3, 0),
        ({"min_available": "1"}, 1, 1, 0),
        ({"min_available": "0"}, 3, 0, 3),
        ({"max_unavailable": "1"}, 3, 2, 1),
        ({"max_unavailable": "1"}, 1, 0, 1),
        ({"max_unavailable": "0"}, 3, 3, 0),
        ({"max_unavailable": "30%"}, 7, 4, 3),
        ({"max_unavailable": "30%"}, 3, 2, 1),
        ({"max_unavailable": "10"}, 3, 0, 3),
    ],
)
def test_budgets(budget: dict[str, str], replicas: int, desired: int, allowed: int) -> None:
    """Kubernetes, Specifying a disruption budget: 50 % of 7 are 4, 30 % of 7 are 3, both rounded up."""
    result = answer("spread", replicas=replicas, **budget).result
    assert (result["desired_healthy"], result["allowed_disruptions"]) == (desired, allowed)
    assert result["drain_blocks_forever"] is (allowed == 0)


def test_the_budgets_of_the_course() -> None:
    """Lesson on practices: none, maxUnavailable 1, minAvailable 2 and 100 % with 3 replicas and with 1."""

    def go(replicas: int, **budget: str) -> tuple[int | None, bool]:
        result = answer("spread", replicas=replicas, **budget).result
        return result["allowed_disruptions"], result["drain_blocks"]

    assert (go(3), go(1)) == ((None, False), (None, False))
    assert (go(3, max_unavailable="1"), go(1, max_unavailable="1")) == ((1, False), (1, False))
    assert (go(3, min_available="2"), go(1, min_available="2")) == ((1, False), (0, True))
    assert (go(3, min_available="100%"), go(1, min_available="100%")) == ((0, True), (0, True))


@pytest.mark.parametrize(
    ("replicas", "surge", "missing", "most", "least"),
    [
        (3, "25%", "25%", 4, 3),
        (4, "25%", "25%", 5, 3),
        (10, "25%", "25%", 13, 8),
        (1, "25%", "25%", 2, 1),
        (3, "1", "0", 4, 3),
        (3, "0", "1", 3, 2),
        (3, "0", "25%", 3, 2),
        (3, "200%", "0", 9, 3),
        (3, "0", "10", 3, 0),
    ],
)
def test_rolling_update(replicas: int, surge: str, missing: str, most: int, least: int) -> None:
    """Kubernetes, Deployments: 25 % and 25 % of 10 are at most 13 and at least 8; both 0 become 1 missing."""
    result = answer("spread", replicas=replicas, max_surge=surge, rollout_max_unavailable=missing).result
    assert (result["update_peak_pods"], result["update_lowest_ready"]) == (most, least)


@pytest.mark.parametrize(
    ("pods", "zones", "skew", "most"),
    [
        (3, 3, 1, 1),
        (4, 3, 1, 2),
        (5, 3, 1, 2),
        (4, 3, 2, 2),
        (3, 3, 3, 3),
        (6, 3, 1, 2),
        (6, 3, 2, 3),
        (6, 2, 1, 3),
    ],
)
def test_the_fullest_zone(pods: int, zones: int, skew: int, most: int) -> None:
    assert fullest_domain(pods, zones, Constraint(skew)) == most


def test_nothing_binds_without_a_hard_constraint() -> None:
    soft = answer("spread", replicas=6, when_unsatisfiable="ScheduleAnyway")
    none = answer("spread", replicas=6, max_skew=None)
    for found in (soft, none):
        assert (found.result["zone_pods"], found.result["worst_zone_pods"]) == (2, 6)
        assert found.result["worst_ready_after_zone_loss"] == 0
        assert any("Nothing makes the scheduler spread" in warning for warning in found.warnings)


def _schedule(
    counts: list[int], pods: int, constraint: Constraint, ghosts: tuple[int, ...]
) -> tuple[list[int], int]:
    """Place pods one by one by the scheduler's own criterion: count + 1 − smallest ≤ maxSkew."""
    counts = list(counts)
    for left in range(pods, 0, -1):
        every = [*counts, *ghosts]
        few = constraint.min_domains is not None and len(every) < constraint.min_domains
        smallest = 0 if few else min(every)
        able = [place for place, count in enumerate(counts) if count + 1 - smallest <= constraint.max_skew]
        if not able:
            return counts, left
        counts[min(able, key=lambda place: counts[place])] += 1
    return counts, 0


@settings(deadline=None, max_examples=400)
@given(
    st.lists(st.integers(0, 12), min_size=1, max_size=6),
    st.integers(0, 60),
    st.integers(1, 6),
    st.none() | st.integers(1, 8),
    st.lists(st.integers(0, 12), max_size=2),
)
def test_filling_agrees_with_the_scheduler(
    counts: list[int], pods: int, skew: int, domains: int | None, ghosts: list[int]
) -> None:
    constraint = Constraint(skew, domains)
    filled, pending = fill(counts, pods, constraint, ghosts=tuple(ghosts))
    expected, left = _schedule(counts, pods, constraint, tuple(ghosts))
    assert (sorted(filled), pending) == (sorted(expected), left)
    assert sum(filled) + pending == sum(counts) + pods


def _worst(pods: int, zones: int, skew: int) -> int:
    """Return the fullest zone of every layout that the scheduler can reach, found by search."""
    reached = {(0,) * zones}
    for _ in range(pods):
        following = set()
        for layout in reached:
            for zone, count in enumerate(layout):
                if count + 1 - min(layout) <= skew:
                    changed = [*layout]
                    changed[zone] += 1
                    following.add(tuple(sorted(changed)))
        reached = following
    return max(max(layout) for layout in reached)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 12), st.integers(1, 4), st.integers(1, 4))
def test_the_worst_layout_is_the_worst_that_can_be_reached(pods: int, zones: int, skew: int) -> None:
    assert fullest_domain(pods, zones, Constraint(skew)) == _worst(pods, zones, skew)


def _drained(workload: Workload) -> tuple[int, int, int, int]:
    """Drain the fullest node round by round, each replacement placed by the scheduler's criterion.

    Returns:
        Rounds, pods left, replacements Pending, Ready pods at least.
    """
    own, *others = even_counts(workload.placed, workload.zones)
    left, pending, rounds, lowest = workload.node_pods, 0, 0, workload.healthy
    constraint = workload.zone_constraint or Constraint(10**6)
    while left:
        ready = max(0, workload.healthy - pending)
        allowed = workload.allowed(ready)
        if allowed == 0:
            break
        evicted = left if allowed is None else min(left, allowed)
        lowest = min(lowest, max(0, ready - evicted))
        left, own, rounds, waiting = left - evicted, own - evicted, rounds + 1, pending + evicted
        if workload.nodes_per_zone > 1:
            (own, *others), pending = _schedule([own, *others], waiting, constraint, ())
        elif others:
            ghosts = () if workload.taints_policy == "Honor" else (own,)
            others, pending = _schedule(others, waiting, constraint, ghosts)
        else:
            pending = waiting
    return rounds, left, pending, lowest


@settings(deadline=None, max_examples=400)
@given(
    st.integers(1, 60),
    st.integers(1, 4),
    st.integers(1, 3),
    st.none() | st.integers(0, 12),
    st.none() | st.tuples(st.integers(1, 12), st.none() | st.integers(1, 5)),
    st.sampled_from(["Ignore", "Honor"]),
    st.integers(0, 2),
)
def test_drains_agree_with_the_scheduler(
    replicas: int,
    zones: int,
    nodes: int,
    missing: int | None,
    rule: tuple[int, int | None] | None,
    taints: TaintsPolicy,
    unhealthy: int,
) -> None:
    share = None if missing is None else IntOrPercent(missing, is_percent=False)
    workload = Workload(
        replicas=replicas,
        zones=zones,
        nodes_per_zone=nodes,
        update=RollingUpdate(surge=1, unavailable=0),
        budget=Budget(max_unavailable=share),
        zone_constraint=None if rule is None else Constraint(*rule),
        taints_policy=taints,
        unhealthy=unhealthy,
    )
    found = drain(workload)
    assert (found.rounds, found.left, found.pending, found.lowest_ready) == _drained(workload)


@pytest.mark.parametrize(
    ("needed", "zones", "replicas"), [(3, 3, 5), (4, 3, 6), (2, 3, 3), (2, 2, 4), (5, 3, 8), (1, 1, None)]
)
def test_replicas_for_a_zone_loss(needed: int, zones: int, replicas: int | None) -> None:
    assert replicas_for_zone_loss(needed, zones) == replicas


@given(st.integers(1, 400), st.integers(2, 6))
def test_one_replica_less_does_not_survive(needed: int, zones: int) -> None:
    replicas = replicas_for_zone_loss(needed, zones)
    assert replicas is not None
    assert replicas - even_counts(replicas, zones)[0] >= needed
    assert replicas - 1 - even_counts(replicas - 1, zones)[0] < needed


def test_replacements_wait_while_lost_nodes_are_listed() -> None:
    found = answer("spread", replicas=3)
    assert (found.result["pending_while_nodes_known"], found.result["pending_when_nodes_gone"]) == (1, 0)
    assert any("an empty zone still counts" in warning for warning in found.warnings)
    honoured = answer("spread", replicas=3, node_taints_policy="Honor")
    assert honoured.result["pending_while_nodes_known"] == 0
    assert answer("spread", replicas=3, max_skew=2).result["pending_while_nodes_known"] == 0


def test_min_domains_keeps_replacements_pending_for_good() -> None:
    """Kubernetes: with fewer domains than minDomains the smallest count is taken as 0."""
    found = answer("spread", replicas=6, min_domains=3)
    assert (found.result["pending_when_nodes_gone"], found.result["ready_after_zone_loss"]) == (2, 4)
    assert any("stay Pending for good" in warning for warning in found.warnings)
    short = answer("spread", replicas=6, zones=2, min_domains=3, max_skew=2)
    assert short.result["placed_pods"] == placed(6, 2, Constraint(2, 3)) == 4
    assert any("2 pods stay Pending from the start" in warning for warning in short.warnings)


def test_a_drain_of_the_only_node_of_a_zone() -> None:
    """A cordoned node still counts as a domain: its zone is empty, and the others are full."""
    found = answer("spread", replicas=3, nodes_per_zone=1, max_unavailable="1")
    assert (found.result["drain_blocks"], found.result["drain_pending"]) == (False, 1)
    assert any("1 of 1 replacements stay Pending" in warning for warning in found.warnings)
    stuck = answer("spread", replicas=6, nodes_per_zone=1, max_unavailable="1")
    assert (stuck.result["drain_blocks"], stuck.result["drain_pods_left"]) == (True, 1)
    assert stuck.result["drain_blocks_forever"] is False
    assert "stands still with 1 of 2 pods left" in stuck.headline
    free = answer("spread", replicas=6, nodes_per_zone=1, max_unavailable="1", node_taints_policy="Honor")
    assert (free.result["drain_blocks"], free.result["drain_rounds"]) == (False, 2)


def test_a_spread_over_nodes_can_stop_a_drain() -> None:
    """Six nodes with a pod each: the replacement would be the second of its node, the cordoned one has 0."""
    found = answer("spread", replicas=6, nodes_per_zone=2, host_max_skew=1, max_unavailable="1")
    assert (found.result["worst_node_pods"], found.result["drain_pending"]) == (1, 1)
    loose = answer("spread", replicas=6, nodes_per_zone=2, host_max_skew=2, max_unavailable="1")
    assert loose.result["drain_pending"] == 0


@pytest.mark.parametrize(
    ("replicas", "budget", "rounds", "seconds"),
    [(12, "1", 2, 60), (12, "2", 1, 30), (60, "1", 10, 300), (60, "25%", 1, 30)],
)
def test_a_budget_slows_a_drain(replicas: int, budget: str, rounds: int, seconds: float) -> None:
    result = answer("spread", replicas=replicas, max_unavailable=budget).result
    assert (result["drain_rounds"], result["drain_seconds"]) == (rounds, seconds)


def test_a_drain_longer_than_15_minutes() -> None:
    found = answer("spread", replicas=300, max_unavailable="1")
    assert found.result["drain_seconds"] == 1500
    assert any("PodEvictionFailure" in warning for warning in found.warnings)


def test_without_a_budget_a_drain_takes_all_at_once() -> None:
    found = answer("spread", replicas=12)
    assert (found.result["drain_rounds"], found.result["drain_lowest_ready"]) == (1, 10)
    assert found.result["allowed_disruptions"] is None
    assert "without a budget a drain takes 2 at once" in found.headline


@pytest.mark.parametrize(
    ("budget", "unhealthy", "policy", "evicts"),
    [
        ({"min_available": "2"}, 1, "IfHealthyBudget", True),
        ({"min_available": "3"}, 1, "IfHealthyBudget", False),
        ({"min_available": "3"}, 1, "AlwaysAllow", True),
        ({"max_unavailable": "1"}, 2, "IfHealthyBudget", False),
        ({"max_unavailable": "1"}, 2, "AlwaysAllow", True),
        ({"max_unavailable": "100%"}, 3, "IfHealthyBudget", False),
        ({}, 3, "IfHealthyBudget", True),
    ],
)
def test_unhealthy_pods(budget: dict[str, str], unhealthy: int, policy: str, evicts: bool) -> None:
    """Kubernetes: IfHealthyBudget evicts a pod that is not Ready only while enough others are."""
    found = answer("spread", replicas=3, unhealthy_replicas=unhealthy, unhealthy_policy=policy, **budget)
    assert found.result["evicts_unhealthy"] is evicts
    assert any("cannot be evicted either" in warning for warning in found.warnings) is not evicts


def test_a_budget_blocks_while_a_pod_is_not_ready() -> None:
    found = answer("spread", replicas=3, max_unavailable="1", unhealthy_replicas=1)
    assert (found.result["drain_blocks"], found.result["drain_blocks_forever"]) == (True, False)
    assert any("block until more pods are Ready" in warning for warning in found.warnings)


def test_events_in_the_table() -> None:
    grid = answer("spread", replicas=9, nodes_per_zone=3, max_unavailable="2", needed=6).grids[0]
    assert grid.columns[3] == "At least 6"
    table = {row[0]: row[1:] for row in grid.rows}
    assert table["nothing"] == (9, 9, "yes", "2")
    assert table["one node is lost"] == (8, 6, "yes", "1")
    assert table["one zone is lost"] == (6, 6, "yes", "0")
    assert table["rolling update"] == (7, 7, "yes", "0")
    assert table["a zone is lost in an update"] == (4, 4, "no", "0")


def test_usual_budgets_side_by_side() -> None:
    rows = {row[0]: row[1:] for row in answer("spread", replicas=3).grids[1].rows}
    assert rows["maxUnavailable: 1"] == (2, 1, "1 × 30 s")
    assert rows["minAvailable: 2"] == (2, 1, "1 × 30 s")
    assert rows["minAvailable: 100%"] == (3, 0, "blocks")


def test_needed_pods() -> None:
    found = answer("spread", replicas=6, needed=5, rollout_max_unavailable="50%")
    assert (found.result["survives_zone_loss"], found.result["replicas_for_zone_loss"]) == (False, 8)
    assert any("8 replicas would survive it" in warning for warning in found.warnings)
    assert any("go down to 3 pods, 5 are needed" in warning for warning in found.warnings)
    assert "leaves 4 of 5 needed" in found.headline


def test_one_zone_survives_nothing() -> None:
    found = answer("spread", zones=1, needed=2)
    assert (found.result["ready_after_zone_loss"], found.result["survives_zone_loss"]) == (0, False)
    assert found.result["replicas_for_zone_loss"] is None
    assert any(warning.startswith("One zone") for warning in found.warnings)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"min_available": "2", "max_unavailable": "1"}, "a budget has one of them"),
        ({"max_unavailable": "half"}, "max_unavailable: 'half' is neither a number of pods nor"),
        ({"max_unavailable": "150%"}, "max_unavailable: 150% is more than 100%"),
        ({"rollout_max_unavailable": "101%"}, "rollout_max_unavailable: 101%"),
        ({"max_surge": "0", "rollout_max_unavailable": "0%"}, "0 is not allowed when max_surge is 0"),
        ({"min_domains": 3, "max_skew": None}, "min_domains: 3 needs max_skew"),
        ({"min_domains": 3, "when_unsatisfiable": "ScheduleAnyway"}, "min_domains: 3 needs"),
        ({"unhealthy_replicas": 4}, "unhealthy_replicas: 4 are more than the 3 replicas"),
        ({"max_skew": 0}, "max_skew: 0 is below 1"),
        ({"replicas": 0}, "replicas: 0 is below 1"),
        ({"ready_seconds": "nan"}, "ready_seconds"),
    ],
)
def test_refusals(inputs: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        answer("spread", **inputs)
    assert message in caught.value.message
    assert caught.value.hint


SHARES = st.integers(0, 30).map(str) | st.integers(0, 100).map("{}%".format)
ANY_QUESTION = st.fixed_dictionaries(
    {
        "replicas": st.integers(1, 40) | st.integers(1, 5000),
        "zones": st.integers(1, 6),
        "nodes_per_zone": st.integers(1, 20),
        "needed": st.none() | st.integers(1, 40),
        "min_available": st.none() | SHARES,
        "max_unavailable": st.none() | SHARES,
        "unhealthy_policy": st.sampled_from(["IfHealthyBudget", "AlwaysAllow"]),
        "unhealthy_replicas": st.integers(0, 5),
        "max_surge": SHARES,
        "rollout_max_unavailable": SHARES,
        "max_skew": st.none() | st.integers(1, 8),
        "when_unsatisfiable": st.sampled_from(["DoNotSchedule", "ScheduleAnyway"]),
        "min_domains": st.none() | st.integers(1, 8),
        "host_max_skew": st.none() | st.integers(1, 4),
        "node_taints_policy": st.sampled_from(["Ignore", "Honor"]),
        "ready_seconds": st.floats(0, 600),
    }
)


@settings(deadline=None, max_examples=400)
@given(ANY_QUESTION)
def test_any_question_is_answered_or_refused(question: dict[str, Any]) -> None:
    found = answer_if_offered("spread", **question)
    if found is None:
        return
    result = found.result
    assert json.loads(json.dumps(result)) == result
    assert 0 <= result["worst_ready_after_zone_loss"] <= result["ready_after_zone_loss"]
    assert result["ready_after_zone_loss"] <= result["ready_after_node_loss"] <= result["healthy_pods"]
    assert result["worst_zone_pods"] >= result["zone_pods"] >= result["node_pods"]
    assert result["pending_when_nodes_gone"] <= result["pending_while_nodes_known"] <= result["zone_pods"]
    assert result["drain_pods_left"] + result["drain_pending"] <= result["node_pods"]
    if result["drain_blocks_forever"] and result["node_pods"]:
        assert result["drain_blocks"]
    if result["allowed_disruptions"] is not None:
        # A budget is never broken by a drain.
        assert result["drain_lowest_ready"] >= min(result["healthy_pods"], result["desired_healthy"])


FEW_ZONES: dict[str, Any] = {
    "replicas": 4,
    "zones": 2,
    "nodes_per_zone": 1,
    "max_skew": 2,
    "min_domains": 3,
    "when_unsatisfiable": "DoNotSchedule",
    "max_surge": "0",
    "rollout_max_unavailable": "1",
}
"""As many pods as zones × maxSkew, and a zone fewer than minDomains."""


@settings(deadline=None)
@example(FEW_ZONES)
@given(ANY_QUESTION)
def test_the_working_works_out(question: dict[str, Any]) -> None:
    found = answer_if_offered("spread", **question)
    for step in found.steps if found else ():
        if " of " in step.substitution:
            continue
        assert step.value == pytest.approx(value_of(step.substitution), rel=1e-3, abs=0.01), step


@pytest.mark.parametrize("replicas", [1, 4, 9])
def test_fewer_zones_than_min_domains_hold_max_skew_each(replicas: int) -> None:
    """podtopologyspread: with too few domains the global minimum is 0, so a domain takes maxSkew at most."""
    found = answer(
        "spread",
        replicas=replicas,
        zones=2,
        nodes_per_zone=1,
        max_skew=2,
        min_domains=3,
        when_unsatisfiable="DoNotSchedule",
        max_surge="0",
        rollout_max_unavailable="1",
    )
    step = next(step for step in found.steps if step.formula.startswith("pods of the fullest zone at worst"))
    assert step.formula == "pods of the fullest zone at worst = min(pods, maxSkew)"
    assert step.value == value_of(step.substitution) == min(replicas, 2) == found.result["worst_zone_pods"]
    assert found.result["placed_pods"] == min(replicas, 4)
    # Pod by pod, as the scheduler goes: a zone takes one more while count + 1 − 0 ≤ maxSkew.
    constraint = Constraint(max_skew=2, min_domains=3)
    counts = [0, 0]
    for _ in range(replicas):
        open_zones = [zone for zone in (0, 1) if counts[zone] + 1 - constraint.floor(counts) <= 2]
        if open_zones:
            counts[open_zones[0]] += 1
    assert (sum(counts), counts[0]) == (min(replicas, 4), min(replicas, 2))


@settings(deadline=None)
@given(ANY_QUESTION, st.integers(1, 20))
def test_more_replicas_never_leave_fewer(question: dict[str, Any], more: int) -> None:
    question.update(unhealthy_replicas=0, min_available=None, max_unavailable=None, min_domains=None)
    fewer = answer_if_offered("spread", **question)
    question["replicas"] = min(5000, question["replicas"] + more)
    greater = answer_if_offered("spread", **question)
    if fewer is None or greater is None:
        return
    for figure in ("ready_after_zone_loss", "ready_after_node_loss", "update_lowest_ready"):
        assert fewer.result[figure] <= greater.result[figure], figure


def test_the_simulator_can_ask_without_a_form() -> None:
    budget = Budget(max_unavailable=number("1"))
    assert (budget.desired_healthy(3), budget.allowed_disruptions(3, 2)) == (2, 0)
    assert rolling_update(10, number("25%"), number("25%")).surge == 3
    assert callable(drain)
