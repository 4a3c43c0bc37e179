"""What an AWS service of our own looks like to the gateway."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from eks_lab.aws.principal import Principal


@dataclass(frozen=True, slots=True)
class Call:
    """The circumstances of one call: who, where, when."""

    principal: Principal
    region: str
    """`us-east-1`."""
    request_id: str
    """As `x-amzn-RequestId` answers it."""
    now: datetime
    """Simulated moment."""
    source_address: str = "127.0.0.1"
    """`aws:SourceIp`."""
    is_over_http: bool = False
    """Whether a client outside asks: its credentials expire by real time, as it will judge them."""


@dataclass(frozen=True, slots=True)
class Action:
    """What one call asks IAM for: an action on a resource, with the keys that conditions may look at."""

    name: str
    """`eks:DescribeCluster`."""
    resource: str = "*"
    """An ARN, or `*`."""
    context: Mapping[str, str | list[str]] = field(default_factory=dict)
    """Condition keys: `{"aws:ResourceTag/team": "red", "iam:PassedToService": "eks.amazonaws.com"}`."""


class Service(Protocol):
    """A service that this package implements itself; the gateway asks it before moto."""

    name: str
    """botocore's name of the service: `eks`, `eks-auth`, `sts`."""

    def handle(self, operation: str, params: dict[str, Any], context: Call) -> dict[str, Any]:
        """Perform an operation that IAM has allowed.

        Args:
            operation: as botocore's model spells it: `DescribeCluster`.
            params: checked against the operation's input shape, with the shape's member names; timestamps are
                aware datetimes, blobs are bytes.
            context: who calls, where and when.

        Returns:
            Members of the operation's output shape; datetimes and bytes as such.

        Raises:
            AwsError: the call is refused.
            NotImplementedError: this service does not simulate the operation; the gateway says so to the caller,
                with the exception's text as what real AWS does.
        """
        ...

    def actions(self, operation: str, params: dict[str, Any], context: Call) -> Iterable[Action]:
        """Return what IAM must allow for a call, in the order in which AWS asks; empty when nothing.

        `iam:PassRole` stands here, too, where the real service checks it.

        Raises:
            AwsError: the call refers to something in a way that is refused before IAM is asked.
        """
        ...
