"""CreateCluster to DeleteCluster: what is refused, what is described, and the statuses in simulated time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.aws.eks import cluster_validation
from eks_lab.aws.eks.surroundings import Key as KmsKey
from eks_lab.aws.eks.surroundings import Role
from eks_lab.aws.errors import AwsError
from tests.aws.eks.lab import CLUSTER_ROLE, NODE_ROLE, START, SUBNETS, Lab, trust

Network = dict[str, Any]


def test_a_cluster_is_creating_then_active(lab: Lab) -> None:
    created = lab.create()
    assert created["status"] == "CREATING"
    assert "endpoint" not in created
    assert created["createdAt"] == START
    assert created["platformVersion"].startswith("eks.")
    lab.advance(minutes=7, seconds=59)
    assert lab.call("DescribeCluster", name="one")["cluster"]["status"] == "CREATING"
    assert lab.kubernetes.cluster("one") is None
    lab.advance(minutes=3)
    cluster = lab.call("DescribeCluster", name="one")["cluster"]
    assert cluster["status"] == "ACTIVE"
    assert cluster["endpoint"] == "https://127.0.0.1:6443"
    assert cluster["identity"]["oidc"]["issuer"].endswith("ABCDEF")
    assert cluster["resourcesVpcConfig"]["clusterSecurityGroupId"] == "sg-one"
    assert cluster["kubernetesNetworkConfig"]["serviceIpv4Cidr"] == "172.20.0.0/16"
    assert lab.call("ListClusters") == {"clusters": ["one"]}


def test_the_control_plane_has_interfaces_in_two_zones(lab: Lab) -> None:
    lab.active()
    subnets = [subnet for _cluster, subnet in lab.surroundings.interfaces.values()]
    assert len(subnets) == len(set(subnets)) == 2


@pytest.mark.parametrize("name", ["-one", "a b", "ä", "one!", ""])
def test_names_are_checked(lab: Lab, name: str) -> None:
    with pytest.raises(AwsError, match="The name parameter contains invalid characters"):
        cluster_validation.check_name("name", name)


@given(st.text(min_size=1, max_size=120))
def test_a_name_that_passes_is_one(name: str) -> None:
    is_good = 0 < len(name) <= 100 and name.isascii() and name[0].isalnum()
    if is_good and name.replace("-", "").replace("_", "").isalnum():
        cluster_validation.check_name("name", name)
    else:
        with pytest.raises(AwsError):
            cluster_validation.check_name("name", name)


def test_a_name_is_taken_once(lab: Lab) -> None:
    lab.create(clientRequestToken="t")
    error = lab.refusal(
        "CreateCluster", name="one", roleArn=CLUSTER_ROLE, resourcesVpcConfig={"subnetIds": list(SUBNETS)}
    )
    assert (error.code, error.message) == (
        "ResourceInUseException",
        "Cluster already exists with name: one",
    )
    assert lab.create(clientRequestToken="t")["name"] == "one"


@pytest.mark.parametrize(
    ("config", "code", "text"),
    [
        ({"subnetIds": ["subnet-a"]}, "InvalidParameterException", "at least two different AZs"),
        (
            {"subnetIds": ["subnet-a", "subnet-z"]},
            "InvalidParameterException",
            "The subnet ID 'subnet-z' does not exist",
        ),
        ({"subnetIds": ["subnet-a", "subnet-x"]}, "InvalidParameterException", "same VPC"),
        ({"subnetIds": []}, "InvalidParameterException", "subnets can't be empty"),
        (
            {"subnetIds": ["subnet-a", "subnet-e"]},
            "UnsupportedAvailabilityZoneException",
            "us-east-1e, the targeted Availability Zone, does not currently have sufficient capacity",
        ),
        (
            {"subnetIds": list(SUBNETS), "securityGroupIds": ["sg-9"]},
            "InvalidParameterException",
            "The security group 'sg-9' does not exist",
        ),
        (
            {"subnetIds": list(SUBNETS), "securityGroupIds": ["sg-2"]},
            "InvalidParameterException",
            "not in the same VPC",
        ),
        (
            {"subnetIds": list(SUBNETS), "endpointPublicAccess": False},
            "InvalidParameterException",
            "Private and public endpoint access cannot be set to false",
        ),
        (
            {"subnetIds": list(SUBNETS), "publicAccessCidrs": ["300.0.0.0/8"]},
            "InvalidParameterException",
            "not valid",
        ),
        (
            {"subnetIds": list(SUBNETS), "publicAccessCidrs": ["10.1.0.0/16"]},
            "InvalidParameterException",
            "private ranges",
        ),
    ],
)
def test_networks_are_checked(lab: Lab, config: Network, code: str, text: str) -> None:
    error = lab.refusal("CreateCluster", name="one", roleArn=CLUSTER_ROLE, resourcesVpcConfig=config)
    assert error.code == code
    assert text in error.message
    assert error.fields["clusterName"] == "one"
    if code.startswith("Unsupported"):
        assert error.fields["validZones"] == ["us-east-1a", "us-east-1b", "us-east-1c"]


def test_a_zone_needs_free_addresses(lab: Lab) -> None:
    full = replace(lab.surroundings.subnets["subnet-b"], free_addresses=5)
    lab.surroundings.subnets["subnet-b"] = full
    error = lab.refusal(
        "CreateCluster", name="one", roleArn=CLUSTER_ROLE, resourcesVpcConfig={"subnetIds": list(SUBNETS)}
    )
    assert (
        "Atleast one subnet in each AZ should have 6 free IPs. Invalid AZs: { [us-east-1b] }" in error.message
    )


@pytest.mark.parametrize("role", [NODE_ROLE, f"{CLUSTER_ROLE}-missing"])
def test_the_role_has_to_trust_eks(lab: Lab, role: str) -> None:
    error = lab.refusal(
        "CreateCluster", name="one", roleArn=role, resourcesVpcConfig={"subnetIds": list(SUBNETS)}
    )
    assert error.message.startswith(f"Role with arn: {role}, could not be assumed")


@pytest.mark.parametrize(
    ("version", "text"),
    [
        ("1.20", "unsupported Kubernetes version"),
        ("9.99", "unsupported Kubernetes version"),
        ("1.33", "extended support until"),
    ],
)
def test_versions_follow_the_calendar(lab: Lab, version: str, text: str) -> None:
    error = lab.refusal(
        "CreateCluster",
        name="one",
        roleArn=CLUSTER_ROLE,
        resourcesVpcConfig={"subnetIds": list(SUBNETS)},
        version=version,
    )
    assert error.code == "InvalidParameterException"
    assert text in error.message


@pytest.mark.parametrize(
    ("cidr", "text"),
    [
        ("10.0.0.0/20", "overlaps with VPC CIDR 10.0.0.0/16"),
        ("172.20.0.0/25", "between /24 and /12"),
        ("100.64.0.0/16", "within one of these blocks"),
        ("nonsense", "is not a valid CIDR block"),
    ],
)
def test_the_service_range_is_checked(lab: Lab, cidr: str, text: str) -> None:
    error = lab.refusal(
        "CreateCluster",
        name="one",
        roleArn=CLUSTER_ROLE,
        resourcesVpcConfig={"subnetIds": list(SUBNETS)},
        kubernetesNetworkConfig={"serviceIpv4Cidr": cidr},
    )
    assert text in error.message


@pytest.mark.parametrize(
    "more",
    [
        {"computeConfig": {"enabled": True, "nodePools": ["system"]}},
        {"outpostConfig": {"outpostArns": ["arn"], "controlPlaneInstanceType": "m5.large"}},
        {"kubernetesNetworkConfig": {"ipFamily": "ipv6"}},
    ],
)
def test_what_is_not_simulated_says_so(lab: Lab, more: dict[str, Any]) -> None:
    error = lab.refusal(
        "CreateCluster",
        name="one",
        roleArn=CLUSTER_ROLE,
        resourcesVpcConfig={"subnetIds": list(SUBNETS)},
        **more,
    )
    assert "is not simulated by eks-lab. Nearest: " in error.message
    assert "Real EKS: " in error.message


def test_a_hundred_clusters_are_the_most(lab: Lab) -> None:
    for number in range(100):
        lab.create(f"c{number}")
    error = lab.refusal(
        "CreateCluster", name="more", roleArn=CLUSTER_ROLE, resourcesVpcConfig={"subnetIds": list(SUBNETS)}
    )
    assert error.code == "ResourceLimitExceededException"
    first = lab.call("ListClusters", maxResults=60)
    rest = lab.call("ListClusters", maxResults=60, nextToken=first["nextToken"])
    assert len(first["clusters"]) == 60
    assert len(rest["clusters"]) == 40
    assert "nextToken" not in rest
    assert lab.refusal("ListClusters", nextToken="???").code == "InvalidParameterException"


def test_a_cluster_that_gets_no_interface_fails(lab: Lab) -> None:
    lab.create()
    for name, subnet in lab.surroundings.subnets.items():
        lab.surroundings.subnets[name] = replace(subnet, free_addresses=0)
    lab.advance(seconds=1)
    cluster = lab.call("DescribeCluster", name="one")["cluster"]
    assert cluster["status"] == "FAILED"
    assert cluster["health"]["issues"][0]["code"] == "InsufficientFreeAddresses"


def test_health_is_what_the_account_has_lost(lab: Lab) -> None:
    key = "arn:aws:kms:us-east-1:123456789012:key/k"
    lab.surroundings.keys[key] = KmsKey(key, "Enabled")
    lab.active(encryptionConfig=[{"resources": ["secrets"], "provider": {"keyArn": key}}])
    assert lab.call("DescribeCluster", name="one")["cluster"]["health"] == {"issues": []}
    lab.surroundings.keys[key] = KmsKey(key, "Disabled")
    del lab.surroundings.subnets["subnet-c"]
    lab.surroundings.roles[CLUSTER_ROLE] = Role(CLUSTER_ROLE, "eks-lab-cluster", trust("ec2.amazonaws.com"))
    issues = lab.call("DescribeCluster", name="one")["cluster"]["health"]["issues"]
    assert [each["code"] for each in issues] == ["Ec2SubnetNotFound", "AccessDenied", "KmsKeyDisabled"]


def test_deletion_leaves_nothing(lab: Lab) -> None:
    lab.active()
    assert lab.call("DeleteCluster", name="one")["cluster"]["status"] == "DELETING"
    lab.advance(minutes=4)
    assert lab.refusal("DescribeCluster", name="one").message == "No cluster found for name: one."
    assert lab.surroundings.interfaces == {}
    assert "sg-one" not in lab.surroundings.groups
    assert lab.kubernetes.names() == []
    assert [rid for rid in lab.store.resources() if lab.store.count(rid)] == []


def test_deletion_is_refused_while_something_is_attached(lab: Lab) -> None:
    lab.create()
    assert "being created" in lab.refusal("DeleteCluster", name="one").message
    lab.advance(minutes=11)
    lab.group()
    error = lab.refusal("DeleteCluster", name="one")
    assert (error.code, error.message) == ("ResourceInUseException", "Cluster has nodegroups attached")


def test_a_protected_cluster_stays(lab: Lab) -> None:
    lab.active(deletionProtection=True)
    assert lab.refusal("DeleteCluster", name="one").code == "InvalidRequestException"
    lab.call("UpdateClusterConfig", name="one", deletionProtection=False)
    lab.advance(minutes=3)
    lab.call("DeleteCluster", name="one")


def test_other_regions_are_empty(lab: Lab) -> None:
    lab.active()
    assert lab.call("ListClusters", region="eu-west-1") == {"clusters": []}
    with pytest.raises(AwsError, match="No cluster found"):
        lab.call("DescribeCluster", region="eu-west-1", name="one")
    assert lab.call("DescribeClusterVersions", region="eu-west-1")["clusterVersions"]


def test_self_managed_add_ons_come_with_a_cluster_that_wants_them(lab: Lab) -> None:
    lab.active(bootstrapSelfManagedAddons=True)
    api = lab.api()
    assert {each["metadata"]["name"] for each in api.items("daemonsets.apps")} == {"aws-node", "kube-proxy"}
    (service,) = (each for each in api.items("services", "kube-system"))
    assert service["spec"]["clusterIP"] == "172.20.0.10"
    assert lab.call("ListAddons", clusterName="one") == {"addons": []}


def test_reconciling_again_changes_nothing(lab: Lab) -> None:
    lab.active()
    before = lab.store.revision
    lab.runtime.resync()
    lab.lockstep.advance(timedelta(seconds=1))
    assert lab.store.revision == before


def test_an_interrupted_deletion_is_finished(lab: Lab) -> None:
    """A crash may leave interfaces and a control plane whose record is gone."""
    lab.active()
    record = lab.eks.cluster("one")
    lab.eks.remove("clusters.eks", record)
    lab.lockstep.advance(timedelta(seconds=1))
    assert lab.surroundings.interfaces == {}
    assert lab.kubernetes.names() == []


def test_an_update_without_its_status_goes_on(lab: Lab) -> None:
    lab.active()
    lab.call("UpdateClusterConfig", name="one", deletionProtection=True)
    lab.eks.change("clusters.eks", lab.eks.cluster("one"), status="ACTIVE")
    lab.advance(minutes=3)
    cluster = lab.call("DescribeCluster", name="one")["cluster"]
    assert (cluster["status"], cluster["deletionProtection"]) == ("ACTIVE", True)


def test_interfaces_are_brought_to_their_number(lab: Lab) -> None:
    lab.active()
    lab.surroundings.create_control_plane_interfaces("one", list(SUBNETS), ["sg-one"])
    newest = set(list(lab.surroundings.interfaces)[-2:])
    lab.runtime.resync()
    lab.advance(seconds=1)
    assert set(lab.surroundings.interfaces) == newest
    lab.surroundings.interfaces.clear()
    lab.runtime.resync()
    lab.advance(seconds=1)
    assert len(lab.surroundings.interfaces) == 2


def test_cluster_versions_are_those_of_the_day(lab: Lab) -> None:
    rows = lab.call("DescribeClusterVersions")["clusterVersions"]
    assert {row["status"] for row in rows} == {"standard-support", "extended-support"}
    (default,) = lab.call("DescribeClusterVersions", defaultOnly=True)["clusterVersions"]
    assert default["clusterVersion"] == "1.36"
    assert (
        lab.call("DescribeClusterVersions", clusterVersions=["1.23"])["clusterVersions"][0]["status"]
        == "unsupported"
    )
    everything = lab.call("DescribeClusterVersions", includeAll=True)["clusterVersions"]
    assert len(everything) > len(rows)
    extended = lab.call("DescribeClusterVersions", status="extended-support")["clusterVersions"]
    assert {row["versionStatus"] for row in extended} == {"EXTENDED_SUPPORT"}
    assert lab.refusal("DescribeClusterVersions", clusterVersions=["7.7"]).code == "InvalidParameterException"
