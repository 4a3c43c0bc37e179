"""What node groups ask of EC2: instances that are launched, that become nodes or do not, and that go.

`eks_lab.aws.ec2` implements the protocol; the account gives it as `Account.fleet`. EKS decides how many
instances a group has and where they stand; EC2 decides whether they start and whether they join.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Taint:
    """A taint as a kubelet registers it."""

    key: str
    value: str
    effect: str
    """Kubernetes' spelling: `NoSchedule`, `NoExecute`, `PreferNoSchedule`."""


@dataclass(frozen=True, slots=True)
class LaunchTemplateUse:
    """Version of a launch template that instances are made from."""

    id: str
    version: str
    """A number; `$Latest` and `$Default` were resolved."""


@dataclass(frozen=True, slots=True)
class Launch:
    """What every instance of one launch has in common."""

    cluster: str
    nodegroup: str
    subnet_id: str
    instance_types: tuple[str, ...]
    """In the order of preference; of a launch template with a type, that one."""
    node_role_arn: str
    ami_type: str = "AL2023_x86_64_STANDARD"
    """EKS's name; `CUSTOM` takes the image and the user data of the launch template."""
    capacity_type: str = "ON_DEMAND"
    version: str = "1.36"
    """Kubernetes minor version of the kubelet."""
    release_version: str = ""
    """Of the AMI: `1.36.1-20261101`; empty for a custom one."""
    disk_size_gib: int = 20
    labels: Mapping[str, str] = field(default_factory=dict)
    """With which the kubelet registers: the group's own and `eks.amazonaws.com/…`."""
    taints: tuple[Taint, ...] = ()
    security_group_ids: tuple[str, ...] = ()
    """The cluster security group, unless the launch template names others."""
    launch_template: LaunchTemplateUse | None = None
    ssh_key: str = ""
    autoscaling_group: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Of the instance: `eks:cluster-name`, `eks:nodegroup-name`, `kubernetes.io/cluster/<name>`: `owned`."""
    generation: str = ""
    """Which revision of the node group asked; instances of another one are replaced by an update."""


@dataclass(frozen=True, slots=True)
class FleetInstance:
    """One instance of a node group, as EC2 and the cluster know it."""

    id: str
    state: str
    """`pending`, `running`, `shutting-down`; `stopping`, `stopped` when somebody stopped it. Terminated ones are not listed."""
    type: str
    zone: str
    subnet_id: str
    launched_at: datetime
    node_name: str = ""
    """Of the node it registered as; empty until then."""
    join_problem: str = ""
    """Why it cannot join, as the kubelet's log says it; empty when it joined or is still starting."""
    generation: str = ""
    """From the `Launch`."""


class Fleet(Protocol):
    """Instances of managed node groups."""

    def launch(self, launch: Launch, count: int) -> Sequence[str]:
        """Start instances in one subnet: as many as asked, or none.

        Args:
            launch: what they are.
            count: how many, at least 1.

        Returns:
            Their ids, in order.

        Raises:
            AwsError: EC2 refuses, with its own code: `InsufficientInstanceCapacity`, `VcpuLimitExceeded`,
                `InsufficientFreeAddressesInSubnet`, `InvalidLaunchTemplateId.NotFound`, `UnauthorizedOperation`, …
        """
        ...

    def place(self, launch: Launch, addresses: Sequence[str]) -> Sequence[str]:
        """Put instances where a finished set-up has them: running for long, their nodes registered and Ready.

        Nothing is judged on the way: this is for the base world.

        Args:
            launch: what they are; the cluster's control plane runs already.
            addresses: primary private address of each, in the launch's subnet.

        Returns:
            Their ids, in order.

        Raises:
            AwsError: EC2 refuses.
        """
        ...

    def terminate(self, ids: Sequence[str]) -> None:
        """Terminate instances; ids that are unknown or terminated are passed over. Their nodes go with them."""
        ...

    def release(self, node_role_arn: str) -> None:
        """Remove the instance profile that was made for a node role, once no instance has it any more."""
        ...

    def instances(self, cluster: str, nodegroup: str) -> Sequence[FleetInstance]:
        """Return the instances of a node group that are not terminated, by launch and id; it is asked often."""
        ...
