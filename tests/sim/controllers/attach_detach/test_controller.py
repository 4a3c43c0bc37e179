"""Volumes follow pods from node to node, and what keeps them from it."""

from __future__ import annotations

from eks_lab.sim.objects import Key, evolve
from tests.sim.cloud import ebs
from tests.sim.cloud.cloud_cluster import CloudCluster

B = "topology.kubernetes.io/zone"


def world_with_database() -> CloudCluster:
    """Return a cluster of four nodes, two of them in one zone, and a pod with a volume there."""
    world = CloudCluster(nodes=4, hop_limit=2)
    ebs.install(world)
    world.advance(60)
    ebs.storage_class(world)
    ebs.claim(world)
    ebs.consumer(world, "db-0", nodeSelector={B: "us-east-1a"})
    world.advance(60)
    assert world.read("db-0")["status"]["phase"] == "Running"
    return world


def other_node(world: CloudCluster) -> str:
    """Return the other node of the zone."""
    used = world.read("db-0")["spec"]["nodeName"]
    names = [
        node["metadata"]["name"]
        for node in world.api.items("nodes")
        if node["metadata"]["labels"][B] == "us-east-1a"
    ]
    (other,) = set(names) - {used}
    return str(other)


def test_the_volume_follows_the_pod() -> None:
    world = world_with_database()
    first, second = world.read("db-0")["spec"]["nodeName"], other_node(world)
    assert ebs.attachments(world) == [(first, True)]
    world.delete_pod("db-0")
    world.advance(10)
    assert ebs.attachments(world) == []
    assert [each.state for each in world.cloud.volumes()] == ["available"]
    ebs.consumer(world, "db-1", node=second)
    world.advance(20)
    assert ebs.attachments(world) == [(second, True)]
    node = world.api.read("nodes", Key("", second))
    assert node["status"]["volumesInUse"] == [
        f"kubernetes.io/csi/ebs.csi.aws.com^{world.cloud.volumes()[0].id}"
    ]


def test_two_pods_of_one_node_share_a_volume() -> None:
    world = world_with_database()
    ebs.consumer(world, "db-1", node=world.read("db-0")["spec"]["nodeName"])
    world.advance(20)
    assert world.read("db-1")["status"]["phase"] == "Running"
    assert len(ebs.attachments(world)) == 1


def test_a_second_node_gets_a_multi_attach_error() -> None:
    world = world_with_database()
    name = world.api.items("persistentvolumes")[0]["metadata"]["name"]
    ebs.consumer(world, "db-1", node=other_node(world))
    world.advance(30)
    text = f'Multi-Attach error for volume "{name}" Volume is already used by pod(s) db-0'
    assert world.said("db-1", "FailedAttachVolume") == [text]
    assert world.read("db-1")["status"]["phase"] == "Pending"
    world.advance(150)
    assert world.said("db-1", "FailedMount")[0].startswith(
        "Unable to attach or mount volumes: unmounted volumes=[data]"
    )
    world.delete_pod("db-0")
    world.advance(60)
    assert world.read("db-1")["status"]["phase"] == "Running"


def test_a_silent_node_keeps_its_volume_for_six_minutes() -> None:
    world = world_with_database()
    first, second = world.read("db-0")["spec"]["nodeName"], other_node(world)
    world.cluster.kubelet.stop_kubelet(first)
    world.advance(90)
    world.delete_pod("db-0")
    ebs.consumer(world, "db-1", node=second)
    world.advance(120)
    name = world.api.items("persistentvolumes")[0]["metadata"]["name"]
    text = f'Multi-Attach error for volume "{name}" Volume is already exclusively attached to one node and can\'t be attached to another'
    assert world.said("db-1", "FailedAttachVolume") == [text]
    world.advance(300)
    assert ebs.attachments(world) == [(second, True)]


def test_the_out_of_service_taint_frees_it_at_once() -> None:
    world = world_with_database()
    first, second = world.read("db-0")["spec"]["nodeName"], other_node(world)
    world.cluster.kubelet.stop_kubelet(first)
    world.advance(90)
    world.api.delete("pods", Key("default", "db-0"), grace_seconds=30)
    ebs.consumer(world, "db-1", node=second)
    world.advance(10)
    assert world.read("db-0")["metadata"]["deletionTimestamp"], "nobody says that it ended"
    node = world.api.read("nodes", Key("", first))
    taint = {"key": "node.kubernetes.io/out-of-service", "value": "nodeshutdown", "effect": "NoExecute"}
    taints = [*(node["spec"].get("taints") or []), taint]
    world.api.update("nodes", evolve(node, ("spec", "taints"), taints))
    world.advance(30)
    assert world.api.get("pods", Key("default", "db-0")) is None
    assert ebs.attachments(world) == [(second, True)]
    assert world.read("db-1")["status"]["phase"] == "Running"


def test_a_volume_of_another_zone_keeps_a_pod_from_being_placed() -> None:
    world = world_with_database()
    world.delete_pod("db-0")
    ebs.consumer(world, "db-1", nodeSelector={B: "us-east-1b"})
    world.advance(20)
    assert any(
        "volume node affinity conflict" in text or "didn't match Pod's node affinity" in text
        for text in world.said("db-1", "FailedScheduling")
    )


def test_a_node_without_the_plugin_cannot_attach() -> None:
    world = world_with_database()
    world.delete_pod("db-0")
    world.api.delete("daemonsets.apps", Key("kube-system", "ebs-csi-node"), propagation="Background")
    world.advance(60)
    node = next(
        each["metadata"]["name"]
        for each in world.api.items("nodes")
        if each["metadata"]["labels"][B] == "us-east-1a"
    )
    ebs.consumer(world, "db-1", node=node)
    world.advance(20)
    assert (
        f"CSINode {node} does not contain driver ebs.csi.aws.com"
        in world.said("db-1", "FailedAttachVolume")[0]
    )


def test_after_a_restart_attachments_stay() -> None:
    world = world_with_database()
    again = CloudCluster(cloud=world.cloud, kept=world.cluster.state())
    again.advance(120)
    assert ebs.attachments(again) == ebs.attachments(world)
    assert again.read("db-0")["status"]["phase"] == "Running"
    assert again.read("db-0")["status"]["containerStatuses"][0]["restartCount"] == 0
