"""The network: a VPC of its own with two public subnets.

A VPC of its own rather than the default one: many accounts have deleted theirs, and only what nobody else uses can be
removed as a whole. Public subnets rather than private ones with NAT: a NAT gateway costs $0.045 an hour and as much a
GB, more than a fifth on top of the smallest cluster, while a public IPv4 address costs $0.005 an hour a node. Nothing can open a
connection to the nodes: the cluster's security group lets in only its own members. VPC, subnets, gateway and routes
cost nothing.
"""

from __future__ import annotations

from eks_lab.errors import UnavailableError
from eks_lab.sandbox.backends.aws.site import CONSISTENCY_LIMIT_SECONDS, Site
from eks_lab.sandbox.backends.aws.strays import sweep

VPC_CIDR = "10.42.0.0/16"
SUBNET_CIDRS = ("10.42.0.0/18", "10.42.64.0/18")
"""Two, because EKS wants subnets in at least two zones (EKS user guide, network requirements)."""
_NOT_YET = frozenset(
    {
        "InvalidVpcID.NotFound", "InvalidSubnetID.NotFound", "InvalidInternetGatewayID.NotFound",
        "InvalidRouteTableID.NotFound",
    }
)  # fmt: skip
"""EC2 may not know for a moment what it has just made (EC2 API reference, eventual consistency)."""


class Vpc:
    """The VPC."""

    step = kind = "vpc"
    title = "Make a VPC"

    def name(self, site: Site) -> str:
        """Return the value of its tag Name."""
        return site.name("vpc")

    def find(self, site: Site) -> str:
        """Return its id; empty when there is none."""
        found = site.call("ec2", "DescribeVpcs", Filters=site.filters(self.name(site)))["Vpcs"]
        return str(found[0]["VpcId"]) if found else ""

    def make(self, site: Site) -> str:
        """Make it."""
        made = site.call(
            "ec2",
            "CreateVpc",
            CidrBlock=VPC_CIDR,
            TagSpecifications=site.specification("vpc", self.name(site)),
        )
        return str(made["Vpc"]["VpcId"])

    def settle(self, site: Site) -> None:
        """Let nodes have DNS names: kubelet registers with them."""
        vpc = site.ledger.id_of(self.step)
        for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
            site.insist(
                lambda attribute=attribute: site.call(  # type: ignore[misc]
                    "ec2", "ModifyVpcAttribute", VpcId=vpc, **{attribute: {"Value": True}}
                ),
                _NOT_YET,
                CONSISTENCY_LIMIT_SECONDS,
            )

    def remove(self, site: Site, id: str) -> None:
        """Delete it, and what others have left in it."""
        site.delete("ec2", "DeleteVpc", before_next=lambda: sweep(site, id), VpcId=id)


class Gateway:
    """The internet gateway."""

    step = kind = "internet-gateway"
    title = "Make an internet gateway"

    def name(self, site: Site) -> str:
        """Return the value of its tag Name."""
        return site.name("igw")

    def find(self, site: Site) -> str:
        """Return its id; empty when there is none."""
        found = site.call("ec2", "DescribeInternetGateways", Filters=site.filters(self.name(site)))
        gateways = found["InternetGateways"]
        return str(gateways[0]["InternetGatewayId"]) if gateways else ""

    def make(self, site: Site) -> str:
        """Make it."""
        tags = site.specification("internet-gateway", self.name(site))
        made = site.call("ec2", "CreateInternetGateway", TagSpecifications=tags)
        return str(made["InternetGateway"]["InternetGatewayId"])

    def settle(self, site: Site) -> None:
        """Attach it."""
        id = site.ledger.id_of(self.step)
        if self._vpcs(site, id):
            return
        site.insist(
            lambda: site.call(
                "ec2", "AttachInternetGateway", InternetGatewayId=id, VpcId=site.ledger.id_of(Vpc.step)
            ),
            _NOT_YET,
            CONSISTENCY_LIMIT_SECONDS,
        )

    def remove(self, site: Site, id: str) -> None:
        """Detach and delete it."""
        for vpc in self._vpcs(site, id):
            site.delete(
                "ec2",
                "DetachInternetGateway",
                before_next=lambda vpc=vpc: sweep(site, vpc),  # type: ignore[misc]
                InternetGatewayId=id,
                VpcId=vpc,
            )
        site.delete("ec2", "DeleteInternetGateway", InternetGatewayId=id)

    def _vpcs(self, site: Site, id: str) -> list[str]:
        found = site.found("ec2", "DescribeInternetGateways", InternetGatewayIds=[id])
        gateways = found["InternetGateways"] if found else []
        return [str(each["VpcId"]) for one in gateways for each in one.get("Attachments") or ()]


class Subnet:
    """One of the subnets."""

    kind = "subnet"

    def __init__(self, number: int) -> None:
        """Take one.

        Args:
            number: from 1.
        """
        self._number = number
        self.step = f"subnet-{number}"
        self.title = f"Make subnet {number} of {len(SUBNET_CIDRS)}"

    def name(self, site: Site) -> str:
        """Return the value of its tag Name."""
        return site.name(self.step)

    def find(self, site: Site) -> str:
        """Return its id; empty when there is none."""
        found = site.call("ec2", "DescribeSubnets", Filters=site.filters(self.name(site)))["Subnets"]
        return str(found[0]["SubnetId"]) if found else ""

    def make(self, site: Site) -> str:
        """Make it, in a zone that has EKS and the nodes' instance type."""
        zone = usable_zones(site)[self._number - 1]
        tags = site.specification("subnet", self.name(site))
        # Load balancers for the Internet are put where this tag is (EKS user guide, network load balancing).
        tags[0]["Tags"].append({"Key": "kubernetes.io/role/elb", "Value": "1"})
        made = site.insist(
            lambda: site.call(
                "ec2",
                "CreateSubnet",
                VpcId=site.ledger.id_of(Vpc.step),
                CidrBlock=SUBNET_CIDRS[self._number - 1],
                AvailabilityZone=zone,
                TagSpecifications=tags,
            ),
            _NOT_YET,
            CONSISTENCY_LIMIT_SECONDS,
        )
        return str(made["Subnet"]["SubnetId"])

    def settle(self, site: Site) -> None:
        """Give its nodes public addresses: EKS refuses public subnets without (since 2020)."""
        site.insist(
            lambda: site.call(
                "ec2",
                "ModifySubnetAttribute",
                SubnetId=site.ledger.id_of(self.step),
                MapPublicIpOnLaunch={"Value": True},
            ),
            _NOT_YET,
            CONSISTENCY_LIMIT_SECONDS,
        )

    def remove(self, site: Site, id: str) -> None:
        """Delete it, and what others have left in its VPC."""
        vpc = site.ledger.id_of(Vpc.step)
        site.delete("ec2", "DeleteSubnet", before_next=lambda: sweep(site, vpc), SubnetId=id)


class RouteTable:
    """The route table of both subnets."""

    step = kind = "route-table"
    title = "Make the route to the Internet"

    def name(self, site: Site) -> str:
        """Return the value of its tag Name."""
        return site.name("routes")

    def find(self, site: Site) -> str:
        """Return its id; empty when there is none."""
        found = site.call("ec2", "DescribeRouteTables", Filters=site.filters(self.name(site)))["RouteTables"]
        return str(found[0]["RouteTableId"]) if found else ""

    def make(self, site: Site) -> str:
        """Make it."""
        tags = site.specification("route-table", self.name(site))
        vpc = site.ledger.id_of(Vpc.step)
        made = site.insist(
            lambda: site.call("ec2", "CreateRouteTable", VpcId=vpc, TagSpecifications=tags),
            _NOT_YET,
            CONSISTENCY_LIMIT_SECONDS,
        )
        return str(made["RouteTable"]["RouteTableId"])

    def settle(self, site: Site) -> None:
        """Put the route in, and join the subnets to it."""
        id = site.ledger.id_of(self.step)
        site.insist(lambda: self._fill(site, id), _NOT_YET, CONSISTENCY_LIMIT_SECONDS)

    def _fill(self, site: Site, id: str) -> None:
        present = site.call("ec2", "DescribeRouteTables", RouteTableIds=[id])["RouteTables"][0]
        gateway = site.ledger.id_of(Gateway.step)
        if not any(each.get("GatewayId") == gateway for each in present["Routes"]):
            site.call(
                "ec2", "CreateRoute", RouteTableId=id, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway
            )
        joined = {each.get("SubnetId") for each in present["Associations"]}
        for subnet in subnets(site):
            if subnet not in joined:
                site.call("ec2", "AssociateRouteTable", RouteTableId=id, SubnetId=subnet)

    def remove(self, site: Site, id: str) -> None:
        """Delete it; a table that subnets use cannot be deleted, so they leave it first."""
        found = site.found("ec2", "DescribeRouteTables", RouteTableIds=[id])
        for table in found["RouteTables"] if found else ():
            for each in table["Associations"]:
                if not each.get("Main"):
                    association = each["RouteTableAssociationId"]
                    site.delete("ec2", "DisassociateRouteTable", AssociationId=association)
        site.delete("ec2", "DeleteRouteTable", RouteTableId=id)


def subnets(site: Site) -> list[str]:
    """Return the ids of the subnets."""
    return [site.ledger.id_of(f"subnet-{number}") for number in range(1, len(SUBNET_CIDRS) + 1)]


def usable_zones(site: Site) -> list[str]:
    """Return the zones that have EKS and the nodes' instance type, in order.

    Raises:
        UnavailableError: there are fewer than two.
    """
    from eks_lab.aws.eks.cluster_validation import ZONES_WITHOUT_EKS

    found = site.call(
        "ec2", "DescribeAvailabilityZones", Filters=[{"Name": "zone-type", "Values": ["availability-zone"]}]
    )
    instance = site.ledger.head.instance
    offered = {
        each["Location"]
        for each in site.api.pages(
            "ec2",
            "DescribeInstanceTypeOfferings",
            "InstanceTypeOfferings",
            LocationType="availability-zone",
            Filters=[{"Name": "instance-type", "Values": [instance]}],
        )
    }
    zones = sorted(
        str(each["ZoneName"])
        for each in found["AvailabilityZones"]
        if each.get("State", "available") == "available"
        and each.get("ZoneId") not in ZONES_WITHOUT_EKS
        and each["ZoneName"] in offered
    )
    if len(zones) < len(SUBNET_CIDRS):
        raise UnavailableError(
            f"--instance {instance}: {site.api.region} offers it in {len(zones)} zones that have EKS; two are needed",
            hint="Take another instance type or region.",
        )
    return zones
