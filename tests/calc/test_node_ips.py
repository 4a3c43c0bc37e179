"""What nodes take from their subnets, against AWS's worked examples."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.calc import warm_pool
from eks_lab.catalog import instance_types
from eks_lab.catalog.instance_types import catalogue
from eks_lab.errors import InputError
from tests.calc.answers import answer, answer_if_offered

NAMES = catalogue().names


@pytest.mark.parametrize(
    ("pods", "subnet_ips"),
    [(0, 6), (1, 12), (2, 12), (5, 12), (6, 18), (10, 18), (11, 18), (15, 18)],
)
def test_t3_medium_with_defaults(pods: int, subnet_ips: int) -> None:
    assert answer("node-ips", instance="t3.medium", pods=pods).result["subnet_ips"] == subnet_ips


@pytest.mark.parametrize(
    ("pods", "subnet_ips", "prefixes", "enis"),
    [(0, 17, 1, 1), (17, 49, 3, 1), (40, 65, 4, 1), (110, 130, 8, 2)],
)
def test_t3_medium_with_prefixes(pods: int, subnet_ips: int, prefixes: int, enis: int) -> None:
    result = answer("node-ips", instance="t3.medium", pods=pods, prefix_delegation=True).result
    assert (result["subnet_ips"], result["prefixes"], result["enis"]) == (subnet_ips, prefixes, enis)


def test_three_c5_large_of_the_best_practices() -> None:
    """One node with a CoreDNS pod takes 20; three nodes, two of them with one, take 50."""
    with_dns = answer("node-ips", instance="c5.large", pods=1, nodes=2).result
    empty = answer("node-ips", instance="c5.large", pods=0).result
    assert with_dns["subnet_ips"] == 20
    assert with_dns["total_ips"] + empty["total_ips"] == 50


# Rows of the tables in the VPC CNI's eni-and-ip-target.md and prefix-and-ip-target.md.
# type, targets, pods -> ENIs, addresses for pods
SECONDARY_ROWS = [
    ("t3.small", {"warm_eni_target": 1}, 0, 1, 3),
    ("t3.small", {"warm_eni_target": 1}, 5, 3, 9),
    ("t3.small", {"warm_eni_target": 1}, 9, 3, 9),
    ("t3.small", {"warm_ip_target": 1, "minimum_ip_target": 1}, 0, 1, 1),
    ("t3.small", {"warm_ip_target": 1, "minimum_ip_target": 1}, 5, 2, 6),
    ("t3.small", {"warm_ip_target": 1, "minimum_ip_target": 1}, 9, 3, 9),
    ("t3.small", {"warm_ip_target": 2, "minimum_ip_target": 5}, 0, 2, 5),
    ("t3.small", {"warm_ip_target": 2, "minimum_ip_target": 5}, 5, 3, 7),
    ("t3.small", {"warm_ip_target": 2, "minimum_ip_target": 5}, 9, 3, 9),
    ("p3dn.24xlarge", {"warm_eni_target": 1}, 0, 1, 49),
    ("p3dn.24xlarge", {"warm_eni_target": 1}, 3, 2, 98),
    ("p3dn.24xlarge", {"warm_eni_target": 1}, 95, 3, 147),
    ("p3dn.24xlarge", {"warm_ip_target": 5, "minimum_ip_target": 10}, 0, 1, 10),
    ("p3dn.24xlarge", {"warm_ip_target": 5, "minimum_ip_target": 10}, 7, 1, 12),
    ("p3dn.24xlarge", {"warm_ip_target": 5, "minimum_ip_target": 10}, 15, 1, 20),
    ("p3dn.24xlarge", {"warm_ip_target": 5, "minimum_ip_target": 10}, 45, 2, 50),
]
# type, targets, pods -> ENIs, prefixes
PREFIX_ROWS = [
    ("t3.small", {"warm_prefix_target": 1}, 0, 1, 1),
    ("t3.small", {"warm_prefix_target": 1}, 5, 1, 2),
    ("t3.small", {"warm_prefix_target": 1}, 16, 1, 2),
    ("t3.small", {"warm_prefix_target": 1}, 17, 1, 3),
    ("t3.small", {"warm_prefix_target": 1}, 58, 2, 5),
    ("t3.small", {"warm_ip_target": 1, "minimum_ip_target": 1}, 0, 1, 1),
    ("t3.small", {"warm_ip_target": 1, "minimum_ip_target": 1}, 5, 1, 1),
    ("t3.small", {"warm_ip_target": 1, "minimum_ip_target": 1}, 17, 1, 2),
    ("t3.small", {"warm_ip_target": 1, "minimum_ip_target": 1}, 58, 2, 4),
    ("t3.small", {"warm_ip_target": 7, "minimum_ip_target": 20}, 5, 1, 2),
    ("t3.small", {"warm_ip_target": 7, "minimum_ip_target": 20}, 17, 1, 2),
    ("t3.small", {"warm_ip_target": 7, "minimum_ip_target": 20}, 58, 2, 5),
    ("p3dn.24xlarge", {"warm_prefix_target": 1}, 0, 1, 1),
    ("p3dn.24xlarge", {"warm_ip_target": 5, "minimum_ip_target": 10}, 0, 1, 1),
    ("p3dn.24xlarge", {"warm_ip_target": 5, "minimum_ip_target": 10}, 7, 1, 1),
    ("p3dn.24xlarge", {"warm_ip_target": 5, "minimum_ip_target": 10}, 15, 1, 2),
]


@pytest.mark.parametrize(("name", "targets", "pods", "enis", "pod_ips"), SECONDARY_ROWS)
def test_documented_secondary_rows(
    name: str, targets: dict[str, int], pods: int, enis: int, pod_ips: int
) -> None:
    result = answer("node-ips", instance=name, pods=pods, **targets).result
    assert (result["enis"], result["pod_ips"], result["prefixes"]) == (enis, pod_ips, 0)
    assert result["idle_ips"] == pod_ips - pods
    assert result["subnet_ips"] == pod_ips + enis


@pytest.mark.parametrize(("name", "targets", "pods", "enis", "prefixes"), PREFIX_ROWS)
def test_documented_prefix_rows(
    name: str, targets: dict[str, int], pods: int, enis: int, prefixes: int
) -> None:
    result = answer("node-ips", instance=name, pods=pods, prefix_delegation=True, **targets).result
    assert (result["enis"], result["prefixes"]) == (enis, prefixes)
    assert result["idle_ips"] == prefixes * 16 - pods
    assert result["subnet_ips"] == prefixes * 16 + enis


def test_custom_networking_takes_one_address_of_the_nodes_own_subnet() -> None:
    result = answer("node-ips", instance="m5.large", pods=12, custom_networking=True, nodes=10).result
    assert (result["enis"], result["subnet_ips"], result["node_subnet_ips"]) == (2, 20, 1)
    assert result["capacity_pods"] == 18
    assert (result["total_subnet_ips"], result["total_node_subnet_ips"], result["total_ips"]) == (
        200,
        10,
        210,
    )


def test_without_custom_networking_there_is_one_subnet() -> None:
    result = answer("node-ips", pods=5, nodes=3).result
    assert (result["node_subnet_ips"], result["total_node_subnet_ips"]) == (0, 0)
    assert result["total_ips"] == 3 * result["subnet_ips"]


def test_zero_targets_are_targets_that_are_not_set() -> None:
    plain = answer("node-ips", pods=5).result
    assert answer("node-ips", pods=5, warm_ip_target=0, minimum_ip_target=0).result == plain
    assert answer("node-ips", pods=5, warm_ip_target=0, minimum_ip_target=8).result["pod_ips"] == 8


def test_larger_warm_targets() -> None:
    assert answer("node-ips", instance="m5.xlarge", pods=1, warm_eni_target=2).result["subnet_ips"] == 45
    assert answer("node-ips", instance="m5.xlarge", pods=1, warm_eni_target=0).result["subnet_ips"] == 15
    more = answer("node-ips", pods=1, prefix_delegation=True, warm_prefix_target=3).result
    assert (more["prefixes"], more["subnet_ips"]) == (4, 65)


def test_pods_beyond_the_addresses_are_counted_out() -> None:
    found = answer("node-ips", instance="t3.medium", pods=40)
    assert (found.result["served_pods"], found.result["capacity_pods"]) == (15, 15)
    assert (found.result["subnet_ips"], found.result["idle_ips"]) == (18, 0)
    assert found.warnings[0].startswith("t3.medium has addresses for 15 pods; 25 of 40 get none.")
    assert "with 15 pods" in found.headline


def test_without_nitro_prefix_delegation_falls_back() -> None:
    found = answer("node-ips", instance="m4.large", pods=3, prefix_delegation=True)
    assert (found.result["mode"], found.result["prefixes"], found.result["subnet_ips"]) == (
        "secondary",
        0,
        20,
    )
    assert any("not built on Nitro" in warning for warning in found.warnings)


@pytest.mark.parametrize(
    ("inputs", "warning"),
    [
        ({"pods": 109, "prefix_delegation": True}, "more than the recommended max pods of 110"),
        ({"prefix_delegation": True}, "InsufficientCidrBlocks"),
        ({"warm_ip_target": 2}, "throttled"),
        (
            {"warm_ip_target": 2, "warm_eni_target": 3},
            "WARM_ENI_TARGET 3 has no effect: an IP target is set.",
        ),
        (
            {"warm_ip_target": 2, "warm_prefix_target": 3, "prefix_delegation": True},
            "WARM_PREFIX_TARGET 3 has no effect: an IP target is set.",
        ),
        ({"warm_prefix_target": 0, "prefix_delegation": True}, "WARM_PREFIX_TARGET 0 is not supported"),
        ({"warm_eni_target": 0}, "keeps nothing warm"),
        ({"warm_eni_target": 2, "prefix_delegation": True}, "no effect with prefix delegation"),
        ({"warm_prefix_target": 2}, "no effect with secondary addresses"),
    ],
)
def test_warnings(inputs: dict[str, object], warning: str) -> None:
    assert any(warning in found for found in answer("node-ips", **inputs).warnings)


def test_an_ordinary_question_has_no_warnings() -> None:
    assert answer("node-ips").warnings == ()
    assert answer("node-ips", pods=27).warnings == ()


def test_custom_networking_needs_a_second_eni() -> None:
    with pytest.raises(InputError, match="none is left for pods") as caught:
        answer("node-ips", instance="hpc6id.32xlarge", custom_networking=True)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("inputs", "working"),
    [
        (
            {"instance": "t3.medium", "pods": 6},
            ["3 − 0", "min(3, max(1, ⌈6 ÷ 5⌉ + 1))", "3 × 6", "15 − 6", "1 × 18"],
        ),
        (
            {"pods": 8, "warm_ip_target": 2, "minimum_ip_target": 10, "nodes": 4},
            ["3 − 0", "min(3 × 9, max(10, 8 + 2))", "max(1, ⌈10 ÷ 9⌉)", "10 + 2", "10 − 8", "4 × 12"],
        ),
        (
            {"instance": "t3.medium", "pods": 17, "prefix_delegation": True, "custom_networking": True},
            [
                "3 − 1",
                "min(2 × 5, ⌈17 ÷ 16⌉ + 1)",
                "⌈3 ÷ 5⌉",
                "3 × 16",
                "48 + 1",
                "1",
                "48 − 17",
                "1 × (49 + 1)",
            ],
        ),
        (
            {"pods": 5, "prefix_delegation": True, "warm_ip_target": 7, "minimum_ip_target": 20},
            ["3 − 0", "min(3 × 9, ⌈max(20, 5 + 7) ÷ 16⌉)", "⌈2 ÷ 9⌉", "2 × 16", "32 + 1", "32 − 5", "1 × 33"],
        ),
    ],
)
def test_working_is_shown_step_by_step(inputs: dict[str, object], working: list[str]) -> None:
    steps = answer("node-ips", **inputs).steps
    assert [step.substitution for step in steps] == working
    assert all(step.why for step in steps)


def _value_of(substitution: str) -> int:
    """Work a substitution out."""
    text = substitution.replace("−", "-").replace("×", "*")
    while "⌈" in text:
        start, end = text.index("⌈"), text.index("⌉")
        top, bottom = text[start + 1 : end].split("÷")
        text = f"{text[:start]}(-(-({top}) // {bottom})){text[end + 1 :]}"
    return int(eval(text, {"__builtins__": {}, "min": min, "max": max}))


ANY_QUESTION = st.fixed_dictionaries(
    {
        "instance": st.sampled_from(NAMES),
        "pods": st.integers(0, 20_000) | st.integers(0, 60),
        "prefix_delegation": st.booleans(),
        "custom_networking": st.booleans(),
        "warm_eni_target": st.integers(0, 20),
        "warm_ip_target": st.none() | st.integers(0, 400),
        "minimum_ip_target": st.none() | st.integers(0, 400),
        "warm_prefix_target": st.integers(0, 20),
        "nodes": st.integers(1, 100_000),
    }
)


@settings(deadline=None, max_examples=400)
@given(ANY_QUESTION)
def test_any_question_is_answered_or_refused(question: dict[str, Any]) -> None:
    found = answer_if_offered("node-ips", **question)
    if found is None:
        assert question["custom_networking"]
        assert instance_types.get(question["instance"]).default_card_enis == 1
        return
    result = found.result
    assert json.loads(json.dumps(result)) == result
    assert found.inputs == question
    assert result["subnet_ips"] >= result["pod_ips"] >= result["served_pods"]
    assert result["served_pods"] == min(question["pods"], result["capacity_pods"])
    assert result["idle_ips"] == result["pod_ips"] - result["served_pods"] >= 0
    limit = instance_types.get(question["instance"]).default_card_enis - question["custom_networking"]
    assert 1 <= result["enis"] <= limit
    assert result["total_ips"] == question["nodes"] * (result["subnet_ips"] + result["node_subnet_ips"])


@settings(deadline=None)
@given(ANY_QUESTION)
def test_the_working_works_out(question: dict[str, Any]) -> None:
    found = answer_if_offered("node-ips", **question)
    for step in found.steps if found else ():
        expected = _value_of(step.substitution)
        if step.unit == "prefixes":
            expected = max(1, expected)  # the step says in words that there is always one
        assert step.value == expected, step


@settings(deadline=None)
@given(ANY_QUESTION, st.integers(0, 200))
def test_more_pods_never_take_fewer_addresses(question: dict[str, Any], more: int) -> None:
    question["custom_networking"] = False
    fewer = answer("node-ips", **question).result
    question["pods"] = min(20_000, question["pods"] + more)
    greater = answer("node-ips", **question).result
    for figure in ("subnet_ips", "enis", "prefixes", "pod_ips"):
        assert fewer[figure] <= greater[figure]


def test_the_simulator_can_ask_without_a_form() -> None:
    question = warm_pool.Question(instance=instance_types.get("t3.medium"), pods=1)
    assert warm_pool.pool_of(question) == warm_pool.Pool(enis=2, prefixes=0, pod_ips=10, subnet_ips=12)
