"""May a caller do something in EC2? The account's IAM decides, and remembers its answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from eks_lab.aws.errors import AwsError
from eks_lab.aws.iam.ec2_actions import resource_tags
from eks_lab.aws.principal import Principal
from eks_lab.sim.cloud import Caller, CloudError

if TYPE_CHECKING:
    from eks_lab.aws.account import Account


def principal_of(caller: Caller, operation: str) -> Principal:
    """Return who calls.

    Raises:
        CloudError: the caller has no credentials.
    """
    if not isinstance(caller.handle, Principal):
        raise CloudError(
            "AuthFailure",
            "AWS was not able to validate the provided access credentials",
            operation=operation,
            status=401,
        )
    return caller.handle


def check(
    account: Account,
    caller: Caller,
    operation: str,
    *resources: str,
    tags: Mapping[str, str] | None = None,
    creates: str = "",
) -> None:
    """Refuse a call of EC2 that IAM does not allow.

    Args:
        account: whose IAM.
        caller: whose credentials.
        operation: `CreateNetworkInterface`.
        resources: parts of ARNs after the account: `subnet/subnet-0…`; none stands for `*`.
        tags: that the request gives to what it makes: `aws:RequestTag/…`.
        creates: of CreateTags, the operation that makes what is tagged: `ec2:CreateAction`.

    Raises:
        CloudError: UnauthorizedOperation with EC2's sentence, or AuthFailure without credentials.
    """
    principal = principal_of(caller, operation)
    action = f"ec2:{operation}"
    request: dict[str, str | list[str]] = {
        f"aws:RequestTag/{key}": value for key, value in (tags or {}).items()
    }
    if tags:
        request["aws:TagKeys"] = list(tags)
    if creates:
        request["ec2:CreateAction"] = creates
    for resource in resources or ("*",):
        arn = resource if resource == "*" else f"arn:aws:ec2:{account.region}:{account.id}:{resource}"
        context = request if arn.endswith("*") else {**request, **resource_tags(account, arn, account.region)}
        try:
            account.iam.require(principal, action, arn, context)
        except AwsError as error:
            raise CloudError(error.code, error.message, operation=operation, status=error.status) from error
