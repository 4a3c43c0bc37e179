"""Nodes follow their instances."""

from __future__ import annotations

from eks_lab.sim.objects import Key
from tests.sim.cloud.cloud_cluster import CloudCluster


def names(world: CloudCluster) -> list[str]:
    """Return the names of all nodes."""
    return [node["metadata"]["name"] for node in world.api.items("nodes")]


def test_a_terminated_instance_takes_its_node_and_pods_along() -> None:
    world = CloudCluster(nodes=3)
    world.advance(60)
    gone = world.node(0)["metadata"]["name"]
    world.pod("web", node=gone)
    world.advance(10)
    world.cloud.set_state(world.instance(0), "terminated")
    world.advance(30)
    assert gone in names(world), "its last heartbeat is not old enough"
    world.advance(60)
    assert gone not in names(world)
    assert f"Deleting node {gone} because it does not exist in the cloud provider" in world.said(gone)
    world.advance(120)
    assert world.api.get("pods", Key("default", "web")) is None


def test_a_stopped_instance_is_tainted_and_comes_back() -> None:
    world = CloudCluster(nodes=2)
    world.advance(60)
    world.pod("web", node=world.node(0)["metadata"]["name"])
    world.advance(10)
    world.cloud.set_state(world.instance(0), "stopped")
    world.advance(120)
    taints = {each["key"] for each in world.node(0)["spec"]["taints"]}
    assert "node.cloudprovider.kubernetes.io/shutdown" in taints
    assert world.ready(0)["status"] == "Unknown"
    world.cloud.set_state(world.instance(0), "running")
    world.advance(60)
    assert world.ready(0)["status"] == "True"
    assert not world.node(0)["spec"].get("taints")


def test_a_node_that_ec2_does_not_know_goes() -> None:
    world = CloudCluster()
    world.advance(60)
    world.api.create("nodes", {"metadata": {"name": "made-by-hand"}})
    world.advance(30)
    assert "made-by-hand" in names(world)
    world.advance(60)
    assert "made-by-hand" not in names(world)


def test_a_new_node_is_initialised() -> None:
    world = CloudCluster(nodes=0)
    world.cloud.launch("i-0new", "10.0.64.20", "c5.large")
    taint = {"key": "node.cloudprovider.kubernetes.io/uninitialized", "value": "true", "effect": "NoSchedule"}
    node = {
        "metadata": {"name": "ip-10-0-64-20.ec2.internal"},
        "spec": {"providerID": "aws:///us-east-1b/i-0new", "taints": [taint]},
    }
    world.api.create("nodes", node)
    world.advance(5)
    labels = world.node()["metadata"]["labels"]
    assert labels["topology.kubernetes.io/zone"] == "us-east-1b"
    assert labels["node.kubernetes.io/instance-type"] == "c5.large"
    assert taint not in (world.node()["spec"].get("taints") or [])
