"""The composition root: what a new cluster holds, that it works, and that it can be kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from eks_lab.errors import InputError
from eks_lab.sim.cluster import Cluster, ClusterOptions
from eks_lab.sim.objects import Key, Obj, condition_of

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


FLOW = "flowcontrol.apiserver.k8s.io"


def new_cluster(**options: object) -> Cluster:
    cluster = Cluster(ClusterOptions(**options), START)  # type: ignore[arg-type]
    cluster.bootstrap()
    return cluster


def deployment(name: str, replicas: int) -> Obj:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": "nginx"}]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    return {"metadata": {"name": name}, "spec": spec}


def trace(cluster: Cluster) -> list[tuple[int, str, str, str]]:
    seen: list[tuple[int, str, str, str]] = []
    cluster.store.subscribe(
        lambda event: seen.append((event.revision, event.type, event.resource, event.obj["metadata"]["name"]))
    )
    return seen


def test_nodes_stand_in_three_zones_and_are_ready() -> None:
    """Three m5.large, one a zone, as the golden transcripts were recorded."""
    cluster = new_cluster()
    nodes = {each["metadata"]["name"]: each for each in cluster.store.items("nodes")}
    assert set(nodes) == {
        "ip-10-0-1-10.ec2.internal",
        "ip-10-0-65-10.ec2.internal",
        "ip-10-0-129-10.ec2.internal",
    }
    zones = {name: each["metadata"]["labels"]["topology.kubernetes.io/zone"] for name, each in nodes.items()}
    assert zones["ip-10-0-65-10.ec2.internal"] == "us-east-1b"
    for node in nodes.values():
        assert node["status"]["allocatable"]["cpu"] == "1930m"
        assert node["status"]["allocatable"]["memory"] == "7518Mi"
        assert (condition_of(node, "Ready") or {})["status"] == "True"


def test_what_an_api_server_makes_for_itself() -> None:
    """API Priority and Fairness: every schema leads to a level that is there, and to another sequence of chance."""
    cluster = new_cluster()
    levels = {
        each["metadata"]["name"]: each for each in cluster.store.items(f"prioritylevelconfigurations.{FLOW}")
    }
    schemas = cluster.store.items(f"flowschemas.{FLOW}")
    assert {each["spec"]["priorityLevelConfiguration"]["name"] for each in schemas} == set(levels)
    assert {(condition_of(each, "Dangling") or {})["status"] for each in schemas} == {"False"}
    precedences = {each["metadata"]["name"]: each["spec"]["matchingPrecedence"] for each in schemas}
    assert len(precedences) == 13
    assert (precedences["exempt"], precedences["catch-all"]) == (1, 10_000)
    assert levels["exempt"]["spec"]["type"] == "Exempt"
    limited = levels["leader-election"]["spec"]["limited"]
    assert (limited["nominalConcurrencyShares"], limited["lendablePercent"]) == (10, 0)
    assert limited["limitResponse"]["queuing"] == {"queues": 16, "handSize": 4, "queueLengthLimit": 50}
    before = cluster.store.revision
    cluster.bootstrap()
    assert cluster.store.revision == before


def test_nodes_stay_ready() -> None:
    """Heartbeats keep node lifecycle content for longer than its grace period."""
    cluster = new_cluster()
    cluster.advance(timedelta(minutes=3))
    ready = [condition_of(each, "Ready") or {} for each in cluster.store.items("nodes")]
    assert [each["status"] for each in ready] == ["True"] * 3


def test_more_nodes_go_on_in_the_subnets_of_the_zones() -> None:
    cluster = new_cluster(nodes=7)
    names = {each["metadata"]["name"] for each in cluster.store.items("nodes")}
    assert {"ip-10-0-1-12.ec2.internal", "ip-10-0-65-11.ec2.internal", "ip-10-0-129-11.ec2.internal"} <= names


def test_namespaces_and_kubernetes_service() -> None:
    cluster = new_cluster(nodes=0)
    names = [each["metadata"]["name"] for each in cluster.store.items("namespaces")]
    assert names == ["default", "kube-node-lease", "kube-public", "kube-system"]
    service = cluster.get("services", "kubernetes", "default")
    assert service is not None
    assert service["spec"]["clusterIP"] == "172.20.0.1"
    slices = cluster.store.items("endpointslices.discovery.k8s.io", "default")
    assert [each["metadata"]["name"] for each in slices] == ["kubernetes"]


def test_endpoints_of_the_api_server_are_not_mirrored_or_swept_away() -> None:
    cluster = new_cluster(nodes=0)
    cluster.advance(timedelta(minutes=1))
    slices = cluster.store.items("endpointslices.discovery.k8s.io", "default")
    assert [each["metadata"]["name"] for each in slices] == ["kubernetes"]
    assert cluster.get("endpoints", "kubernetes", "default") is not None


def test_namespaces_get_a_service_account() -> None:
    cluster = new_cluster(nodes=0)
    cluster.api.create("namespaces", {"metadata": {"name": "shop"}})
    cluster.advance(timedelta(seconds=1))
    assert cluster.get("serviceaccounts", "default", "shop") is not None


def test_a_deployment_comes_up() -> None:
    """Deployment, ReplicaSet, scheduler and kubelet work together."""
    cluster = new_cluster()
    cluster.api.create("deployments.apps", deployment("web", 3), namespace="default")
    cluster.advance(timedelta(minutes=1))
    web = cluster.get("deployments.apps", "web", "default")
    assert web is not None
    assert web["status"]["readyReplicas"] == 3
    assert len({pod["spec"]["nodeName"] for pod in cluster.store.items("pods", "default")}) == 3


def test_same_seed_same_trace() -> None:
    def play(seed: int) -> list[tuple[int, str, str, str]]:
        cluster = Cluster(ClusterOptions(seed=seed), START)
        seen = trace(cluster)
        cluster.bootstrap()
        cluster.api.create("deployments.apps", deployment("web", 2), namespace="default")
        cluster.advance(timedelta(minutes=2))
        return seen

    assert play(7) == play(7)
    assert play(7) != play(8)


def test_a_kept_cluster_goes_on() -> None:
    """Objects, revision, clock and the sequence of identifiers are as they were; controllers work again."""
    before = new_cluster()
    before.api.create("deployments.apps", deployment("web", 2), namespace="default")
    before.advance(timedelta(seconds=30))
    state = before.state()
    after = Cluster(state.options, datetime(2000, 1, 1, tzinfo=UTC), state)
    assert after.clock.now() == before.clock.now()
    assert after.store.revision == before.store.revision
    assert after.state().objects == state.objects
    assert after.ids.uid() == before.ids.uid()
    after.api.set_scale(
        "deployments.apps",
        {
            "kind": "Scale",
            "apiVersion": "autoscaling/v1",
            "metadata": {"name": "web", "namespace": "default"},
            "spec": {"replicas": 4},
        },
    )
    after.advance(timedelta(minutes=1))
    assert len(after.store.items("pods", "default")) == 4


def test_without_the_state_of_ids_a_new_sequence_begins() -> None:
    """After a crash identifiers that clients may have seen are not given out again."""
    before = new_cluster(nodes=0)
    state = before.state()
    lost = type(state)(state.options, state.now, state.revision, None, state.objects)
    first, second = (Cluster(state.options, START, lost).ids.uid() for _ in range(2))
    assert first == second != before.ids.uid()


def test_custom_resources_are_served_again() -> None:
    before = new_cluster(nodes=0)
    rid = "customresourcedefinitions.apiextensions.k8s.io"
    if all(each.id != rid for each in before.api.resources()):
        pytest.skip("this cluster serves no CustomResourceDefinitions")
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"plural": "pools", "singular": "pool", "kind": "Pool", "listKind": "PoolList"}
    spec = {"group": "example.com", "scope": "Namespaced", "names": names, "versions": [version]}
    before.api.create(rid, {"metadata": {"name": "pools.example.com"}, "spec": spec})
    before.advance(timedelta(seconds=5))
    before.api.create("pools.example.com", {"metadata": {"name": "a"}}, namespace="default")
    after = Cluster(before.options, START, before.state())
    assert after.api.read("pools.example.com", Key("default", "a"))["metadata"]["name"] == "a"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"nodes": -1}, "nodes: -1"),
        ({"nodes": 10_001}, "nodes: 10001"),
        ({"version": "1.20"}, "1.20"),
        ({"version": "1.33"}, "1.33 is not simulated"),
        ({"instance": "m5.lrage"}, "m5.lrage"),
        ({"instance": "mac1.metal"}, "mac1.metal"),
    ],
)
def test_options_that_cannot_be_had(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        ClusterOptions(**options).check()  # type: ignore[arg-type]
    assert message in caught.value.message
