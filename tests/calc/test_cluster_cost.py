"""What a cluster costs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.calc import cluster_cost
from eks_lab.calc.bill import usd_text
from eks_lab.calc.cluster_inputs import PLAN_INPUTS
from eks_lab.errors import InputError
from tests.calc.answers import answer, answer_if_offered
from tests.calc.arithmetic import value_of

# A cluster of nothing but its control plane.
BARE: dict[str, object] = {
    "nodes": 0,
    "nat": "none",
    "nat_gb": 0,
    "cross_zone_gb": 0,
    "load_balancers": 0,
    "ebs_gib": 0,
    "log_gb": 0,
}


def month(**inputs: object) -> float:
    """Return what inputs add to a bare control plane of 73 USD a month."""
    found = answer("cluster-cost", **{**BARE, **inputs}).result["usd_per_month"]
    return round(float(found) - 73, 2)


# What is added, USD a month of 730 h. Prices: fact sheet B7 to B10, us-east-1.
ADDED: list[tuple[dict[str, object], float]] = [
    ({}, 0),
    ({"support": "extended"}, 365.00),
    ({"tier": "xl"}, 1204.50),
    ({"tier": "2xl"}, 2482.00),
    ({"tier": "4xl"}, 5037.00),
    ({"tier": "8xl"}, 10147.00),
    ({"nodes": 12, "instance": "m5.2xlarge", "root_gib": 0}, 3363.84),  # lesson summary, question 9
    ({"nodes": 4, "instance": "m7g.large", "root_gib": 0}, 238.27),  # lesson compute.choosing
    ({"nodes": 4, "instance": "m7g.large", "root_gib": 0, "auto_mode": True}, 266.86),  # the same, + 12 %
    ({"nodes": 2, "root_gib": 50}, 140.16 + 8.00),
    ({"nodes": 4, "spot_nodes": 4, "root_gib": 0, "spot_discount_percent": 70}, 84.10),
    ({"nodes": 4, "savings_plan_nodes": 4, "root_gib": 0}, 204.63),
    ({"fargate_pods": 24, "fargate_cpu": 0.25, "fargate_memory": 0.5}, 255.18),  # lesson compute.choosing
    ({"fargate_pods": 1, "fargate_cpu": 0, "fargate_memory": 0}, 9.01),
    ({"hybrid_vcpus": 100}, 1460.00),
    ({"nat": "per-zone"}, 98.55 + 10.95),  # three gateways and their addresses
    ({"nat": "single", "zones": 1}, 32.85 + 3.65),
    ({"nat": "regional", "zones": 2}, 65.70 + 7.30),
    ({"nat": "per-zone", "nat_gb": 5000}, 109.50 + 225.00),  # lesson terraform.network
    ({"nat": "single", "nat_gb": 3000}, 36.50 + 135.00 + 40.00),  # two thirds cross a zone, at 0.02
    ({"cross_zone_gb": 1000}, 20.00),  # both directions
    ({"internet_gb": 1000}, 90.00),
    ({"load_balancers": 1, "load_balancer_units": 0, "internet_facing": False}, 16.43),
    ({"load_balancers": 1, "load_balancer_units": 1, "internet_facing": False}, 22.27),
    (
        {
            "load_balancer": "network",
            "load_balancers": 1,
            "load_balancer_units": 1,
            "internet_facing": False,
        },
        20.81,
    ),
    ({"load_balancers": 2, "load_balancer_units": 0, "zones": 3}, 32.85 + 6 * 3.65),
    ({"public_ipv4": 10}, 36.50),
    ({"interface_endpoints": 6, "zones": 3}, 131.40),  # lesson terraform.network: 18 × 0.01 × 730
    ({"interface_endpoints": 1, "zones": 1, "endpoint_gb": 100}, 8.30),
    ({"ebs_gib": 500}, 40.00),
    ({"efs_gib": 100, "efs_read_gb": 1000, "efs_write_gb": 100}, 30 + 30 + 6),
    ({"kms_keys": 2, "kms_requests": 100_000}, 2.30),
    ({"log_gb": 100, "log_retention_days": 30}, 50 + 0.44),
]


@pytest.mark.parametrize(("inputs", "usd"), ADDED)
def test_every_part_has_its_price(inputs: dict[str, object], usd: float) -> None:
    assert month(**inputs) == pytest.approx(usd, abs=0.011)


def test_a_control_plane_alone() -> None:
    """B8: 0.10 USD/h and 73 USD a month, 0.60 and 438 in extended support."""
    standard = answer("cluster-cost", **BARE)
    assert (standard.result["usd_per_hour"], standard.result["usd_per_month"]) == (0.1, 73.0)
    assert (standard.result["usd_per_year"], standard.result["dominant"]) == (876.0, "control plane")
    assert standard.result["dominant_percent"] == 100.0
    extended = answer("cluster-cost", **BARE, support="extended")
    assert (extended.result["usd_per_hour"], extended.result["usd_per_month"]) == (0.6, 438.0)
    assert any("365.00 USD a month end with an upgrade" in warning for warning in extended.warnings)


def test_more_nat_gateways_pay_below_five_terabytes() -> None:
    """Lesson terraform.network: about 5 TB a month make three gateways as cheap as one."""
    for gb, single_is_cheaper in ((4000, True), (6000, False)):
        single, per_zone = month(nat="single", nat_gb=gb), month(nat="per-zone", nat_gb=gb)
        assert (single < per_zone) is single_is_cheaper


def test_the_auto_mode_fee_is_on_the_on_demand_price() -> None:
    plain = month(nodes=4, root_gib=0, spot_nodes=4)
    assert month(nodes=4, root_gib=0, spot_nodes=4, auto_mode=True) - plain == pytest.approx(
        0.12 * 4 * 0.096 * 730, abs=0.02
    )


def test_groups_add_up_and_the_dearest_is_named() -> None:
    found = answer("cluster-cost", nodes=20, kms_keys=1, fargate_pods=2, hybrid_vcpus=1, auto_mode=True)
    groups = [found.result[cluster_cost._figure_name(group)] for group in cluster_cost.GROUPS]
    assert all(groups)
    assert sum(groups) == pytest.approx(found.result["usd_per_month"], abs=0.05)
    assert found.result["dominant"] == "nodes"
    assert found.result["nodes_usd_per_month"] == max(groups)
    assert f"nodes are {found.result['dominant_percent']:.0f} % of it." in found.headline


def test_the_grid_of_items_ends_with_the_sum() -> None:
    found = answer("cluster-cost")
    (grid,) = found.grids
    assert all(len(row) == len(grid.columns) for row in grid.rows)
    assert grid.rows[-1][0] == "Together"
    assert grid.rows[-1][4] == found.result["usd_per_month"]
    assert [grid.rows[row][1] for row in (0, 1, 5)] == ["1 cluster", "3 nodes", "1 balancer"]


def test_two_scenarios_side_by_side() -> None:
    found = answer("cluster-cost", compare="nodes=5, nat=single")
    first, second = answer("cluster-cost"), answer("cluster-cost", nodes=5, nat="single")
    result = found.result
    assert result["usd_per_month"] == first.result["usd_per_month"]
    assert result["compare_usd_per_hour"] == second.result["usd_per_hour"]
    assert result["compare_usd_per_month"] == second.result["usd_per_month"]
    assert result["compare_usd_per_year"] == second.result["usd_per_year"]
    assert result["compare_dominant"] == second.result["dominant"]
    gap = second.result["usd_per_month"] - first.result["usd_per_month"]
    assert result["difference_usd_per_month"] == pytest.approx(gap, abs=0.011)
    assert result["difference_percent"] == pytest.approx(100 * gap / result["usd_per_month"], abs=0.1)
    assert f"With nodes=5, nat=single: {usd_text(result['compare_usd_per_month'])} USD" in found.headline
    side, items, others = found.grids
    assert side.columns == ("Item", "First", "Second", "Difference")
    assert side.rows[-1][1:3] == (result["usd_per_month"], result["compare_usd_per_month"])
    assert {row[0]: row[1] for row in items.rows}["m5.large on demand"] == "3 nodes"
    assert {row[0]: row[1] for row in others.rows}["m5.large on demand"] == "5 nodes"
    assert any(warning.startswith("Second scenario: A single NAT") for warning in found.warnings)
    assert found.steps[-1].formula == "difference = second scenario − first"


def test_without_a_second_scenario_its_figures_are_empty() -> None:
    result = answer("cluster-cost").result
    for figure in ("compare_usd_per_month", "compare_dominant", "difference_percent"):
        assert result[figure] is None


def test_a_second_scenario_that_is_the_same() -> None:
    found = answer("cluster-cost", compare="nodes=3")
    assert found.result["difference_usd_per_month"] == 0
    assert found.headline.endswith("as much.")


@pytest.mark.parametrize(
    ("compare", "message", "hint"),
    [
        ("node=5", "has no input 'node'", "Did you mean nodes"),
        ("prices=x", "has no input 'prices'", ""),
        ("compare=x", "has no input 'compare'", ""),
        ("nodes=many", "compare: nodes: 'many' is not a whole number", "from 0 to"),
        ("nodes=-1", "compare: nodes: '-1' is below 0", ""),
        ("instance=m5.lrge", "compare: instance: 'm5.lrge' is no EC2 instance type", "m5.large"),
        ("nat=double", "compare: nat: 'double' is no choice", "single"),
        ("nodes", "compare: 'nodes' is not name=value", "nodes=5"),
        ("instance=i4i.xlarge", "compare: instance: no price of i4i.xlarge", "i4i.xlarge=0.25"),
        (
            "spot_nodes=4",
            "compare: spot_nodes: 4 Spot and 0 Savings Plan nodes are more than the 3 nodes",
            "",
        ),
    ],
)
def test_a_second_scenario_that_cannot_be(compare: str, message: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        answer("cluster-cost", compare=compare)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.hint


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"spot_nodes": 2, "savings_plan_nodes": 2}, "spot_nodes: 2 Spot and 2 Savings Plan nodes"),
        ({"instance": "i4i.xlarge"}, "no price of i4i.xlarge is on record"),
        ({"fargate_pods": 1, "fargate_memory": 120}, "fargate_memory: 120 is above 119.75"),
        ({"prices": "nat=1"}, "prices: no price named 'nat'"),
        ({"nodes": float("nan")}, "nodes"),
        ({"nat_gb": "nan"}, "nat_gb: nan is not a number"),
        ({"zones": 0}, "zones: 0 is below 1"),
        ({"today": "soon"}, "today: 'soon' is no date"),
    ],
)
def test_nonsense_is_refused(inputs: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        answer("cluster-cost", **inputs)
    assert message in caught.value.message
    assert caught.value.hint


def test_a_type_without_a_price_needs_none_without_nodes() -> None:
    assert answer("cluster-cost", instance="i4i.xlarge", nodes=0).result["nodes_usd_per_month"] == 0
    priced = answer("cluster-cost", instance="i4i.xlarge", nodes=1, prices="i4i.xlarge=0.5")
    assert priced.result["nodes_usd_per_month"] == 365.0


@pytest.mark.parametrize(
    ("inputs", "warning"),
    [
        ({"nodes": 0}, "Nothing runs pods here"),
        ({"nat": "single"}, "if that zone fails"),
        ({"nat": "none"}, "nat_gb 100 costs nothing"),
        ({"endpoint_gb": 5}, "endpoint_gb 5 costs nothing"),
        ({"internet_gb": 20_000}, "Beyond 10,240 GB"),
        ({"log_retention_days": 45}, "the next setting is 60"),
        ({"spot_nodes": 1}, "Inferred, found in no document: Spot discount 60 %"),
        ({"savings_plan_nodes": 1}, "Savings Plan discount, 1 year, nothing up front 27 %"),
        ({"nat": "regional"}, "regional NAT gateway, each active zone 0.045 USD/h"),
        ({"tier": "xl"}, "provisioned control plane XL 1.65 USD/h (2026-08-14"),
        ({"auto_mode": True}, "Auto Mode fee on the on-demand price 12 %"),
        ({"hybrid_vcpus": 1}, "Hybrid Nodes vCPU 0.02"),
        ({"prices": "eks_cluster_hour=0.2"}, "EKS control plane 0.2 instead of 0.1 USD/h"),
        ({"prices": "kms_key_month=2"}, "Your price of kms_key_month changes nothing"),
        ({"today": "2027-03-01"}, "of 2026-07-20, 224 days ago"),
        ({"today": "2027-03-01"}, "Prices older than 180 days: Application Load Balancer (2026-08-21)"),
    ],
)
def test_warnings(inputs: dict[str, object], warning: str) -> None:
    assert any(warning in found for found in answer("cluster-cost", **inputs).warnings)


def test_a_planned_discount_of_ones_own_is_no_doubt() -> None:
    found = answer("cluster-cost", spot_nodes=1, spot_discount_percent=65)
    assert not any("Spot discount" in warning for warning in found.warnings)


def test_prices_on_record_are_fresh_on_the_day_of_the_course() -> None:
    assert not any(
        "180 days" in w or "days ago" in w for w in answer("cluster-cost", today="2026-11-22").warnings
    )


def test_sources_are_those_of_what_is_paid() -> None:
    titles = [source.title for source in answer("cluster-cost", **BARE).sources]
    assert titles == ["Amazon EKS pricing, us-east-1"]
    assert len(answer("cluster-cost").sources) > 4


def _strategy() -> st.SearchStrategy[dict[str, Any]]:
    fields: dict[str, st.SearchStrategy[Any]] = {}
    for field in PLAN_INPUTS:
        top = field.maximum or 0
        match field.kind:
            case "integer":
                fields[field.name] = st.integers(int(field.minimum or 0), min(int(top), 5000))
            case "number":
                number = st.floats(field.minimum or 0, min(top, 1e6), allow_nan=False)
                fields[field.name] = st.none() | number if field.optional else number
            case "flag":
                fields[field.name] = st.booleans()
            case "choice":
                fields[field.name] = st.sampled_from(field.choices)
            case "instance":
                fields[field.name] = st.sampled_from(["m5.large", "t3.medium", "p5.48xlarge", "m4.large"])
    return st.fixed_dictionaries(fields)


ANY_PLAN = _strategy()


@settings(deadline=None, max_examples=200)
@given(ANY_PLAN, st.sampled_from([None, "nodes=7,spot_nodes=0,savings_plan_nodes=0", "zones=2"]))
def test_any_plan_is_answered_or_refused(plan: dict[str, Any], compare: str | None) -> None:
    found = answer_if_offered("cluster-cost", **plan, compare=compare)
    if found is None:
        return
    result = found.result
    assert json.loads(json.dumps(result)) == result
    assert result["usd_per_month"] >= 73
    assert result["usd_per_year"] == pytest.approx(12 * result["usd_per_month"], rel=1e-6, abs=0.07)
    assert 0 < result["dominant_percent"] <= 100
    assert (result["compare_usd_per_month"] is None) is (compare is None)


@settings(deadline=None, max_examples=100)
@given(ANY_PLAN)
def test_the_working_works_out(plan: dict[str, Any]) -> None:
    found = answer_if_offered("cluster-cost", **plan)
    for step in found.steps if found else ():
        # Quantities are shown with four digits, prices with ten.
        assert isinstance(step.value, float)
        assert value_of(step.substitution) == pytest.approx(step.value, rel=0.005, abs=0.06), step


GROWING = [
    field.name
    for field in PLAN_INPUTS
    if field.kind in ("integer", "number")
    and not field.optional
    and not field.name.startswith(("spot", "saving"))
]


@settings(deadline=None, max_examples=150)
@given(ANY_PLAN, st.sampled_from(GROWING), st.floats(0, 1))
def test_more_of_anything_never_costs_less(plan: dict[str, Any], name: str, share: float) -> None:
    field = next(field for field in PLAN_INPUTS if field.name == name)
    plan |= {"spot_nodes": 0, "savings_plan_nodes": 0, "instance": "m5.large"}
    more = plan[name] + share * (min(field.maximum or 0, 1e6) - plan[name])
    changed = plan | {name: int(more) if field.kind == "integer" else more}
    before, after = answer_if_offered("cluster-cost", **plan), answer_if_offered("cluster-cost", **changed)
    assert before is not None
    assert after is not None
    assert after.result["usd_per_month"] >= before.result["usd_per_month"] - 0.01
