"""What others make in the VPC and leave there: load balancers, nodes and volumes of labs, interfaces of the CNI.

The VPC is the session's own, so everything in it goes with it; nothing outside it is touched, but for volumes that
bear the tag of the session's cluster.
"""

from __future__ import annotations

from typing import Any

from eks_lab.sandbox.backends.aws.site import Site


def sweep(site: Site, vpc: str) -> None:
    """Ask for everything in a VPC that stands in the way of its removal to go; what is going already is let go.

    Args:
        site: of the session.
        vpc: its VPC.
    """
    if not vpc:
        return
    _load_balancers(site, vpc)
    _instances(site, vpc)
    _gateways_and_endpoints(site, vpc)
    _interfaces(site, vpc)
    _security_groups(site, vpc)


def remove_volumes(site: Site) -> None:
    """Delete the volumes that the cluster's CSI driver has made and left."""
    cluster = site.ledger.head.cluster
    filters = [{"Name": "tag-key", "Values": [f"kubernetes.io/cluster/{cluster}"]}]
    for each in site.api.pages("ec2", "DescribeVolumes", "Volumes", Filters=filters):
        if each["State"] == "available":
            site.delete("ec2", "DeleteVolume", VolumeId=each["VolumeId"])


def _in(vpc: str, name: str = "vpc-id") -> list[dict[str, Any]]:
    return [{"Name": name, "Values": [vpc]}]


def _load_balancers(site: Site, vpc: str) -> None:
    for each in list(site.api.pages("elbv2", "DescribeLoadBalancers", "LoadBalancers")):
        if each.get("VpcId") == vpc:
            site.delete("elbv2", "DeleteLoadBalancer", LoadBalancerArn=each["LoadBalancerArn"])
    for each in list(site.api.pages("elbv2", "DescribeTargetGroups", "TargetGroups")):
        if each.get("VpcId") == vpc and not each.get("LoadBalancerArns"):
            site.delete("elbv2", "DeleteTargetGroup", TargetGroupArn=each["TargetGroupArn"])
    for each in list(site.api.pages("elb", "DescribeLoadBalancers", "LoadBalancerDescriptions")):
        if each.get("VPCId") == vpc:
            site.delete("elb", "DeleteLoadBalancer", LoadBalancerName=each["LoadBalancerName"])


def _instances(site: Site, vpc: str) -> None:
    states = {"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}
    found = site.api.pages("ec2", "DescribeInstances", "Reservations", Filters=[*_in(vpc), states])
    ids = [each["InstanceId"] for one in found for each in one["Instances"]]
    if ids:
        site.call("ec2", "TerminateInstances", InstanceIds=ids)


def _gateways_and_endpoints(site: Site, vpc: str) -> None:
    nat = site.api.pages("ec2", "DescribeNatGateways", "NatGateways", Filter=_in(vpc))
    for each in list(nat):
        if each["State"] not in ("deleted", "deleting"):
            site.delete("ec2", "DeleteNatGateway", NatGatewayId=each["NatGatewayId"])
    endpoints = site.api.pages("ec2", "DescribeVpcEndpoints", "VpcEndpoints", Filters=_in(vpc))
    ids = [each["VpcEndpointId"] for each in endpoints if str(each.get("State", "")).lower() != "deleting"]
    if ids:
        site.call("ec2", "DeleteVpcEndpoints", VpcEndpointIds=ids)


def _interfaces(site: Site, vpc: str) -> None:
    found = site.api.pages("ec2", "DescribeNetworkInterfaces", "NetworkInterfaces", Filters=_in(vpc))
    for each in list(found):
        # One in use belongs to somebody who is going away, and goes along.
        if each["Status"] == "available":
            site.found("ec2", "DeleteNetworkInterface", NetworkInterfaceId=each["NetworkInterfaceId"])


def _security_groups(site: Site, vpc: str) -> None:
    found = site.api.pages("ec2", "DescribeSecurityGroups", "SecurityGroups", Filters=_in(vpc))
    groups = [each for each in found if each["GroupName"] != "default"]
    for each in groups:
        # Groups that name each other hold each other: rules go first.
        for member, operation in (
            ("IpPermissions", "RevokeSecurityGroupIngress"),
            ("IpPermissionsEgress", "RevokeSecurityGroupEgress"),
        ):
            if any(rule.get("UserIdGroupPairs") for rule in each.get(member) or ()):
                site.found("ec2", operation, GroupId=each["GroupId"], IpPermissions=each[member])
    for each in groups:
        _delete_unless_held(site, each["GroupId"])


def _delete_unless_held(site: Site, group: str) -> None:
    from eks_lab.sandbox.backends.aws.requests import RefusedError
    from eks_lab.sandbox.backends.aws.site import DEPENDENCY_CODES, is_gone

    try:
        site.call("ec2", "DeleteSecurityGroup", GroupId=group)
    except RefusedError as error:
        # Held by an interface that is going: the next sweep takes it.
        if error.code not in DEPENDENCY_CODES and not is_gone(error):
            raise
