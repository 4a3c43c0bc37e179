"""What is left of a session: asked of the tagging API and of every service by itself, with the command for each.

Neither alone would do: the tagging API knows no IAM roles and goes on naming what was deleted a moment ago (Resource
Groups Tagging API reference, GetResources: "tagged or previously tagged"); a service by itself knows only its own.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass

from eks_lab.sandbox.backends.aws import roles
from eks_lab.sandbox.backends.aws.control_plane import ControlPlane
from eks_lab.sandbox.backends.aws.nodes import NodeGroup
from eks_lab.sandbox.backends.aws.requests import DENIED, RefusedError
from eks_lab.sandbox.backends.aws.site import SESSION_TAG, Site
from eks_lab.sandbox.backends.aws.spending import Budget


@dataclass(frozen=True, slots=True)
class Listing:
    """One kind of thing of EC2, as a service lists it."""

    kind: str
    operation: str
    member: str
    id: str
    command: str
    """That deletes one, before its id."""


LISTINGS = (
    Listing("VPC", "DescribeVpcs", "Vpcs", "VpcId", "delete-vpc --vpc-id"),
    Listing("subnet", "DescribeSubnets", "Subnets", "SubnetId", "delete-subnet --subnet-id"),
    Listing(
        "internet gateway", "DescribeInternetGateways", "InternetGateways", "InternetGatewayId",
        "delete-internet-gateway --internet-gateway-id",
    ),
    Listing("route table", "DescribeRouteTables", "RouteTables", "RouteTableId", "delete-route-table --route-table-id"),
    Listing(
        "launch template", "DescribeLaunchTemplates", "LaunchTemplates", "LaunchTemplateId",
        "delete-launch-template --launch-template-id",
    ),
    Listing("security group", "DescribeSecurityGroups", "SecurityGroups", "GroupId", "delete-security-group --group-id"),
    Listing("volume", "DescribeVolumes", "Volumes", "VolumeId", "delete-volume --volume-id"),
    Listing(
        "network interface", "DescribeNetworkInterfaces", "NetworkInterfaces", "NetworkInterfaceId",
        "delete-network-interface --network-interface-id",
    ),
)  # fmt: skip
_LISTED_BY_SERVICES = (
    *(
        "vpc/",
        "subnet/",
        "internet-gateway/",
        "route-table/",
        "launch-template/",
        "security-group/",
        "volume/",
    ),
    *("network-interface/", "instance/", "cluster/", "nodegroup/", "role/", "budget/"),
)
"""Beginnings of what an ARN names, of kinds about which the service itself is asked."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was asked and what is there."""

    left: tuple[str, ...]
    """One line a thing, with the command that deletes it."""
    looked_at: tuple[str, ...]


def look(site: Site) -> Proof:
    """Return what is left of a session.

    Args:
        site: of the session.

    Raises:
        EksLabError: AWS cannot be asked.
    """
    left: list[str] = []
    looked: list[str] = []
    for what, ask in _questions(site):
        try:
            left += ask()
        except RefusedError as error:
            if error.code not in DENIED:
                raise
            # Not being allowed to look proves nothing.
            left.append(f"{what}: could not be looked at: {error.message}")
        looked.append(what)
    return Proof(tuple(left), tuple(looked))


def _questions(site: Site) -> list[tuple[str, Callable[[], list[str]]]]:
    head = site.ledger.head
    where = f"in account {head.account}, {head.region}, with the tag {SESSION_TAG}={head.session}"
    questions: list[tuple[str, Callable[[], list[str]]]] = [
        (f"eks cluster {head.cluster} and its node groups", lambda: _eks(site)),
        (f"ec2 instances {where}", lambda: _instances(site)),
    ]
    for each in LISTINGS:
        questions.append((f"ec2 {each.operation} {where}", lambda each=each: _listed(site, each)))  # type: ignore[misc]
    questions += [
        (f"iam roles {roles.CLUSTER_ROLE.name(site)} and {roles.NODE_ROLE.name(site)}", lambda: _roles(site)),
        (f"resourcegroupstaggingapi GetResources {where}", lambda: _tagged(site)),
    ]
    if site.ledger.entries.get(Budget.step) is not None:
        questions.append((f"budget {Budget().name(site)}", lambda: _budget(site)))
    return questions


def _command(site: Site, words: str) -> str:
    return f"aws {words} --profile {shlex.quote(site.ledger.head.profile)} --region {site.ledger.head.region}"


def _eks(site: Site) -> list[str]:
    left = []
    cluster = ControlPlane().find(site)
    if cluster and NodeGroup().find(site):
        group = NodeGroup().name(site)
        command = f"eks delete-nodegroup --cluster-name {cluster} --nodegroup-name {group}"
        left.append(f"node group {group}: {_command(site, command)}")
    if cluster:
        left.append(f"cluster {cluster}: {_command(site, f'eks delete-cluster --name {cluster}')}")
    return left


def _instances(site: Site) -> list[str]:
    found = site.api.pages("ec2", "DescribeInstances", "Reservations", Filters=site.filters())
    return [
        f"instance {each['InstanceId']}:"
        f" {_command(site, 'ec2 terminate-instances --instance-ids ' + each['InstanceId'])}"
        for one in found
        for each in one["Instances"]
        if each["State"]["Name"] != "terminated"
    ]


def _listed(site: Site, listing: Listing) -> list[str]:
    found = site.api.pages("ec2", listing.operation, listing.member, Filters=site.filters())
    return [
        f"{listing.kind} {each[listing.id]}: {_command(site, f'ec2 {listing.command} {each[listing.id]}')}"
        for each in found
        if str(each.get("State", "")) not in ("deleting", "deleted")
    ]


def _roles(site: Site) -> list[str]:
    names = [each.find(site) for each in (roles.CLUSTER_ROLE, roles.NODE_ROLE)]
    return [f"role {name}: {_command(site, f'iam delete-role --role-name {name}')}" for name in names if name]


def _budget(site: Site) -> list[str]:
    name = Budget().find(site)
    command = f"budgets delete-budget --account-id {site.ledger.head.account} --budget-name {name}"
    return [f"budget {name}: {_command(site, command)}"] if name else []


def _tagged(site: Site) -> list[str]:
    found = site.api.pages(
        "resourcegroupstaggingapi",
        "GetResources",
        "ResourceTagMappingList",
        TagFilters=[{"Key": SESSION_TAG, "Values": [site.ledger.head.session]}],
    )
    left = []
    for each in found:
        arn = str(each["ResourceARN"])
        if not arn.split(":", 5)[-1].startswith(_LISTED_BY_SERVICES):
            left.append(
                f"{arn}: delete it in the console of the service, or with the aws command of its service"
            )
    return left
