"""Node groups: validation, launching, joining, scaling, rolling updates and deletion."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eks_lab.aws.eks.nodegroup_controller import most_at_once, most_unhealthy
from eks_lab.aws.eks.nodegroup_rollout import at_once, surge
from eks_lab.aws.eks.surroundings import LaunchTemplate
from eks_lab.aws.errors import AwsError
from eks_lab.sim.objects import Key
from tests.aws.eks.lab import CLUSTER_ROLE, NODE_ROLE, SUBNETS, Lab

Params = dict[str, Any]


def deploy(lab: Lab, name: str, replicas: int, *, budget: bool = False) -> None:
    """Run pods that a drain has to move; with a budget that lets none go."""
    labels = {"app": name}
    container = {"name": "web", "image": "nginx:1.27", "resources": {"requests": {"cpu": "100m"}}}
    spec = {
        "replicas": replicas,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
    }
    lab.api().create(
        "deployments.apps",
        {"metadata": {"name": name, "namespace": "default"}, "spec": spec},
        namespace="default",
    )
    if budget:
        limits = {"maxUnavailable": 0, "selector": {"matchLabels": labels}}
        lab.api().create(
            "poddisruptionbudgets.policy",
            {"metadata": {"name": name, "namespace": "default"}, "spec": limits},
            namespace="default",
        )
    lab.advance(seconds=30)


def test_a_group_is_active_when_its_nodes_are_ready(lab: Lab) -> None:
    lab.active()
    group = lab.group(labels={"team": "red"}, taints=[{"key": "a", "value": "b", "effect": "NO_SCHEDULE"}])
    assert (group["status"], group["amiType"]) == ("CREATING", "AL2023_x86_64_STANDARD")
    assert group["releaseVersion"].startswith("1.35.")
    assert group["diskSize"] == 20
    lab.advance(seconds=20)
    assert lab.described_group()["status"] == "CREATING"
    lab.advance(seconds=60)
    group = lab.described_group()
    assert (group["status"], group["health"]) == ("ACTIVE", {"issues": []})
    nodes = lab.api().items("nodes")
    assert len(nodes) == 3
    zones = {node["metadata"]["labels"]["topology.kubernetes.io/zone"] for node in nodes}
    assert len(zones) == 3
    for node in nodes:
        assert node["metadata"]["labels"]["team"] == "red"
        assert node["metadata"]["labels"]["eks.amazonaws.com/nodegroup"] == "workers"
        assert {"key": "a", "value": "b", "effect": "NoSchedule"} in node["spec"]["taints"]
    launch, _count = lab.fleet.launches[0]
    assert launch.security_group_ids == ("sg-one",)
    assert launch.tags["eks:nodegroup-name"] == "workers"


def test_the_node_role_gets_an_access_entry(lab: Lab) -> None:
    lab.active()
    lab.group()
    entry = lab.call("DescribeAccessEntry", clusterName="one", principalArn=NODE_ROLE)["accessEntry"]
    assert (entry["type"], entry["kubernetesGroups"]) == ("EC2_LINUX", ["system:nodes"])
    assert entry["username"] == "system:node:{{EC2PrivateDNSName}}"


def test_with_config_map_the_node_role_goes_into_aws_auth(lab: Lab) -> None:
    lab.active(accessConfig={"authenticationMode": "CONFIG_MAP"})
    lab.group()
    config = lab.api().get("configmaps", Key("kube-system", "aws-auth"))
    assert config is not None
    assert NODE_ROLE in config["data"]["mapRoles"]
    lab.group("more")
    assert lab.api().get("configmaps", Key("kube-system", "aws-auth")) == config
    lab.call("UpdateClusterConfig", name="one", accessConfig={"authenticationMode": "API_AND_CONFIG_MAP"})
    lab.advance(minutes=3)
    assert NODE_ROLE in lab.call("ListAccessEntries", clusterName="one")["accessEntries"]


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"nodegroupName": "-x"}, "The nodegroupName parameter contains invalid characters"),
        ({"nodegroupName": "x" * 64}, "longer than maximum allowed length of 63"),
        (
            {"scalingConfig": {"minSize": 3, "maxSize": 5, "desiredSize": 2}},
            "Minimum capacity 3 can't be greater than desired size 2",
        ),
        (
            {"scalingConfig": {"minSize": 1, "maxSize": 2, "desiredSize": 3}},
            "Desired capacity 3 can't be greater than max size 2",
        ),
        ({"subnets": ["subnet-q"]}, "The subnet ID 'subnet-q' does not exist"),
        ({"subnets": ["subnet-x"]}, "is not in the VPC of the cluster"),
        ({"nodeRole": CLUSTER_ROLE}, "could not be assumed"),
        ({"instanceTypes": ["m9.huge"]}, "The following supplied instance types do not exist: [m9.huge]"),
        (
            {"instanceTypes": ["m6g.large"], "amiType": "AL2023_x86_64_STANDARD"},
            "[m6g.large] is not a valid instance type for requested amiType AL2023_x86_64_STANDARD",
        ),
        ({"amiType": "AL2_x86_64"}, "only supported for kubernetes versions 1.32 or earlier"),
        ({"amiType": "WINDOWS_CORE_2022_x86_64"}, "is not simulated"),
        ({"amiType": "CUSTOM"}, "launch template with an image id"),
        ({"version": "1.36"}, "can't be greater than the cluster version"),
        ({"releaseVersion": "1.35.0-20200101"}, "Allowed release version is 1.35."),
        ({"labels": {"eks.amazonaws.com/x": "y"}}, "reserved prefix"),
        ({"labels": {"bad key": "y"}}, "is not a valid Kubernetes label"),
        ({"taints": [{"key": "bad key", "effect": "NO_SCHEDULE"}]}, "Taint"),
        (
            {"updateConfig": {"maxUnavailable": 1, "maxUnavailablePercentage": 10}},
            "cannot both be specified",
        ),
        ({"remoteAccess": {"ec2SshKey": "lost"}}, "The key pair 'lost' does not exist"),
        ({"capacityType": "CAPACITY_BLOCK"}, "is not simulated"),
        (
            {"launchTemplate": {"id": "lt-1"}, "diskSize": 30},
            "Disk size must be specified within the launch template.",
        ),
        (
            {"launchTemplate": {"id": "lt-1"}, "remoteAccess": {"ec2SshKey": "key"}},
            "Remote access configuration cannot be specified with a launch template.",
        ),
        ({"launchTemplate": {"id": "lt-9"}}, "Launch template details can't be found"),
        ({"launchTemplate": {"id": "lt-1", "name": "both"}}, "either the id or the name"),
        ({"launchTemplate": {"id": "lt-ami"}, "version": "1.35"}, "kubernetesVersion when using custom AMIs"),
        ({"launchTemplate": {"id": "lt-ami"}, "amiType": "AL2023_x86_64_STANDARD"}, "other than CUSTOM"),
        ({"launchTemplate": {"id": "lt-role"}}, "must not have an instance profile"),
    ],
)
def test_what_create_nodegroup_refuses(lab: Lab, more: Params, text: str) -> None:
    lab.described_as_active()
    templates = lab.surroundings.templates
    templates["lt-1", "1"] = LaunchTemplate("lt-1", "one", "1")
    templates["lt-ami", "1"] = LaunchTemplate("lt-ami", "ami", "1", image_id="ami-0123")
    templates["lt-role", "1"] = LaunchTemplate("lt-role", "role", "1", has_instance_profile=True)
    params: Params = {
        "clusterName": "one",
        "nodegroupName": "workers",
        "subnets": list(SUBNETS),
        "nodeRole": NODE_ROLE,
    }
    error = lab.refusal("CreateNodegroup", **{**params, **more})
    assert error.code == "InvalidParameterException"
    assert text in error.message


def test_names_and_the_state_of_the_cluster(lab: Lab) -> None:
    lab.create()
    error = lab.refusal(
        "CreateNodegroup", clusterName="one", nodegroupName="w", subnets=list(SUBNETS), nodeRole=NODE_ROLE
    )
    assert (error.code, error.message) == (
        "InvalidRequestException",
        "Cluster 'one' is not in ACTIVE status",
    )
    lab.advance(minutes=11)
    lab.group()
    error = lab.refusal(
        "CreateNodegroup",
        clusterName="one",
        nodegroupName="workers",
        subnets=list(SUBNETS),
        nodeRole=NODE_ROLE,
    )
    assert error.message == "NodeGroup already exists with name workers and cluster name one"
    error = lab.refusal("DescribeNodegroup", clusterName="one", nodegroupName="x")
    assert error.message == "No node group found for name: x."
    assert lab.call("ListNodegroups", clusterName="one") == {"nodegroups": ["workers"]}


def test_nodes_that_do_not_join_fail_the_group(lab: Lab) -> None:
    lab.active()
    lab.fleet.joins = False
    lab.group()
    lab.advance(minutes=14, seconds=50)
    assert lab.described_group()["status"] == "CREATING"
    lab.advance(seconds=30)
    group = lab.described_group()
    assert group["status"] == "CREATE_FAILED"
    (issue,) = group["health"]["issues"]
    assert (issue["code"], issue["message"]) == (
        "NodeCreationFailure",
        "Instances failed to join the kubernetes cluster",
    )
    assert len(issue["resourceIds"]) == 3


def test_a_refused_launch_stands_in_the_health_and_is_tried_again(lab: Lab) -> None:
    lab.active()
    full = AwsError("InsufficientInstanceCapacity", "We currently do not have sufficient m5.large capacity.")
    lab.fleet.refusals = dict.fromkeys(SUBNETS, full)
    lab.group()
    lab.advance(minutes=16)
    group = lab.described_group()
    assert group["status"] == "CREATE_FAILED"
    assert group["health"]["issues"][0]["code"] == "AsgInstanceLaunchFailures"
    assert "InsufficientInstanceCapacity" in group["health"]["issues"][0]["message"]
    lab.fleet.refusals = {"subnet-a": AwsError("InsufficientFreeAddressesInSubnet", "full")}
    lab.group("second")
    lab.advance(minutes=2)
    assert lab.described_group("second")["status"] == "ACTIVE"
    assert {each.subnet_id for each in lab.fleet.instances("one", "second")} == {"subnet-b", "subnet-c"}


def test_a_group_grows_and_shrinks(lab: Lab) -> None:
    lab.active()
    lab.group()
    lab.advance(minutes=2)
    update = lab.call(
        "UpdateNodegroupConfig", clusterName="one", nodegroupName="workers", scalingConfig={"desiredSize": 5}
    )["update"]
    assert (update["type"], update["params"]) == ("ConfigUpdate", [{"type": "DesiredSize", "value": "5"}])
    lab.advance(minutes=2)
    assert len(lab.nodes()) == 5
    assert lab.described_group()["status"] == "ACTIVE"
    lab.call(
        "UpdateNodegroupConfig", clusterName="one", nodegroupName="workers", scalingConfig={"desiredSize": 2}
    )
    lab.advance(minutes=2)
    assert len(lab.nodes()) == 2
    zones = [each.zone for each in lab.fleet.instances("one", "workers")]
    assert len(set(zones)) == 2
    ended = lab.call("DescribeUpdate", name="one", nodegroupName="workers", updateId=update["id"])["update"]
    assert ended["status"] == "Successful"


def test_a_shrinking_group_hears_budgets_for_a_while(lab: Lab) -> None:
    lab.active()
    lab.group()
    lab.advance(minutes=2)
    deploy(lab, "web", 6, budget=True)
    lab.call(
        "UpdateNodegroupConfig", clusterName="one", nodegroupName="workers", scalingConfig={"desiredSize": 2}
    )
    lab.advance(minutes=3)
    assert len(lab.nodes()) == 3
    lab.advance(minutes=4)
    assert len(lab.nodes()) == 2


def test_an_instance_that_ends_is_replaced(lab: Lab) -> None:
    lab.active()
    lab.group()
    lab.advance(minutes=2)
    before = set(lab.nodes())
    victim = lab.fleet.instances("one", "workers")[0]
    lab.fleet.terminate([victim.id])
    lab.advance(minutes=2)
    assert len(lab.nodes()) == 3
    assert set(lab.nodes()) != before


def test_labels_and_taints_reach_the_nodes_that_are_there(lab: Lab) -> None:
    lab.active()
    lab.group(labels={"old": "1"})
    lab.advance(minutes=2)
    lab.call(
        "UpdateNodegroupConfig",
        clusterName="one",
        nodegroupName="workers",
        labels={"addOrUpdateLabels": {"new": "2"}, "removeLabels": ["old"]},
        taints={"addOrUpdateTaints": [{"key": "gpu", "value": "yes", "effect": "NO_EXECUTE"}]},
    )
    for node in lab.api().items("nodes"):
        assert node["metadata"]["labels"]["new"] == "2"
        assert "old" not in node["metadata"]["labels"]
        assert node["spec"]["taints"] == [{"key": "gpu", "value": "yes", "effect": "NoExecute"}]
    error = lab.refusal(
        "UpdateNodegroupConfig", clusterName="one", nodegroupName="workers", labels={"removeLabels": ["new"]}
    )
    assert error.code == "ResourceInUseException"


def old_release(lab: Lab) -> None:
    """Let a group run an earlier release, so that there is something to update."""
    record = lab.eks.find("nodegroups.eks", "one", "workers")
    assert record is not None
    lab.eks.change("nodegroups.eks", record, releaseVersion="1.35.0-20260101")


def test_a_rolling_update_replaces_every_node(lab: Lab) -> None:
    lab.active()
    lab.group()
    lab.advance(minutes=2)
    deploy(lab, "web", 6)
    assert (
        "already at the desired version"
        in lab.refusal("UpdateNodegroupVersion", clusterName="one", nodegroupName="workers").message
    )
    old_release(lab)
    before = set(lab.nodes())
    update = lab.call("UpdateNodegroupVersion", clusterName="one", nodegroupName="workers")["update"]
    assert [row["type"] for row in update["params"]] == ["Version", "ReleaseVersion"]
    assert lab.described_group()["status"] == "UPDATING"
    most = 0
    for _ in range(120):
        lab.advance(seconds=10)
        most = max(most, len(lab.nodes()))
    assert most > 3, "the strategy DEFAULT adds nodes first"
    assert len(lab.nodes()) == 3
    assert not before & set(lab.nodes())
    assert lab.described_group()["status"] == "ACTIVE"
    assert (
        lab.call("DescribeUpdate", name="one", nodegroupName="workers", updateId=update["id"])["update"][
            "status"
        ]
        == "Successful"
    )
    pods = lab.api().items("pods", "default")
    assert sum(pod["status"]["phase"] == "Running" for pod in pods) == 6


def test_minimal_never_has_more_nodes_than_wished(lab: Lab) -> None:
    lab.active()
    lab.group(updateConfig={"maxUnavailable": 1, "updateStrategy": "MINIMAL"})
    lab.advance(minutes=2)
    old_release(lab)
    lab.call("UpdateNodegroupVersion", clusterName="one", nodegroupName="workers")
    most = 0
    for _ in range(120):
        lab.advance(seconds=10)
        most = max(most, len(lab.fleet.instances("one", "workers")))
    assert most == 3
    assert lab.described_group()["status"] == "ACTIVE"


def test_a_budget_fails_the_update_unless_forced(lab: Lab) -> None:
    lab.active()
    lab.group()
    lab.advance(minutes=2)
    deploy(lab, "web", 3, budget=True)
    old_release(lab)
    before = set(lab.nodes())
    update = lab.call("UpdateNodegroupVersion", clusterName="one", nodegroupName="workers")["update"]
    lab.advance(minutes=20)
    ended = lab.call("DescribeUpdate", name="one", nodegroupName="workers", updateId=update["id"])["update"]
    assert ended["status"] == "Failed"
    assert ended["errors"][0]["errorCode"] == "PodEvictionFailure"
    assert ended["errors"][0]["errorMessage"] == (
        "Reached max retries while trying to evict pods from nodes in node group workers"
    )
    assert set(lab.nodes()) <= before
    assert not any(node["spec"].get("unschedulable") for node in lab.api().items("nodes"))
    assert lab.described_group()["releaseVersion"] == "1.35.0-20260101"
    lab.call("UpdateNodegroupVersion", clusterName="one", nodegroupName="workers", force=True)
    lab.advance(minutes=90)
    assert lab.described_group()["status"] == "ACTIVE"
    assert not before & set(lab.nodes())


def test_new_nodes_that_do_not_join_fail_the_update(lab: Lab) -> None:
    lab.active()
    lab.group()
    lab.advance(minutes=2)
    old_release(lab)
    before = set(lab.nodes())
    lab.fleet.joins = False
    update = lab.call("UpdateNodegroupVersion", clusterName="one", nodegroupName="workers")["update"]
    lab.advance(minutes=16)
    ended = lab.call("DescribeUpdate", name="one", nodegroupName="workers", updateId=update["id"])["update"]
    assert ended["errors"][0]["errorCode"] == "NodeCreationFailure"
    assert set(lab.nodes()) == before


def test_an_update_that_a_crash_cut_off_fails(lab: Lab) -> None:
    lab.active()
    lab.group()
    lab.advance(minutes=2)
    old_release(lab)
    before = lab.eks.find("nodegroups.eks", "one", "workers")
    assert before is not None
    update = lab.call("UpdateNodegroupVersion", clusterName="one", nodegroupName="workers")["update"]
    lab.eks.put("nodegroups.eks", before)
    lab.advance(minutes=2)
    ended = lab.call("DescribeUpdate", name="one", nodegroupName="workers", updateId=update["id"])["update"]
    assert (ended["status"], ended["errors"][0]["errorCode"]) == ("Failed", "Unknown")
    assert lab.described_group()["status"] == "ACTIVE"


def test_a_launch_template_version_is_a_new_generation(lab: Lab) -> None:
    lab.active()
    templates = lab.surroundings.templates
    templates["lt-1", "1"] = LaunchTemplate("lt-1", "one", "1", instance_type="m5.large")
    lab.group(launchTemplate={"id": "lt-1", "version": "1"}, instanceTypes=[])
    lab.advance(minutes=2)
    group = lab.described_group()
    assert group["launchTemplate"] == {"id": "lt-1", "name": "one", "version": "1"}
    assert "diskSize" not in group
    templates["lt-1", "2"] = LaunchTemplate(
        "lt-1", "one", "2", instance_type="m5.xlarge", security_group_ids=("sg-1",)
    )
    lab.call(
        "UpdateNodegroupVersion",
        clusterName="one",
        nodegroupName="workers",
        launchTemplate={"id": "lt-1", "version": "2"},
    )
    lab.advance(minutes=20)
    assert {each.type for each in lab.fleet.instances("one", "workers")} == {"m5.xlarge"}
    assert lab.fleet.launches[-1][0].security_group_ids == ("sg-1",)


def test_deletion_drains_and_terminates(lab: Lab) -> None:
    lab.active()
    lab.group()
    lab.advance(minutes=2)
    assert (
        lab.call("DeleteNodegroup", clusterName="one", nodegroupName="workers")["nodegroup"]["status"]
        == "DELETING"
    )
    lab.advance(minutes=1)
    assert lab.call("ListNodegroups", clusterName="one") == {"nodegroups": []}
    assert lab.nodes() == []
    assert lab.fleet.members == {}


def test_a_group_that_lost_its_role_or_finds_no_capacity_is_degraded(lab: Lab) -> None:
    lab.active()
    lab.group()
    lab.advance(minutes=2)
    role = lab.surroundings.roles.pop(NODE_ROLE)
    lab.advance(minutes=1)
    group = lab.described_group()
    assert (group["status"], group["health"]["issues"][0]["code"]) == ("DEGRADED", "IamNodeRoleNotFound")
    lab.surroundings.roles[NODE_ROLE] = role
    full = AwsError("VcpuLimitExceeded", "You have requested more vCPU capacity than your limit allows.")
    lab.fleet.refusals = dict.fromkeys(SUBNETS, full)
    lab.call(
        "UpdateNodegroupConfig", clusterName="one", nodegroupName="workers", scalingConfig={"desiredSize": 4}
    )
    lab.advance(minutes=1)
    group = lab.described_group()
    assert (group["status"], group["health"]["issues"][0]["code"]) == ("DEGRADED", "InstanceLimitExceeded")
    lab.fleet.refusals = {}
    lab.advance(minutes=3)
    group = lab.described_group()
    assert (group["status"], group["health"]) == ("ACTIVE", {"issues": []})
    assert len(lab.nodes()) == 4


def test_an_instance_that_was_stopped_is_replaced(lab: Lab) -> None:
    lab.active()
    lab.group()
    lab.advance(minutes=2)
    stopped = lab.fleet.instances("one", "workers")[0].id
    launch, instance = lab.fleet.members[stopped]
    lab.fleet.members[stopped] = (launch, replace(instance, state="stopped"))
    lab.advance(minutes=2)
    assert stopped not in lab.fleet.members
    assert len(lab.nodes()) == 3


def test_instances_without_their_group_are_ended(lab: Lab) -> None:
    """A crash may lose the record and not the instances."""
    lab.active()
    lab.group()
    lab.advance(minutes=2)
    record = lab.eks.find("nodegroups.eks", "one", "workers")
    assert record is not None
    lab.eks.remove("nodegroups.eks", record)
    lab.advance(seconds=1)
    assert lab.fleet.members == {}


def test_two_hundred_nodes(lab: Lab) -> None:
    lab.active()
    lab.group(scalingConfig={"minSize": 1, "maxSize": 250, "desiredSize": 200})
    lab.advance(minutes=2)
    assert lab.described_group()["status"] == "ACTIVE"
    assert len(lab.nodes()) == 200
    assert sum(count for _launch, count in lab.fleet.launches) == 200
    assert len(lab.fleet.launches) == 3


def silence(lab: Lab, name: str) -> None:
    """Let a kubelet be silent: its Lease goes, and with it what keeps the node Ready."""
    node = lab.api().read("nodes", Key("", name))
    ready = {"type": "Ready", "status": "Unknown", "lastTransitionTime": "2026-11-23T08:13:00Z"}
    others = [each for each in node["status"]["conditions"] if each["type"] != "Ready"]
    lab.api().update_status("nodes", {**node, "status": {**node["status"], "conditions": [*others, ready]}})
    lab.api().delete("leases.coordination.k8s.io", Key("kube-node-lease", name))


@pytest.mark.parametrize("is_wished", [True, False])
def test_a_silent_node_is_replaced_where_repair_is_wished(lab: Lab, is_wished: bool) -> None:
    lab.active()
    lab.group(nodeRepairConfig={"enabled": is_wished})
    lab.advance(minutes=2)
    name = lab.nodes()[0]
    silence(lab, name)
    lab.advance(minutes=20)
    assert name in lab.nodes()
    lab.advance(minutes=15)
    assert (name in lab.nodes()) is not is_wished
    assert len(lab.nodes()) == 3


@pytest.mark.parametrize(
    ("config", "size", "unhealthy", "parallel"),
    [
        ({}, 5, 5, 5),
        ({}, 10, 2, 10),
        ({"maxUnhealthyNodeThresholdCount": 4, "maxParallelNodesRepairedPercentage": 10}, 10, 4, 1),
        ({"maxUnhealthyNodeThresholdPercentage": 50, "maxParallelNodesRepairedCount": 2}, 10, 5, 2),
    ],
)
def test_limits_of_repair(config: Params, size: int, unhealthy: int, parallel: int) -> None:
    assert (most_unhealthy(config, size), most_at_once(config, size)) == (unhealthy, parallel)


@pytest.mark.parametrize(
    ("config", "size", "expected"),
    [
        ({}, 10, 1),
        ({"maxUnavailable": 4}, 10, 4),
        ({"maxUnavailablePercentage": 33}, 10, 4),
        ({"maxUnavailablePercentage": 1}, 10, 1),
    ],
)
def test_nodes_at_once(config: Params, size: int, expected: int) -> None:
    assert at_once(config, size) == expected


def test_surge_is_two_a_zone_or_max_unavailable() -> None:
    assert surge({}, 10, 3) == 6
    assert surge({"maxUnavailable": 9}, 10, 3) == 9
    assert surge({"updateStrategy": "MINIMAL"}, 10, 3) == 0
