"""Hop by hop: routes, gateways, security groups, network ACLs, endpoints."""

from __future__ import annotations

from typing import Any

import pytest

from eks_lab.aws.ec2.cluster_path import from_control_plane
from eks_lab.aws.ec2.interfaces import NetworkInterface
from eks_lab.aws.ec2.reachability import is_public, to_interface, to_internet, to_service
from tests.aws.ec2.world import World


def interface(world: World, subnet: str, *groups: str) -> NetworkInterface:
    return world.ec2.create_network_interface(subnet, "", group_ids=list(groups))


def group(world: World, name: str, *sources: dict[str, Any]) -> str:
    made = world.ec2.create_security_group(name, name, world.network.vpc_id)
    for source in sources:
        kind = "ip_ranges" if "CidrIp" in source else "source_groups"
        ranges = [source] if kind == "ip_ranges" else []
        groups = [source] if kind == "source_groups" else []
        world.ec2.authorize_security_group_ingress(
            made.id, "tcp", "443", "443", ranges, source_groups=groups, vpc_id=world.network.vpc_id
        )
    return str(made.id)


def test_private_subnets_leave_by_nat_and_public_ones_with_an_address_of_their_own(world: World) -> None:
    private = interface(world, world.network.private_subnets[1])
    path = to_internet(world.ec2, private)
    nat = world.ec2.nat_gateways[world.network.nat_gateway_id]
    assert (path.is_open, path.via, path.seen_as) == (True, nat.id, nat.address_set[0]["publicIp"])
    public = interface(world, world.network.public_subnets[0])
    path = to_internet(world.ec2, public)
    assert not path.is_open
    assert "without a public IPv4 address" in path.reason
    public.public_ip = "54.80.1.2"
    assert to_internet(world.ec2, public).seen_as == "54.80.1.2"
    assert is_public(world.ec2, world.network.public_subnets[2])
    assert not is_public(world.ec2, world.network.private_subnets[2])


def test_a_deleted_nat_gateway_is_a_blackhole(world: World) -> None:
    private = interface(world, world.network.private_subnets[0])
    world.ec2.delete_nat_gateway(world.network.nat_gateway_id)
    path = to_internet(world.ec2, private)
    assert (path.is_open, path.hop) == (False, world.network.nat_gateway_id)
    assert "blackhole" in path.reason


def test_a_subnet_without_a_default_route_has_no_way_out(world: World) -> None:
    path = to_internet(world.ec2, interface(world, world.network.control_plane_subnets[0]))
    assert not path.is_open
    assert path.hop.startswith("rtb-")


def test_a_nat_gateway_in_a_private_subnet_leads_nowhere(world: World) -> None:
    address = world.ec2.allocate_address("vpc")
    inner = world.ec2.create_nat_gateway(world.network.control_plane_subnets[1], str(address.allocation_id))
    table = next(
        each
        for each in world.ec2.route_tables.values()
        if world.network.private_subnets[0] in each._associations.values()
    )
    world.ec2.replace_route(table.id, "0.0.0.0/0", nat_gateway_id=inner.id)
    world.account.advance(120)
    path = to_internet(world.ec2, interface(world, world.network.private_subnets[0]))
    assert "has no route to the internet" in path.reason


def test_security_groups_ask_for_address_or_group(world: World) -> None:
    subnet = world.network.private_subnets[0]
    clients = group(world, "clients")
    client = interface(world, subnet, clients)
    closed = interface(world, subnet, group(world, "closed"))
    by_group = interface(world, subnet, group(world, "by-group", {"GroupId": clients}))
    by_range = interface(world, subnet, group(world, "by-range", {"CidrIp": "10.0.0.0/18"}))
    stranger = interface(world, world.network.private_subnets[1])
    assert not to_interface(world.ec2, client, closed).is_open
    assert to_interface(world.ec2, client, by_group).is_open
    assert to_interface(world.ec2, client, by_range).is_open
    assert not to_interface(world.ec2, client, by_group, 10250).is_open
    assert not to_interface(world.ec2, stranger, by_group).is_open
    assert not to_interface(world.ec2, stranger, by_range).is_open


def test_egress_rules_count(world: World) -> None:
    silent = world.ec2.create_security_group("silent", "no egress", world.network.vpc_id)
    silent.egress_rules.clear()
    path = to_internet(world.ec2, interface(world, world.network.private_subnets[0], str(silent.id)))
    assert (path.is_open, path.hop) == (False, silent.id)


@pytest.mark.parametrize(("egress", "low", "high"), [(True, 443, 443), (False, 1024, 65535)])
def test_network_acls_keep_no_state(world: World, egress: bool, low: int, high: int) -> None:
    """Denied there, or denied on the way back: the connection does not come about."""
    source = interface(world, world.network.private_subnets[0])
    acl = next(each for each in world.ec2.network_acls.values() if each.vpc_id == world.network.vpc_id)
    world.ec2.create_network_acl_entry(
        acl.id, 50, "6", "deny", egress, "0.0.0.0/0", None, None, low, high, None
    )
    path = to_internet(world.ec2, source)
    assert (path.is_open, path.hop) == (False, acl.id)


def test_an_endpoint_makes_a_service_reachable_without_a_way_out(world: World) -> None:
    subnet = world.network.control_plane_subnets[0]
    source = interface(world, subnet)
    assert not to_service(world.ec2, source, "sts").is_open
    closed, opened = group(world, "closed"), group(world, "opened", {"CidrIp": "10.0.0.0/16"})
    endpoint = world.ec2.create_vpc_endpoint(
        world.network.vpc_id,
        "com.amazonaws.us-east-1.sts",
        "Interface",
        None,
        [],
        subnet_ids=[subnet],
        security_group_ids=[closed],
        private_dns_enabled=True,
    )
    world.account.advance(60)
    assert "no inbound rule" in to_service(world.ec2, source, "sts").reason
    target = world.ec2.interface_of(endpoint.network_interface_ids[0])
    target._group_set = [world.ec2.get_security_group_from_id(opened)]
    path = to_service(world.ec2, source, "sts")
    assert (path.is_open, path.via) == (True, endpoint.id)


def test_the_gateway_endpoint_of_s3_is_a_route(world: World) -> None:
    subnet = world.network.control_plane_subnets[0]
    source = interface(world, subnet)
    table = next(each for each in world.ec2.route_tables.values() if subnet in each._associations.values())
    endpoint = world.ec2.create_vpc_endpoint(
        world.network.vpc_id, "com.amazonaws.us-east-1.s3", "Gateway", None, [table.id]
    )
    assert to_service(world.ec2, source, "s3").via == endpoint.id
    world.ec2.delete_vpc_endpoints([endpoint.id])
    assert not to_service(world.ec2, source, "s3").is_open


def test_the_control_plane_reaches_what_security_groups_let_it_reach(world: World) -> None:
    """Facts E5 and E6: webhooks and `kubectl logs` go from the cross-account interfaces to the nodes."""
    cluster_group = group(world, "cluster")
    node = interface(
        world, world.network.private_subnets[0], group(world, "node", {"GroupId": cluster_group})
    )
    assert not from_control_plane(world.ec2, "lab", node, 443).is_open
    world.ec2.create_network_interface(
        world.network.control_plane_subnets[0], "", group_ids=[cluster_group], description="Amazon EKS lab"
    )
    assert from_control_plane(world.ec2, "lab", node, 443).is_open
    path = from_control_plane(world.ec2, "lab", node, 10250)
    assert "allows TCP 10250" in path.reason
