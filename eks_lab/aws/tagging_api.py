"""The Resource Groups Tagging API over everything in the account: moto's services, our EC2 and our EKS.

moto finds tagged resources in backends that are classes of its own; EC2 (`eks_lab.aws.ec2.mended`) is made by a
function, and EKS is not moto's at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eks_lab.aws.eks.tags import ARN_MEMBERS
from eks_lab.aws.errors import AwsError
from eks_lab.aws.service import Call

if TYPE_CHECKING:
    from eks_lab.aws.account import Account

SERVICE = "resourcegroupstaggingapi"


def extend_gateway(account: Account) -> None:
    """Let GetResources know of EC2 and EKS."""

    def get_resources(params: dict[str, Any], context: Call) -> dict[str, Any]:
        """Return tagged resources: moto's in pages, ours with the last of them."""
        if not all(each.get("Key") for each in params.get("TagFilters") or ()):
            raise AwsError("InvalidParameterException", "A tag filter has no Key.")
        found = account.gateway.ask_moto(SERVICE, "GetResources", params, context)
        if found.get("PaginationToken"):
            return found
        own = [
            {"ResourceARN": arn, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
            for arn, kind, tags in _tagged(account, context.region)
            if tags and _is_wanted(arn, kind, tags, params)
        ]
        return {**found, "ResourceTagMappingList": [*(found.get("ResourceTagMappingList") or ()), *own]}

    account.gateway.extend(SERVICE, "GetResources", get_resources)


def _tagged(account: Account, region: str) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """Yield ARN, type (`ec2:vpc`) and tags."""
    from eks_lab.aws.ec2 import mended

    ec2 = mended.region(account.id, region)
    for each in ec2.iter_tagged_resources():
        yield each.arn, each.resource_type, each.tags
    for template in ec2.launch_templates:
        arn = f"arn:aws:ec2:{region}:{account.id}:launch-template/{template}"
        yield arn, "ec2:launch-template", ec2.tags.get(template, {})
    if region != account.region:
        return
    for resource, member in ARN_MEMBERS.items():
        for record in account.eks.list(resource):
            arn = str(record["spec"].get(member) or "")
            if arn:
                yield arn, f"eks:{arn.split(':', 5)[-1].split('/', 1)[0]}", record["spec"].get("tags") or {}


def _is_wanted(arn: str, kind: str, tags: Mapping[str, str], params: Mapping[str, Any]) -> bool:
    """Judge by the filters (API reference, GetResources): every tag filter, any value of each, any of the types."""
    arns: Sequence[str] = params.get("ResourceARNList") or ()
    if arns and arn not in arns:
        return False
    types: Sequence[str] = params.get("ResourceTypeFilters") or ()
    if types and not {kind, kind.split(":")[0]} & set(types):
        return False
    for each in params.get("TagFilters") or ():
        values = each.get("Values") or ()
        if each["Key"] not in tags or (values and tags[each["Key"]] not in values):
            return False
    return True
