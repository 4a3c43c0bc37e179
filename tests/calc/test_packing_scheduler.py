"""Packing never places what a real scheduler would refuse."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eks_lab.calc.packer.plan import Plan
from eks_lab.catalog import instance_types
from eks_lab.catalog.prices import price_list
from tests.calc import scheduler_check
from tests.calc.packing_builders import ZONES, pool, requirement, result_of, selector, workload
from tests.calc.scheduler_check import HOST, ZONE, Node, Pod

APPS = ("a", "b", "c")
TAINT = {"key": "team", "value": "x", "effect": "NoSchedule"}
DAEMONS = {"cpu": 150, "memory": 0, "pods": 2}


def check(
    plan: Plan, documents: list[dict[str, Any]], pools: list[dict[str, Any]], *, prefix: bool = False
) -> None:
    """Place the pods of a plan in its order and ask the scheduler's filters about each."""
    templates = {each["metadata"]["name"]: each for each in documents if each["kind"] == "Deployment"}
    by_pool = {each["metadata"]["name"]: each for each in pools}
    filters = plan.problem.filters
    nodes: dict[str, Node] = {}
    for planned in plan.nodes:
        shape = filters.shapes[planned.shape]
        owner = by_pool[shape.owner]
        instance = instance_types.get(shape.type_name)
        assert price_list().on_demand_usd_per_hour(instance) is not None
        labels = scheduler_check.node_labels(
            planned.name, instance.name, filters.zones[planned.zone], owner, shape.capacity_type
        )
        for rule in owner["spec"]["template"]["spec"]["requirements"]:
            assert scheduler_check.expression(rule, labels), (planned.name, rule, labels)
        nodes[planned.name] = Node(
            planned.name,
            labels,
            owner["spec"]["template"]["spec"].get("taints", []),
            scheduler_check.allocatable(instance, prefix=prefix, daemons=DAEMONS),
        )
    seen: dict[str, int] = {}
    for index, planned, count in plan.order:
        member = plan.problem.classes[index].members[0]
        template = templates[member.name]["spec"]["template"]
        for _ in range(count):
            pod: Pod = {"metadata": template["metadata"], "spec": template["spec"]}
            why = scheduler_check.refusal(pod, nodes[planned.name], list(nodes.values()))
            assert why == "", (member.name, planned.name, why)
            nodes[planned.name].pods.append(pod)
        seen[member.name] = seen.get(member.name, 0) + count
    for planned in plan.nodes:
        assert len(nodes[planned.name].pods) == sum(planned.pods.values()) > 0
    left = sum(each.count for each in plan.unplaced)
    assert sum(seen.values()) + left == sum(each.count for each in plan.problem.classes)
    for each in plan.unplaced:
        assert each.count > 0
        assert each.why
    for owner in pools:
        limit = owner["spec"].get("limits", {}).get("cpu")
        if limit is not None:
            used = sum(
                instance_types.get(filters.shapes[planned.shape].type_name).vcpus
                for planned in plan.nodes
                if filters.shapes[planned.shape].owner == owner["metadata"]["name"]
            )
            assert used <= int(limit)


@st.composite
def pod_specs(draw: st.DrawFn, own: str) -> dict[str, Any]:
    """Draw a pod spec with some rules."""
    requests: dict[str, str] = {
        "cpu": draw(st.sampled_from(["100m", "500m", "1", "3"])),
        "memory": draw(st.sampled_from(["128Mi", "1Gi", "6Gi"])),
    }
    if draw(st.integers(0, 14)) == 0:
        requests["nvidia.com/gpu"] = "1"
    spec: dict[str, Any] = {
        "containers": [{"name": "main", "image": "x", "resources": {"requests": requests}}]
    }
    if draw(st.integers(0, 5)) == 0:
        spec["initContainers"] = [
            {
                "name": "init",
                "image": "x",
                "restartPolicy": draw(st.sampled_from(["Always", "Never"])),
                "resources": {"requests": {"cpu": draw(st.sampled_from(["50m", "2"]))}},
            }
        ]
    if draw(st.integers(0, 9)) == 0:
        spec["containers"][0]["ports"] = [{"containerPort": 80, "hostPort": draw(st.sampled_from([80, 81]))}]
    if draw(st.integers(0, 2)) == 0:
        spec["tolerations"] = [draw(st.sampled_from([{"operator": "Exists"}, {"key": "team", "value": "x"}]))]
    if draw(st.integers(0, 3)) == 0:
        spec["nodeSelector"] = draw(
            st.sampled_from(
                [
                    {"kubernetes.io/arch": "arm64"},
                    {ZONE: ZONES[1]},
                    {"tier": "gold"},
                    {"karpenter.sh/capacity-type": "on-demand"},
                ]
            )
        )
    affinity: dict[str, Any] = {}
    if draw(st.integers(0, 4)) == 0:
        affinity["nodeAffinity"] = {
            "requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": draw(
                    st.lists(
                        st.fixed_dictionaries(
                            {
                                "matchExpressions": st.lists(
                                    st.sampled_from(
                                        [
                                            {"key": ZONE, "operator": "In", "values": [ZONES[0], ZONES[2]]},
                                            {"key": ZONE, "operator": "NotIn", "values": [ZONES[0]]},
                                            {
                                                "key": "karpenter.k8s.aws/instance-cpu",
                                                "operator": "Gt",
                                                "values": ["3"],
                                            },
                                            {"key": "tier", "operator": "DoesNotExist"},
                                        ]
                                    ),
                                    min_size=1,
                                    max_size=2,
                                )
                            }
                        ),
                        min_size=1,
                        max_size=2,
                    )
                )
            }
        }
    keys = st.sampled_from([ZONE, HOST, HOST, "karpenter.sh/capacity-type", "kubernetes.io/arch"])
    for kind, chance in (("podAffinity", 4), ("podAntiAffinity", 3)):
        if draw(st.integers(0, chance)) == 0:
            terms = draw(
                st.lists(
                    st.builds(
                        lambda key, app: {"topologyKey": key, "labelSelector": selector(app)},
                        keys,
                        st.sampled_from([own, *APPS]),
                    ),
                    min_size=1,
                    max_size=2,
                )
            )
            affinity[kind] = {"requiredDuringSchedulingIgnoredDuringExecution": terms}
    if affinity:
        spec["affinity"] = affinity
    if draw(st.integers(0, 1)) == 0:
        spec["topologySpreadConstraints"] = draw(
            st.lists(
                st.builds(
                    lambda key, skew, app, when, more: {
                        "topologyKey": key,
                        "maxSkew": skew,
                        "labelSelector": selector(app),
                        "whenUnsatisfiable": when,
                        **more,
                    },
                    keys,
                    st.integers(1, 2),
                    st.sampled_from([own, own, *APPS]),
                    st.sampled_from(["DoNotSchedule", "DoNotSchedule", "ScheduleAnyway"]),
                    st.sampled_from(
                        [
                            {},
                            {},
                            {"minDomains": 3},
                            {"nodeTaintsPolicy": "Honor"},
                            {"nodeAffinityPolicy": "Ignore"},
                        ]
                    ),
                ),
                min_size=1,
                max_size=2,
            )
        )
        for each in spec["topologySpreadConstraints"]:
            if each["whenUnsatisfiable"] != "DoNotSchedule":
                each.pop("minDomains", None)
    return spec


@st.composite
def questions(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Draw manifests and NodePools."""
    documents = []
    for number in range(draw(st.integers(1, 5))):
        app = draw(st.sampled_from(APPS))
        spec = draw(pod_specs(app))
        each = workload(app, draw(st.integers(1, 9)), spec)
        each["metadata"]["name"] = f"d{number}"
        documents.append(each)
    small = requirement("karpenter.k8s.aws/instance-cpu", "Lt", "17")
    pools = [
        draw(
            st.sampled_from(
                [
                    pool("main", small),
                    pool(
                        "main", requirement("karpenter.k8s.aws/instance-category", "In", "c", "m", "r", "g")
                    ),
                    pool("main", small, requirement(ZONE, "In", *ZONES[:2])),
                    pool("main", small, requirement("karpenter.sh/capacity-type", "In", "on-demand")),
                    pool("main", small, limits={"cpu": "24"}),
                    pool("main", requirement("karpenter.k8s.aws/instance-family", "Exists", minValues=5)),
                ]
            )
        )
    ]
    if draw(st.booleans()):
        pools.append(
            draw(
                st.sampled_from(
                    [
                        pool("gold", small, labels={"tier": "gold"}, weight=10),
                        pool("tainted", small, taints=[TAINT], weight=50),
                        pool("tainted", small, requirement(ZONE, "In", ZONES[2]), taints=[TAINT]),
                    ]
                )
            )
        )
    return documents, pools


@settings(deadline=None, max_examples=20, suppress_health_check=list(HealthCheck))
@given(questions())
def test_the_scheduler_accepts_every_placement(
    question: tuple[list[dict[str, Any]], list[dict[str, Any]]],
) -> None:
    documents, pools = question
    result = result_of(documents, pools)
    check(result.plan, documents, pools)
    assert result.plan.usd_per_hour >= result.bound_usd_per_hour - 1e-6
