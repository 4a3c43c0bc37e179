"""Subnets of the cluster: tags, public addresses, ways out."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.checker.model import Finding
from eks_lab.checker.rule import NOTE, WARNING, Rule
from eks_lab.checker.terraform.constant import OPEN, UNKNOWN, Known
from eks_lab.checker.terraform.view import View

_LESSON = "terraform.network"
TAGS = Rule(
    "eks-subnet-tags", WARNING, "No subnet is tagged for load balancers: the controller finds none to put them in.",
    'Tag private subnets "kubernetes.io/role/internal-elb" = "1" and public ones "kubernetes.io/role/elb" = "1".', _LESSON,
)  # fmt: skip
OLD_TAG = Rule(
    "eks-old-cluster-tag", NOTE, "The tag kubernetes.io/cluster/NAME on a VPC, which EKS has not needed since 1.15.",
    "Remove it.", _LESSON,
)  # fmt: skip
PUBLIC_ADDRESSES = Rule(
    "eks-public-addresses", WARNING, "A subnet that gives every instance a public address.",
    "Remove map_public_ip_on_launch; nodes belong into private subnets.", _LESSON,
)  # fmt: skip
NO_WAY_OUT = Rule(
    "eks-no-way-out", WARNING, "Node groups without NAT gateway and without VPC endpoints: nodes cannot fetch images or join.",
    "Add a NAT gateway, or endpoints for ecr.api, ecr.dkr, s3, sts, ec2, eks, eks-auth and logs.", "faq.private-and-production",
)  # fmt: skip
NO_ENDPOINTS = Rule(
    "eks-no-vpc-endpoints",
    NOTE,
    "A NAT gateway and no VPC endpoint: every image from ECR, whose layers are in S3, pays for the NAT gateway.",
    "Add aws_vpc_endpoint for S3 as a gateway, which is free; ECR, STS and EKS Auth as interfaces where they pay.",
    _LESSON,
)
RULES = (TAGS, OLD_TAG, PUBLIC_ADDRESSES, NO_WAY_OUT, NO_ENDPOINTS)
_ROLE_TAGS = ("kubernetes.io/role/elb", "kubernetes.io/role/internal-elb")


def check(view: View) -> Iterator[Finding]:
    """Yield what is wrong with subnets."""
    subnets = view.configuration.of_type("aws_subnet")
    for subnet in subnets:
        if view.value(subnet, "map_public_ip_on_launch") is True:
            says = f"{subnet.address} gives every instance in it a public address"
            yield view.finding(PUBLIC_ADDRESSES, subnet, "map_public_ip_on_launch", says=says)
    for vpc in view.configuration.of_type("aws_vpc"):
        tags = view.value(vpc, "tags")
        old = (
            [key for key in tags if key.startswith("kubernetes.io/cluster/")]
            if isinstance(tags, dict)
            else []
        )
        if old:
            yield view.finding(OLD_TAG, vpc, "tags", says=f"{vpc.address} has the tag {_shown(old[0])}")
    if view.clusters and subnets and view.is_whole and not view.configuration.of_type("aws_ec2_tag"):
        tags_of = [view.value(subnet, "tags") for subnet in subnets]
        if not any(_may_have_role(tags) for tags in tags_of):
            yield view.finding(
                TAGS, subnets[0], "tags", says="no subnet has a tag kubernetes.io/role/elb or internal-elb"
            )
    gateways = view.configuration.of_type("aws_nat_gateway")
    if view.clusters and gateways and view.is_whole and not view.configuration.of_type("aws_vpc_endpoint"):
        yield view.finding(
            NO_ENDPOINTS, gateways[0], says=f"{gateways[0].address} carries what an endpoint would for free"
        )
    yield from _way_out(view)


def _may_have_role(tags: Known) -> bool:
    if tags is UNKNOWN:
        return True
    return isinstance(tags, dict) and any(key in _ROLE_TAGS or OPEN in key for key in tags)


def _shown(text: str) -> str:
    return text.replace(OPEN, "…")


def _way_out(view: View) -> Iterator[Finding]:
    types = (
        "aws_nat_gateway",
        "aws_nat_instance",
        "aws_vpc_endpoint",
        "aws_ec2_transit_gateway_vpc_attachment",
    )
    if not view.node_groups or not view.is_whole or not view.configuration.of_type("aws_subnet"):
        return
    if view.configuration.of_type(*types):
        return
    public = any(
        view.value(subnet, "map_public_ip_on_launch") is not None
        for group in view.node_groups
        for subnet in view.reached_by(group, "subnet_ids", type="aws_subnet")
    )
    if not public:
        group = view.node_groups[0]
        yield view.finding(
            NO_WAY_OUT, group, "subnet_ids", says=f"nodes of {group.address} have no way to AWS"
        )
