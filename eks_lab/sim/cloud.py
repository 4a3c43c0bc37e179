"""What a cluster asks of the cloud it runs in: instances, interfaces, addresses, volumes, credentials.

The account (`eks_lab.aws`) implements this; a cluster without a cloud works, too, with addresses of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from eks_lab.sim.objects import Obj


class CloudError(Exception):
    """The cloud refuses: EC2's code and sentence, as a driver's log prints them."""

    def __init__(self, code: str, message: str, *, operation: str = "", status: int = 400) -> None:
        """Refuse a call.

        Args:
            code: `InsufficientFreeAddressesInSubnet`, `UnauthorizedOperation`.
            message: AWS's sentence.
            operation: `CreateNetworkInterface`.
            status: of the HTTP answer.
        """
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.operation = operation
        self.status = status


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose credentials a call carries."""

    arn: str
    """`arn:aws:sts::…:assumed-role/eks-lab-node/i-0…`; empty when there are none."""
    handle: object = None
    """The account's own identity behind it; opaque to the simulator."""


@dataclass(frozen=True, slots=True)
class Interface:
    """An elastic network interface that is attached to an instance."""

    id: str
    device_index: int
    subnet_id: str
    primary_address: str
    addresses: tuple[str, ...] = ()
    """Secondary private addresses."""
    prefixes: tuple[str, ...] = ()
    """Delegated prefixes, `10.0.3.16/28`."""
    security_groups: tuple[str, ...] = ()
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Instance:
    """An EC2 instance."""

    id: str
    type: str
    zone: str
    vpc_id: str
    subnet_id: str
    state: str
    """`pending`, `running`, `stopping`, `stopped`, `shutting-down`, `terminated`."""
    private_address: str
    private_name: str
    """`ip-10-0-1-10.ec2.internal`."""
    role_arn: str = ""
    """Of its instance profile; empty when it has none."""
    hop_limit: int = 2
    """HttpPutResponseHopLimit of its metadata options: 1 keeps pods from the instance's role."""
    is_spot: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet of a VPC."""

    id: str
    vpc_id: str
    zone: str
    cidr: str
    free_addresses: int
    """AvailableIpAddressCount."""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Volume:
    """An EBS volume."""

    id: str
    zone: str
    size_gib: int
    type: str
    state: str
    """`creating`, `available`, `in-use`, `deleting`."""
    attachments: tuple[tuple[str, str], ...] = ()
    """Instance and device of each attachment."""
    multi_attach: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)


class Cloud(Protocol):
    """EC2 as a node's and a driver's software sees it. Each call raises CloudError when EC2 refuses it."""

    # --- network (VPC CNI) ---

    def instance(self, instance_id: str) -> Instance | None:
        """Return an instance that is known, terminated or not; None when there is none."""
        ...

    def interfaces(self, instance_id: str) -> Sequence[Interface]:
        """Return an instance's interfaces by device index; cheap, it is asked often."""
        ...

    def subnet(self, subnet_id: str) -> Subnet | None:
        """Return a subnet, or None."""
        ...

    def subnets(self, vpc_id: str) -> Sequence[Subnet]:
        """Return the subnets of a VPC, by id."""
        ...

    def create_interface(
        self,
        caller: Caller,
        instance_id: str,
        device_index: int,
        subnet_id: str,
        security_groups: Sequence[str],
        *,
        addresses: int = 0,
        prefixes: int = 0,
        description: str = "",
        tags: Mapping[str, str] | None = None,
    ) -> Interface:
        """Create an interface with secondary addresses or prefixes and attach it (deleted with the instance)."""
        ...

    def assign_addresses(self, caller: Caller, interface_id: str, count: int) -> Sequence[str]:
        """Give an interface more secondary addresses: all of them or none."""
        ...

    def assign_prefixes(self, caller: Caller, interface_id: str, count: int) -> Sequence[str]:
        """Give an interface more /28 prefixes: all of them or none."""
        ...

    def unassign_addresses(self, caller: Caller, interface_id: str, addresses: Sequence[str]) -> None:
        """Take secondary addresses back."""
        ...

    def unassign_prefixes(self, caller: Caller, interface_id: str, prefixes: Sequence[str]) -> None:
        """Take prefixes back."""
        ...

    def delete_interface(self, caller: Caller, interface_id: str) -> None:
        """Detach and delete an interface."""
        ...

    # --- volumes (EBS CSI) ---

    def create_volume(
        self,
        caller: Caller,
        zone: str,
        size_gib: int,
        type: str,
        *,
        iops: int = 0,
        throughput: int = 0,
        is_encrypted: bool = False,
        kms_key_id: str = "",
        snapshot_id: str = "",
        multi_attach: bool = False,
        tags: Mapping[str, str] | None = None,
    ) -> Volume:
        """Create a volume; it is `creating` first.

        The tag `CSIVolumeName` stands for the token with which the driver asks: asking again with the same one gives the
        volume that was made.
        """
        ...

    def volume(self, caller: Caller, volume_id: str) -> Volume | None:
        """Return a volume, or None."""
        ...

    def attach_volume(self, caller: Caller, volume_id: str, instance_id: str) -> str:
        """Attach a volume; return its device."""
        ...

    def detach_volume(self, caller: Caller, volume_id: str, instance_id: str) -> None:
        """Detach a volume."""
        ...

    def modify_volume(self, caller: Caller, volume_id: str, size_gib: int) -> None:
        """Make a volume larger."""
        ...

    def delete_volume(self, caller: Caller, volume_id: str) -> None:
        """Delete a volume that is attached nowhere."""
        ...

    # --- who a pod, or a node's own software, is ---

    def node_caller(self, instance_id: str) -> Caller:
        """Return the credentials that IMDS gives on an instance.

        Raises:
            CloudError: the instance has no profile, or its role cannot be assumed.
        """
        ...

    def key_caller(self, access_key_id: str, secret: str, session_token: str) -> Caller:
        """Return whose an access key is: AWS_ACCESS_KEY_ID and its companions in a pod's environment.

        Raises:
            CloudError: there is no such key; code and sentence are STS's.
        """
        ...

    def web_identity_caller(self, role_arn: str, token: str, session: str) -> Caller:
        """Return the credentials of AssumeRoleWithWebIdentity (IRSA).

        Raises:
            CloudError: STS refuses; code and sentence are STS's.
        """
        ...

    def pod_identity_caller(self, token: str) -> Caller:
        """Return the credentials of AssumeRoleForPodIdentity.

        Args:
            token: service-account token of audience `pods.eks.amazonaws.com`.

        Raises:
            CloudError: EKS Auth refuses; code and sentence are its own.
        """
        ...

    def pod_identity_association(self, namespace: str, account: str) -> Obj | None:
        """Return the association of a service account of this cluster, or None."""
        ...

    def run_aws(
        self, caller: Caller, arguments: Sequence[str], environment: Mapping[str, str]
    ) -> tuple[int, str, str]:
        """Run an `aws …` command line as a caller.

        Args:
            caller: whose credentials it finds.
            arguments: after the word `aws`.
            environment: of the process: AWS_REGION and the like.

        Returns:
            Exit code, standard output, standard error, as the aws CLI prints them.
        """
        ...
