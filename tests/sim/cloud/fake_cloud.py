"""A small faithful EC2 in memory: subnets that run out, limits of instance types, volumes, credentials."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Network

import jwt

from eks_lab.catalog import instance_types
from eks_lab.sim.cloud import Caller, CloudError, Instance, Interface, Subnet, Volume
from eks_lab.sim.objects import Obj

VPC = "vpc-0lab"
ACCOUNT = "123456789012"
NODE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/eks-lab-node"
RESERVED = 4
"""The first four addresses of a subnet, and the last, are AWS's own."""


@dataclass(slots=True)
class _Subnet:
    """A subnet and what is taken of it."""

    id: str
    zone: str
    network: IPv4Network
    tags: dict[str, str] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)

    def free(self) -> int:
        """Return AvailableIpAddressCount."""
        return self.network.num_addresses - RESERVED - 1 - len(self.used)

    def is_usable(self, offset: int) -> bool:
        """Say whether an address is neither AWS's own nor taken."""
        return RESERVED <= offset < self.network.num_addresses - 1 and offset not in self.used

    def take(self, count: int) -> list[str]:
        """Return the lowest free addresses, all of them or an error."""
        offsets: list[int] = []
        for offset in range(RESERVED, self.network.num_addresses - 1):
            if len(offsets) == count:
                break
            if offset not in self.used:
                offsets.append(offset)
        if len(offsets) < count:
            raise CloudError(
                "InsufficientFreeAddressesInSubnet",
                "The specified subnet does not have enough free addresses to satisfy the request.",
            )
        self.used.update(offsets)
        return [str(self.network[offset]) for offset in offsets]

    def take_prefixes(self, count: int) -> list[str]:
        """Return the highest free /28 blocks, all of them or an error."""
        found: list[int] = []
        for start in range(self.network.num_addresses - 16, -1, -16):
            if len(found) < count and all(self.is_usable(start + each) for each in range(16)):
                found.append(start)
        if len(found) < count:
            raise CloudError(
                "InsufficientCidrBlocks",
                "The specified subnet does not have enough free cidr blocks to satisfy the request.",
            )
        for start in found:
            self.used.update(range(start, start + 16))
        return [f"{self.network[start]}/28" for start in found]

    def give_back(self, value: str) -> None:
        """Free an address or a prefix."""
        network = IPv4Network(value)
        first = int(network.network_address) - int(self.network.network_address)
        self.used.difference_update(range(first, first + network.num_addresses))


class FakeCloud:
    """Implements `eks_lab.sim.cloud.Cloud`; every call is noted in `calls`."""

    def __init__(self, type: str = "m5.large", prefix_length: int = 18) -> None:
        """Start with one subnet in each of three zones.

        Args:
            type: of the instances that `launch` starts.
            prefix_length: of the subnets.
        """
        self.type = type
        self.calls: list[tuple[str, str]] = []
        """Operation and ARN of the caller."""
        self.denied: set[str] = set()
        """Operations that are refused to everybody, or `operation arn`."""
        self.roles: dict[str, set[str]] = {}
        """Role -> subjects (`system:serviceaccount:shop:web`) that its trust policy accepts."""
        self.associations: dict[tuple[str, str], Obj] = {}
        self.on_aws: Callable[[Caller, Sequence[str], Mapping[str, str]], tuple[int, str, str]] | None = None
        """Answers `run_aws` beside `sts get-caller-identity`."""
        self._subnets: dict[str, _Subnet] = {}
        self._instances: dict[str, Instance] = {}
        self._interfaces: dict[str, Interface] = {}
        self._owner: dict[str, str] = {}
        self._volumes: dict[str, Volume] = {}
        self._number = 0
        for number, zone in enumerate("abc"):
            self.add_subnet(f"subnet-0{zone}", f"us-east-1{zone}", f"10.0.{64 * number}.0/{prefix_length}")

    # --- what tests arrange -----------------------------------------------------------------------------------

    def add_subnet(self, id: str, zone: str, cidr: str, **tags: str) -> None:
        """Add a subnet."""
        self._subnets[id] = _Subnet(id, zone, IPv4Network(cidr), tags)

    def tag_subnet(self, id: str, key: str, value: str) -> None:
        """Tag a subnet."""
        self._subnets[id].tags[key] = value

    def fill_subnet(self, id: str, leave: int = 0) -> None:
        """Take all addresses of a subnet but some."""
        subnet = self._subnets[id]
        subnet.take(max(0, subnet.free() - leave))

    def scatter(self, id: str) -> None:
        """Take one address of every /28 of a subnet, so that no whole block is left."""
        subnet = self._subnets[id]
        subnet.used.update(start + 7 for start in range(0, subnet.network.num_addresses, 16))

    def launch(self, instance_id: str, address: str, type: str = "", *, hop_limit: int = 1) -> Instance:
        """Start an instance with its primary interface."""
        subnet = next(each for each in self._subnets.values() if IPv4Address(address) in each.network)
        subnet.used.add(int(IPv4Address(address)) - int(subnet.network.network_address))
        name = f"ip-{address.replace('.', '-')}.ec2.internal"
        instance = Instance(
            instance_id, type or self.type, subnet.zone, VPC, subnet.id, "running", address, name, NODE_ROLE, hop_limit
        )  # fmt: skip
        self._instances[instance_id] = instance
        primary = Interface(self._id("eni"), 0, subnet.id, address, security_groups=("sg-0node",))
        self._interfaces[primary.id] = primary
        self._owner[primary.id] = instance_id
        return instance

    def set_state(self, instance_id: str, state: str) -> None:
        """Stop, start or terminate an instance; a terminated one gives its interfaces and volumes back."""
        self._instances[instance_id] = replace(self._instances[instance_id], state=state)
        if state == "terminated":
            for each in self.interfaces(instance_id):
                self._forget(each)
            for volume in list(self._volumes.values()):
                self._detached(volume, instance_id)

    def forget_instance(self, instance_id: str) -> None:
        """Make EC2 know nothing of an instance any more."""
        del self._instances[instance_id]

    def taken(self, subnet_id: str) -> int:
        """Return how many addresses of a subnet are in use."""
        return len(self._subnets[subnet_id].used)

    def volumes(self) -> list[Volume]:
        """Return all volumes."""
        return list(self._volumes.values())

    # --- network ------------------------------------------------------------------------------------------------

    def instance(self, instance_id: str) -> Instance | None:
        """Return an instance."""
        return self._instances.get(instance_id)

    def interfaces(self, instance_id: str) -> Sequence[Interface]:
        """Return an instance's interfaces."""
        found = [each for each in self._interfaces.values() if self._owner[each.id] == instance_id]
        return sorted(found, key=lambda each: each.device_index)

    def subnet(self, subnet_id: str) -> Subnet | None:
        """Return a subnet."""
        found = self._subnets.get(subnet_id)
        return self._shown(found) if found is not None else None

    def subnets(self, vpc_id: str) -> Sequence[Subnet]:
        """Return all subnets."""
        return [self._shown(each) for each in self._subnets.values()]

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
        """Create and attach an interface."""
        self._call("CreateNetworkInterface", caller)
        type = instance_types.get(self._instances[instance_id].type)
        if len(self.interfaces(instance_id)) >= type.default_card_enis:
            raise CloudError(
                "AttachmentLimitExceeded",
                f"Interface count {type.default_card_enis + 1} exceeds the limit for {type.name}",
                operation="AttachNetworkInterface",
            )
        subnet = self._subnets.get(subnet_id)
        if subnet is None:
            raise CloudError("InvalidSubnetID.NotFound", f"The subnet ID '{subnet_id}' does not exist")
        if subnet.free() < 1 + addresses:
            subnet.take(1 + addresses)
        blocks = subnet.take_prefixes(prefixes)
        first, *others = subnet.take(1 + addresses)
        made = Interface(
            self._id("eni"), device_index, subnet_id, first, tuple(others), tuple(blocks), tuple(security_groups),
            description, dict(tags or {}),
        )  # fmt: skip
        self._interfaces[made.id] = made
        self._owner[made.id] = instance_id
        return made

    def assign_addresses(self, caller: Caller, interface_id: str, count: int) -> Sequence[str]:
        """Give an interface more addresses."""
        self._call("AssignPrivateIpAddresses", caller)
        interface = self._with_room(interface_id, count)
        found = self._subnets[interface.subnet_id].take(count)
        self._interfaces[interface_id] = replace(interface, addresses=(*interface.addresses, *found))
        return found

    def assign_prefixes(self, caller: Caller, interface_id: str, count: int) -> Sequence[str]:
        """Give an interface more prefixes."""
        self._call("AssignPrivateIpAddresses", caller)
        interface = self._with_room(interface_id, count)
        found = self._subnets[interface.subnet_id].take_prefixes(count)
        self._interfaces[interface_id] = replace(interface, prefixes=(*interface.prefixes, *found))
        return found

    def unassign_addresses(self, caller: Caller, interface_id: str, addresses: Sequence[str]) -> None:
        """Take addresses back."""
        self._call("UnassignPrivateIpAddresses", caller)
        interface = self._interfaces[interface_id]
        left = tuple(each for each in interface.addresses if each not in addresses)
        assert len(left) + len(addresses) == len(interface.addresses)
        self._interfaces[interface_id] = replace(interface, addresses=left)
        for each in addresses:
            self._subnets[interface.subnet_id].give_back(each)

    def unassign_prefixes(self, caller: Caller, interface_id: str, prefixes: Sequence[str]) -> None:
        """Take prefixes back."""
        self._call("UnassignPrivateIpAddresses", caller)
        interface = self._interfaces[interface_id]
        left = tuple(each for each in interface.prefixes if each not in prefixes)
        assert len(left) + len(prefixes) == len(interface.prefixes)
        self._interfaces[interface_id] = replace(interface, prefixes=left)
        for each in prefixes:
            self._subnets[interface.subnet_id].give_back(each)

    def delete_interface(self, caller: Caller, interface_id: str) -> None:
        """Detach and delete an interface."""
        self._call("DeleteNetworkInterface", caller)
        self._forget(self._interfaces[interface_id])

    # --- volumes ------------------------------------------------------------------------------------------------

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
        """Create a volume."""
        self._call("CreateVolume", caller)
        name = (tags or {}).get("CSIVolumeName", "")
        for known in self._volumes.values():
            if name and known.tags.get("CSIVolumeName") == name:
                return known
        made = Volume(
            self._id("vol"),
            zone,
            size_gib,
            type,
            "creating",
            multi_attach=multi_attach,
            tags=dict(tags or {}),
        )
        self._volumes[made.id] = made
        return made

    def volume(self, caller: Caller, volume_id: str) -> Volume | None:
        """Return a volume; one that was being created is there when it is looked at again."""
        self._call("DescribeVolumes", caller)
        found = self._volumes.get(volume_id)
        if found is not None and found.state == "creating":
            self._volumes[volume_id] = replace(found, state="available")
        return found

    def attach_volume(self, caller: Caller, volume_id: str, instance_id: str) -> str:
        """Attach a volume."""
        self._call("AttachVolume", caller)
        volume, instance = self._volumes[volume_id], self._instances[instance_id]
        if volume.zone != instance.zone:
            raise CloudError(
                "InvalidVolume.ZoneMismatch",
                f"The volume '{volume_id}' is not in the same availability zone as instance '{instance_id}'",
                operation="AttachVolume",
            )
        if volume.attachments and not volume.multi_attach:
            raise CloudError(
                "VolumeInUse", f"{volume_id} is already attached to an instance", operation="AttachVolume"
            )
        device = f"/dev/xvda{chr(ord('a') + sum(instance_id == each for v in self._volumes.values() for each, _ in v.attachments))}"
        self._volumes[volume_id] = replace(
            volume, state="in-use", attachments=(*volume.attachments, (instance_id, device))
        )
        return device

    def detach_volume(self, caller: Caller, volume_id: str, instance_id: str) -> None:
        """Detach a volume."""
        self._call("DetachVolume", caller)
        self._detached(self._volumes[volume_id], instance_id)

    def modify_volume(self, caller: Caller, volume_id: str, size_gib: int) -> None:
        """Make a volume larger."""
        self._call("ModifyVolume", caller)
        self._volumes[volume_id] = replace(self._volumes[volume_id], size_gib=size_gib)

    def delete_volume(self, caller: Caller, volume_id: str) -> None:
        """Delete a volume."""
        self._call("DeleteVolume", caller)
        if self._volumes[volume_id].attachments:
            raise CloudError(
                "VolumeInUse", f"Volume {volume_id} is currently attached", operation="DeleteVolume"
            )
        del self._volumes[volume_id]

    # --- credentials ----------------------------------------------------------------------------------------------

    def node_caller(self, instance_id: str) -> Caller:
        """Return a session of the node role."""
        return Caller(f"arn:aws:sts::{ACCOUNT}:assumed-role/eks-lab-node/{instance_id}")

    def key_caller(self, access_key_id: str, secret: str, session_token: str) -> Caller:
        """Return the user of a key: keys are named after their users."""
        if not access_key_id.startswith("AKIA"):
            raise CloudError(
                "InvalidClientTokenId",
                "The security token included in the request is invalid.",
                operation="GetCallerIdentity",
                status=403,
            )
        return Caller(f"arn:aws:iam::{ACCOUNT}:user/{access_key_id.removeprefix('AKIA')}")

    def web_identity_caller(self, role_arn: str, token: str, session: str) -> Caller:
        """Return a session of a role that trusts the token's subject."""
        claims = jwt.decode(token, options={"verify_signature": False})
        is_trusted = claims["sub"] in self.roles.get(role_arn, ()) and "sts.amazonaws.com" in claims["aud"]
        if not is_trusted:
            raise CloudError(
                "AccessDenied",
                "Not authorized to perform sts:AssumeRoleWithWebIdentity",
                operation="AssumeRoleWithWebIdentity",
                status=403,
            )
        return Caller(f"arn:aws:sts::{ACCOUNT}:assumed-role/{role_arn.rpartition('/')[2]}/{session}")

    def pod_identity_caller(self, token: str) -> Caller:
        """Return a session of the associated role."""
        claims = jwt.decode(token, options={"verify_signature": False})
        _system, _kind, namespace, account = claims["sub"].split(":")
        found = self.associations.get((namespace, account))
        if found is None or "pods.eks.amazonaws.com" not in claims["aud"]:
            raise CloudError("ResourceNotFoundException", "No association found", status=404)
        return Caller(
            f"arn:aws:sts::{ACCOUNT}:assumed-role/{found['roleArn'].rpartition('/')[2]}/eks-lab-pod"
        )

    def pod_identity_association(self, namespace: str, account: str) -> Obj | None:
        """Return an association."""
        return self.associations.get((namespace, account))

    def run_aws(
        self, caller: Caller, arguments: Sequence[str], environment: Mapping[str, str]
    ) -> tuple[int, str, str]:
        """Say who calls."""
        if self.on_aws is not None:
            return self.on_aws(caller, arguments, environment)
        return 0, json.dumps({"Account": ACCOUNT, "Arn": caller.arn}, indent=4) + "\n", ""

    # --- below ------------------------------------------------------------------------------------------------------

    def _id(self, kind: str) -> str:
        self._number += 1
        return f"{kind}-0{self._number:016x}"

    def _call(self, operation: str, caller: Caller) -> None:
        self.calls.append((operation, caller.arn))
        if operation in self.denied or f"{operation} {caller.arn}" in self.denied:
            raise CloudError(
                "UnauthorizedOperation",
                f"You are not authorized to perform this operation. User: {caller.arn} is not authorized to perform: "
                f"ec2:{operation}",
                operation=operation,
                status=403,
            )

    def _with_room(self, interface_id: str, count: int) -> Interface:
        interface = self._interfaces[interface_id]
        type = instance_types.get(self._instances[self._owner[interface_id]].type)
        if 1 + len(interface.addresses) + len(interface.prefixes) + count > type.ipv4_per_eni:
            raise CloudError(
                "PrivateIpAddressLimitExceeded", "Number of private addresses will exceed limit."
            )
        return interface

    def _forget(self, interface: Interface) -> None:
        subnet = self._subnets[interface.subnet_id]
        for value in (interface.primary_address, *interface.addresses, *interface.prefixes):
            subnet.give_back(value)
        del self._interfaces[interface.id]
        del self._owner[interface.id]

    def _detached(self, volume: Volume, instance_id: str) -> None:
        left = tuple(each for each in volume.attachments if each[0] != instance_id)
        self._volumes[volume.id] = replace(
            volume, attachments=left, state=volume.state if left else "available"
        )

    def _shown(self, subnet: _Subnet) -> Subnet:
        return Subnet(subnet.id, VPC, subnet.zone, str(subnet.network), subnet.free(), dict(subnet.tags))
