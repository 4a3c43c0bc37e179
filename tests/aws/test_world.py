"""One account, several clusters, one clock; and what a restart makes of halves that were written at different moments."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from eks_lab.aws.account import AccountState
from eks_lab.aws.errors import AwsError
from eks_lab.aws.world import BASE_CLUSTER, WorldState
from eks_lab.sim.objects import Key
from tests.aws.world_lab import START, WorldLab


@pytest.fixture
def lab() -> WorldLab:
    return WorldLab()


def own_cluster(lab: WorldLab, name: str) -> None:
    base = lab.call("eks", "DescribeCluster", name=BASE_CLUSTER)["cluster"]
    subnets = base["resourcesVpcConfig"]["subnetIds"]
    lab.call(
        "eks",
        "CreateCluster",
        name=name,
        roleArn=base["roleArn"],
        resourcesVpcConfig={"subnetIds": subnets},
        accessConfig={"authenticationMode": "API"},
    )


def status_of(lab: WorldLab, name: str) -> str:
    return str(lab.call("eks", "DescribeCluster", name=name)["cluster"]["status"])


def test_a_new_world_agrees_with_itself(lab: WorldLab) -> None:
    """Its nodes are EC2's instances, at the moment at which the learner comes."""
    assert lab.world.clock.now() == START
    assert lab.violations() == []
    assert len(lab.ready_nodes()) == 3
    ids = {each["InstanceId"] for each in lab.instances()}
    nodes = lab.cluster().store.items("nodes")
    assert {each["spec"]["providerID"].rpartition("/")[2] for each in nodes} == ids


def addresses(lab: WorldLab) -> list[list[str]]:
    """Return the control plane's addresses: of its interfaces, of the Endpoints and of the EndpointSlice."""
    found = lab.call(
        "ec2",
        "DescribeNetworkInterfaces",
        Filters=[{"Name": "description", "Values": [f"Amazon EKS {BASE_CLUSTER}"]}],
    )["NetworkInterfaces"]
    key = Key("default", "kubernetes")
    endpoints = lab.cluster().store.get("endpoints", key)
    piece = lab.cluster().store.get("endpointslices.discovery.k8s.io", key)
    assert endpoints is not None
    assert piece is not None
    return [
        sorted(each["PrivateIpAddress"] for each in found),
        sorted(each["ip"] for each in endpoints["subsets"][0]["addresses"]),
        sorted(address for each in piece["endpoints"] for address in each["addresses"]),
    ]


def test_the_kubernetes_service_leads_to_the_interfaces_of_the_control_plane(lab: WorldLab) -> None:
    """An update of the subnets or groups makes new interfaces, and the service follows them."""
    before = addresses(lab)
    assert len(before[0]) == 2
    assert before[0] == before[1] == before[2]
    base = lab.call("eks", "DescribeCluster", name=BASE_CLUSTER)["cluster"]["resourcesVpcConfig"]
    nodes = base["clusterSecurityGroupId"]
    lab.call(
        "eks", "UpdateClusterConfig", name=BASE_CLUSTER, resourcesVpcConfig={"securityGroupIds": [nodes]}
    )
    lab.advance(1200)
    after = addresses(lab)
    assert after[0] == after[1] == after[2]
    assert not set(after[0]) & set(before[0])


def test_nothing_is_left_by_chance() -> None:
    """The same seed makes the same world: identifiers, addresses, names."""

    def fingerprint() -> list[tuple[str, str]]:
        lab = WorldLab()
        found = lab.call("ec2", "DescribeNetworkInterfaces")["NetworkInterfaces"]
        pods = lab.cluster().store.items("pods")
        return sorted(
            [(each["NetworkInterfaceId"], each["PrivateIpAddress"]) for each in found]
            + [(each["metadata"]["name"], each["status"].get("podIP", "")) for each in pods]
        )

    assert fingerprint() == fingerprint()


def test_several_clusters_share_the_clock_and_nothing_else(lab: WorldLab) -> None:
    own_cluster(lab, "second")
    assert status_of(lab, "second") == "CREATING"
    lab.advance(20 * 60)
    assert status_of(lab, "second") == "ACTIVE"
    assert lab.world.cluster_names == [BASE_CLUSTER, "second"]
    assert lab.world.endpoint("second") != lab.world.endpoint(BASE_CLUSTER)
    assert lab.world.issuer("second") != lab.world.issuer(BASE_CLUSTER)
    assert lab.world.keys_of(lab.world.issuer("second")) == lab.cluster("second").tokens.keys()
    assert lab.world.keys_of("https://oidc.eks.us-east-1.amazonaws.com/id/NOBODY") is None
    assert lab.cluster("second").clock is lab.cluster().clock
    assert lab.ready_nodes("second") == []
    assert lab.violations() == []
    lab.call("eks", "DeleteCluster", name="second")
    lab.advance(20 * 60)
    assert lab.world.cluster_names == [BASE_CLUSTER]
    assert lab.world.issuer("second") == ""
    assert "second" not in lab.hosting.bearers
    with pytest.raises(AwsError, match=r"ResourceNotFoundException: No cluster found for name: second\."):
        status_of(lab, "second")
    assert lab.violations() == []


def test_an_upgrade_keeps_objects_and_endpoint() -> None:
    lab = WorldLab()
    lab.deploy("web", 2)
    lab.advance(60)
    before, endpoint = set(lab.running()), lab.world.endpoint(BASE_CLUSTER)
    lab.world.upgrade(BASE_CLUSTER, "1.35")
    lab.advance(30)
    assert set(lab.running()) == before
    assert lab.world.endpoint(BASE_CLUSTER) == endpoint
    assert lab.cluster().options.version == "1.35"
    assert lab.violations() == []


def test_writes_to_every_store_are_told(lab: WorldLab) -> None:
    """Those of clusters that come later, too; until nobody listens any more."""
    seen: list[str] = []
    end = lab.world.subscribe(lambda event: seen.append(event.resource))
    own_cluster(lab, "second")
    lab.advance(20 * 60)
    assert {"clusters.eks", "namespaces"} <= set(seen)
    end()
    seen.clear()
    lab.deploy("web", 1)
    assert seen == []


def test_a_restart_goes_on_where_it_was(lab: WorldLab) -> None:
    own_cluster(lab, "second")
    lab.advance(5)
    key, issuer = lab.world.account.student_key, lab.world.issuer(BASE_CLUSTER)
    addresses = lab.call("ec2", "DescribeNetworkInterfaces")["NetworkInterfaces"]
    again = lab.restored(lab.world.state())
    assert again.world.account.student_key == key
    assert again.world.issuer(BASE_CLUSTER) == issuer
    assert again.call("ec2", "DescribeNetworkInterfaces")["NetworkInterfaces"] == addresses
    assert status_of(again, "second") == "CREATING"
    again.advance(20 * 60)
    assert status_of(again, "second") == "ACTIVE"
    assert len(again.ready_nodes()) == 3
    assert again.violations() == []


def settled(lab: WorldLab) -> None:
    """Give both halves ten minutes, and check that they came to what was asked for."""
    lab.advance(600)
    assert lab.violations() == []
    group = lab.call("eks", "DescribeNodegroup", clusterName="lab", nodegroupName="workers")["nodegroup"]
    size = group["scalingConfig"]["desiredSize"]
    assert group["status"] == "ACTIVE"
    assert len(lab.ready_nodes()) == size
    assert len(lab.instances()) == size
    web = lab.cluster().api.get("deployments.apps", Key("default", "web"))
    assert len(lab.running()) == (web["spec"]["replicas"] if web else 0)


@pytest.mark.parametrize("span", [1.0, 45.0], ids=["at 1x", "at 45x"])
@pytest.mark.parametrize("seed", range(3))
def test_halves_that_were_written_at_different_moments_come_together(seed: int, span: float) -> None:
    """Records of the account, moto's state and a cluster's objects are up to a second of real time apart.

    What is asked for, and when the power goes, is drawn; at a higher speed that second is longer in simulated time.
    """
    chance = random.Random(seed)
    lab = WorldLab()
    for _ in range(3):
        lab.scale_nodes(chance.choice([2, 4, 5]))
        lab.deploy("web", chance.choice([2, 8, 20]))
        kept = [lab.world.state()]
        for _ in range(chance.randrange(1, 30)):
            lab.advance(span / 4)
            kept = [*kept, lab.world.state()][-5:]
        account, moto, clusters = (chance.choice(kept) for _ in range(3))
        halves = AccountState(account.account.records, moto.account.moto)
        lab = lab.restored(WorldState(halves, clusters.clusters))
        settled(lab)


def test_what_moto_forgot_is_made_again_or_given_up(lab: WorldLab) -> None:
    """Moto's state from before the node group grew: instances that only the records know are not counted."""
    before = lab.world.state().account.moto
    lab.scale_nodes(5)
    lab.advance(90)
    assert len(lab.ready_nodes()) == 5
    now = lab.world.state()
    lab = lab.restored(replace(now, account=AccountState(now.account.records, before)))
    settled(lab)
    assert len(lab.ready_nodes()) == 5


def test_what_only_moto_knows_of_is_given_up(lab: WorldLab) -> None:
    """The records are from before a cluster was asked for: its interfaces and its security group belong to nobody."""
    before = lab.world.state()
    groups = {each["GroupId"] for each in lab.call("ec2", "DescribeSecurityGroups")["SecurityGroups"]}
    interfaces = lab.call("ec2", "DescribeNetworkInterfaces")["NetworkInterfaces"]
    own_cluster(lab, "second")
    lab.advance(60)
    assert len(lab.call("ec2", "DescribeNetworkInterfaces")["NetworkInterfaces"]) > len(interfaces)
    moto = lab.world.state().account.moto
    lab = lab.restored(replace(before, account=AccountState(before.account.records, moto)))
    settled(lab)
    assert {each["GroupId"] for each in lab.call("ec2", "DescribeSecurityGroups")["SecurityGroups"]} == groups
    found = lab.call("ec2", "DescribeNetworkInterfaces")["NetworkInterfaces"]
    assert [each for each in found if each["Description"] == "Amazon EKS second"] == []
    own_cluster(lab, "second")
    lab.advance(20 * 60)
    assert status_of(lab, "second") == "ACTIVE"


def test_instances_of_a_group_that_went_go_too(lab: WorldLab) -> None:
    """The state of moto is from before a node group was deleted: its instances run again, and nobody counts them."""
    group = lab.call("eks", "DescribeNodegroup", clusterName="lab", nodegroupName="workers")["nodegroup"]
    lab.call(
        "eks",
        "CreateNodegroup",
        clusterName="lab",
        nodegroupName="extra",
        subnets=group["subnets"],
        nodeRole=group["nodeRole"],
        scalingConfig={"minSize": 0, "maxSize": 2, "desiredSize": 2},
    )
    lab.advance(180)
    assert len(lab.ready_nodes()) == 5
    moto = lab.world.state().account.moto
    lab.call("eks", "DeleteNodegroup", clusterName="lab", nodegroupName="extra")
    lab.advance(20 * 60)
    after = lab.world.state()
    lab = lab.restored(replace(after, account=AccountState(after.account.records, moto)))
    settled(lab)
    assert len(lab.instances()) == 3
