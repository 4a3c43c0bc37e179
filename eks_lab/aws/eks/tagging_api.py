"""Resources of EKS in the Resource Groups Tagging API, beside those of moto's services."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eks_lab.aws.eks.tags import ARN_MEMBERS
from eks_lab.aws.service import Call

if TYPE_CHECKING:
    from eks_lab.aws.account import Account

SERVICE = "resourcegroupstaggingapi"


def extend_gateway(account: Account) -> None:
    """Let GetResources know of EKS."""

    def get_resources(params: dict[str, Any], context: Call) -> dict[str, Any]:
        """Return tagged resources: moto's in pages, EKS's with the last of them."""
        found = account.gateway.ask_moto(SERVICE, "GetResources", params, context)
        if found.get("PaginationToken"):
            return found
        own = [
            {"ResourceARN": arn, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
            for arn, tags in _tagged(account)
            if _is_wanted(arn, tags, params)
        ]
        return {**found, "ResourceTagMappingList": [*(found.get("ResourceTagMappingList") or ()), *own]}

    account.gateway.extend(SERVICE, "GetResources", get_resources)


def _tagged(account: Account) -> Iterator[tuple[str, Mapping[str, str]]]:
    for resource, member in ARN_MEMBERS.items():
        for record in account.eks.list(resource):
            tags = record["spec"].get("tags")
            if tags and record["spec"].get(member):
                yield str(record["spec"][member]), tags


def _is_wanted(arn: str, tags: Mapping[str, str], params: Mapping[str, Any]) -> bool:
    """Judge by the filters (API reference, GetResources): all tag filters, any of their values, any of the types."""
    arns: Sequence[str] = params.get("ResourceARNList") or ()
    if arns and arn not in arns:
        return False
    types: Sequence[str] = params.get("ResourceTypeFilters") or ()
    kind = arn.split(":", 5)[-1].split("/", 1)[0]
    if types and not {"eks", f"eks:{kind}"} & set(types):
        return False
    for each in params.get("TagFilters") or ():
        values = each.get("Values") or ()
        if each["Key"] not in tags or (values and tags[each["Key"]] not in values):
            return False
    return True
