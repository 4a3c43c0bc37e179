"""EC2 as nodes and drivers see it: IAM decides, EC2 refuses in its own words, both halves agree."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from eks_lab.aws import invariants
from eks_lab.aws.ec2.cloud import Ec2Cloud
from eks_lab.aws.errors import AwsError
from eks_lab.aws.principal import Principal
from eks_lab.sim.cloud import Caller, Cloud, CloudError
from tests.aws.ec2.world import World, node_image


def cloud_and_node(world: World) -> tuple[Ec2Cloud, str, Caller]:
    (instance_id,) = world.account.fleet.launch(world.launch(), 1)
    cloud = world.account.cloud_of("lab")
    return cloud, instance_id, cloud.node_caller(instance_id)


def test_it_is_a_cloud(world: World) -> None:
    cloud: Cloud = world.account.cloud_of("lab")
    assert cloud.instance("i-unknown") is None
    assert cloud.interfaces("i-unknown") == ()
    assert cloud.subnet("subnet-unknown") is None
    assert cloud.pod_identity_association("default", "app") is None


def test_a_node_calls_as_its_role(world: World) -> None:
    cloud, instance_id, caller = cloud_and_node(world)
    assert caller.arn == f"arn:aws:sts::123456789012:assumed-role/eks-lab-node/{instance_id}"
    found = cloud.instance(instance_id)
    assert found is not None
    assert (found.role_arn, found.hop_limit, found.zone, found.state) == (
        "arn:aws:iam::123456789012:role/eks-lab-node",
        2,
        "us-east-1a",
        "pending",
    )
    assert found.private_name.startswith("ip-10-0-")


def test_interfaces_come_and_go_with_their_addresses(world: World) -> None:
    cloud, instance_id, caller = cloud_and_node(world)
    subnet = world.network.private_subnets[0]
    place = cloud.subnet(subnet)
    assert place is not None
    made = cloud.create_interface(
        caller, instance_id, 1, subnet, (), addresses=9, description="aws-K8S-i", tags={"cluster": "lab"}
    )
    assert len(made.addresses) == 9
    assert [each.device_index for each in cloud.interfaces(instance_id)] == [0, 1]
    assert dict(cloud.interfaces(instance_id)[1].tags) == {"cluster": "lab"}
    after = cloud.subnet(subnet)
    assert after is not None
    assert after.free_addresses == place.free_addresses - 10
    with pytest.raises(CloudError) as error:
        cloud.assign_addresses(caller, made.id, 1)
    assert (error.value.code, error.value.operation) == (
        "PrivateIpAddressLimitExceeded",
        "AssignPrivateIpAddresses",
    )
    cloud.unassign_addresses(caller, made.id, made.addresses)
    assert len(cloud.assign_prefixes(caller, made.id, 2)) == 2
    cloud.unassign_prefixes(caller, made.id, cloud.interfaces(instance_id)[1].prefixes[:1])
    assert len(cloud.interfaces(instance_id)[1].prefixes) == 1
    cloud.delete_interface(caller, made.id)
    final = cloud.subnet(subnet)
    assert final is not None
    assert final.free_addresses == place.free_addresses
    assert invariants.violations(world.account) == []  # type: ignore[arg-type]


def test_an_interface_that_cannot_be_attached_is_not_left_behind(world: World) -> None:
    cloud, instance_id, caller = cloud_and_node(world)
    before = len(world.ec2.enis)
    with pytest.raises(CloudError) as error:
        cloud.create_interface(caller, instance_id, 0, world.network.private_subnets[0], ())
    assert error.value.operation == "AttachNetworkInterface"
    assert len(world.ec2.enis) == before


def test_without_the_cni_policy_ec2_is_closed(world: World) -> None:
    cloud, instance_id, caller = cloud_and_node(world)
    world.iam.detach_role_policy("arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy", "eks-lab-node")
    with pytest.raises(CloudError) as error:
        cloud.create_interface(caller, instance_id, 1, world.network.private_subnets[0], ())
    assert error.value.code == "UnauthorizedOperation"
    assert "is not authorized to perform: ec2:CreateNetworkInterface" in error.value.message
    with pytest.raises(CloudError) as error:
        cloud.create_volume(Caller(""), "us-east-1a", 10, "gp3")
    assert error.value.code == "AuthFailure"


def test_an_instance_without_a_profile_has_no_credentials(world: World) -> None:
    reservation = world.ec2.run_instances(
        node_image(world),
        1,
        None,
        [],
        instance_type="m5.large",
        is_instance_type_default=False,
        region_name="us-east-1",
        subnet_id=world.network.private_subnets[0],
    )
    with pytest.raises(CloudError, match="no EC2 IMDS role found"):
        world.account.cloud_of("lab").node_caller(reservation.instances[0].id)


def test_volumes_are_made_attached_grown_and_deleted(world: World) -> None:
    cloud, instance_id, caller = cloud_and_node(world)
    world.iam.attach_role_policy(
        "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy", "eks-lab-node"
    )
    world.iam.attach_role_policy("arn:aws:iam::aws:policy/AdministratorAccess", "eks-lab-node")
    made = cloud.create_volume(caller, "us-east-1a", 10, "gp3", is_encrypted=False, tags={"pvc": "data"})
    assert made.state == "creating"
    world.account.advance(20)
    device = cloud.attach_volume(caller, made.id, instance_id)
    assert device == "/dev/xvdaa"
    assert cloud.attach_volume(caller, made.id, instance_id) == device
    cloud.modify_volume(caller, made.id, 20)
    found = cloud.volume(caller, made.id)
    assert found is not None
    assert (found.size_gib, found.state, found.attachments) == (20, "in-use", ((instance_id, device),))
    cloud.detach_volume(caller, made.id, instance_id)
    cloud.delete_volume(caller, made.id)
    assert cloud.volume(caller, made.id) is None


def test_the_agent_asks_with_the_role_of_its_node(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Facts 4.6: the node role needs eks-auth:AssumeRoleForPodIdentity; IRSA needs nobody's."""
    instance_id = world.join()
    node = world.status(instance_id)["nodeName"]
    session = Principal("assumed-role", "123456789012", "arn:aws:sts::123456789012:assumed-role/app/s", "A:s")
    keys = world.account.iam.session(session, timedelta(hours=1), by_wall=False)
    asked: list[tuple[str, str]] = []

    def call(service: str, operation: str, params: dict[str, Any], *, principal: Principal) -> dict[str, Any]:
        asked.append((operation, principal.arn))
        if operation == "AssumeRoleForPodIdentity":
            return {"credentials": {"accessKeyId": keys.access_key, "sessionToken": keys.token}}
        if params["RoleArn"] == "refused":
            raise AwsError("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
        return {"Credentials": {"AccessKeyId": keys.access_key, "SessionToken": keys.token}}

    monkeypatch.setattr(world.account, "call", call)
    cloud = world.account.cloud_of("lab")
    claims = base64.urlsafe_b64encode(json.dumps({"kubernetes.io": {"node": {"name": node}}}).encode())
    for token in (f"h.{claims.decode().rstrip('=')}.s", "rubbish", "h.rubbish.s"):
        assert cloud.pod_identity_caller(token).arn == session.arn
    assert cloud.web_identity_caller("role", "token", "name").handle == session
    root_arn = "arn:aws:iam::123456789012:root"
    assert [arn for _, arn in asked] == [cloud.node_caller(instance_id).arn, root_arn, root_arn, root_arn]
    with pytest.raises(CloudError, match="Not authorized to perform sts:AssumeRoleWithWebIdentity"):
        cloud.web_identity_caller("refused", "token", "name")


def test_the_association_of_a_service_account_is_found(world: World) -> None:
    world.account.store.put(
        "podidentityassociations.eks",
        {
            "metadata": {"namespace": "lab", "name": "a-1", "uid": "u"},
            "spec": {"namespace": "default", "serviceAccount": "app", "roleArn": "arn:aws:iam::1:role/app"},
        },
    )
    found = world.account.cloud_of("lab").pod_identity_association("default", "app")
    assert found is not None
    assert found["roleArn"].endswith("role/app")
    assert world.account.cloud_of("other").pod_identity_association("default", "app") is None
