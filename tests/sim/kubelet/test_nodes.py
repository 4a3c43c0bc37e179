"""Nodes: their shape, their signs of life, memory pressure, restarts of the kubelet."""

from __future__ import annotations

from datetime import timedelta

import pytest

from eks_lab.errors import EksLabError
from eks_lab.sim.kubelet.addresses import SubnetAddresses
from eks_lab.sim.kubelet.controller import KubeletController
from eks_lab.sim.kubelet.nodes import node_name, node_object, zone_of_index
from eks_lab.sim.objects import Key, condition_of, parse_time
from eks_lab.sim.runtime import Runtime
from tests.sim.kubelet.small_node import NODE, SmallNode


def test_m5_large_as_the_eks_image_reserves_it() -> None:
    node = SmallNode().api.read("nodes", Key("", NODE))
    assert node["status"]["capacity"] == {
        "cpu": "2", "ephemeral-storage": "20959212Ki", "memory": "8Gi", "pods": "29",
    }  # fmt: skip
    assert node["status"]["allocatable"] == {
        "cpu": "1930m", "ephemeral-storage": "18242267924", "memory": "7518Mi", "pods": "29",
    }  # fmt: skip
    labels = node["metadata"]["labels"]
    assert labels["topology.kubernetes.io/zone"] == "us-east-1a"
    assert labels["eks.amazonaws.com/nodegroup"] == "workers"
    assert node["spec"]["providerID"].startswith("aws:///us-east-1a/i-0")


def test_names_go_round_the_zones() -> None:
    assert [node_name(number) for number in range(4)] == [
        "ip-10-0-1-10.ec2.internal",
        "ip-10-0-65-10.ec2.internal",
        "ip-10-0-129-10.ec2.internal",
        "ip-10-0-1-11.ec2.internal",
    ]
    assert zone_of_index(5) == "us-east-1c"
    assert len({node_name(number) for number in range(5000)}) == 5000


def test_arm_nodes_say_so() -> None:
    node = node_object(0, "m6g.large", "", "1.36", SmallNode(0).clock)
    assert node["metadata"]["labels"]["kubernetes.io/arch"] == "arm64"
    assert node["status"]["nodeInfo"]["architecture"] == "arm64"


def test_an_unknown_instance_type_is_refused() -> None:
    with pytest.raises(EksLabError, match=r"m5\.huge"):
        node_object(0, "m5.huge", "", "1.36", SmallNode(0).clock)


def test_heartbeats() -> None:
    node = SmallNode()
    node.advance(3600)
    lease = node.api.read("leases.coordination.k8s.io", Key("kube-node-lease", NODE))
    now = node.clock.now()
    assert now - parse_time(lease["spec"]["renewTime"]) <= timedelta(seconds=10)
    ready = condition_of(node.api.read("nodes", Key("", NODE)), "Ready")
    assert ready is not None
    assert now - parse_time(ready["lastHeartbeatTime"]) <= timedelta(seconds=310)


def test_a_stopped_kubelet_falls_silent() -> None:
    node = SmallNode()
    node.advance(10)
    node.kubelet.stop_kubelet(NODE)
    before = node.api.read("leases.coordination.k8s.io", Key("kube-node-lease", NODE))
    node.advance(60)
    assert node.api.read("leases.coordination.k8s.io", Key("kube-node-lease", NODE)) == before
    for key in node.kubelet.start_kubelet(NODE):
        node.runtime.enqueue("kubelet", key)
    node.advance(10)
    assert node.api.read("leases.coordination.k8s.io", Key("kube-node-lease", NODE)) != before


def test_addresses_come_from_the_zone() -> None:
    node = SmallNode(nodes=3)
    for number in range(3):
        node.pod(f"p{number}", nodeName=node_name(number))
    node.advance(5)
    octets = [int(node.status(f"p{number}")["podIP"].split(".")[2]) // 64 for number in range(3)]
    assert octets == [0, 1, 2]


def test_a_full_subnet_overflows() -> None:
    node = SmallNode()
    addresses = SubnetAddresses(node.api)
    found = [addresses.allocate(node.api.read("nodes", Key("", NODE)), {}) for _ in range(16_400)]
    assert len(set(found)) == len(found)
    assert "10.0.1.10" not in found
    assert found[-1].startswith("100.")


def test_memory_pressure_evicts_the_greediest() -> None:
    node = SmallNode()
    node.pod("modest")
    node.pod("greedy", "polinux/stress", container={"command": ["stress"], "args": ["--vm-bytes", "9000M"]})
    node.advance(30)
    status = node.status("greedy")
    assert (status["phase"], status["reason"]) == ("Failed", "Evicted")
    assert status["message"].startswith(
        "The node was low on resource: memory. Threshold quantity: 100Mi, available: "
    )
    assert node.condition("DisruptionTarget", "greedy")["reason"] == "TerminationByKubelet"
    assert node.status("modest")["phase"] == "Running"
    pressure = condition_of(node.api.read("nodes", Key("", NODE)), "MemoryPressure")
    assert pressure is not None
    assert pressure["status"] == "True"
    node.advance(320)
    pressure = condition_of(node.api.read("nodes", Key("", NODE)), "MemoryPressure")
    assert pressure is not None
    assert pressure["status"] == "False"


def test_a_kubelet_that_starts_again_goes_on() -> None:
    node = SmallNode()
    node.pod("web", container={"readinessProbe": {"httpGet": {"path": "/", "port": 80}}})
    node.pod(
        "job", "busybox", restartPolicy="Never", container={"command": ["sh", "-c", "echo hi; sleep 60"]}
    )
    node.pod("done", "busybox", restartPolicy="Never", container={"command": ["echo", "bye"]})
    node.pod("crash", "example.com/crash:1")
    node.advance(20)
    before = {name: node.status(name) for name in ("web", "job", "done")}
    fresh = KubeletController(node.clock, node.api, node.kubelet.around.recorder)
    runtime = Runtime(node.clock, node.store, [fresh])
    node.kubelet.stop_kubelet(NODE)
    runtime.resync()
    runtime.settle()
    assert {name: node.status(name) for name in before} == before
    taken = node.status("web")["podIP"]
    assert fresh.around.addresses.allocate(node.api.read("nodes", Key("", NODE)), {}) != taken
    runtime.advance(timedelta(seconds=60))
    assert node.status("job")["phase"] == "Succeeded"
    assert node.container("job")["restartCount"] == 0
    assert node.container("crash")["restartCount"] > 1
