"""The warm pool of running nodes: numbers of the calculator, in a cluster."""

from __future__ import annotations

import json

import pytest

from eks_lab.calc.warm_pool import Question, pool_of
from eks_lab.catalog import instance_types
from tests.sim.cloud.cloud_cluster import CloudCluster
from tests.sim.cloud.fake_cloud import FakeCloud

PREFIXES = {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"}


@pytest.mark.parametrize(
    ("type", "cni", "pods", "addresses"),
    [
        ("t3.medium", {}, 0, 6),
        ("t3.medium", {}, 1, 12),
        ("t3.medium", {}, 5, 12),
        ("t3.medium", {}, 6, 18),
        ("t3.medium", PREFIXES, 0, 17),
        ("t3.medium", PREFIXES, 17, 49),
        ("t3.medium", PREFIXES, 40, 65),
        ("t3.medium", PREFIXES, 104, 130),
        ("c5.large", {}, 1, 20),
        ("m5.large", {"WARM_IP_TARGET": "2"}, 9, 13),
        ("m5.large", {"WARM_IP_TARGET": "1", "MINIMUM_IP_TARGET": "12"}, 4, 14),
        ("m5.large", {**PREFIXES, "WARM_IP_TARGET": "5", "MINIMUM_IP_TARGET": "30"}, 10, 33),
        ("m5.large", {"MAX_ENI": "1"}, 4, 10),
        ("m5.xlarge", {"WARM_ENI_TARGET": "0"}, 15, 30),
    ],
)
def test_worked_rows_hold_in_a_running_cluster(
    type: str, cni: dict[str, str], pods: int, addresses: int
) -> None:
    world = CloudCluster(type, cni=cni, max_pods=110)
    world.advance(30)
    world.pods(pods, node=world.node()["metadata"]["name"])
    world.advance(180)
    assert len(world.addresses()) == pods
    assert world.taken() == addresses


@pytest.mark.parametrize("pods", [0, 7, 18, 27])
@pytest.mark.parametrize("prefix", [False, True])
def test_the_pool_is_the_calculators(pods: int, prefix: bool) -> None:
    world = CloudCluster("m5.large", cni=PREFIXES if prefix else {}, max_pods=110)
    world.advance(30)
    world.pods(pods, node=world.node()["metadata"]["name"])
    world.advance(120)
    pool = pool_of(Question(instance_types.get("m5.large"), pods, prefix_delegation=prefix))
    assert (world.enis(), world.taken()) == (pool.enis, pool.subnet_ips)


def test_pods_have_addresses_of_the_nodes_interfaces_and_give_them_back() -> None:
    world = CloudCluster("m5.large", nodes=3)
    world.advance(30)
    world.pods(20)
    world.advance(120)
    found = world.addresses()
    assert len(set(found.values())) == 20
    for number in range(3):
        held = {
            address for each in world.cloud.interfaces(world.instance(number)) for address in each.addresses
        }
        name = world.node(number)["metadata"]["name"]
        own = {address for pod, address in found.items() if world.read(pod)["spec"]["nodeName"] == name}
        assert own <= held
    for pod in found:
        world.delete_pod(pod)
    world.advance(300)
    assert [world.taken(number) for number in range(3)] == [10, 10, 10]


def test_a_freed_address_cools_down() -> None:
    world = CloudCluster("t3.medium", cni={"WARM_IP_TARGET": "1", "MAX_ENI": "1"})
    world.advance(30)
    node = world.node()["metadata"]["name"]
    world.pods(5, node=node)
    world.advance(60)
    freed = world.addresses()["web-2"]
    world.delete_pod("web-2")
    world.pod("late", node=node)
    world.advance(20)
    assert "late" not in world.addresses()
    world.advance(30)
    assert world.addresses()["late"] == freed


def test_a_full_subnet_leaves_pods_without_addresses_until_another_is_tagged() -> None:
    cloud = FakeCloud("m5.large")
    world = CloudCluster("m5.large", cloud=cloud)
    world.advance(30)
    cloud.fill_subnet("subnet-0a")
    world.pods(12, node=world.node()["metadata"]["name"])
    world.advance(60)
    assert len(world.addresses()) == 9
    waiting = next(f"web-{number}" for number in range(12) if f"web-{number}" not in world.addresses())
    said = world.said(waiting, "FailedCreatePodSandBox")
    assert said[0].startswith(
        "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox"
    )
    assert said[0].endswith(
        'plugin type="aws-cni" name="aws-cni" failed (add): add cmd: failed to assign an IP address to container'
    )
    log = world.log("aws-node")
    assert "InsufficientFreeAddressesInSubnet" in log
    assert all(json.loads(line)["msg"] for line in log.splitlines() if line.startswith('{"level"'))
    cloud.add_subnet("subnet-0pods", "us-east-1a", "100.64.0.0/24")
    cloud.tag_subnet("subnet-0pods", "kubernetes.io/role/cni", "1")
    world.advance(60)
    assert len(world.addresses()) == 9, "ipamd asks for nothing for two minutes"
    world.advance(90)
    assert len(world.addresses()) == 12
    assert sum(address.startswith("100.64.") for address in world.addresses().values()) == 3


def test_no_whole_block_is_left_for_a_prefix() -> None:
    cloud = FakeCloud("m5.large")
    cloud.scatter("subnet-0a")
    world = CloudCluster("m5.large", cloud=cloud, cni=PREFIXES, max_pods=110)
    world.advance(60)
    world.pod("web", node=world.node()["metadata"]["name"])
    world.advance(60)
    assert world.addresses() == {}
    text = "InsufficientCidrBlocks: The specified subnet does not have enough free cidr blocks to satisfy the request."
    assert text in world.log("aws-node")
    before = len(cloud.calls)
    world.advance(600)
    assert 4 <= len(cloud.calls) - before <= 6, "once in two minutes"


def test_without_a_warm_interface_one_is_attached_when_no_address_is_free() -> None:
    world = CloudCluster("m5.large", cni={"WARM_ENI_TARGET": "0"})
    world.advance(30)
    node = world.node()["metadata"]["name"]
    world.pods(8, node=node)
    world.advance(60)
    assert world.enis() == 1
    world.pod("ninth", node=node)
    world.advance(600)
    assert world.enis() == 2
    made = [call for call in world.cloud.calls if call[0] == "CreateNetworkInterface"]
    assert len(made) == 1, "it stays while the first is full"


def test_another_mode_is_for_new_interfaces() -> None:
    world = CloudCluster("m5.large", max_pods=110)
    world.advance(30)
    world.pods(3, node=world.node()["metadata"]["name"])
    world.advance(60)
    before = world.addresses()
    world.set_variables("aws-node", PREFIXES)
    world.advance(120)
    assert world.addresses() == before
    interfaces = world.cloud.interfaces(world.instance())
    assert len(interfaces[0].addresses) == 9
    assert interfaces[0].prefixes == ()
    assert [each.prefixes != () for each in interfaces[1:]] == [True]


def test_after_a_restart_nothing_changes() -> None:
    world = CloudCluster("m5.large", nodes=2)
    world.advance(30)
    world.pods(8)
    world.advance(120)
    before, taken = world.addresses(), [world.taken(0), world.taken(1)]
    calls = len(world.cloud.calls)
    again = CloudCluster(cloud=world.cloud, kept=world.cluster.state())
    again.advance(120)
    assert again.addresses() == before
    assert [again.taken(0), again.taken(1)] == taken
    assert len(world.cloud.calls) == calls
    again.pod("new")
    again.advance(30)
    assert again.addresses()["new"] not in before.values()
