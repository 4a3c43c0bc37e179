"""Max pods: every row that AWS documents, every type of the catalogue, every warning."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.calc.pod_limit import kube_reserved_memory_mib
from eks_lab.catalog import instance_types
from eks_lab.catalog.instance_types import InstanceType, catalogue
from eks_lab.errors import InputError
from tests.calc.answers import answer, answer_if_offered

NAMES = catalogue().names

# type, secondary, prefix by formula, prefix recommended, custom, custom + prefix by formula and
# recommended, branch ENIs; secondary and custom before the ceiling.
TABLE = [
    ("t3.small", 11, 146, 110, 8, 98, 98, 0),
    ("t3.medium", 17, 242, 110, 12, 162, 110, 0),
    ("t3.large", 35, 530, 110, 24, 354, 110, 0),
    ("m5.large", 29, 434, 110, 20, 290, 110, 9),
    ("m6i.large", 29, 434, 110, 20, 290, 110, 9),
    ("m7i.large", 29, 434, 110, 20, 290, 110, 9),
    ("m7g.large", 29, 434, 110, 20, 290, 110, 9),
    ("m8g.large", 29, 434, 110, 20, 290, 110, 9),
    ("c5.large", 29, 434, 110, 20, 290, 110, 9),
    ("m7g.medium", 8, 98, 98, 5, 50, 50, 4),
    ("c7g.medium", 8, 98, 98, 5, 50, 50, 4),
    ("m5.xlarge", 58, 898, 110, 44, 674, 110, 18),
    ("m5.2xlarge", 58, 898, 110, 44, 674, 110, 38),
    ("m5.4xlarge", 234, 3714, 110, 205, 3250, 110, 54),
    ("m5.8xlarge", 234, 3714, 250, 205, 3250, 250, 54),
    ("m5.12xlarge", 234, 3714, 250, 205, 3250, 250, 54),
    ("m5.24xlarge", 737, 11762, 250, 688, 10978, 250, 107),
    ("p5.48xlarge", 100, 1570, 250, 51, 786, 250, 120),
]


@pytest.mark.parametrize(
    ("name", "secondary", "prefix", "prefix_rec", "custom", "both", "both_rec", "branches"), TABLE
)
def test_documented_table(
    name: str,
    secondary: int,
    prefix: int,
    prefix_rec: int,
    custom: int,
    both: int,
    both_rec: int,
    branches: int,
) -> None:
    cap = 250 if instance_types.get(name).vcpus > 30 else 110
    plain = answer("max-pods", instance=name).result
    assert (plain["formula_pods"], plain["max_pods"]) == (secondary, min(secondary, cap))
    assert (plain["secondary_pods"], plain["prefix_pods"]) == (secondary, prefix)
    assert plain["branch_enis"] == branches
    prefixed = answer("max-pods", instance=name, prefix_delegation=True).result
    assert (prefixed["formula_pods"], prefixed["max_pods"]) == (prefix, prefix_rec)
    own = answer("max-pods", instance=name, custom_networking=True).result
    assert (own["formula_pods"], own["max_pods"]) == (custom, min(custom, cap))
    together = answer("max-pods", instance=name, prefix_delegation=True, custom_networking=True).result
    assert (together["formula_pods"], together["max_pods"]) == (both, both_rec)


def _documented(found: InstanceType, *, prefix: bool, custom: bool, max_eni: int | None) -> int:
    """The calculation that AWS shipped as max-pods-calculator.sh, written out once more."""
    enis = found.default_card_enis
    if max_eni is not None and max_eni < enis:
        enis = max_eni
    if custom:
        enis -= 1
    per_eni = found.ipv4_per_eni - 1
    if prefix and (found.hypervisor == "nitro" or found.is_bare_metal):
        per_eni *= 16
    return min(enis * per_eni + 2, 250 if found.vcpus > 30 else 110)


@pytest.mark.parametrize(
    ("prefix", "custom", "max_eni"),
    [(False, False, None), (True, False, None), (False, True, None), (True, True, None), (False, False, 2)],
)
def test_every_type_of_the_catalogue(prefix: bool, custom: bool, max_eni: int | None) -> None:
    for found in catalogue():
        result = answer(
            "max-pods",
            instance=found.name,
            prefix_delegation=prefix,
            custom_networking=custom,
            max_eni=max_eni,
        ).result
        expected = _documented(found, prefix=prefix, custom=custom, max_eni=max_eni)
        assert result["max_pods"] == expected, found.name
        assert result["host_network_pods"] == 2


def test_every_type_with_bare_nodeadm_and_auto_mode() -> None:
    for found in catalogue():
        formula = found.default_card_enis * (found.ipv4_per_eni - 1) + 2
        bare = answer(
            "max-pods", instance=found.name, node_management="nodeadm", prefix_delegation=True
        ).result
        assert (bare["max_pods"], bare["cap"], bare["nodeadm_pods"]) == (formula, None, formula), found.name
        auto = answer("max-pods", instance=found.name, node_management="auto-mode").result
        assert (auto["max_pods"], auto["cap"]) == (min(110, formula), 110), found.name


@pytest.mark.parametrize(
    ("inputs", "limit"),
    [
        ({"instance": "m5.large"}, "formula"),
        ({"instance": "m5.4xlarge"}, "cap"),
        ({"instance": "m5.4xlarge", "node_management": "nodeadm"}, "formula"),
        ({"instance": "m5.large", "ip_family": "ipv6"}, "cap"),
        ({"instance": "m5.24xlarge", "node_management": "auto-mode"}, "cap"),
    ],
)
def test_what_binds(inputs: dict[str, object], limit: str) -> None:
    assert answer("max-pods", **inputs).result["limit"] == limit


@pytest.mark.parametrize(("pods", "mib"), [(17, 442), (29, 574), (110, 1465), (250, 3005)])
def test_kube_reserved(pods: int, mib: int) -> None:
    assert kube_reserved_memory_mib(pods) == mib


def test_kube_reserved_in_the_answer() -> None:
    result = answer("max-pods", instance="t3.medium", prefix_delegation=True).result
    assert (result["kube_reserved_memory_mib"], result["kube_reserved_memory_percent"]) == (1465, 35.8)


@pytest.mark.parametrize(("name", "pods"), [("m5.large", 110), ("m5.24xlarge", 250), ("m5.metal", 250)])
def test_ipv6_has_addresses_enough(name: str, pods: int) -> None:
    found = answer("max-pods", instance=name, ip_family="ipv6")
    assert found.result["max_pods"] == pods
    assert found.result["formula_pods"] is None
    assert found.result["mode"] == "prefix"
    assert any("CPU and memory" in warning for warning in found.warnings)


def test_nodeadm_counts_ipv4_addresses_in_an_ipv6_cluster_too() -> None:
    found = answer("max-pods", ip_family="ipv6", node_management="nodeadm")
    assert found.result["max_pods"] == 29
    assert any("set maxPods yourself, up to 110" in warning for warning in found.warnings)


def test_without_nitro_prefix_delegation_falls_back() -> None:
    found = answer("max-pods", instance="m4.large", prefix_delegation=True)
    assert (found.result["mode"], found.result["max_pods"], found.result["prefix_pods"]) == (
        "secondary",
        20,
        None,
    )
    assert any("not built on Nitro" in warning for warning in found.warnings)


def test_a_trunk_takes_one_eni_from_the_other_pods() -> None:
    found = answer("max-pods", instance="m5.large", security_groups_for_pods=True)
    assert found.result["max_pods"] == 29
    assert found.result["pods_without_branch_eni"] == 20
    assert found.result["branch_enis"] == 9
    assert found.steps[-1].substitution == "2 × (10 − 1) + 2"
    assert any("at most 20 can run without" in warning for warning in found.warnings)
    assert any("security groups" in source.title.lower() for source in found.sources)
    dense = answer("max-pods", security_groups_for_pods=True, prefix_delegation=True).result
    assert dense["pods_without_branch_eni"] == 290
    assert answer("max-pods").result["pods_without_branch_eni"] is None


def test_unknown_branch_enis_are_said_to_be_unknown() -> None:
    found = answer("max-pods", instance="r9g.large", security_groups_for_pods=True)
    assert found.result["branch_enis"] is None
    assert any("not on record" in warning for warning in found.warnings)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"instance": "t3.medium", "security_groups_for_pods": True}, "no type of the t families"),
        ({"instance": "m4.large", "security_groups_for_pods": True}, "m4.large supports no trunk ENI"),
        ({"instance": "m4.large", "ip_family": "ipv6"}, "needs Nitro or bare metal"),
        ({"custom_networking": True, "ip_family": "ipv6"}, "does not offer it in an ipv6 cluster"),
        ({"custom_networking": True, "node_management": "auto-mode"}, "custom_networking: EKS Auto Mode"),
        ({"max_eni": 2, "node_management": "auto-mode"}, "max_eni: EKS Auto Mode"),
        (
            {"security_groups_for_pods": 1, "node_management": "auto-mode"},
            "security_groups_for_pods: EKS Auto",
        ),
    ],
)
def test_what_eks_does_not_offer_is_refused(inputs: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        answer("max-pods", **inputs)
    assert message in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("inputs", "warning"),
    [
        ({"instance": "t3.medium"}, "burstable"),
        ({"instance": "t3.medium", "prefix_delegation": True}, "Memory runs out"),
        (
            {"instance": "t3.nano", "prefix_delegation": True, "custom_networking": True},
            "leave nothing of 512 MiB",
        ),
        ({"instance": "m5.24xlarge"}, "250 is a ceiling, not a goal"),
        ({"prefix_delegation": True}, "aligned blocks of 16"),
        ({"max_eni": 9}, "MAX_ENI 9 changes nothing: m5.large has 3"),
        ({"max_eni": 1, "custom_networking": True}, "No ENI is left for pods"),
        ({"instance": "mac2.metal"}, "no EKS node image"),
        ({"instance": "a1.large"}, "Graviton2"),
        ({"instance": "t3.small", "node_management": "auto-mode"}, "Auto Mode does not launch t3.small"),
        ({"instance": "m7g.medium", "node_management": "auto-mode"}, "Auto Mode does not launch m7g.medium"),
        ({"node_management": "auto-mode"}, "read the number of a live node"),
        ({"node_management": "nodeadm", "prefix_delegation": True}, "574 MiB instead of 1465 MiB"),
        ({"node_management": "nodeadm", "custom_networking": True}, "would tell kubelet 29"),
        (
            {"node_management": "nodeadm", "instance": "m5.4xlarge"},
            "recommends 110 pods at most for 16 vCPUs",
        ),
    ],
)
def test_warnings(inputs: dict[str, object], warning: str) -> None:
    assert any(warning in found for found in answer("max-pods", **inputs).warnings)


def test_an_ordinary_question_has_no_warnings() -> None:
    assert answer("max-pods", instance="m5.large").warnings == ()


def test_working_is_shown_step_by_step() -> None:
    steps = answer("max-pods", instance="t3.medium", prefix_delegation=True, max_eni=9).steps
    assert [(step.substitution, step.value, step.unit) for step in steps] == [
        ("min(3, 9) − 0", 3, "ENIs"),
        ("3 × (6 − 1) × 16 + 2", 242, "pods"),
        ("110 for 2 vCPUs", 110, "pods"),
        ("min(242, 110)", 110, "pods"),
        ("255 + 11 × 110", 1465, "MiB"),
    ]
    assert all(step.why for step in steps)


def test_several_network_cards_are_explained() -> None:
    assert "2 of 64 ENIs on 32 cards" in answer("max-pods", instance="p5.48xlarge").steps[0].why


@pytest.mark.parametrize(
    ("inputs", "headline"),
    [
        (
            {"instance": "m5.large"},
            "m5.large: max pods 29 with secondary addresses; its interfaces hold no more addresses.",
        ),
        (
            {"instance": "t3.medium", "prefix_delegation": True},
            "t3.medium: max pods 110; 242 by the formula with prefixes, the ceiling decides.",
        ),
        (
            {"node_management": "nodeadm"},
            "m5.large: max pods 29 with secondary addresses; nodeadm sets no ceiling.",
        ),
        (
            {"ip_family": "ipv6"},
            "m5.large: max pods 110; an IPv6 cluster has addresses enough, the ceiling decides.",
        ),
    ],
)
def test_headline(inputs: dict[str, object], headline: str) -> None:
    assert answer("max-pods", **inputs).headline == headline


ANY_QUESTION = st.fixed_dictionaries(
    {
        "instance": st.sampled_from(NAMES),
        "prefix_delegation": st.booleans(),
        "custom_networking": st.booleans(),
        "max_eni": st.none() | st.integers(1, 40),
        "ip_family": st.sampled_from(["ipv4", "ipv6"]),
        "node_management": st.sampled_from(["managed-node-group", "nodeadm", "auto-mode"]),
        "security_groups_for_pods": st.booleans(),
    }
)


@settings(deadline=None, max_examples=300)
@given(ANY_QUESTION)
def test_any_question_is_answered_or_refused(question: dict[str, Any]) -> None:
    found = answer_if_offered("max-pods", **question)
    if found is None:
        assert (
            question["ip_family"] == "ipv6"
            or question["security_groups_for_pods"]
            or (question["node_management"] == "auto-mode")
        )
        return
    result = found.result
    assert json.loads(json.dumps(result)) == result
    assert found.inputs == question
    assert result["max_pods"] >= 2
    assert result["cap"] is None or result["max_pods"] <= result["cap"]
    assert result["formula_pods"] is None or result["max_pods"] <= result["formula_pods"]
    assert result["max_pods"] in (result["cap"], result["formula_pods"])
    assert str(result["max_pods"]) in found.headline


@settings(deadline=None)
@given(st.sampled_from(NAMES), st.integers(1, 39))
def test_more_interfaces_never_mean_fewer_pods(name: str, max_eni: int) -> None:
    fewer = answer("max-pods", instance=name, max_eni=max_eni).result["max_pods"]
    more = answer("max-pods", instance=name, max_eni=max_eni + 1).result["max_pods"]
    assert fewer <= more


@settings(deadline=None)
@given(st.sampled_from(NAMES))
def test_custom_networking_never_adds_and_prefixes_never_take_away(name: str) -> None:
    plain = answer("max-pods", instance=name).result["max_pods"]
    assert answer("max-pods", instance=name, custom_networking=True).result["max_pods"] <= plain
    assert answer("max-pods", instance=name, prefix_delegation=True).result["max_pods"] >= plain
