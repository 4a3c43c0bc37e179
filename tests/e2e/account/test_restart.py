"""`kill -9` while a node group grows and pods are made: afterwards both halves agree and come to what was asked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.account.account_lab import AccountLab, until
from tests.e2e.sandbox_lab import KUBECTL

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform == "win32", reason="starts a process as POSIX systems do"),
    pytest.mark.skipif(not KUBECTL, reason="needs kubectl (the extra `tools`)"),
]
GROUP = {"clusterName": "lab", "nodegroupName": "workers"}


@pytest.fixture
def lab(own_home: Path) -> Iterator[AccountLab]:
    made = AccountLab(own_home)
    yield made
    made.forget_clients()
    made.end()


def instances(lab: AccountLab) -> list[dict[str, Any]]:
    found = lab.client("ec2").describe_instances()["Reservations"]
    every = [each for one in found for each in one["Instances"]]
    return [each for each in every if each["State"]["Name"] not in ("terminated", "shutting-down")]


def scale(lab: AccountLab, nodes: int, pods: int) -> None:
    """Ask for nodes and pods at the same time; what was heard already is not asked for again."""
    group = lab.client("eks").describe_nodegroup(**GROUP)["nodegroup"]
    if group["scalingConfig"]["desiredSize"] != nodes:
        sizes = {"minSize": 0, "maxSize": 8, "desiredSize": nodes}
        lab.client("eks").update_nodegroup_config(**GROUP, scalingConfig=sizes)
    lab.kubectl("scale", "deployment", "web", f"--replicas={pods}")


def has_settled(lab: AccountLab, nodes: int, pods: int) -> bool:
    group = lab.client("eks").describe_nodegroup(**GROUP)["nodegroup"]
    status = lab.control.status()
    if (group["status"], status["nodes"]) != ("ACTIVE", {"ready": nodes, "all": nodes}):
        return False
    shown = lab.kubectl("get", "pods", "-l", "app=web", "--no-headers")
    return len(instances(lab)) == nodes and shown.count(" Running ") == pods


def at_once(lab: AccountLab) -> None:
    """As soon as the calls were answered."""


def when_an_instance_starts(lab: AccountLab) -> None:
    until(lambda: any(each["State"]["Name"] == "pending" for each in instances(lab)))


def when_a_pod_has_a_node(lab: AccountLab) -> None:
    until(lambda: "ContainerCreating" in lab.kubectl("get", "pods", "-l", "app=web"))


def after_a_leap(lab: AccountLab) -> None:
    """Moto's state is written after a pause: a leap just before leaves it minutes of simulated time behind."""
    lab.advance(100)


def test_whenever_the_power_goes(lab: AccountLab) -> None:
    lab.run("up", "--nodes", "2", "--speed", "2x")
    lab.kubectl("create", "deployment", "web", "--image=nginx", "--replicas=2")
    lab.advance(60)
    # What is a second old is safe; here all of it happens within one.
    lab.control.snapshot()
    identity = lab.client("sts").get_caller_identity()["Arn"]
    moments: list[tuple[Callable[[AccountLab], None], int, int]] = [
        (at_once, 4, 12),
        (when_an_instance_starts, 6, 20),
        (when_a_pod_has_a_node, 3, 30),
        (after_a_leap, 5, 8),
    ]
    for moment, nodes, pods in moments:
        scale(lab, nodes, pods)
        moment(lab)
        lab.kill()
        lab.forget_clients()
        lab.run("up")
        assert not lab.status()["notices"]
        assert lab.client("sts").get_caller_identity()["Arn"] == identity
        # A second of both may be lost: what was asked for in it is asked for again.
        scale(lab, nodes, pods)
        lab.play_until(lambda n=nodes, p=pods: has_settled(lab, n, p), 15, 60)  # type: ignore[misc]
        assert lab.control.violations() == [], moment.__name__


def test_a_cluster_that_was_being_made(lab: AccountLab) -> None:
    """Killed in the middle of CREATING and of DELETING, it becomes ACTIVE, and goes."""
    lab.run("up", "--nodes", "1", "--speed", "pause")
    eks = lab.client("eks")
    base = eks.describe_cluster(name="lab")["cluster"]
    subnets = base["resourcesVpcConfig"]["subnetIds"]
    eks.create_cluster(name="own", roleArn=base["roleArn"], resourcesVpcConfig={"subnetIds": subnets})
    lab.advance(60)
    lab.control.snapshot()
    lab.kill()
    lab.forget_clients()
    lab.run("up")
    lab.play_until(lambda: _status(lab, "own") == "ACTIVE", 20, 60)
    assert lab.control.violations() == []
    endpoint = lab.client("eks").describe_cluster(name="own")["cluster"]["endpoint"]
    lab.control.snapshot()
    lab.kill()
    lab.forget_clients()
    lab.run("up")
    # A kubeconfig that was written before stays good: the port is the same.
    assert lab.client("eks").describe_cluster(name="own")["cluster"]["endpoint"] == endpoint
    assert lab.status()["clusters"]["own"] == endpoint
    lab.client("eks").delete_cluster(name="own")
    lab.control.snapshot()
    lab.kill()
    lab.forget_clients()
    lab.run("up")
    lab.play_until(lambda: "own" not in lab.client("eks").list_clusters()["clusters"], 20, 60)
    assert list(lab.status()["clusters"]) == ["lab"]
    assert lab.control.violations() == []
    interfaces = lab.client("ec2").describe_network_interfaces()["NetworkInterfaces"]
    assert [each for each in interfaces if each["Description"] == "Amazon EKS own"] == []
    until(lambda: not lab.state.cluster_of("own").exists())


def _status(lab: AccountLab, name: str) -> str:
    return str(lab.client("eks").describe_cluster(name=name)["cluster"]["status"])
