"""TagResource, UntagResource, ListTagsForResource."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from eks_lab.aws.eks.context import Eks
from eks_lab.aws.eks.records import (
    ACCESS_ENTRIES,
    ADDONS,
    ASSOCIATIONS,
    CLUSTERS,
    FARGATE_PROFILES,
    IDENTITY_PROVIDERS,
    NODEGROUPS,
)
from eks_lab.aws.eks.refusals import invalid_parameter
from eks_lab.aws.errors import AwsError
from eks_lab.sim.objects import Obj

MOST_TAGS = 50
LONGEST_KEY, LONGEST_VALUE = 128, 256
_ARN = re.compile(r"arn:aws:eks:([a-z0-9-]+):(\d{12}):([a-z-]+)/(.+)", re.ASCII)
ARN_MEMBERS = {
    CLUSTERS: "arn",
    NODEGROUPS: "nodegroupArn",
    ADDONS: "addonArn",
    ACCESS_ENTRIES: "accessEntryArn",
    ASSOCIATIONS: "associationArn",
    FARGATE_PROFILES: "fargateProfileArn",
    IDENTITY_PROVIDERS: "identityProviderConfigArn",
}
"""Records -> the member of their description that is the ARN."""


def check_tags(tags: Mapping[str, str], **fields: Any) -> None:
    """Refuse tags that are too many, too long or AWS's own.

    Raises:
        AwsError: InvalidParameterException.
    """
    if len(tags) > MOST_TAGS:
        raise invalid_parameter(f"The number of tags exceeds the limit of {MOST_TAGS}", **fields)
    for key, value in tags.items():
        if not 1 <= len(key) <= LONGEST_KEY or len(value) > LONGEST_VALUE:
            raise invalid_parameter(
                f"Tag {key[:LONGEST_KEY]!r}: a key has 1 to {LONGEST_KEY} characters, a value up to"
                f" {LONGEST_VALUE}",
                **fields,
            )
        if key.lower().startswith("aws:"):
            raise invalid_parameter("aws: prefixed tag key names are not allowed for external use.", **fields)


def tagged(eks: Eks, arn: str) -> tuple[str, Obj]:
    """Return resource and record behind an ARN.

    Raises:
        AwsError: BadRequestException for no ARN of EKS, NotFoundException when there is nothing.
    """
    match = _ARN.fullmatch(arn)
    if match is None:
        raise AwsError("BadRequestException", f"Invalid ARN: {arn}", status=400)
    for resource, member in ARN_MEMBERS.items():
        for record in eks.list(resource):
            if record["spec"].get(member) == arn:
                return resource, record
    raise AwsError("NotFoundException", f"Resource was not found: {arn}", status=404)


def list_tags_for_resource(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Return the tags of anything of EKS."""
    return {"tags": dict(tagged(eks, params["resourceArn"])[1]["spec"].get("tags") or {})}


def tag_resource(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Add or replace tags.

    Raises:
        AwsError: the ARN names nothing, or the tags are refused.
    """
    resource, record = tagged(eks, params["resourceArn"])
    tags = {**(record["spec"].get("tags") or {}), **params["tags"]}
    try:
        check_tags(tags)
    except AwsError as error:
        # These three operations have errors of their own in the model.
        raise AwsError("BadRequestException", error.message, status=400) from error
    eks.change(resource, record, tags=tags)
    return {}


def untag_resource(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Remove tags; keys that are not there are passed over."""
    resource, record = tagged(eks, params["resourceArn"])
    gone = set(params["tagKeys"])
    tags = {key: value for key, value in (record["spec"].get("tags") or {}).items() if key not in gone}
    eks.change(resource, record, tags=tags)
    return {}
