"""The way from a node to its cluster's endpoint: which address the name has, and whether packets get there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from eks_lab.aws.ec2.backend import Ec2Backend
from eks_lab.aws.ec2.interfaces import NetworkInterface
from eks_lab.aws.ec2.reachability import Path, to_interface, to_internet
from eks_lab.sim.objects import Obj

PUBLIC_ENDPOINT = "52.20.118.77"
"""A public address of the endpoint: EKS keeps two or three behind the name."""


@dataclass(frozen=True, slots=True)
class EndpointPath:
    """How a node reaches its cluster's API."""

    path: Path
    address: str
    """What the endpoint's name resolves to on the node; empty when it does not."""
    is_private: bool


def control_plane_interfaces(ec2: Ec2Backend, cluster: str) -> Sequence[NetworkInterface]:
    """Return the interfaces EKS placed in the cluster subnets, by id."""
    wanted = f"Amazon EKS {cluster}"
    found = [each for each in ec2.enis.values() if each.description == wanted]
    return sorted(found, key=lambda each: each.id)


def to_cluster(ec2: Ec2Backend, interface: NetworkInterface, cluster: Obj) -> EndpointPath:
    """Judge the way from a node's interface to its cluster's endpoint.

    Args:
        ec2: backend of the region.
        interface: the node's primary one.
        cluster: what EKS describes: `name` and `resourcesVpcConfig`.

    Returns:
        The path. With private access the name has the addresses of the control plane's interfaces inside the VPC,
        if the VPC has DNS support and DNS hostnames (EKS user guide, "Cluster API server endpoint").
    """
    access = cluster.get("resourcesVpcConfig") or {}
    vpc = ec2.get_vpc(interface.vpc_id)
    if not vpc.enable_dns_support:
        reason = f"{vpc.id} has DNS support switched off: the endpoint's name has no address"
        return EndpointPath(Path(False, vpc.id, reason), "", False)
    has_public = bool(access.get("endpointPublicAccess", True))
    is_private = bool(access.get("endpointPrivateAccess")) and (
        not has_public or (access.get("vpcId") == interface.vpc_id and bool(vpc.enable_dns_hostnames))
    )
    if is_private:
        path = Path(False, cluster.get("name", ""), "the control plane has no interface in the VPC")
        address = ""
        for target in control_plane_interfaces(ec2, str(cluster.get("name"))):
            path = to_interface(ec2, interface, target)
            address = target.private_ip_address or ""
            if path.is_open:
                break
        return EndpointPath(path, address, True)
    path = to_internet(ec2, interface, address=PUBLIC_ENDPOINT)
    blocks = access.get("publicAccessCidrs") or ["0.0.0.0/0"]
    if path.is_open and not any(
        IPv4Address(path.seen_as) in IPv4Network(block, strict=False) for block in blocks if ":" not in block
    ):
        reason = f"publicAccessCidrs {', '.join(blocks)} do not include {path.seen_as}, the address nodes come from"
        path = Path(False, str(cluster.get("name")), reason, path.seen_as, path.via)
    return EndpointPath(path, PUBLIC_ENDPOINT, False)


def from_control_plane(ec2: Ec2Backend, cluster: str, target: NetworkInterface, port: int) -> Path:
    """Judge the way from a control plane to a node or pod: logs and exec (10250), webhooks, aggregated APIs.

    Args:
        ec2: backend of the region.
        cluster: its name.
        target: interface that carries the address of the node or pod.
        port: 10250 for the kubelet, 9443 for a webhook.

    Returns:
        The path from the first of the control plane's interfaces that gets there; else why the last does not.
    """
    path = Path(False, cluster, "the control plane has no interface in the VPC")
    for source in control_plane_interfaces(ec2, cluster):
        path = to_interface(ec2, source, target, port)
        if path.is_open:
            break
    return path


def reaches_address(ec2: Ec2Backend, cluster: str, address: str, port: int) -> bool:
    """Say whether a control plane's packets get to an address of a pod or a node, as its calls of webhooks do.

    Args:
        ec2: backend of the region.
        cluster: its name.
        address: IPv4.
        port: TCP.

    Returns:
        True also for an address that no interface has (it is none of a VPC), and while the control plane has no
        interfaces.
    """
    target = _holder(ec2, address)
    if target is None or not control_plane_interfaces(ec2, cluster):
        return True
    return from_control_plane(ec2, cluster, target, port).is_open


def _holder(ec2: Ec2Backend, address: str) -> NetworkInterface | None:
    """Return the interface that has an address, by itself or in a prefix."""
    wanted = IPv4Address(address)
    for each in ec2.enis.values():
        if any(entry["PrivateIpAddress"] == address for entry in each.private_ip_addresses) or any(
            wanted in IPv4Network(prefix) for prefix in each.prefixes
        ):
            return each
    return None
