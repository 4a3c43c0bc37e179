"""Consolidation after scaling down: command by command, under budgets, PDBs and do-not-disrupt.

Rules: kubernetes-sigs/karpenter, pkg/controllers/disruption (2026-08-20).
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.calc.packer.budgets import EMPTY, UNDERUTILIZED, allowed_disruptions, pdb_states
from eks_lab.calc.packer.consolidation import SPOT_TO_SPOT, Outcome
from eks_lab.calc.packer.manifests import read_manifests
from eks_lab.calc.packer.node_pools import read_node_pools
from tests.calc.packing_builders import (
    HOST,
    Manifest,
    answer_for,
    disruption_budget,
    of_types,
    pod_rule,
    pod_spec,
    result_of,
    text,
    workload,
)

ALL = {"budgets": [{"nodes": "100%"}]}
PAIR = pod_spec("700m", "1Gi")
"""Two of them fill an m5.large."""


def m5_large(**disruption: object) -> Manifest:
    return of_types("main", "m5.large", disruption=disruption)


def outcome(pods: list[Manifest], pool: Manifest, **inputs: object) -> Outcome:
    found = result_of(pods, [pool], **inputs).outcome
    assert found is not None
    return found


def commands(found: Outcome) -> list[tuple[str, int, int, int]]:
    """Return method, nodes removed, pods moved and nodes the budget allowed of each command."""
    return [(step.method, len(step.removed), step.moved, step.allowed) for step in found.steps]


def test_without_scaling_down_there_is_nothing_to_tell() -> None:
    assert result_of([workload("a", 4, PAIR)], [m5_large()]).outcome is None


def test_empty_nodes_go_together() -> None:
    found = outcome([workload("a", 4, PAIR)], m5_large(**ALL), remove="a")
    assert commands(found) == [("empty", 2, 0, 2)]
    assert found.machines == []


def test_the_default_budget_takes_a_tenth_rounded_up() -> None:
    """12 empty nodes under 10 %: two, then one at a time as fewer than eleven are left."""
    found = outcome([workload("a", 12, pod_spec("1500m"))], m5_large(), remove="a")
    assert [len(step.removed) for step in found.steps] == [2, *[1] * 10]


def test_pods_move_to_a_node_with_room() -> None:
    """6 pods in pairs on three nodes, 3 of them go: one node's pod fits beside another."""
    found = outcome([workload("a", 6, PAIR)], m5_large(**ALL), scale_down_percent=50)
    assert commands(found) == [("single-node", 1, 1, 3)]
    assert sorted(sum(machine.pods.values()) for machine in found.machines) == [1, 2]
    assert found.skipped == {"can't replace with a lower-priced node": ["node-2", "node-3"]}


def test_several_nodes_at_once() -> None:
    pods = [workload("a", 3, pod_spec("1500m")), workload("b", 3, pod_spec("5"))]
    found = outcome(pods, of_types("main", "m5.2xlarge", disruption=ALL), remove="b")
    assert commands(found) == [("multi-node", 2, 2, 3)]
    assert found.steps[0].saves_usd_per_hour == pytest.approx(2 * 0.384)


def test_a_node_is_replaced_by_a_cheaper_one() -> None:
    pods = [workload("a", 1, pod_spec("1500m")), workload("b", 1, pod_spec("5"))]
    found = outcome(pods, of_types("main", "m5.2xlarge", "m5.large", disruption=ALL), remove="b")
    (step,) = found.steps
    assert step.replacement is not None
    assert step.replacement.shape.type_name == "m5.large"
    assert step.saves_usd_per_hour == pytest.approx(0.384 - 0.096)
    assert [machine.shape.type_name for machine in found.machines] == ["m5.large"]


def test_spot_is_not_replaced_by_spot() -> None:
    pods = [workload("a", 1, pod_spec("1500m")), workload("b", 1, pod_spec("5"))]
    pool = of_types("main", "m5.2xlarge", "m5.large", capacity=("spot",), disruption=ALL)
    found = outcome(pods, pool, remove="b")
    assert found.steps == []
    assert found.skipped == {SPOT_TO_SPOT: ["node-1"]}


@pytest.mark.parametrize(
    ("extra", "disruption", "why"),
    [
        ([disruption_budget("a", maxUnavailable=0)], ALL, "pdb default/a prevents pod evictions"),
        ([disruption_budget("a", minAvailable=3)], ALL, "pdb default/a prevents pod evictions"),
        ([disruption_budget("a", minAvailable="100%")], ALL, "pdb default/a prevents pod evictions"),
        ([], {"consolidationPolicy": "WhenEmpty"}, 'NodePool "main" has non-empty consolidation disabled'),
        ([], {"consolidateAfter": "Never"}, 'NodePool "main" has consolidation disabled'),
        ([], {"budgets": [{"nodes": "0"}]}, "disruption budget of NodePool main allows no node"),
        (
            [],
            {"budgets": [{"nodes": "0", "reasons": ["Underutilized"]}]},
            "disruption budget of NodePool main allows no node",
        ),
    ],
)
def test_what_keeps_nodes_with_pods(extra: list[Manifest], disruption: dict[str, object], why: str) -> None:
    found = outcome([workload("a", 6, PAIR), *extra], m5_large(**disruption), scale_down_percent=50)
    assert found.steps == []
    assert found.skipped == {why: ["node-1", "node-2", "node-3"]}


def test_two_budgets_over_one_pod_block_its_eviction() -> None:
    second = disruption_budget("a", maxUnavailable=1)
    second["metadata"]["name"] = "other"
    pods = [workload("a", 6, PAIR), disruption_budget("a", maxUnavailable=1), second]
    (why,) = outcome(pods, m5_large(**ALL), scale_down_percent=50).skipped
    assert why == "eviction does not support multiple PDBs: default/a, default/other"


def test_do_not_disrupt_on_pods_and_on_nodes() -> None:
    protected = {"karpenter.sh/do-not-disrupt": "true"}
    on_pods = outcome([workload("a", 6, PAIR, annotations=protected)], m5_large(**ALL), scale_down_percent=50)
    assert list(on_pods.skipped) == ['pod of Deployment a has "karpenter.sh/do-not-disrupt" annotation']
    pool = of_types("main", "m5.large", disruption=ALL, annotations=protected)
    on_nodes = outcome([workload("a", 6, PAIR)], pool, scale_down_percent=50)
    assert list(on_nodes.skipped) == ['node has "karpenter.sh/do-not-disrupt" annotation']


def test_a_lenient_pdb_lets_pods_move() -> None:
    pods = [workload("a", 6, PAIR), disruption_budget("a", minAvailable="50%")]
    assert len(outcome(pods, m5_large(**ALL), scale_down_percent=50).steps) == 1


def test_anti_affinity_keeps_pods_on_their_own_nodes() -> None:
    spec = pod_spec("200m", affinity=pod_rule("podAntiAffinity", "a", HOST))
    found = outcome([workload("a", 6, spec)], m5_large(**ALL), scale_down_percent=50)
    assert commands(found) == [("empty", 3, 0, 6)]
    assert [sum(machine.pods.values()) for machine in found.machines] == [1, 1, 1]


@pytest.mark.parametrize(
    ("budgets", "nodes", "empty", "underutilized"),
    [
        (None, 19, 2, 2),
        ([], 19, 19, 19),
        ([{"nodes": "20%"}], 9, 2, 2),
        ([{"nodes": "3"}, {"nodes": "50%"}], 4, 2, 2),
        ([{"nodes": "0", "reasons": ["Empty"]}, {"nodes": "5"}], 9, 0, 5),
        ([{"nodes": "1", "reasons": ["Drifted"]}], 9, 9, 9),
        ([{"nodes": "0", "schedule": "@daily", "duration": "1h"}, {"nodes": "4"}], 9, 4, 4),
    ],
)
def test_budgets(budgets: list[Manifest] | None, nodes: int, empty: int, underutilized: int) -> None:
    """Karpenter: the most restrictive budget in force counts; percentages are rounded up."""
    disruption = {} if budgets is None else {"budgets": budgets}
    (pool,), _ = read_node_pools(text([of_types("main", "m5.large", disruption=disruption)]))
    assert allowed_disruptions(pool, nodes, EMPTY) == empty
    assert allowed_disruptions(pool, nodes, UNDERUTILIZED) == underutilized


@pytest.mark.parametrize(
    ("bound", "expected", "healthy", "allowed"),
    [
        ({"minAvailable": 2}, 5, 5, 3),
        ({"minAvailable": "50%"}, 5, 5, 2),
        ({"maxUnavailable": 1}, 5, 4, 0),
        ({"maxUnavailable": "34%"}, 3, 3, 2),
    ],
)
def test_pod_disruption_budgets(
    bound: dict[str, int | str], expected: int, healthy: int, allowed: int
) -> None:
    found = read_manifests(text([workload("a", 5, PAIR), disruption_budget("a", **bound)]))
    (state,) = pdb_states(found.budgets, found.classes, {0: expected}, {0: healthy})
    assert state.allowed == allowed


def test_the_answer_shows_the_commands() -> None:
    found = answer_for([workload("a", 6, PAIR)], [m5_large(**ALL)], scale_down_percent=50)
    titles = [grid.title for grid in found.grids]
    assert "Consolidation, command after command" in titles
    assert found.result["consolidation_steps"] == 1
    assert found.result["consolidated_nodes"] == 2
    assert found.result["consolidated_usd_per_hour"] == pytest.approx(0.192)
    points = found.plots[0].series[0].points
    assert points == ((0.0, 0.288), (1.0, 0.192))
    off = answer_for([workload("a", 6, PAIR)], [m5_large()], scale_down_percent=50, consolidation=False)
    assert off.result["consolidation_steps"] is None
    assert any("consolidation is switched off" in warning for warning in off.warnings)


@settings(deadline=None, max_examples=15)
@given(
    st.integers(1, 15), st.integers(1, 15), st.integers(0, 100), st.sampled_from(["10%", "1", "50%", "100%"])
)
def test_pods_survive_and_cost_only_falls(first: int, second: int, percent: int, budget: str) -> None:
    pods = [workload("a", first, pod_spec("900m")), workload("b", second, pod_spec("300m", "2Gi"))]
    pool = of_types("main", "m5.large", "m5.xlarge", disruption={"budgets": [{"nodes": budget}]})
    result = result_of(pods, [pool], scale_down_percent=percent)
    if result.outcome is None:
        return
    gone = int(first * percent / 100) + int(second * percent / 100)
    left = sum(sum(machine.pods.values()) for machine in result.outcome.machines)
    assert left == first + second - gone
    assert all(room >= 0 for machine in result.outcome.machines for room in machine.left)
    assert all(step.saves_usd_per_hour > 0 for step in result.outcome.steps)
    assert all(len(step.removed) <= step.allowed for step in result.outcome.steps)
    saved = sum(step.saves_usd_per_hour for step in result.outcome.steps)
    assert result.outcome.usd_per_hour == pytest.approx(result.plan.usd_per_hour - saved)
