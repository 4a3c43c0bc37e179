"""Instances: launches that are refused, states in simulated time, volumes and launch templates."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from moto.ec2.exceptions import EC2ClientError

from eks_lab.aws import invariants
from eks_lab.aws.ec2.instances import Instance
from tests.aws.ec2.world import World, node_image


def run(world: World, count: int = 1, instance_type: str = "m5.large", **more: Any) -> list[Instance]:
    arguments = {"subnet_id": world.network.private_subnets[0], "region_name": "us-east-1", **more}
    reservation = world.ec2.run_instances(
        node_image(world),
        count,
        None,
        [],
        instance_type=instance_type,
        is_instance_type_default=False,
        **arguments,
    )
    return [each for each in reservation.instances if isinstance(each, Instance)]


def code_of(error: pytest.ExceptionInfo[EC2ClientError]) -> str:
    return str(error.value.code)


def test_states_follow_simulated_time(world: World) -> None:
    (instance,) = run(world)
    assert instance.state == "pending"
    world.account.advance(10)
    assert instance.state == "running"
    instance.stop()
    assert instance.state == "stopping"
    world.account.advance(30)
    assert instance.state == "stopped"
    instance.start()
    assert instance.state == "pending"
    world.account.advance(10)
    assert instance.state == "running"
    instance.terminate()
    assert instance.state == "shutting-down"
    world.account.advance(30)
    assert instance.state == "terminated"
    assert instance.private_ip is None
    with pytest.raises(EC2ClientError) as error:
        instance.start()
    assert code_of(error) == "IncorrectInstanceState"
    world.account.advance(3700)
    assert instance.id not in world.ec2.instance_index


def test_instance_types_that_do_not_exist_are_refused(world: World) -> None:
    with pytest.raises(EC2ClientError) as error:
        run(world, instance_type="m5.enormous")
    assert (code_of(error), error.value.message) == (
        "InvalidParameterValue",
        "Invalid value 'm5.enormous' for InstanceType.",
    )


def test_a_zone_without_the_type_says_which_have_it(world: World) -> None:
    subnet = world.ec2.create_subnet(world.network.vpc_id, "10.0.250.0/24", availability_zone="us-east-1e")
    with pytest.raises(EC2ClientError, match=r"us-east-1e.*choosing us-east-1a") as error:
        run(world, instance_type="m7g.large", subnet_id=subnet.id)
    assert code_of(error) == "Unsupported"


def test_no_capacity_names_the_other_zones_and_ends(world: World) -> None:
    world.ec2.capacity.run_out("m5.large", "us-east-1a")
    with pytest.raises(EC2ClientError, match="choosing us-east-1b, us-east-1c") as error:
        run(world)
    assert code_of(error) == "InsufficientInstanceCapacity"
    run(world, subnet_id=world.network.private_subnets[1])
    world.ec2.capacity.restock("m5.large", "us-east-1a")
    run(world)


def test_spot_alone_can_run_out(world: World) -> None:
    world.ec2.capacity.run_out("*", "us-east-1a", only_spot=True)
    run(world)
    with pytest.raises(EC2ClientError, match="We currently do not have sufficient"):
        run(world, instance_market_options="spot")


def test_the_vcpu_quota_counts_the_family(world: World) -> None:
    world.ec2.capacity.quotas["Standard"] = 8
    run(world, 3)
    with pytest.raises(EC2ClientError, match="current vCPU limit of 8") as error:
        run(world, 2)
    assert code_of(error) == "VcpuLimitExceeded"
    for instance in world.ec2.find_instances():
        instance.terminate()
    run(world, 4)


def test_a_launch_that_does_not_fit_the_subnet_leaves_nothing(world: World) -> None:
    subnet = world.network.control_plane_subnets[0]
    with pytest.raises(EC2ClientError) as error:
        run(world, 12, subnet_id=subnet)
    assert code_of(error) == "InsufficientFreeAddressesInSubnet"
    assert world.ec2.subnet_of(subnet).available_ip_address_count == 11
    assert not world.ec2.instance_index
    assert not world.ec2.volumes


def test_a_launch_template_completes_the_call(world: World) -> None:
    group = world.ec2.create_security_group("nodes", "nodes", world.network.vpc_id)
    text = base64.b64encode(b"#!/bin/sh\n").decode()
    template = world.ec2.create_launch_template(
        "workers",
        "",
        {
            "InstanceType": "c5.large",
            "UserData": text,
            "MetadataOptions": {"HttpPutResponseHopLimit": 1, "HttpTokens": "required"},
            "BlockDeviceMappings": [
                {
                    "DeviceName": "/dev/xvda",
                    "Ebs": {"VolumeSize": 50, "VolumeType": "gp3", "DeleteOnTermination": True},
                }
            ],
            "NetworkInterfaces": [
                {"DeviceIndex": 0, "Groups": [group.id], "AssociatePublicIpAddress": False}
            ],
        },
        {},
    )
    reservation = world.ec2.run_instances(
        node_image(world),
        1,
        None,
        [],
        instance_type="m1.small",
        is_instance_type_default=True,
        region_name="us-east-1",
        subnet_id=world.network.private_subnets[2],
        launch_template={"LaunchTemplateId": template.id, "Version": "1"},
    )
    instance = reservation.instances[0]
    assert instance.instance_type == "c5.large"
    assert instance.metadata_options.http_put_response_hop_limit == 1
    assert [volume.size for volume in world.ec2.volumes.values()] == [50]
    assert [each.id for each in instance.nics[0].group_set] == [group.id]
    assert instance.availability_zone == "us-east-1c"


# --- volumes ---------------------------------------------------------------------------------------------


def volume(world: World, zone: str = "us-east-1a", **more: Any) -> str:
    made = world.ec2.create_volume(10, zone, volume_type=more.pop("volume_type", "gp3"), **more)
    return str(made.id)


def test_volumes_are_created_attached_and_freed_in_order(world: World) -> None:
    (instance,) = run(world)
    world.account.advance(20)
    data = volume(world)
    with pytest.raises(EC2ClientError) as error:
        world.ec2.attach_volume(data, instance.id, "/dev/xvdba")
    assert code_of(error) == "IncorrectState"
    world.account.advance(5)
    attachment = world.ec2.attach_volume(data, instance.id, "/dev/xvdba")
    assert attachment is not None
    assert attachment.status == "attaching"
    world.account.advance(5)
    assert (attachment.status, world.ec2.volume_of(data).status) == ("attached", "in-use")
    for action, code in (
        (lambda: world.ec2.delete_volume(data), "VolumeInUse"),
        (lambda: world.ec2.attach_volume(data, instance.id, "/dev/xvdbb"), "VolumeInUse"),
        (lambda: world.ec2.modify_volume(data, 5), "InvalidParameterValue"),
    ):
        with pytest.raises(EC2ClientError) as error:
            action()
        assert code_of(error) == code
    world.ec2.detach_volume(data, instance.id, "")
    with pytest.raises(EC2ClientError, match="is in the 'available' state") as error:
        world.ec2.detach_volume(data, instance.id, "")
    world.ec2.delete_volume(data)
    assert invariants.violations(world.account) == []  # type: ignore[arg-type]


def test_a_volume_stays_in_its_zone(world: World) -> None:
    (instance,) = run(world)
    data = volume(world, "us-east-1b")
    world.account.advance(20)
    with pytest.raises(EC2ClientError, match="is not in the same availability zone as instance") as error:
        world.ec2.attach_volume(data, instance.id, "/dev/xvdba")
    assert code_of(error) == "InvalidVolume.ZoneMismatch"


def test_interfaces_and_volumes_share_the_attachments_of_m5(world: World) -> None:
    """m5.large: 27 attachments beside the primary ENI, the root volume among them; each further ENI takes one."""
    (instance,) = run(world)
    volumes = [volume(world) for _ in range(27)]
    world.account.advance(20)
    further = world.ec2.create_network_interface(world.network.private_subnets[0], "")
    world.ec2.attach_network_interface(further.id, instance.id, 1)
    for number, each in enumerate(volumes[:25]):
        world.ec2.attach_volume(each, instance.id, f"/dev/xvdb{chr(97 + number)}")
    with pytest.raises(EC2ClientError) as error:
        world.ec2.attach_volume(volumes[25], instance.id, "/dev/xvdca")
    assert code_of(error) == "AttachmentLimitExceeded"


def test_multi_attach_is_for_those_that_have_it(world: World) -> None:
    first, second = run(world, 2)
    plain, shared = volume(world), volume(world, volume_type="io2", iops=1000, multi_attach_enabled=True)
    world.account.advance(20)
    for each in (plain, shared):
        world.ec2.attach_volume(each, first.id, f"/dev/xvdb{each[-1]}x"[:10])
    world.ec2.attach_volume(shared, second.id, "/dev/xvdba")
    with pytest.raises(EC2ClientError) as error:
        world.ec2.attach_volume(plain, second.id, "/dev/xvdbb")
    assert code_of(error) == "VolumeInUse"
    first.terminate()
    assert [each.instance_id for each in world.ec2.volume_of(shared).attachments] == [second.id]
    assert world.ec2.volume_of(plain).status == "available"


def test_root_volumes_go_with_their_instance(world: World) -> None:
    (instance,) = run(world)
    root = next(iter(instance.block_device_mapping.values())).volume_id
    world.account.advance(20)
    with pytest.raises(EC2ClientError, match="Unable to detach root volume"):
        world.ec2.detach_volume(root, instance.id, "")
    instance.terminate()
    assert root not in world.ec2.volumes


# --- gateways --------------------------------------------------------------------------------------------


def test_a_nat_gateway_is_pending_first_and_gives_its_address_back(world: World) -> None:
    subnet = world.network.public_subnets[1]
    before = world.ec2.subnet_of(subnet).available_ip_address_count
    address = world.ec2.allocate_address("vpc")
    gateway = world.ec2.create_nat_gateway(subnet, str(address.allocation_id))
    assert gateway.state == "pending"
    assert world.ec2.subnet_of(subnet).available_ip_address_count == before - 1
    with pytest.raises(EC2ClientError, match="is in use"):
        world.ec2.release_address(allocation_id=address.allocation_id)
    world.account.advance(120)
    assert gateway.state == "available"
    world.ec2.delete_nat_gateway(gateway.id)
    assert gateway.state == "deleting"
    assert world.ec2.subnet_of(subnet).available_ip_address_count == before
    world.account.advance(60)
    assert gateway.state == "deleted"
    world.ec2.release_address(allocation_id=address.allocation_id)
    world.account.advance(3700)
    assert gateway.id not in {each.id for each in world.ec2.describe_nat_gateways({}, None)}


def test_an_interface_endpoint_has_interfaces_in_its_subnets(world: World) -> None:
    subnets = list(world.network.private_subnets)
    before = [world.ec2.subnet_of(each).available_ip_address_count for each in subnets]
    endpoint = world.ec2.create_vpc_endpoint(
        world.network.vpc_id, "com.amazonaws.us-east-1.sts", "Interface", None, [], subnet_ids=subnets
    )
    assert endpoint.state == "pending"
    assert [world.ec2.subnet_of(each).available_ip_address_count for each in subnets] == [
        count - 1 for count in before
    ]
    world.account.advance(60)
    assert endpoint.state == "available"
    world.ec2.delete_vpc_endpoints([endpoint.id])
    assert [world.ec2.subnet_of(each).available_ip_address_count for each in subnets] == before


def test_ids_follow_from_the_seed(world: World) -> None:
    from tests.aws.ec2.world import new_world

    assert new_world().network == world.network


def test_moto_keeps_and_restores_the_mended_state(world: World) -> None:
    (instance,) = run(world)
    world.ec2.create_network_interface(world.network.private_subnets[0], "", ipv4_prefix_count=1)
    count = world.ec2.subnet_of(world.network.private_subnets[0]).available_ip_address_count
    world.account.moto.load(world.account.moto.dump())
    restored = world.ec2.instance_of(instance.id)
    assert restored is not instance
    assert restored.state == "pending"
    assert world.ec2.subnet_of(world.network.private_subnets[0]).available_ip_address_count == count
    assert invariants.violations(world.account) == []  # type: ignore[arg-type]
