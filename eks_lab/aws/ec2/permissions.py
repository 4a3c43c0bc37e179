"""May a caller do something in EC2? The account's IAM decides, and remembers its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eks_lab.aws.errors import AwsError
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


def check(account: Account, caller: Caller, operation: str, *resources: str) -> None:
    """Refuse a call of EC2 that IAM does not allow.

    Args:
        account: whose IAM.
        caller: whose credentials.
        operation: `CreateNetworkInterface`.
        resources: parts of ARNs after the account: `subnet/subnet-0…`; none stands for `*`.

    Raises:
        CloudError: UnauthorizedOperation with EC2's sentence, or AuthFailure without credentials.
    """
    principal = principal_of(caller, operation)
    action = f"ec2:{operation}"
    for resource in resources or ("*",):
        arn = resource if resource == "*" else f"arn:aws:ec2:{account.region}:{account.id}:{resource}"
        try:
            account.iam.require(principal, action, arn)
        except AwsError as error:
            raise CloudError(error.code, error.message, operation=operation, status=error.status) from error
