"""NodePools: what Karpenter may launch by requirements, weights, limits, taints, labels and Spot."""

from __future__ import annotations

from typing import Any

import pytest

from eks_lab.calc.packer.node_pools import GENERAL, read_node_pools
from eks_lab.catalog import instance_types
from eks_lab.catalog.prices import price_list
from eks_lab.errors import InputError
from tests.calc.packing_builders import (
    CAPACITY,
    TYPE,
    ZONE,
    Manifest,
    nodes_of,
    of_types,
    pod_spec,
    pool,
    requirement,
    result_of,
    text,
    types_of,
    workload,
)

GROUP = "karpenter.k8s.aws/instance-"
TAINT = {"key": "team", "value": "red", "effect": "NoSchedule"}
ON_DEMAND = requirement(CAPACITY, "In", "on-demand")


def types(*requirements: Manifest, cpu: str = "1", replicas: int = 1, **spec: Any) -> list[str]:
    """Return the types launched for some pods."""
    pools = [pool("main", ON_DEMAND, *requirements, **spec)]
    return types_of(result_of([workload("web", replicas, pod_spec(cpu, "1Gi"))], pools).plan)


def test_the_built_in_pool_is_a_pool() -> None:
    pools, warnings = read_node_pools(GENERAL)
    assert [each.name for each in pools] == ["general"]
    assert warnings == ()


@pytest.mark.parametrize(
    ("requirements", "families"),
    [
        ([requirement(GROUP + "category", "In", "r")], "r"),
        ([requirement(GROUP + "category", "NotIn", "t", "c", "m", "a")], "rgpixzudhf"),
        ([requirement(GROUP + "family", "In", "m5", "m6i")], ("m5", "m6i")),
        ([requirement("kubernetes.io/arch", "In", "arm64"), requirement(GROUP + "category", "In", "c")], "c"),
    ],
)
def test_requirements_narrow_the_types(requirements: list[Manifest], families: str | tuple[str, ...]) -> None:
    (name,) = types(*requirements)
    assert name.startswith(tuple(families))
    if requirements[0]["key"] == "kubernetes.io/arch":
        assert "arm64" in instance_types.get(name).architectures


@pytest.mark.parametrize(
    ("operator", "value", "holds"),
    [
        ("Gt", "8", lambda n: n > 8),
        ("Lt", "4", lambda n: n < 4),
        ("Gte", "16", lambda n: n >= 16),
        ("Lte", "2", lambda n: n <= 2),
    ],
)
def test_numbers_are_compared_as_numbers(operator: str, value: str, holds: Any) -> None:
    (name,) = types(requirement(GROUP + "cpu", operator, value))
    assert holds(instance_types.get(name).vcpus)


def test_the_cheapest_type_that_holds_the_pod() -> None:
    chosen = types(requirement(GROUP + "category", "In", "m"), cpu="3")
    prices = price_list()
    own = prices.on_demand_usd_per_hour(instance_types.get(chosen[0]))
    assert own is not None
    for other in ("m5.xlarge", "m6i.xlarge", "m6a.xlarge", "m6g.xlarge", "m7g.xlarge"):
        price = prices.on_demand_usd_per_hour(instance_types.get(other))
        assert price is None or price >= own


def test_a_heavier_pool_comes_first_and_a_lighter_one_where_it_does_not_fit() -> None:
    """Karpenter: weight decides, not price; pods that do not fit fall through to the next NodePool."""
    pools = [of_types("light", "m5.large", "m5.8xlarge"), of_types("heavy", "m5.xlarge", weight=50)]
    plan = result_of([workload("web", 1, pod_spec()), workload("big", 1, pod_spec("20"))], pools).plan
    assert types_of(plan) == ["m5.8xlarge", "m5.xlarge"] or types_of(plan) == ["m5.8xlarge"]
    alone = result_of([workload("web", 1, pod_spec())], pools).plan
    assert types_of(alone) == ["m5.xlarge"]
    assert alone.problem.filters.shapes[alone.nodes[0].shape].owner == "heavy"


def test_limits_leave_pods_without_a_node_in_karpenters_words() -> None:
    plan = result_of(
        [workload("web", 8, pod_spec("1", "1Gi"))], [of_types("main", "m5.large", limits={"cpu": "4"})]
    ).plan
    assert [count for _, _, count in nodes_of(plan)] == [1, 1]
    (left,) = plan.unplaced
    assert left.count == 6
    assert left.why == "0/2 nodes are available: 2 Insufficient cpu."
    assert left.why_no_node == "all available instance types exceed limits for nodepool: main"


@pytest.mark.parametrize(
    ("limits", "nodes"), [({"nodes": "2"}, 2), ({"memory": "24Gi"}, 3), ({"cpu": "0"}, 0), ({}, 5)]
)
def test_each_kind_of_limit(limits: dict[str, str], nodes: int) -> None:
    plan = result_of(
        [workload("web", 5, pod_spec("1500m", "1Gi"))], [of_types("main", "m5.large", limits=limits)]
    ).plan
    assert len(plan.nodes) == nodes


def test_a_full_pool_hands_on_to_the_next() -> None:
    pools = [of_types("first", "m5.large", weight=9, limits={"cpu": "2"}), of_types("second", "m5a.large")]
    plan = result_of([workload("web", 2, pod_spec("1500m"))], pools).plan
    assert types_of(plan) == ["m5.large", "m5a.large"]


def test_spot_comes_before_on_demand_at_its_discount() -> None:
    pods = [workload("web", 1, pod_spec())]
    pools = [of_types("main", "m5.large", capacity=("spot", "on-demand"))]
    plan = result_of(pods, pools, spot_discount_percent=75).plan
    assert plan.problem.filters.shapes[plan.nodes[0].shape].capacity_type == "spot"
    assert plan.usd_per_hour == pytest.approx(0.096 * 0.25)


def test_a_pod_that_wants_on_demand_gets_it() -> None:
    spec = pod_spec(nodeSelector={CAPACITY: "on-demand"})
    plan = result_of(
        [workload("web", 1, spec)], [of_types("main", "m5.large", capacity=("spot", "on-demand"))]
    ).plan
    assert plan.usd_per_hour == pytest.approx(0.096)


def test_taints_need_tolerations() -> None:
    pools = [of_types("main", "m5.large", taints=[TAINT])]
    refused = result_of([workload("web", 1, pod_spec())], pools).plan
    assert not refused.nodes
    assert "untolerated taint {team: red}" in refused.unplaced[0].why_no_node
    tolerant = pod_spec(tolerations=[{"key": "team", "operator": "Exists"}])
    assert types_of(result_of([workload("web", 1, tolerant)], pools).plan) == ["m5.large"]


def test_labels_of_the_template_can_be_selected() -> None:
    pools = [of_types("main", "m5.large"), of_types("gold", "m5.xlarge", labels={"tier": "gold"})]
    plan = result_of([workload("web", 1, pod_spec(nodeSelector={"tier": "gold"}))], pools).plan
    assert types_of(plan) == ["m5.xlarge"]


def test_zones_of_the_pool() -> None:
    pools = [
        pool("main", ON_DEMAND, requirement(TYPE, "In", "m5.large"), requirement(ZONE, "In", "us-east-1c"))
    ]
    plan = result_of([workload("web", 3, pod_spec("1500m"))], pools).plan
    assert {zone for _, zone, _ in nodes_of(plan)} == {"us-east-1c"}


def test_min_values_keep_a_launch_flexible() -> None:
    """With five families to choose from, m5 alone is no NodePool any more; six are."""
    few = pool("main", ON_DEMAND, requirement(GROUP + "family", "In", "m5", "m6i", minValues=3))
    refused = result_of([workload("web", 1, pod_spec())], [few]).plan
    assert not refused.nodes
    families = ("m5", "m6i", "m5a", "m6a")
    many = pool("main", ON_DEMAND, requirement(GROUP + "family", "In", *families, minValues=3))
    assert len(result_of([workload("web", 1, pod_spec())], [many]).plan.nodes) == 1


def test_prefix_delegation_raises_the_number_of_pods() -> None:
    """Fact sheet B1: an m5.large carries 29 pods, with prefixes 110; two of each are DaemonSets."""
    pods = [workload("web", 100, pod_spec("10m", "16Mi"))]
    pools = [of_types("main", "m5.large")]
    assert [count for *_, count in nodes_of(result_of(pods, pools).plan)] == [19, 27, 27, 27]
    assert [count for *_, count in nodes_of(result_of(pods, pools, max_pods_mode="prefix").plan)] == [100]


def test_daemon_sets_among_the_manifests_take_their_part() -> None:
    agent = {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": "agent"},
        "spec": {"template": {"metadata": {}, "spec": pod_spec("500m", "128Mi")}},
    }
    pods = [workload("web", 2, pod_spec("800m"))]
    pools = [of_types("main", "m5.large")]
    assert len(result_of(pods, pools).plan.nodes) == 1
    assert len(result_of([*pods, agent], pools).plan.nodes) == 2


def changed(**spec: Any) -> Manifest:
    made = of_types("main", "m5.large")
    made["spec"].update(spec)
    return made


def with_requirement(**each: Any) -> Manifest:
    made = of_types("main", "m5.large")
    made["spec"]["template"]["spec"]["requirements"] = [each]
    return made


def without(*path: str) -> Manifest:
    made = of_types("main", "m5.large")
    place = made
    for key in path[:-1]:
        place = place[key]
    del place[path[-1]]
    return made


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ({**of_types("a", "m5.large"), "apiVersion": "karpenter.sh/v1beta1"}, 'kind "NodePool" in version'),
        ({**of_types("a", "m5.large"), "kind": "Provisioner"}, "kind: 'Provisioner' is no NodePool"),
        (
            without("spec", "template", "spec", "nodeClassRef"),
            "spec.template.spec.nodeClassRef: Required value",
        ),
        (without("spec", "template", "spec", "nodeClassRef", "group"), "nodeClassRef.group: Required value"),
        (
            without("spec", "template", "spec", "requirements"),
            "spec.template.spec.requirements: Required value",
        ),
        (without("metadata", "name"), "metadata.name: Required value"),
        (changed(weight=101), "weight: 101 is no whole number from 0 to 100"),
        (changed(limits={"cpu": "many"}), "limits.cpu: 'many' is no quantity"),
        (
            changed(disruption={"consolidationPolicy": "WhenIdle"}),
            "consolidationPolicy: 'WhenIdle' is none of",
        ),
        (
            changed(disruption={"budgets": [{"nodes": "110%"}]}),
            "nodes: '110%' is neither a number nor a percentage",
        ),
        (changed(disruption={"budgets": [{"nodes": "1", "schedule": "@daily"}]}), "go together"),
        (changed(disruption={"budgets": [{"nodes": "1", "reasons": ["Boredom"]}]}), "'Boredom' is none of"),
        (with_requirement(key=TYPE, operator="Like", values=["m5*"]), "operator: 'Like' is none of"),
        (with_requirement(key=TYPE, operator="In", values=[]), "Required value when operator is In"),
        (with_requirement(key=GROUP + "cpu", operator="Gt", values=["few"]), "Gt takes one whole number"),
        (with_requirement(key=GROUP + "cpu", operator="Gt", values=["²"]), "Gt takes one whole number"),
        (with_requirement(key=GROUP + "cpu", operator="Gt", values=["--5"]), "Gt takes one whole number"),
        (with_requirement(key=GROUP + "cpu", operator="In", values=[8]), "8 is no string"),
        (with_requirement(key=CAPACITY, operator="In", values=["cheap"]), "'cheap' is no capacity type"),
        (with_requirement(key=TYPE, operator="Exists", minValues=51), "minValues: 51 is no whole number"),
        (with_requirement(key="kubernetes.io/hostname", operator="Exists"), "is restricted"),
    ],
)
def test_refusals_name_document_field_and_value(manifest: Manifest, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_node_pools(text([manifest]))
    assert caught.value.message.startswith("nodepool, document 1")
    assert message in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("", "no NodePool among the documents"),
        ("- a", "document 1: a list is no NodePool"),
        (text([of_types("a", "m5.large"), of_types("a", "m5.large")]), "a second NodePool 'a'"),
        ("kind: EC2NodeClass\napiVersion: karpenter.k8s.aws/v1", "no NodePool among the documents"),
    ],
)
def test_texts_without_usable_pools(written: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_node_pools(written)


def test_warnings_about_what_is_not_modelled() -> None:
    budgets = [{"nodes": "0", "schedule": "0 9 * * 1-5", "duration": "8h"}]
    made = changed(replicas=3, disruption={"consolidationPolicy": "Balanced", "budgets": budgets})
    _, warnings = read_node_pools(
        text([made, {"kind": "EC2NodeClass", "apiVersion": "karpenter.k8s.aws/v1"}])
    )
    told = " ".join(warnings)
    for words in ("static capacity", "budget with a schedule", "Balanced", "EC2NodeClass is not read"):
        assert words in told
