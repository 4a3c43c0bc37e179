"""Interfaces: limits of instance types, addresses counted, refusals in EC2's words."""

from __future__ import annotations

import pytest
from moto.ec2.exceptions import EC2ClientError

from eks_lab.aws import invariants
from eks_lab.aws.ec2.instances import Instance
from tests.aws.ec2.world import World, node_image


def refusal(error: pytest.ExceptionInfo[EC2ClientError]) -> tuple[str, str]:
    return str(error.value.code), str(error.value.message)


def run(world: World, instance_type: str = "t3.small", **more: object) -> Instance:
    arguments = {"subnet_id": world.network.private_subnets[0], "region_name": "us-east-1", **more}
    reservation = world.ec2.run_instances(
        node_image(world),
        1,
        None,
        [],
        instance_type=instance_type,
        is_instance_type_default=False,
        **arguments,
    )
    instance = reservation.instances[0]
    assert isinstance(instance, Instance)
    return instance


def small_subnet(world: World, cidr: str) -> str:
    world.ec2.associate_vpc_cidr_block(world.network.vpc_id, "100.64.0.0/16", False)
    return world.ec2.create_subnet(world.network.vpc_id, cidr, availability_zone="us-east-1a").id


def free(world: World, subnet_id: str) -> int:
    return world.ec2.subnet_of(subnet_id).available_ip_address_count


def test_addresses_and_prefixes_are_counted_and_given_back(world: World) -> None:
    subnet = small_subnet(world, "100.64.0.0/24")
    interface = world.ec2.create_network_interface(subnet, "", secondary_ips_count=3, ipv4_prefix_count=2)
    assert free(world, subnet) == 251 - 4 - 32
    assert len(interface.secondary_addresses) == 3
    assert all(prefix.endswith("/28") for prefix in interface.prefixes)
    world.ec2.unassign_private_ip_addresses(interface.id, interface.secondary_addresses[:2])
    world.ec2.unassign_private_ip_addresses(interface.id, None, interface.prefixes[:1])
    assert free(world, subnet) == 251 - 2 - 16
    world.ec2.delete_network_interface(interface.id)
    assert free(world, subnet) == 251


def test_a_full_subnet_gives_all_or_nothing(world: World) -> None:
    subnet = small_subnet(world, "100.64.0.0/28")
    interface = world.ec2.create_network_interface(subnet, "", secondary_ips_count=6)
    with pytest.raises(EC2ClientError) as error:
        world.ec2.assign_private_ip_addresses(interface.id, None, 5)
    assert refusal(error) == (
        "InsufficientFreeAddressesInSubnet",
        "The specified subnet does not have enough free addresses to satisfy the request.",
    )
    assert free(world, subnet) == 4
    with pytest.raises(EC2ClientError) as error:
        world.ec2.assign_private_ip_addresses(interface.id, None, 0, ipv4_prefix_count=1)
    assert refusal(error) == (
        "InsufficientCidrBlocks",
        "The specified subnet does not have enough free cidr blocks to satisfy the request.",
    )


def test_an_interface_holds_what_its_instance_type_holds(world: World) -> None:
    """t3.small: 3 interfaces of 4 addresses (facts B1)."""
    instance = run(world)
    primary = instance.nics[0].id
    world.ec2.assign_private_ip_addresses(primary, None, 2, ipv4_prefix_count=1)
    with pytest.raises(EC2ClientError) as error:
        world.ec2.assign_private_ip_addresses(primary, None, 1)
    assert refusal(error)[0] == "PrivateIpAddressLimitExceeded"
    for index in (1, 2):
        interface = world.ec2.create_network_interface(world.network.private_subnets[0], "")
        world.ec2.attach_network_interface(interface.id, instance.id, index)
    extra = world.ec2.create_network_interface(world.network.private_subnets[0], "")
    with pytest.raises(EC2ClientError) as error:
        world.ec2.attach_network_interface(extra.id, instance.id, 3)
    assert refusal(error) == ("AttachmentLimitExceeded", "Interface count 4 exceeds the limit for t3.small")
    large = world.ec2.create_network_interface(world.network.private_subnets[0], "", secondary_ips_count=4)
    with pytest.raises(EC2ClientError) as error:
        world.ec2.attach_network_interface(large.id, run(world).id, 1)
    assert refusal(error)[0] == "PrivateIpAddressLimitExceeded"


def test_an_interface_stays_in_its_zone_and_at_one_instance(world: World) -> None:
    instance = run(world)
    elsewhere = world.ec2.create_network_interface(world.network.private_subnets[1], "")
    with pytest.raises(EC2ClientError, match="not in the same availability zone"):
        world.ec2.attach_network_interface(elsewhere.id, instance.id, 1)
    here = world.ec2.create_network_interface(world.network.private_subnets[0], "")
    with pytest.raises(EC2ClientError, match="already has an interface attached at device index '0'"):
        world.ec2.attach_network_interface(here.id, instance.id, 0)
    world.ec2.attach_network_interface(here.id, instance.id, 1)
    with pytest.raises(EC2ClientError, match="in use"):
        world.ec2.attach_network_interface(here.id, run(world).id, 1)
    with pytest.raises(EC2ClientError, match="is currently in use"):
        world.ec2.delete_network_interface(here.id)
    attachment = instance.nics[0].attachment_id
    assert attachment is not None
    with pytest.raises(EC2ClientError, match="device index 0"):
        world.ec2.detach_network_interface(attachment)


def test_interfaces_of_services_are_left_alone(world: World) -> None:
    nat = world.ec2.nat_gateways[world.network.nat_gateway_id]._eni.id
    instance = run(world, subnet_id=world.network.public_subnets[0])
    for action, code in (
        (lambda: world.ec2.attach_network_interface(nat, instance.id, 1), "InvalidNetworkInterface.InUse"),
        (lambda: world.ec2.delete_network_interface(nat), "InvalidParameterValue"),
        (lambda: world.ec2.assign_private_ip_addresses(nat, None, 1), "AuthFailure"),
    ):
        with pytest.raises(EC2ClientError) as error:
            action()
        assert error.value.code == code


def test_filters_and_groups_look_at_the_whole_interface(world: World) -> None:
    instance = run(world)
    primary = instance.nics[0]
    world.ec2.assign_private_ip_addresses(primary.id, None, 1)
    for name, value in (
        ("addresses.private-ip-address", primary.secondary_addresses[0]),
        ("attachment.instance-id", instance.id),
        ("requester-managed", "true"),
    ):
        found = world.ec2.get_all_network_interfaces(filters={name: [value]})
        is_lent = name == "requester-managed"
        assert (primary in found) is not is_lent
        assert len(found) == 1
    group = world.ec2.create_security_group("web", "web", world.network.vpc_id)
    world.ec2.modify_instance_security_groups(instance.id, [group.id])
    assert [each.id for each in primary.group_set] == [group.id]


def test_unknown_groups_and_addresses_are_refused(world: World) -> None:
    subnet = world.network.private_subnets[0]
    with pytest.raises(EC2ClientError, match="The security group 'sg-0123' does not exist"):
        world.ec2.create_network_interface(subnet, "", group_ids=["sg-0123"])
    world.ec2.create_network_interface(subnet, "10.0.0.9")
    with pytest.raises(EC2ClientError, match=r"Address 10\.0\.0\.9 is in use"):
        world.ec2.create_network_interface(subnet, "10.0.0.9")
    with pytest.raises(EC2ClientError, match="does not fall within the subnet's address range"):
        world.ec2.create_network_interface(subnet, "10.0.64.9")
    assert len([each for each in world.ec2.enis.values() if each.subnet.id == subnet]) == 1


def test_termination_gives_back_what_goes_with_the_instance(world: World) -> None:
    subnet = world.network.private_subnets[0]
    before = free(world, subnet)
    instance = run(world, "m5.large")
    going = world.ec2.create_network_interface(
        subnet, "", secondary_ips_count=2, ipv4_prefix_count=1, delete_on_termination=True
    )
    staying = world.ec2.create_network_interface(subnet, "")
    world.ec2.attach_network_interface(going.id, instance.id, 1)
    world.ec2.attach_network_interface(staying.id, instance.id, 2)
    world.ec2.terminate_instances([instance.id])
    assert staying.id in world.ec2.enis
    assert going.id not in world.ec2.enis
    assert staying.status == "available"
    assert free(world, subnet) == before - 1
    assert invariants.violations(world.account) == []  # type: ignore[arg-type]


def test_subnets_groups_and_vpcs_in_use_are_not_deleted(world: World) -> None:
    subnet = small_subnet(world, "100.64.0.0/24")
    group = world.ec2.create_security_group("web", "web", world.network.vpc_id)
    other = world.ec2.create_security_group("other", "other", world.network.vpc_id)
    interface = world.ec2.create_network_interface(subnet, "", group_ids=[group.id])
    for delete, message in (
        (lambda: world.ec2.delete_subnet(subnet), f"The subnet '{subnet}' has dependencies"),
        (
            lambda: world.ec2.delete_security_group(group_id=group.id),
            f"resource {group.id} has a dependent object",
        ),
        (lambda: world.ec2.delete_vpc(world.network.vpc_id), "has dependencies and cannot be deleted"),
    ):
        with pytest.raises(EC2ClientError, match=message) as error:
            delete()
        assert error.value.code == "DependencyViolation"
    world.ec2.authorize_security_group_ingress(
        other.id, "tcp", "80", "80", [], source_groups=[{"GroupId": group.id}], vpc_id=world.network.vpc_id
    )
    world.ec2.delete_network_interface(interface.id)
    with pytest.raises(EC2ClientError, match="has a dependent object"):
        world.ec2.delete_security_group(group_id=group.id)
    world.ec2.delete_security_group(group_id=other.id)
    world.ec2.delete_security_group(group_id=group.id)
    world.ec2.delete_subnet(subnet)
    assert subnet not in {each.id for each in world.ec2.find_subnets()}


def test_an_empty_vpc_goes_with_all_it_was_made_with(world: World) -> None:
    vpc = world.ec2.create_vpc("10.9.0.0/16")
    world.ec2.delete_vpc(vpc.id)
    assert vpc.id not in world.ec2.vpcs
    assert not [acl for acl in world.ec2.network_acls.values() if acl.vpc_id == vpc.id]
