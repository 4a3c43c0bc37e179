"""A planned VPC becomes Terraform variables, subnet for subnet."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, seed
from hypothesis import settings as run
from hypothesis import strategies as st

from eks_lab.calc import registry
from eks_lab.calc.export import answer_json
from eks_lab.calc.forms import read_inputs
from eks_lab.errors import InputError
from eks_lab.generate.terraform.vpc_plan import choices_from_vpc_plan
from tests.generate.terraform.bundles import bundle, text_of


def plan(**inputs: object) -> dict[str, Any]:
    calculator = registry.get("vpc-plan")
    return answer_json(calculator.compute(read_inputs(calculator, inputs)))


@seed(20261122)
@run(max_examples=25, deadline=None)
@given(
    st.sampled_from(["10.0.0.0/16", "10.0.0.0/20", "10.0.0.0/16,100.64.0.0/16", "10.0.0.0/21"]),
    st.integers(2, 4),
    st.integers(3, 40),
    st.sampled_from(["secondary", "prefix", "custom-networking", "custom-networking-prefix"]),
    st.booleans(),
)
def test_every_planned_subnet_is_in_the_variables(
    cidrs: str, zones: int, nodes: int, mode: str, public: bool
) -> None:
    try:
        answer = plan(cidrs=cidrs, zones=zones, nodes=nodes, pods=nodes * 4, mode=mode, public_subnets=public)
        choices = choices_from_vpc_plan(answer)
    except InputError:
        return
    choices |= {} if public else {"nat": "regional"}
    variables = text_of(bundle("production", **choices), "variables.tf")
    for subnet in answer["result"]["subnets"]:
        assert f'"{subnet["cidr"]}"' in variables
    for added in answer["result"]["added_cidrs"]:
        assert f'"{added}"' in variables


def test_added_subnets_are_found_by_the_cni_through_their_tag() -> None:
    choices = choices_from_vpc_plan(plan(cidrs="10.0.0.0/22", nodes=60, pods=900))
    assert choices["secondary_ranges"] == "100.64.0.0/16"
    assert choices["extra_pod_cidrs"] == "100.64.0.0/18,100.64.64.0/18,100.64.128.0/18"
    assert '"kubernetes.io/role/cni"' in text_of(bundle(**choices), "subnets.tf")


def test_custom_networking_comes_with_the_plan() -> None:
    choices = choices_from_vpc_plan(
        plan(cidrs="10.0.0.0/22", mode="custom-networking-prefix", nodes=60, pods=900)
    )
    assert (choices["custom_networking"], choices["prefix_delegation"]) == (True, True)
    assert choices["pod_cidrs"] == "100.64.0.0/18,100.64.64.0/18,100.64.128.0/18"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({}, "no answer of vpc-plan"),
        ({"calculator": "max-pods", "inputs": {}, "result": {}}, "'max-pods' is no answer"),
        ({"calculator": "vpc-plan", "inputs": {"mode": "prefix"}, "result": {}}, "damaged"),
        (plan(mode="ipv6"), "mode 'ipv6'"),
    ],
)
def test_other_answers_are_refused(answer: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        choices_from_vpc_plan(answer)
    assert caught.value.hint
