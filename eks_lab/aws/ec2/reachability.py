"""Can this interface reach that? Route tables, gateways, security groups, network ACLs and endpoints, hop by hop.

Every function reads the backend and changes nothing. An answer names the hop that stops the packets.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from eks_lab.aws.ec2.backend import Ec2Backend
from eks_lab.aws.ec2.gateways import VPCEndPoint
from eks_lab.aws.ec2.interfaces import NetworkInterface

HTTPS = 443
SOMEWHERE = "18.205.93.1"
"""A public address, where any will do."""
ANSWERS = 32768
"""A port of the range from which Linux opens connections: answers come back to it."""


@dataclass(frozen=True, slots=True)
class Path:
    """Whether packets arrive, and where they end if they do not."""

    is_open: bool
    hop: str = ""
    """Id of what stops them: `rtb-…`, `sg-…`, `acl-…`, `nat-…`, `igw-…`."""
    reason: str = ""
    """One sentence."""
    seen_as: str = ""
    """Address the other side sees: the private one, or a public one behind NAT."""
    via: str = ""
    """Id of the gateway or endpoint they leave by; empty within the VPC."""


def _blocked(hop: str, reason: str) -> Path:
    return Path(False, hop, reason)


# --- routes ----------------------------------------------------------------------------------------------


def route_table_of(ec2: Ec2Backend, subnet_id: str) -> Any:
    """Return the route table of a subnet: its own, or the VPC's main one."""
    main = None
    vpc_id = ec2.subnet_of(subnet_id).vpc_id
    for table in ec2.route_tables.values():
        if subnet_id in table._associations.values():
            return table
        if table.vpc_id == vpc_id and table.main_association_id is not None:
            main = table
    return main


def route_to(ec2: Ec2Backend, subnet_id: str, address: str) -> Any:
    """Return the most specific route from a subnet to an address, or None."""
    target, best, length = IPv4Address(address), None, -1
    table = route_table_of(ec2, subnet_id)
    for route in table.routes if table is not None else ():
        if not route.destination_cidr_block:
            continue
        network = IPv4Network(route.destination_cidr_block, strict=False)
        if target in network and network.prefixlen > length:
            best, length = route, network.prefixlen
    return best


def is_public(ec2: Ec2Backend, subnet_id: str) -> bool:
    """Say whether a subnet's default route leads to an internet gateway."""
    route = route_to(ec2, subnet_id, SOMEWHERE)
    return route is not None and route.gateway is not None and str(route.gateway.id).startswith("igw-")


def to_internet(
    ec2: Ec2Backend, interface: NetworkInterface, port: int = HTTPS, address: str = SOMEWHERE
) -> Path:
    """Say whether an interface opens TCP connections to a public address.

    Args:
        ec2: backend of the region.
        interface: from which.
        port: of the other side.
        address: of the other side.
    """
    stopped = _leaves(ec2, interface, address, port)
    if stopped is not None:
        return stopped
    subnet_id = interface.subnet.id
    route = route_to(ec2, subnet_id, address)
    table = route_table_of(ec2, subnet_id)
    table_id = table.id if table is not None else subnet_id
    if route is None or route.local:
        return _blocked(table_id, f"route table {table_id} of subnet {subnet_id} has no route to {address}")
    if route.nat_gateway is not None:
        return _through_nat(ec2, route.nat_gateway, address)
    if route.gateway is not None and str(route.gateway.id).startswith("igw-"):
        gone = _gateway_problem(ec2, str(route.gateway.id), interface.vpc_id)
        if gone is not None:
            return gone
        if not interface.public_ip:
            return _blocked(
                str(route.gateway.id),
                f"interface {interface.id} is in a public subnet without a public IPv4 address: nothing comes back",
            )
        return Path(True, seen_as=interface.public_ip, via=str(route.gateway.id))
    return _blocked(table_id, f"route table {table_id} sends {address} to something that is no way out")


def _through_nat(ec2: Ec2Backend, nat: Any, address: str) -> Path:
    if nat.state != "available":
        return _blocked(nat.id, f"NAT gateway {nat.id} is {nat.state}: the route is a blackhole")
    if nat.connectivity_type == "private":
        return _blocked(nat.id, f"NAT gateway {nat.id} is private")
    route = route_to(ec2, nat.subnet_id, address)
    if route is None or route.gateway is None or not str(route.gateway.id).startswith("igw-"):
        return _blocked(
            nat.id,
            f"NAT gateway {nat.id} stands in subnet {nat.subnet_id}, which has no route to the internet",
        )
    gone = _gateway_problem(ec2, str(route.gateway.id), nat.vpc_id)
    if gone is not None:
        return gone
    stopped = _acl_problem(ec2, nat.subnet_id, address, HTTPS)
    if stopped is not None:
        return stopped
    public = nat.address_set[0].get("publicIp") if nat.address_set else ""
    return Path(True, seen_as=str(public or ""), via=nat.id)


def _gateway_problem(ec2: Ec2Backend, gateway_id: str, vpc_id: str) -> Path | None:
    gateway = ec2.internet_gateways.get(gateway_id)
    attached: Any = gateway.vpc if gateway is not None else None
    if attached is None or attached.id != vpc_id:
        return _blocked(gateway_id, f"internet gateway {gateway_id} is not attached to {vpc_id}")
    return None


# --- within the VPC, and to AWS's services ---------------------------------------------------------------


def to_interface(
    ec2: Ec2Backend, source: NetworkInterface, target: NetworkInterface, port: int = HTTPS
) -> Path:
    """Say whether one interface of a VPC opens TCP connections to another."""
    address = target.private_ip_address or ""
    if source.vpc_id != target.vpc_id:
        return _blocked(source.vpc_id, f"{source.vpc_id} and {target.vpc_id} are not connected")
    stopped = _leaves(ec2, source, address, port, target.group_set)
    if stopped is not None:
        return stopped
    if source.subnet is not target.subnet:
        stopped = _acl_problem(ec2, target.subnet.id, source.private_ip_address or "", port, is_server=True)
        if stopped is not None:
            return stopped
    if not any(
        _allows(rule, "tcp", port, source.private_ip_address or "", source.group_set)
        for group in target.group_set
        for rule in group.ingress_rules
    ):
        names = ", ".join(group.id for group in target.group_set)
        return _blocked(
            names, f"no inbound rule of {names} allows TCP {port} from {source.private_ip_address}"
        )
    return Path(True, seen_as=source.private_ip_address or "")


def to_service(ec2: Ec2Backend, interface: NetworkInterface, service: str) -> Path:
    """Say whether an interface reaches a regional API of AWS.

    Args:
        ec2: backend of the region.
        interface: from which.
        service: last part of the endpoint service's name: `ec2`, `ecr.api`, `sts`, `s3`.

    Returns:
        The path by an endpoint with private DNS where the VPC has one, else by the internet.
    """
    name = f"com.amazonaws.{ec2.region_name}.{service}"
    vpc = ec2.get_vpc(interface.vpc_id)
    for endpoint in ec2.vpc_end_points.values():
        if endpoint.vpc_id != interface.vpc_id or endpoint.service_name != name:
            continue
        if endpoint.state != "available":
            continue
        if (endpoint.vpc_endpoint_type or "Gateway").lower() == "gateway":
            table = route_table_of(ec2, interface.subnet.id)
            if table is not None and table.id in (endpoint.route_table_ids or []):
                return Path(True, seen_as=interface.private_ip_address or "", via=endpoint.id)
            continue
        if endpoint.private_dns_enabled is False or not vpc.enable_dns_hostnames:
            continue
        return _through_endpoint(ec2, interface, endpoint)
    return to_internet(ec2, interface)


def _through_endpoint(ec2: Ec2Backend, interface: NetworkInterface, endpoint: Any) -> Path:
    assert isinstance(endpoint, VPCEndPoint)
    path = _blocked(endpoint.id, f"endpoint {endpoint.id} has no interface in any subnet")
    for interface_id in endpoint.network_interface_ids:
        path = to_interface(ec2, interface, ec2.interface_of(interface_id))
        if path.is_open:
            return Path(True, seen_as=path.seen_as, via=endpoint.id)
    return path


# --- filters ---------------------------------------------------------------------------------------------


def _leaves(
    ec2: Ec2Backend, source: NetworkInterface, address: str, port: int, towards: Sequence[Any] = ()
) -> Path | None:
    """Return what stops a connection at its own end: egress rules and the subnet's network ACL."""
    if not any(
        _allows(rule, "tcp", port, address, towards)
        for group in source.group_set
        for rule in group.egress_rules
    ):
        names = ", ".join(group.id for group in source.group_set)
        return _blocked(names, f"no outbound rule of {names} allows TCP {port} to {address}")
    is_inside = bool(towards) and IPv4Address(address) in source.subnet.cidr
    return None if is_inside else _acl_problem(ec2, source.subnet.id, address, port)


def _allows(rule: Any, protocol: str, port: int, address: str, groups: Iterable[Any]) -> bool:
    if rule.ip_protocol not in ("-1", protocol):
        return False
    if rule.ip_protocol != "-1" and rule.from_port is not None:
        low, high = int(rule.from_port), int(rule.to_port)
        if low != -1 and not low <= port <= high:
            return False
    block = (rule.ip_range or {}).get("CidrIp")
    if block and IPv4Address(address) in IPv4Network(block, strict=False):
        return True
    wanted = (rule.source_group or {}).get("GroupId")
    return wanted is not None and any(group.id == wanted for group in groups)


def acl_of(ec2: Ec2Backend, subnet_id: str) -> Any:
    """Return the network ACL of a subnet, or None."""
    for acl in ec2.network_acls.values():
        if any(each.subnet_id == subnet_id for each in acl._associations.values()):
            return acl
    return None


def _acl_problem(
    ec2: Ec2Backend, subnet_id: str, address: str, port: int, *, is_server: bool = False
) -> Path | None:
    """Return what a subnet's network ACL stops: the way there, or, as it keeps no state, the way back.

    Args:
        ec2: backend of the region.
        subnet_id: whose ACL.
        address: of the other side.
        port: of the server.
        is_server: whether the server stands in this subnet, and the client elsewhere.
    """
    acl = acl_of(ec2, subnet_id)
    if acl is None:
        return None
    outbound, inbound = (ANSWERS, port) if is_server else (port, ANSWERS)
    for egress, number, word in ((True, outbound, "outbound"), (False, inbound, "inbound")):
        if not _acl_allows(acl, egress, address, number):
            return _blocked(
                acl.id, f"network ACL {acl.id} of {subnet_id} denies {word} TCP {number} for {address}"
            )
    return None


def _acl_allows(acl: Any, egress: bool, address: str, port: int) -> bool:
    entries = [each for each in acl.network_acl_entries if _is_egress(each) is egress]
    for entry in sorted(entries, key=lambda each: int(each.rule_number)):
        if str(entry.protocol) not in ("-1", "6", "tcp"):
            continue
        if not entry.cidr_block or IPv4Address(address) not in IPv4Network(entry.cidr_block, strict=False):
            continue
        low, high = entry.port_range_from, entry.port_range_to
        if str(entry.protocol) != "-1" and low is not None and not int(low) <= port <= int(high):
            continue
        return bool(entry.rule_action == "allow")
    return False


def _is_egress(entry: Any) -> bool:
    return entry.egress is True or str(entry.egress).lower() == "true"
