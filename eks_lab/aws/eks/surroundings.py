"""What EKS reads and makes in the rest of the account: subnets, security groups, interfaces, roles, keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet, as DescribeSubnets shows it."""

    id: str
    vpc_id: str
    zone: str
    zone_id: str
    """`use1-az3`: the same zone in every account, unlike its name."""
    cidr: str
    free_addresses: int
    is_public_by_default: bool = False
    """MapPublicIpOnLaunch."""


@dataclass(frozen=True, slots=True)
class Role:
    """A role of IAM."""

    arn: str
    name: str
    trust: Mapping[str, Any] = field(default_factory=dict)
    """Its trust policy."""
    policies: tuple[str, ...] = ()
    """ARNs of attached managed policies."""


@dataclass(frozen=True, slots=True)
class Key:
    """A KMS key."""

    arn: str
    state: str
    """`Enabled`, `Disabled`, `PendingDeletion`."""
    is_symmetric: bool = True


@dataclass(frozen=True, slots=True)
class LaunchTemplate:
    """One version of a launch template."""

    id: str
    name: str
    version: str
    """A number."""
    instance_type: str = ""
    image_id: str = ""
    security_group_ids: tuple[str, ...] = ()
    has_instance_profile: bool = False
    has_subnet: bool = False
    """In a network interface: EKS refuses it."""
    has_key: bool = False
    has_block_devices: bool = False
    has_spot_options: bool = False


class Surroundings(Protocol):
    """The rest of the account. What is missing is None, never an error."""

    def subnet(self, subnet_id: str) -> Subnet | None:
        """Return a subnet."""
        ...

    def vpc_cidrs(self, vpc_id: str) -> Sequence[str]:
        """Return the address blocks of a VPC; empty when it does not exist."""
        ...

    def zones(self) -> Sequence[tuple[str, str]]:
        """Return name and id of every zone of the region, in order."""
        ...

    def security_group_vpc(self, group_id: str) -> str | None:
        """Return the VPC of a security group."""
        ...

    def create_cluster_security_group(self, cluster: str, vpc_id: str, tags: Mapping[str, str]) -> str:
        """Create `eks-cluster-sg-<cluster>-<number>`, open to itself; return its id."""
        ...

    def delete_security_group(self, group_id: str) -> None:
        """Delete a security group; one that is gone or in use is passed over."""
        ...

    def create_control_plane_interfaces(
        self, cluster: str, subnet_ids: Sequence[str], security_group_ids: Sequence[str]
    ) -> Sequence[str]:
        """Create one interface of the control plane in each subnet; return their ids.

        Raises:
            AwsError: EC2 refuses, for example InsufficientFreeAddressesInSubnet; none is left behind.
        """
        ...

    def control_plane_interfaces(self, cluster: str) -> Sequence[str]:
        """Return the ids of a cluster's interfaces, in order."""
        ...

    def delete_interfaces(self, interface_ids: Sequence[str]) -> None:
        """Delete interfaces; those that are gone are passed over."""
        ...

    def role(self, arn: str) -> Role | None:
        """Return a role by its ARN."""
        ...

    def has_user(self, arn: str) -> bool:
        """Say whether a user of this ARN exists."""
        ...

    def kms_key(self, arn: str) -> Key | None:
        """Return a key by ARN, alias ARN or id."""
        ...

    def launch_template(self, id: str, name: str, version: str) -> LaunchTemplate | None:
        """Return a version of a launch template.

        Args:
            id: of the template; or empty.
            name: used without an id.
            version: a number, `$Latest`, `$Default` or empty, which is `$Default`.
        """
        ...

    def has_key_pair(self, name: str) -> bool:
        """Say whether EC2 has a key pair of this name."""
        ...

    def instance_type_exists(self, name: str) -> bool:
        """Say whether EC2 has an instance type."""
        ...

    def image_exists(self, image_id: str) -> bool:
        """Say whether EC2 has an image."""
        ...

    def instance_name(self, instance_id: str) -> str:
        """Return the private DNS name of an instance; empty when it does not exist."""
        ...
