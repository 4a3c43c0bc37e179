"""Pods of nodes that are gone."""

from __future__ import annotations

from eks_lab.sim.objects import Key
from tests.sim.cloud.cloud_cluster import CloudCluster


def test_pods_of_a_deleted_node_go_after_forty_seconds() -> None:
    world = CloudCluster(nodes=2)
    world.advance(60)
    name = world.node(0)["metadata"]["name"]
    world.pod("web", node=name)
    world.advance(20)
    world.api.delete("nodes", Key("", name))
    world.advance(30)
    assert world.api.get("pods", Key("default", "web")) is not None
    world.advance(20)
    assert world.api.get("pods", Key("default", "web")) is None


def test_a_node_that_comes_back_keeps_its_pods() -> None:
    world = CloudCluster(nodes=2)
    world.advance(60)
    node = world.node(0)
    world.pod("web", node=node["metadata"]["name"])
    world.advance(20)
    world.api.delete("nodes", Key("", node["metadata"]["name"]))
    world.advance(20)
    fresh = {**node, "metadata": {"name": node["metadata"]["name"], "labels": node["metadata"]["labels"]}}
    world.api.create("nodes", fresh)
    world.advance(60)
    assert world.api.get("pods", Key("default", "web")) is not None
