"""Allocatable: facts B3 with the difference between maxPodsExpression and maxPods."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.catalog.instance_types import catalogue
from eks_lab.errors import InputError
from tests.calc.answers import answer, answer_if_offered
from tests.calc.arithmetic import value_of

NAMES = catalogue().names


def test_how_max_pods_is_set_decides() -> None:
    """Facts B3: 110 on a t3.medium reserves 442 MiB with maxPods, 1465 MiB with the expression."""
    alone = answer("allocatable", instance="t3.medium", max_pods=110, max_pods_from="kubelet-config")
    assert (alone.result["kube_reserved_memory_mib"], alone.result["reserved_pods"]) == (442, 17)
    expression = answer("allocatable", instance="t3.medium", max_pods=110)
    assert (expression.result["kube_reserved_memory_mib"], expression.result["reserved_pods"]) == (1465, 110)
    assert alone.result["allocatable_memory_mib"] - expression.result["allocatable_memory_mib"] == 1023
    assert any("1465 MiB, with maxPods in kubelet.config it stays at the 442" in w for w in alone.warnings)
    assert any("1023 MiB that 110 pods would need" in warning for warning in alone.warnings)
    assert not any("would need" in warning for warning in expression.warnings)


def test_the_difference_works_the_other_way_too() -> None:
    """Bare nodeadm has no ceiling: its own number for an m5.4xlarge is 234, a managed node group says 110."""
    found = answer("allocatable", instance="m5.4xlarge", max_pods_from="kubelet-config").result
    assert (found["max_pods"], found["reserved_pods"], found["kube_reserved_memory_mib"]) == (110, 234, 2829)


# type, inputs -> max pods, kube-reserved MiB, allocatable MiB with Karpenter's guess, CPU
TABLE = [
    ("t3.medium", {}, 17, 442, 3246, 1930),
    ("t3.medium", {"prefix_delegation": True}, 110, 1465, 2223, 1930),
    ("m5.large", {}, 29, 574, 6903, 1930),
    ("m5.large", {"custom_networking": True}, 20, 475, 7002, 1930),
    ("m5.xlarge", {}, 58, 893, 14162, 3920),
    ("m5.24xlarge", {}, 250, 3005, 360619, 95690),
]


@pytest.mark.parametrize(("name", "inputs", "pods", "reserved", "memory", "cpu"), TABLE)
def test_types(name: str, inputs: dict[str, Any], pods: int, reserved: int, memory: int, cpu: int) -> None:
    found = answer("allocatable", instance=name, **inputs).result
    assert (found["max_pods"], found["kube_reserved_memory_mib"]) == (pods, reserved)
    assert (found["allocatable_memory_mib"], found["allocatable_cpu_millicores"]) == (memory, cpu)
    assert found["eviction_memory_mib"] == 100


def test_a_reported_capacity_replaces_the_guess() -> None:
    guessed = answer("allocatable")
    assert any("is a guess" in warning for warning in guessed.warnings)
    assert guessed.steps[0].formula.startswith("capacity")
    read = answer("allocatable", capacity_mib=7800)
    assert read.result["allocatable_memory_mib"] == 7800 - 574 - 100
    assert read.warnings == ()
    assert not read.steps[0].formula.startswith("capacity")


def test_a_capacity_above_the_memory_is_refused() -> None:
    with pytest.raises(InputError, match=r"capacity_mib: 9000 is more than the 8192 MiB of m5\.large"):
        answer("allocatable", capacity_mib=9000)


def test_daemonsets_come_first() -> None:
    found = answer("allocatable", daemonset_cpu_millicores=500, daemonset_memory_mib=600).result
    assert found["pods_memory_mib"] == found["allocatable_memory_mib"] - 600
    assert found["pods_cpu_millicores"] == 1930 - 500
    assert found["memory_per_pod_mib"] == (6903 - 600) // 27


@pytest.mark.parametrize(
    ("inputs", "warning"),
    [
        ({"max_pods": 30}, "Max pods 30 is above the 29 that the addresses of m5.large allow"),
        ({"max_pods": 120}, "EKS recommends 110 pods at most for 2 vCPUs"),
        (
            {"instance": "t3.nano", "prefix_delegation": True},
            "Nothing is left: 729 MiB are reserved and the node has 473 MiB",
        ),
        ({"instance": "t3.medium", "prefix_delegation": True}, "38 % of the memory is reserved"),
        ({"daemonset_memory_mib": 7000}, "The DaemonSets request all that is left"),
        ({"daemonset_cpu_millicores": 1930}, "The DaemonSets request all that is left"),
    ],
)
def test_warnings(inputs: dict[str, Any], warning: str) -> None:
    assert any(warning in found for found in answer("allocatable", **inputs).warnings)


def test_the_plot_shows_both_ways() -> None:
    plot = answer("allocatable", instance="t3.medium", prefix_delegation=True).plots[0]
    expression, alone = plot.series
    assert [memory for _, memory in expression.points] == sorted(
        (memory for _, memory in expression.points), reverse=True
    )
    assert {memory for _, memory in alone.points} == {3246}
    assert dict(expression.points)[17] == dict(alone.points)[17] == 3246
    assert dict(expression.points)[110] == 2223


def test_the_parts_are_the_whole() -> None:
    parts = answer("allocatable", instance="t3.nano", prefix_delegation=True, daemonset_memory_mib=10).grids[
        0
    ]
    assert sum(mib for _, mib, _ in parts.rows if isinstance(mib, int)) == 512
    rows = answer("allocatable", instance="t3.medium", prefix_delegation=True).grids[1].rows
    assert [row[:3] for row in rows] == [(17, 442, 3246), (110, 1465, 2223)]


QUESTION = st.fixed_dictionaries(
    {
        "instance": st.sampled_from(NAMES),
        "prefix_delegation": st.booleans(),
        "custom_networking": st.booleans(),
        "max_pods": st.none() | st.integers(1, 12_000),
        "max_pods_from": st.sampled_from(["expression", "kubelet-config"]),
        "capacity_mib": st.none() | st.integers(1, 500),
        "memory_overhead_percent": st.floats(0, 50),
        "daemonset_cpu_millicores": st.integers(0, 5000),
        "daemonset_memory_mib": st.integers(0, 5000),
        "disk_gib": st.floats(1, 1000),
    }
)


@settings(deadline=None, max_examples=200)
@given(QUESTION)
def test_any_question_is_answered(question: dict[str, Any]) -> None:
    found = answer("allocatable", **question)
    result = found.result
    assert json.loads(json.dumps(result)) == result
    assert 0 <= result["pods_memory_mib"] <= result["allocatable_memory_mib"] <= result["capacity_memory_mib"]
    assert result["capacity_memory_mib"] <= result["nominal_memory_mib"]
    assert result["memory_per_pod_mib"] * result["workload_pods"] <= result["pods_memory_mib"]
    assert (
        sum(mib for _, mib, _ in found.grids[0].rows if isinstance(mib, int)) == result["nominal_memory_mib"]
    )


@settings(deadline=None)
@given(QUESTION)
def test_the_working_works_out(question: dict[str, Any]) -> None:
    # A float of many digits is shown shortened, so its working is only nearly the value.
    question["memory_overhead_percent"] = round(question["memory_overhead_percent"], 1)
    question["disk_gib"] = float(round(question["disk_gib"]))
    for step in answer("allocatable", **question).steps:
        assert isinstance(step.value, int | float)
        assert value_of(step.substitution) == pytest.approx(step.value), step


@settings(deadline=None)
@given(QUESTION, st.integers(0, 2000))
def test_more_max_pods_never_leave_more_memory(question: dict[str, Any], more: int) -> None:
    question["max_pods"] = question["max_pods"] or 20
    fewer = answer("allocatable", **question).result
    question["max_pods"] = min(12_000, question["max_pods"] + more)
    greater = answer("allocatable", **question).result
    assert greater["allocatable_memory_mib"] <= fewer["allocatable_memory_mib"]
    assert greater["memory_per_pod_mib"] <= fewer["memory_per_pod_mib"]


WORDS = st.text(max_size=12) | st.integers() | st.floats() | st.none() | st.booleans()


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            ["instance", "max_pods", "max_pods_from", "capacity_mib", "disk_gib", "custom_networking"]
        ),
        WORDS,
        max_size=3,
    )
)
def test_whatever_is_typed_is_answered_or_refused(raw: dict[str, Any]) -> None:
    found = answer_if_offered("allocatable", **raw)
    assert found is None or found.headline
