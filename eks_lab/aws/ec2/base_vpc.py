"""The network a sandbox starts with: one VPC over three zones, made straight on the backend."""

from __future__ import annotations

from dataclasses import dataclass

from eks_lab.aws.ec2 import mended
from eks_lab.aws.ec2.backend import Ec2Backend
from eks_lab.aws.ec2.gateways import NAT_PENDING, NatGateway
from eks_lab.aws.ec2.moment import now

VPC_CIDR = "10.0.0.0/16"
ZONES = ("a", "b", "c")
PRIVATE = ("10.0.0.0/18", "10.0.64.0/18", "10.0.128.0/18")
PUBLIC = ("10.0.192.0/20", "10.0.208.0/20", "10.0.224.0/20")
CONTROL_PLANE = ("10.0.240.0/28", "10.0.240.16/28", "10.0.240.32/28")
NAME = "eks-lab"


@dataclass(frozen=True, slots=True)
class BaseNetwork:
    """Ids of what stands in the base VPC; subnets in the order of the zones."""

    vpc_id: str
    private_subnets: tuple[str, ...]
    """For nodes and pods; out through the NAT gateway."""
    public_subnets: tuple[str, ...]
    """For load balancers and the NAT gateway."""
    control_plane_subnets: tuple[str, ...]
    """For the interfaces of the control plane; no way out."""
    internet_gateway_id: str
    nat_gateway_id: str


def make_base_vpc(account_id: str, region: str) -> BaseNetwork:
    """Make the VPC in an empty account.

    One NAT gateway stands in the first zone, as most small clusters have it; it was made long enough ago to be available.

    Args:
        account_id: twelve digits.
        region: `us-east-1`.

    Returns:
        The ids; they follow from the seed of moto's chance.
    """
    ec2 = mended.region(account_id, region)
    vpc = ec2.create_vpc(VPC_CIDR, tags=[{"Key": "Name", "Value": f"{NAME}-vpc"}])
    vpc.enable_dns_hostnames = vpc.enable_dns_support = True
    private = _subnets(ec2, vpc.id, "private", PRIVATE, {"kubernetes.io/role/internal-elb": "1"})
    public = _subnets(ec2, vpc.id, "public", PUBLIC, {"kubernetes.io/role/elb": "1"})
    control_plane = _subnets(ec2, vpc.id, "control-plane", CONTROL_PLANE, {})
    for subnet_id in public:
        ec2.subnet_of(subnet_id).map_public_ip_on_launch = True
    internet = ec2.create_internet_gateway([{"Key": "Name", "Value": f"{NAME}-igw"}])
    ec2.attach_internet_gateway(internet.id, vpc.id)
    address = ec2.allocate_address("vpc", tags={"Name": f"{NAME}-nat"})
    nat = ec2.create_nat_gateway(public[0], str(address.allocation_id), {"Name": f"{NAME}-nat"})
    assert isinstance(nat, NatGateway)
    nat.created_at = now() - NAT_PENDING
    _route(ec2, vpc.id, "public", public, gateway_id=internet.id)
    _route(ec2, vpc.id, "private", private, nat_gateway_id=nat.id)
    _route(ec2, vpc.id, "control-plane", control_plane)
    return BaseNetwork(vpc.id, private, public, control_plane, internet.id, nat.id)


def _subnets(
    ec2: Ec2Backend, vpc_id: str, kind: str, blocks: tuple[str, ...], tags: dict[str, str]
) -> tuple[str, ...]:
    found = []
    for letter, block in zip(ZONES, blocks, strict=True):
        zone = f"{ec2.region_name}{letter}"
        named = {"Name": f"{NAME}-{kind}-{zone}", **tags}
        subnet = ec2.create_subnet(vpc_id, block, availability_zone=zone, tags={"subnet": named})
        found.append(subnet.id)
    return tuple(found)


def _route(
    ec2: Ec2Backend,
    vpc_id: str,
    kind: str,
    subnets: tuple[str, ...],
    *,
    gateway_id: str | None = None,
    nat_gateway_id: str | None = None,
) -> None:
    """Make a route table for subnets, with a default route when there is a gateway."""
    table = ec2.create_route_table(vpc_id, [{"Key": "Name", "Value": f"{NAME}-{kind}"}])
    if gateway_id or nat_gateway_id:
        ec2.create_route(table.id, "0.0.0.0/0", gateway_id=gateway_id, nat_gateway_id=nat_gateway_id)
    for subnet_id in subnets:
        ec2.associate_route_table(table.id, gateway_id=None, subnet_id=subnet_id)
