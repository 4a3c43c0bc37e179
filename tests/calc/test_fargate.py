"""What a pod gets and costs on Fargate."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.calc.fargate_break_even import UNLIMITED, NodeTerms, break_even, candidates, node_room
from eks_lab.calc.fargate_size import PodRequest, fargate_size, provisioned_mib, usd_per_hour
from eks_lab.calc.price_overrides import PriceBook
from eks_lab.catalog import instance_types
from eks_lab.catalog.fargate import fargate_terms
from eks_lab.errors import InputError
from tests.calc.answers import answer, answer_if_offered
from tests.calc.arithmetic import value_of

# Requested vCPU and GiB -> provisioned vCPU and GB. Rules of the EKS user guide (fact sheet B7).
ROUNDED = [
    (0, 0, 0.25, 0.5),  # no request: the smallest
    (1, 8, 2, 9),  # the user guide's example
    (0.25, 0.25, 0.25, 0.5),
    (0.25, 0.5, 0.25, 1),
    (0.1, 0.1, 0.25, 0.5),
    (0.25, 1.75, 0.25, 2),
    (0.25, 1.76, 0.5, 3),
    (0.5, 3.75, 0.5, 4),
    (0.5, 3.8, 1, 5),
    (0.26, 0.1, 0.5, 1),
    (1, 7.75, 1, 8),
    (1.5, 1, 2, 4),
    (2, 15.75, 2, 16),
    (2, 16, 4, 17),
    (3, 2, 4, 8),
    (4, 29.75, 4, 30),
    (4, 30, 8, 32),
    (5, 16.5, 8, 20),
    (8, 60, 16, 64),
    (16, 60, 16, 64),
    (16, 119.75, 16, 120),
]


@pytest.mark.parametrize(("cpu", "memory", "vcpu", "memory_gb"), ROUNDED)
def test_requests_are_rounded_up(cpu: float, memory: float, vcpu: float, memory_gb: float) -> None:
    result = answer("fargate", cpu=cpu, memory=memory).result
    assert (result["vcpu"], result["memory_gb"]) == (vcpu, memory_gb)


def test_smallest_pod_of_the_fact_sheet() -> None:
    """B7: 0.25 vCPU and 0.5 GB cost 0.01234 USD/h, 9.01 USD for 730 hours."""
    result = answer("fargate", cpu=0, memory=0).result
    assert result["usd_per_hour"] == 0.0123425
    assert result["usd_per_month"] == 9.01


def test_the_lesson_trims_a_tenth_of_a_vcpu() -> None:
    """Lesson compute.fargate: containers of 0.6 vCPU and 1,152 MiB, an init container of 0.25 and 512 MiB."""
    inputs: dict[str, object] = {"memory": 1.125, "init_cpu": 0.25, "init_memory": 0.5, "pods": 10}
    before = answer("fargate", cpu=0.6, **inputs).result
    assert (before["vcpu"], before["memory_gb"], before["usd_per_month"]) == (1, 2, 360.40)
    after = answer("fargate", cpu=0.5, **inputs).result
    assert (after["vcpu"], after["memory_gb"], after["usd_per_month"]) == (0.5, 2, 212.65)


def test_the_lesson_compares_with_m7g_large() -> None:
    """Lesson compute.choosing: 24 pods of 0.25 vCPU and 0.5 GiB, agents of 300m."""
    result = answer(
        "fargate", pods=24, instance="m7g.large", system_cpu=0.3, node_disk_gib=0, arm=True
    ).result
    assert result["usd_per_month"] == 255.18
    assert (result["pods_per_node"], result["node_limit"]) == (6, "cpu")
    assert (result["nodes"], result["node_usd_per_month"], result["break_even_pods"]) == (4, 238.27, 6)


@pytest.mark.parametrize(
    ("init_cpu", "init_memory", "vcpu", "memory_gb"),
    [(0, 0, 0.5, 2), (2, 0, 2, 4), (0, 4, 1, 5), (0.5, 1, 0.5, 2)],
)
def test_the_larger_of_init_and_containers_counts(
    init_cpu: float, init_memory: float, vcpu: float, memory_gb: float
) -> None:
    result = answer("fargate", cpu=0.5, memory=1, init_cpu=init_cpu, init_memory=init_memory).result
    assert (result["vcpu"], result["memory_gb"]) == (vcpu, memory_gb)


@pytest.mark.parametrize(
    ("ephemeral", "usd"), [(0, 0.0123425), (20, 0.0123425), (21, 0.0124535), (175, 0.0295475)]
)
def test_ephemeral_storage_beyond_20_gib(ephemeral: float, usd: float) -> None:
    """B7: 0.000111 USD a GB and hour."""
    found = answer("fargate", cpu=0, memory=0, ephemeral_gib=ephemeral)
    assert found.result["usd_per_hour"] == pytest.approx(usd, abs=1e-7)
    assert any("115 GiB for 100" in warning for warning in found.warnings) is (ephemeral > 20)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"cpu": 16.1}, "cpu: 16.1 vCPU is more than the largest Fargate pod has (16)"),
        ({"init_cpu": 17}, "cpu: 17 vCPU"),
        ({"memory": 119.8}, "memory: 119.801 GiB is more than the largest Fargate pod can give (119.75 GiB"),
        ({"ephemeral_gib": 176}, "ephemeral_gib: 176 GiB is more than Fargate gives"),
        ({"cpu": -1}, "cpu: -1 is below 0"),
        ({"memory": float("nan")}, "memory: nan is not a number"),
        ({"instance": "m5.lrge"}, "instance: 'm5.lrge' is no EC2 instance type"),
        ({"prices": "fargate_vcpu=1"}, "prices: no price named 'fargate_vcpu'"),
        ({"hours_per_month": 731}, "hours_per_month: 731 is above 730"),
        ({"pods": 0}, "pods: 0 is below 1"),
    ],
)
def test_nonsense_is_refused(inputs: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        answer("fargate", **inputs)
    assert message in caught.value.message
    assert caught.value.hint


def test_room_on_a_node_is_what_kubelet_leaves() -> None:
    """m5.large: 2000 − 70 − 150 millicores; 8192 less 7.5 %, less 255 + 11 × 29, less 100; 29 − 2 pods."""
    terms = NodeTerms(system_millicpu=150, system_memory_mib=0, disk_gib=0, discount_percent=0)
    room = node_room(instance_types.get("m5.large"), PodRequest.of(0.25, 0.5), terms)
    assert (room.cpu_millicores, room.memory_mib) == (1780, 8192 - 615 - 574 - 100)
    assert (room.by_cpu, room.by_memory, room.by_max_pods) == (7, 13, 27)
    assert (room.pods, room.limit) == (7, "cpu")


@pytest.mark.parametrize(
    ("cpu", "memory", "limit", "pods"),
    [(0.25, 0.5, "cpu", 7), (0.1, 1, "memory", 6), (0.01, 0.01, "max pods", 27), (0, 0, "max pods", 27)],
)
def test_what_limits_a_node(cpu: float, memory: float, limit: str, pods: int) -> None:
    result = answer("fargate", cpu=cpu, memory=memory).result
    assert (result["node_limit"], result["pods_per_node"]) == (limit, pods)


@pytest.mark.parametrize(
    ("node", "pod", "pods"),
    [
        (70, 10, 7),
        (70.0000000001, 10, 7),
        (70.01, 10, 8),
        (0, 10, 1),
        (5, 10, 1),
        (5, 0, UNLIMITED),
        (0, 0, 1),
    ],
)
def test_break_even(node: float, pod: float, pods: int) -> None:
    assert break_even(node, pod) == pods


def test_from_the_break_even_on_a_node_is_cheaper() -> None:
    found = answer("fargate", cpu=0.25, memory=0.5, pods=1)
    even = found.result["break_even_pods"]
    assert even == 7
    below = answer("fargate", pods=even - 1).result
    at = answer("fargate", pods=even).result
    assert below["usd_per_month"] < below["node_usd_per_month"]
    assert at["usd_per_month"] >= at["node_usd_per_month"]


def test_short_jobs_are_cheaper_on_fargate() -> None:
    found = answer("fargate", hours_per_month=50, pods=10)
    assert found.result["break_even_pods"] is None
    assert found.result["usd_per_month"] == pytest.approx(10 * 50 * 0.014565, abs=0.01)
    assert any("Fargate is always cheaper" in step.why for step in found.steps)
    assert any("paid for 50 hours, the nodes for all 730" in warning for warning in found.warnings)


def test_the_cheapest_of_the_catalogue() -> None:
    found = answer("fargate", pods=50)
    grid = next(grid for grid in found.grids if grid.title.startswith("Cheapest EC2 types"))
    months = [row[4] for row in grid.rows]
    assert months == sorted(months, key=lambda usd: float(str(usd)))
    assert grid.rows[0][0] == found.result["cheapest_instance"]
    assert months[0] == found.result["cheapest_usd_per_month"]


def test_arm_and_burstable_types_count_only_when_asked_for() -> None:
    def families(**inputs: object) -> set[str]:
        grid = answer("fargate", pods=50, **inputs).grids[-1]
        return {str(row[0]).partition(".")[0] for row in grid.rows}

    assert not families() & {"t3", "t3a", "t4g", "m7g", "c7g", "c6g"}
    assert families(arm=True) & {"c6g", "c7g", "m6g"}
    assert families(burstable=True) & {"t3", "t3a"}
    assert families(arm=True, burstable=True) & {"t4g"}


def test_candidates_are_ordinary_machines() -> None:
    for instance in candidates(arm=True, burstable=True):
        assert instance.gpus == 0
        assert not instance.is_bare_metal
        assert instance.is_current_generation


def test_a_discount_lowers_the_break_even() -> None:
    full, half = answer("fargate").result, answer("fargate", ec2_discount_percent=50).result
    assert half["break_even_pods"] < full["break_even_pods"]
    assert half["cheapest_usd_per_month"] < full["cheapest_usd_per_month"]


def test_a_type_without_price_or_room_is_said() -> None:
    unknown = answer("fargate", instance="i4i.xlarge")
    assert unknown.result["pods_per_node"] is None
    assert any("No price of i4i.xlarge is on record" in warning for warning in unknown.warnings)
    assert answer("fargate", instance="i4i.xlarge", prices="i4i.xlarge=0.3").result["nodes"] == 1
    small = answer("fargate", cpu=4, memory=8, instance="m5.large")
    assert small.result["nodes"] is None
    assert any("No such pod fits on one m5.large" in warning for warning in small.warnings)


def test_just_above_a_step_the_cure_is_named() -> None:
    found = answer("fargate", cpu=1, memory=8)
    assert any("asking for 7.75 GiB instead of 8 saves 37 %" in warning for warning in found.warnings)
    rows = found.grids[0].rows
    assert rows == (("1 vCPU, 8 GB", 1.0, 7.75, 0.07604, 37.1),)
    assert answer("fargate", cpu=1, memory=7.75).result["memory_gb"] == 8


def test_the_smallest_size_has_none_below_it() -> None:
    found = answer("fargate", cpu=0.25, memory=0.25)
    assert [grid.title for grid in found.grids] == ["Cheapest EC2 types for 1 pod"]


def test_without_requests_it_warns() -> None:
    assert any("OOMKilled" in warning for warning in answer("fargate", cpu=0, memory=0).warnings)
    assert not any("OOMKilled" in warning for warning in answer("fargate").warnings)


def test_own_prices() -> None:
    found = answer("fargate", prices="fargate_vcpu_hour=0.1,m5.large=0.05")
    assert found.result["usd_per_hour"] == pytest.approx(0.025 + 0.004445)
    assert found.result["node_usd_per_month"] == 38.1
    assert any("Fargate vCPU, x86 0.1 instead of 0.04048" in warning for warning in found.warnings)
    free = answer("fargate", prices="fargate_vcpu_hour=0,fargate_gb_hour=0")
    assert (free.result["usd_per_month"], free.result["break_even_pods"]) == (0, None)


def test_stale_prices_warn() -> None:
    assert not any("days ago" in warning for warning in answer("fargate", today="2026-11-22").warnings)
    assert any("days ago" in warning for warning in answer("fargate", today="2027-03-01").warnings)


def test_the_plot_shows_three_lines_at_most() -> None:
    (plot,) = answer("fargate", pods=24).plots
    assert plot.series[0].name == "Fargate"
    assert len(plot.series) == 3
    assert plot.series[1].style == "step"
    assert all(len(series.points) <= 60 for series in answer("fargate", pods=100_000).plots[0].series)


ANY_REQUEST = st.builds(
    PodRequest,
    millicpu=st.integers(0, 17_000),
    memory_mib=st.integers(0, 125_000),
    init_millicpu=st.integers(0, 17_000),
    init_memory_mib=st.integers(0, 125_000),
)


@given(ANY_REQUEST)
def test_no_cheaper_size_would_hold_the_pod(request: PodRequest) -> None:
    fitting = [
        size
        for size in fargate_terms().sizes
        if size.vcpu * 1000 >= request.effective_millicpu and size.memory_mib >= provisioned_mib(request)
    ]
    if not fitting:
        with pytest.raises(InputError):
            fargate_size(request)
        return
    book = PriceBook()
    found = fargate_size(request)
    assert found in fitting
    assert usd_per_hour(found, book) == min(usd_per_hour(size, book) for size in fitting)


@given(st.integers(0, 16_000), st.integers(0, 119 * 1024), st.integers(0, 4000), st.integers(0, 16 * 1024))
def test_asking_for_more_never_costs_less(millicpu: int, mib: int, more_millicpu: int, more_mib: int) -> None:
    book = PriceBook()
    less = usd_per_hour(fargate_size(PodRequest(millicpu, mib)), book)
    try:
        more = usd_per_hour(fargate_size(PodRequest(millicpu + more_millicpu, mib + more_mib)), book)
    except InputError:
        return
    assert more >= less


ANY_QUESTION = st.fixed_dictionaries(
    {
        "cpu": st.floats(0, 17),
        "memory": st.floats(0, 125),
        "init_cpu": st.floats(0, 2),
        "init_memory": st.floats(0, 8),
        "ephemeral_gib": st.floats(0, 180),
        "pods": st.integers(1, 100_000),
        "hours_per_month": st.floats(0, 730),
        "instance": st.sampled_from(["m5.large", "t3.nano", "m4.large", "i4i.xlarge", "p5.48xlarge"]),
        "arm": st.booleans(),
        "burstable": st.booleans(),
        "ec2_discount_percent": st.floats(0, 100),
        "system_cpu": st.floats(0, 4),
        "system_memory": st.floats(0, 8),
        "node_disk_gib": st.floats(0, 100),
    }
)


@settings(deadline=None, max_examples=40)
@given(ANY_QUESTION)
def test_any_question_is_answered_or_refused(question: dict[str, Any]) -> None:
    found = answer_if_offered("fargate", **question)
    if found is None:
        return
    result = found.result
    assert json.loads(json.dumps(result)) == result
    assert result["unused_vcpu"] >= 0
    assert result["unused_memory_gib"] >= 0.25 - 1e-3
    if result["nodes"] is not None:
        assert result["nodes"] * result["pods_per_node"] >= question["pods"]
        assert (result["nodes"] - 1) * result["pods_per_node"] < question["pods"]
    if result["break_even_pods"] is not None:
        assert 1 <= result["break_even_pods"] <= result["pods_per_node"]
    for grid in found.grids:
        assert all(len(row) == len(grid.columns) for row in grid.rows)


@settings(deadline=None, max_examples=40)
@given(ANY_QUESTION)
def test_the_working_works_out(question: dict[str, Any]) -> None:
    found = answer_if_offered("fargate", **question)
    for step in found.steps if found else ():
        if step.value is None or isinstance(step.value, str):
            continue
        if step.formula.startswith("break-even"):
            # Shown with seven digits, so at the border the shown numbers may fall on the other side.
            assert value_of(step.substitution) == pytest.approx(step.value, rel=1e-4, abs=1), step
        else:
            assert value_of(step.substitution) == pytest.approx(step.value, rel=0.01, abs=0.02), step
