"""The calculator packing: placements of small clusters, fixed groups, its answer, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from eks_lab.calc import registry
from eks_lab.calc.forms import read_inputs
from eks_lab.calc.packing import CALCULATOR
from eks_lab.cli.calc import command
from eks_lab.errors import InputError
from tests.calc.answers import answer, answer_if_offered
from tests.calc.packing_builders import (
    HOST,
    ZONE,
    ZONES,
    Manifest,
    answer_for,
    nodes_of,
    of_types,
    pod_rule,
    pod_spec,
    result_of,
    spread,
    text,
    types_of,
    workload,
)

MAIN = of_types("main", "m5.large", "m5.xlarge")


def zones_of(documents: list[Manifest], *pools: Manifest) -> dict[str, int]:
    """Return pods by zone."""
    found = dict.fromkeys(ZONES, 0)
    for _, zone, pods in nodes_of(result_of(documents, list(pools) or [MAIN]).plan):
        found[zone] += pods
    return found


def test_it_is_registered() -> None:
    assert registry.get("packing") is CALCULATOR


def test_spread_over_zones() -> None:
    rules = pod_spec(topologySpreadConstraints=[spread("web", ZONE)])
    assert zones_of([workload("web", 6, rules)]) == dict.fromkeys(ZONES, 2)
    assert sorted(zones_of([workload("web", 7, rules)]).values()) == [2, 2, 3]


def test_min_domains_above_the_zones_hold_max_skew_each() -> None:
    """podtopologyspread: with too few domains the global minimum is 0."""
    rules = pod_spec(topologySpreadConstraints=[spread("web", ZONE, 2, minDomains=4)])
    result = result_of([workload("web", 9, rules)], [MAIN])
    assert result.plan.placed == 6
    assert "didn't match pod topology spread constraints" in result.plan.unplaced[0].why


def test_spread_over_nodes() -> None:
    rules = pod_spec("100m", topologySpreadConstraints=[spread("web", HOST, 2)])
    plan = result_of([workload("web", 8, rules)], [MAIN]).plan
    assert [pods for *_, pods in nodes_of(plan)] == [2, 2, 2, 2]


def test_a_preferred_spread_keeps_nobody_waiting() -> None:
    rules = pod_spec(topologySpreadConstraints=[spread("web", ZONE, when="ScheduleAnyway", minDomains=1)])
    assert result_of([workload("web", 7, rules)], [MAIN]).plan.placed == 7


def test_anti_affinity_over_zones_leaves_the_fourth_waiting() -> None:
    rules = pod_spec(affinity=pod_rule("podAntiAffinity", "web", ZONE))
    plan = result_of([workload("web", 4, rules)], [MAIN]).plan
    assert plan.placed == 3
    (left,) = plan.unplaced
    assert left.why == "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules."
    assert left.why_no_node == "a new node would be refused by the rules between pods as well"


def test_anti_affinity_works_in_both_directions() -> None:
    """The pods that an anti-affinity names keep away from its bearer, too."""
    shy = workload("shy", 1, pod_spec("100m", affinity=pod_rule("podAntiAffinity", "loud", HOST)))
    loud = workload("loud", 1, pod_spec("100m"))
    for documents in ([shy, loud], [loud, shy]):
        assert [pods for *_, pods in nodes_of(result_of(documents, [MAIN]).plan)] == [1, 1]


def test_affinity_follows_into_the_zone() -> None:
    cache = workload("cache", 1, pod_spec(nodeSelector={ZONE: ZONES[2]}))
    web = workload("web", 5, pod_spec("1", affinity=pod_rule("podAffinity", "cache", ZONE)))
    assert zones_of([cache, web]) == {ZONES[0]: 0, ZONES[1]: 0, ZONES[2]: 6}


def test_affinity_to_nobody_waits() -> None:
    web = workload("web", 1, pod_spec(affinity=pod_rule("podAffinity", "nobody", ZONE)))
    plan = result_of([web], [MAIN]).plan
    assert plan.placed == 0


def test_host_ports_need_a_node_each() -> None:
    spec = pod_spec("100m")
    spec["containers"][0]["ports"] = [{"containerPort": 80, "hostPort": 80}]
    assert len(result_of([workload("web", 3, spec)], [MAIN]).plan.nodes) == 3


def test_gpus_come_from_gpu_types() -> None:
    pools = [MAIN, of_types("gpu", "g4dn.xlarge", "g5.xlarge")]
    train = workload("train", 3, pod_spec("2", "4Gi", requests={"nvidia.com/gpu": "1"}))
    assert types_of(result_of([train], pools).plan) == ["g4dn.xlarge"] * 3
    refused = result_of([train], [MAIN])
    assert refused.plan.unplaced[0].why_no_node == (
        "of 2 kinds of new nodes: 1 Insufficient cpu, 2 Insufficient nvidia.com/gpu"
    )
    assert any(
        "No type that may be launched offers nvidia.com/gpu" in w
        for w in answer_for([train], [MAIN]).warnings
    )


def stateful(replicas: int, *zones: str) -> list[Manifest]:
    """Return a StatefulSet whose replicas have volumes in zones."""
    documents: list[Manifest] = [
        workload(
            "db",
            replicas,
            pod_spec(),
            kind="StatefulSet",
            volumeClaimTemplates=[{"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"]}}],
        )
    ]
    for ordinal, zone in enumerate(zones):
        expression = {"key": ZONE, "operator": "In", "values": [zone]}
        documents += [
            {
                "apiVersion": "v1",
                "kind": "PersistentVolume",
                "metadata": {"name": f"pv-{ordinal}"},
                "spec": {
                    "csi": {"driver": "ebs.csi.aws.com", "volumeHandle": "v"},
                    "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}},
                },
            },
            {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": {"name": f"data-db-{ordinal}"},
                "spec": {"accessModes": ["ReadWriteOnce"], "volumeName": f"pv-{ordinal}"},
            },
        ]
    return documents


def test_volumes_keep_pods_in_their_zones() -> None:
    assert zones_of(stateful(3, ZONES[1], ZONES[1], ZONES[2])) == {ZONES[0]: 0, ZONES[1]: 2, ZONES[2]: 1}


def test_a_volume_in_a_zone_without_nodes() -> None:
    plan = result_of(stateful(1, "us-east-1f"), [MAIN]).plan
    assert plan.unplaced[0].why_no_node == (
        "of 2 kinds of new nodes: 2 node(s) had volume node affinity conflict"
    )


def test_attachments_limit_the_volumes_of_a_node() -> None:
    """aws-ebs-csi-driver, getVolumesLimit: 27 − root − 2 further ENIs of an m5.large, as calc storage says."""
    spec = pod_spec("10m", "16Mi")
    documents = stateful(60)
    documents[0]["spec"]["template"]["spec"] = spec
    plan = result_of(documents, [of_types("main", "m5.large")], max_pods_mode="prefix").plan
    assert max(pods for *_, pods in nodes_of(plan)) == 24
    assert len(plan.nodes) == 3


def test_gated_pods_wait() -> None:
    plan = result_of([workload("web", 2, pod_spec(schedulingGates=[{"name": "wait"}]))], [MAIN]).plan
    assert plan.placed == 0
    assert plan.unplaced[0].why == "Scheduling is blocked due to non-empty scheduling gates"


def test_what_is_too_large_for_any_type() -> None:
    plan = result_of([workload("web", 3, pod_spec("9"))], [MAIN]).plan
    (left,) = plan.unplaced
    assert (left.count, left.why) == (3, "no nodes available to schedule pods")
    assert left.why_no_node == "of 2 kinds of new nodes: 2 Insufficient cpu"


# The Cluster Autoscaler on fixed groups.


def groups(documents: list[Manifest], names: str, **inputs: object) -> list[tuple[str, int]]:
    plan = result_of(documents, [MAIN], node_groups=names, **inputs).on_groups
    return [(name, pods) for name, _, pods in nodes_of(plan)]


def test_fixed_groups_only_have_their_types() -> None:
    """An m5.xlarge leaves 3770 millicores beside DaemonSets: four pods of 900m."""
    found = groups([workload("web", 6, pod_spec("900m", "1Gi"))], "m5.xlarge")
    assert sorted(found) == [("m5.xlarge", 2), ("m5.xlarge", 4)]


def test_least_waste_takes_the_group_that_fits() -> None:
    memory = [workload("cache", 2, pod_spec("1500m", "12Gi"))]
    assert {name for name, _ in groups(memory, "c5.4xlarge,r5.large,m5.2xlarge")} == {"r5.large"}


def test_fixed_groups_are_on_demand_and_without_taints_or_labels() -> None:
    wants = [workload("web", 1, pod_spec(nodeSelector={"tier": "gold"}))]
    result = result_of(wants, [of_types("gold", "m5.large", labels={"tier": "gold"})])
    assert (result.plan.placed, result.on_groups.placed) == (1, 0)


def test_groups_heed_the_rules_between_pods() -> None:
    rules = pod_spec("100m", affinity=pod_rule("podAntiAffinity", "web", HOST))
    assert groups([workload("web", 3, rules)], "m5.xlarge") == [("m5.xlarge", 1)] * 3


def test_the_comparison_stands_in_the_answer() -> None:
    found = answer_for([workload("web", 6, pod_spec("900m", "1Gi"))], [MAIN], node_groups="m5.xlarge")
    assert found.result["ca_nodes"] == 2
    assert found.result["ca_usd_per_hour"] == pytest.approx(0.384)
    (step,) = [step for step in found.steps if step.formula == "fixed groups − Karpenter"]
    assert step.value == pytest.approx(found.result["ca_usd_per_hour"] - found.result["usd_per_hour"])


# The answer.


def test_the_example_answers_at_once() -> None:
    found = answer("packing", today="2026-11-22")
    assert found.result["placed_pods"] == found.result["pods"] == 38
    assert found.result["usd_per_hour"] >= found.result["lower_bound_usd_per_hour"]
    assert found.result["gap_percent"] == pytest.approx(
        100 * (found.result["usd_per_hour"] / found.result["lower_bound_usd_per_hour"] - 1), abs=0.02
    )
    assert any("built-in example" in warning for warning in found.warnings)
    assert {grid.title for grid in found.grids} >= {"Comparison", "Nodes by type", "What EC2 may choose from"}
    assert json.loads(json.dumps(found.result)) == found.result


def test_figures_of_a_small_question() -> None:
    found = answer_for([workload("web", 3, pod_spec("500m", "1Gi"))], [MAIN])
    assert found.headline == "3 pods on 1 node for 0.0960 USD/h, 0.0 % above the lower bound."
    assert found.result == {
        "pods": 3,
        "placed_pods": 3,
        "unplaced_pods": 0,
        "nodes": 1,
        "spot_nodes": 0,
        "usd_per_hour": 0.096,
        "lower_bound_usd_per_hour": 0.096,
        "gap_percent": 0.0,
        "cpu_percent": 84.3,
        "memory_percent": found.result["memory_percent"],
        "ca_nodes": 1,
        "ca_usd_per_hour": found.result["ca_usd_per_hour"],
        "ca_unplaced_pods": 0,
        "consolidation_steps": None,
        "consolidated_nodes": None,
        "consolidated_usd_per_hour": None,
    }
    (room,) = [step for step in found.steps if step.formula == "room of a node = allocatable − DaemonSets"]
    # Fact sheet B1, B3: 29 pods; 7 % of the first vCPU and 1 % of the second are reserved.
    assert "m5.large: 1930 − 150 millicores" in room.substitution
    assert room.value == 27


def test_pods_without_a_node_are_in_the_headline_and_a_table() -> None:
    found = answer_for([workload("web", 2, pod_spec()), workload("big", 1, pod_spec("50"))], [MAIN])
    assert found.headline.endswith("1 of 3 pods have no node.")
    rows = [row for grid in found.grids for row in grid.rows if row and row[0] == "Deployment big"]
    assert rows
    nothing = answer_for([workload("big", 2, pod_spec("50"))], [MAIN])
    assert nothing.headline == "No node can be launched for any of the 2 pods."
    assert nothing.result["gap_percent"] is None


def test_prices_can_be_overridden_and_old_ones_warn() -> None:
    pods = [workload("web", 3, pod_spec("500m", "1Gi"))]
    found = answer_for(pods, [of_types("main", "m5.large")], prices="m5.large=0.05")
    assert found.result["usd_per_hour"] == 0.05
    old = answer_for(pods, [MAIN], today="2027-06-01")
    assert any("days ago" in warning for warning in old.warnings)


def test_zones_elsewhere_are_said() -> None:
    found = answer_for([workload("web", 1, pod_spec())], [MAIN], zones="eu-central-1a,eu-central-1b")
    assert any("eu-central-1; prices differ there" in warning for warning in found.warnings)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"zones": ""}, "zones"),
        ({"zones": "us-east-1a,us-east-1a"}, "zones: 'us-east-1a' is given twice"),
        ({"zones": "Narnia"}, "zones: 'narnia' is no Availability Zone"),
        ({"zones": ",".join(f"us-east-1{letter}" for letter in "abcdefghi")}, "9 zones are more than 8"),
        ({"node_groups": "m5.lage"}, "node_groups: 'm5.lage' is no EC2 instance type"),
        ({"node_groups": ","}, "node_groups: no instance type is given"),
        ({"remove": "wbe"}, "remove: no workload named 'wbe' among the pods"),
        ({"daemonset_pods": -1}, "daemonset_pods"),
        ({"spot_discount_percent": float("nan")}, "spot_discount_percent"),
        ({"spot_discount_percent": 96}, "spot_discount_percent"),
        ({"node_disk_gib": 0}, "node_disk_gib"),
        ({"max_pods_mode": "ipv9"}, "max_pods_mode"),
        ({"prices": "m5.lage=1"}, "m5.lage"),
        ({"pods": "kind: Deployment"}, "pods, document 1: apiVersion: Required value"),
        ({"nodepool": "kind: NodePool\napiVersion: karpenter.sh/v1beta1"}, "no matches for kind"),
    ],
)
def test_refusals(inputs: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        answer("packing", **inputs)
    assert message in caught.value.message
    assert caught.value.hint


def test_a_misspelt_workload_gets_a_suggestion() -> None:
    with pytest.raises(InputError) as caught:
        answer("packing", remove="deployment/wbe")
    assert "web" in caught.value.hint


@pytest.mark.parametrize("name", ["web", "deployment/web", "default/web", "Deployment web"])
def test_workloads_to_remove_by_several_names(name: str) -> None:
    found = answer("packing", remove=name)
    assert found.result["consolidation_steps"] is not None


@settings(deadline=None, max_examples=12, phases=(Phase.explicit, Phase.generate))
@example({"daemonset_memory_mib": 1_000_000, "node_groups": "m5.large"})
@given(
    st.fixed_dictionaries(
        {
            "zones": st.sampled_from(["us-east-1a", "eu-west-1a,eu-west-1b", "x"]),
            "max_pods_mode": st.sampled_from(["secondary", "prefix"]),
            "daemonset_cpu_millicores": st.integers(0, 100_000),
            "daemonset_memory_mib": st.integers(0, 1_000_000),
            "daemonset_pods": st.integers(0, 100),
            "node_disk_gib": st.integers(1, 65_536),
            "spot_discount_percent": st.floats(0, 95),
            "node_groups": st.sampled_from(["m5.large", "t3.nano,m5.large"]),
            "scale_down_percent": st.floats(0, 100),
        }
    )
)
def test_any_typed_input_is_answered_or_refused(question: dict[str, Any]) -> None:
    found = answer_if_offered("packing", **question)
    if found is None:
        return
    result = found.result
    assert result["placed_pods"] + result["unplaced_pods"] == result["pods"]
    assert result["usd_per_hour"] >= result["lower_bound_usd_per_hour"] - 1e-4
    assert json.loads(json.dumps(result)) == result


def test_the_same_question_has_the_same_answer() -> None:
    inputs = read_inputs(CALCULATOR, {"scale_down_percent": 30, "today": "2026-11-22"})
    assert CALCULATOR.compute(inputs) == CALCULATOR.compute(inputs)


def test_files_on_the_command_line(tmp_path: Path) -> None:
    pods, pools = tmp_path / "pods.yaml", tmp_path / "pools.yaml"
    pods.write_text(text([workload("web", 3, pod_spec("500m", "1Gi"))]))
    pools.write_text(text([MAIN]))
    arguments = ["packing", "--pods", str(pods), "--nodepool", str(pools)]
    shown = CliRunner().invoke(command, arguments)
    assert shown.exit_code == 0, shown.output
    assert "3 pods on 1 node for 0.0960 USD/h" in shown.output
    assert "ca_nodes" in shown.output
    assert "1 node\n" in shown.output
    as_json = CliRunner().invoke(command, [*arguments, "--json"])
    assert json.loads(as_json.output)["result"]["nodes"] == 1
