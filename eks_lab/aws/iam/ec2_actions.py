"""What calls to EC2 ask of IAM: every resource that a call touches, with its tags.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html (2026-11-23).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from eks_lab.aws.service import Action

if TYPE_CHECKING:
    from eks_lab.aws.moto_loading import Moto

_TYPES = {
    "acl": "network-acl",
    "ami": "image",
    "dopt": "dhcp-options",
    "eigw": "egress-only-internet-gateway",
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "fl": "vpc-flow-log",
    "i": "instance",
    "igw": "internet-gateway",
    "key": "key-pair",
    "lt": "launch-template",
    "nat": "natgateway",
    "pcx": "vpc-peering-connection",
    "pl": "prefix-list",
    "rtb": "route-table",
    "scr": "subnet-cidr-reservation",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "snap": "snapshot",
    "subnet": "subnet",
    "tgw": "transit-gateway",
    "vol": "volume",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
}
"""Prefix of an identifier -> type of resource in its ARN."""
_CREATED = {
    "AllocateAddress": "elastic-ip",
    "CreateDhcpOptions": "dhcp-options",
    "CreateFleet": "fleet",
    "CreateFlowLogs": "vpc-flow-log",
    "CreateImage": "image",
    "CreateInternetGateway": "internet-gateway",
    "CreateKeyPair": "key-pair",
    "CreateLaunchTemplate": "launch-template",
    "CreateManagedPrefixList": "prefix-list",
    "CreateNatGateway": "natgateway",
    "CreateNetworkAcl": "network-acl",
    "CreateNetworkInterface": "network-interface",
    "CreateRouteTable": "route-table",
    "CreateSecurityGroup": "security-group",
    "CreateSnapshot": "snapshot",
    "CreateSubnet": "subnet",
    "CreateVolume": "volume",
    "CreateVpc": "vpc",
    "CreateVpcEndpoint": "vpc-endpoint",
    "ImportKeyPair": "key-pair",
}
"""Operations -> type of what they make."""
_GLOBAL_OWNER = ("image", "snapshot")
"""Types whose ARNs have no account."""
_PLAIN_IDS = ("Id", "Ids", "Resources", "GroupId")


class Owner(Protocol):
    """The account, as far as resources are named and tagged."""

    id: str
    moto: Moto


def actions(account: Owner, operation: str, params: Mapping[str, Any], region: str) -> Iterator[Action]:
    """Yield what IAM must allow for a call to EC2.

    Args:
        account: its number, and its resources for their tags.
        operation: botocore's name.
        params: of the call.
        region: of the call.
    """
    name = f"ec2:{operation}"
    if operation.startswith(("Describe", "Get", "Search", "List")):
        yield Action(name, "*", {"ec2:Region": region})
        return
    specified = _specified_tags(params)
    common: dict[str, str | list[str]] = {"ec2:Region": region}
    if operation == "RunInstances":
        yield from _run_instances(account, params, region, specified)
        return
    created = _CREATED.get(operation)
    resources = list(dict.fromkeys(_mentioned(account, params, region)))
    if created is not None:
        own_tags = specified.get(created, {})
        context = {**common, **_request_tags(own_tags)}
        if params.get("VolumeType"):
            context["ec2:VolumeType"] = str(params["VolumeType"])
        yield Action(name, _arn(account.id, region, created, "*"), context)
        resources = [arn for arn in resources if f":{created}/" not in arn]
        if own_tags:
            tagged = {**_request_tags(own_tags), "ec2:CreateAction": operation}
            yield Action("ec2:CreateTags", _arn(account.id, region, created, "*"), {**common, **tagged})
    tags = _request_tags(
        {str(each.get("Key", "")): each.get("Value", "") for each in params.get("Tags") or ()}
    )
    for arn in resources:
        yield Action(name, arn, {**common, **tags, **resource_tags(account, arn, region)})
    if created is None and not resources:
        yield Action(name, "*", common)
    profile = params.get("IamInstanceProfile")
    if profile:
        yield from _pass_role(account, profile)


def _run_instances(
    account: Owner, params: Mapping[str, Any], region: str, specified: Mapping[str, Mapping[str, str]]
) -> Iterator[Action]:
    name = "ec2:RunInstances"
    common: dict[str, str | list[str]] = {"ec2:Region": region}
    if params.get("InstanceType"):
        common["ec2:InstanceType"] = str(params["InstanceType"])
    seen: dict[str, None] = {}
    for arn in _mentioned(account, params, region):
        seen.setdefault(arn)
    for kind in ("instance", "volume", "network-interface"):
        context = {**common, **_request_tags(specified.get(kind, {}))}
        yield Action(name, _arn(account.id, region, kind, "*"), context)
    if not any(":security-group/" in arn for arn in seen):
        yield Action(name, _arn(account.id, region, "security-group", "*"), common)
    if not any(":subnet/" in arn for arn in seen):
        yield Action(name, _arn(account.id, region, "subnet", "*"), common)
    if params.get("KeyName"):
        yield Action(name, _arn(account.id, region, "key-pair", str(params["KeyName"])), common)
    for arn in seen:
        yield Action(name, arn, {**common, **resource_tags(account, arn, region)})
    for kind, tags in specified.items():
        if tags:
            context = {**common, **_request_tags(tags), "ec2:CreateAction": "RunInstances"}
            yield Action("ec2:CreateTags", _arn(account.id, region, kind, "*"), context)
    if params.get("IamInstanceProfile"):
        yield from _pass_role(account, params["IamInstanceProfile"])


def _pass_role(account: Owner, profile: Any) -> Iterator[Action]:
    found = profile if isinstance(profile, Mapping) else {}
    for each in account.moto.backend("iam").instance_profiles.values():
        if each.name == found.get("Name") or each.arn == found.get("Arn"):
            for role in each.roles:
                yield Action("iam:PassRole", str(role.arn), {"iam:PassedToService": "ec2.amazonaws.com"})


def _arn(account: str, region: str, kind: str, identifier: str) -> str:
    owner = "" if kind in _GLOBAL_OWNER else account
    return f"arn:aws:ec2:{region}:{owner}:{kind}/{identifier}"


def _mentioned(account: Owner, found: Any, region: str) -> Iterator[str]:
    """Yield the ARN of every identifier that the parameters name."""
    if isinstance(found, Mapping):
        for key, value in found.items():
            # Tags and texts may look like identifiers and are none.
            if key not in ("Tags", "TagSpecifications", "Description", "UserData", "ClientToken", "Filters"):
                yield from _mentioned(account, value, region)
    elif isinstance(found, list):
        for each in found:
            yield from _mentioned(account, each, region)
    elif isinstance(found, str):
        prefix, hyphen, rest = found.partition("-")
        kind = _TYPES.get(prefix)
        if kind is not None and hyphen and rest and all(letter in "0123456789abcdef" for letter in rest):
            yield _arn(account.id, region, kind, found)


def _specified_tags(params: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for specification in params.get("TagSpecifications") or ():
        tags = {
            each["Key"]: str(each.get("Value", ""))
            for each in specification.get("Tags") or ()
            if "Key" in each
        }
        found.setdefault(str(specification.get("ResourceType", "")), {}).update(tags)
    return found


def _request_tags(tags: Mapping[str, str]) -> dict[str, str | list[str]]:
    found: dict[str, str | list[str]] = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    if tags:
        found["aws:TagKeys"] = list(tags)
    return found


def resource_tags(account: Owner, arn: str, region: str) -> dict[str, str | list[str]]:
    """Return `aws:ResourceTag/…` and `ec2:ResourceTag/…` of a resource of EC2.

    Args:
        account: whose resource.
        arn: of it.
        region: where it is.
    """
    identifier = arn.rsplit("/", 1)[-1]
    tags = account.moto.backend("ec2", region).tags.get(identifier) or {}
    found: dict[str, str | list[str]] = {}
    for key, value in tags.items():
        found[f"aws:ResourceTag/{key}"] = str(value)
        found[f"ec2:ResourceTag/{key}"] = str(value)
    return found
