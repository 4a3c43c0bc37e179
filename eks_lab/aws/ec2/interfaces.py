"""Elastic network interfaces: addresses, delegated prefixes, and what an instance type can carry.

Long, because each operation of the API that touches an address stands here: none may forget to count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from moto.ec2.exceptions import InvalidNetworkInterfaceIdError
from moto.ec2.models import elastic_network_interfaces as moto_interfaces
from moto.ec2.utils import generate_dns_from_ip
from moto.moto_api._internal import mock_random

from eks_lab.aws.ec2.address_pool import (
    AddressInUseError,
    NoFreeAddressError,
    NoFreeBlockError,
    OutsideSubnetError,
)
from eks_lab.aws.ec2.refusal import (
    no_free_block,
    refuse,
    subnet_is_full,
    too_many_addresses,
    too_many_interfaces,
)
from eks_lab.aws.ec2.subnets import Subnet, SubnetBackend
from eks_lab.catalog import instance_types

MOST_ADDRESSES = 50
"""IPv4 addresses of an interface that is attached nowhere: no instance type holds more."""


class NetworkInterface(moto_interfaces.NetworkInterface):
    """moto's interface with delegated prefixes."""

    ipv4_prefixes: list[dict[str, str]]
    """`{"Ipv4Prefix": "10.0.3.16/28"}` each, as DescribeNetworkInterfaces shows them."""

    def delete(self) -> None:
        """Detach and delete, as termination of its instance does."""
        if self.instance is not None:
            self.instance.detach_eni(self)
        self.ec2_backend.delete_network_interface(eni_id=self.id)

    def get_filter_value(self, filter_name: str, method_name: str | None = None) -> Any:
        """Return what a filter of DescribeNetworkInterfaces looks at; moto knows fewer, and only primary addresses."""
        if filter_name == "addresses.private-ip-address":
            return [each["PrivateIpAddress"] for each in self.private_ip_addresses]
        if filter_name == "attachment.device-index":
            return None if self.device_index is None else str(self.device_index)
        if filter_name == "attachment.status":
            return "attached" if self.attachment_id else None
        if filter_name in ("attachment.delete-on-termination", "requester-managed"):
            is_so = self.delete_on_termination if "delete" in filter_name else self.requester_managed
            return "true" if is_so else "false"
        return super().get_filter_value(filter_name, method_name)

    @property
    def secondary_addresses(self) -> list[str]:
        """Return the secondary addresses in the order they were assigned."""
        return [each["PrivateIpAddress"] for each in self.private_ip_addresses if not each.get("Primary")]

    @property
    def prefixes(self) -> list[str]:
        """Return the delegated prefixes, `10.0.3.16/28`."""
        return [each["Ipv4Prefix"] for each in self.ipv4_prefixes]

    @property
    def slots(self) -> int:
        """Return how many of the interface's address slots are used; a prefix takes one."""
        return len(self.private_ip_addresses) + len(self.ipv4_prefixes)

    @property
    def group_set(self) -> list[Any]:
        """Return the security groups by id: moto's own answer is a set without an order."""
        return sorted(self._group_set, key=lambda group: str(group.id))


def slots_of(instance_type: str) -> int:
    """Return how many addresses and prefixes an ENI of an instance type holds."""
    catalogue = instance_types.catalogue()
    return catalogue.get(instance_type).ipv4_per_eni if instance_type in catalogue else MOST_ADDRESSES


class InterfaceBackend(SubnetBackend):
    """What the mended EC2 does differently with interfaces."""

    enis: dict[str, NetworkInterface]  # type: ignore[assignment]

    def interface_of(self, interface_id: str) -> NetworkInterface:
        """Return an interface.

        Raises:
            EC2ClientError: InvalidNetworkInterfaceID.NotFound.
        """
        interface = self.enis.get(interface_id)
        if interface is None:
            raise InvalidNetworkInterfaceIdError(interface_id)
        return interface

    def get_network_interface(self, eni_id: str) -> moto_interfaces.NetworkInterface:
        """Return an interface without looking through all of them."""
        return self.interface_of(eni_id)

    def create_network_interface(
        self,
        subnet: Any,
        private_ip_address: str | list[str],
        private_ip_addresses: list[Any] | None = None,
        group_ids: list[str] | None = None,
        description: str | None = None,
        tags: dict[str, str] | None = None,
        delete_on_termination: bool | None = False,
        **kwargs: Any,
    ) -> NetworkInterface:
        """Create an interface whose addresses are free ones of its subnet: all of them or none.

        Args:
            subnet: the subnet, or its id.
            private_ip_address: the primary address; empty takes any.
            private_ip_addresses: `{"PrivateIpAddress": …, "Primary": …}` each.
            group_ids: security groups; none takes the VPC's default group.
            description: shown in the console.
            tags: of the interface.
            delete_on_termination: whether it goes with its instance.
            kwargs: moto's own; `secondary_ips_count`, `ipv4_prefix_count` and `ipv4_prefixes` are read here.

        Raises:
            EC2ClientError: InsufficientFreeAddressesInSubnet, InsufficientCidrBlocks, InvalidIPAddress.InUse,
                InvalidGroup.NotFound.
        """
        place = subnet if isinstance(subnet, Subnet) else self.subnet_of(str(subnet))
        primary = private_ip_address[0] if isinstance(private_ip_address, list) else private_ip_address
        others: list[str] = []
        for each in private_ip_addresses or []:
            address = each if isinstance(each, str) else each.get("PrivateIpAddress", "")
            if not primary and (isinstance(each, str) or each.get("Primary")):
                primary = address
            elif address != primary:
                others.append(address)
        self._check_groups(group_ids or [], place)
        count = int(kwargs.pop("secondary_ips_count", None) or 0)
        prefix_count = int(kwargs.pop("ipv4_prefix_count", None) or 0)
        wanted_prefixes = list(kwargs.pop("ipv4_prefixes", None) or [])
        if 1 + len(others) + count + prefix_count + len(wanted_prefixes) > MOST_ADDRESSES:
            raise too_many_addresses()
        first = self._take_addresses(place, [primary] if primary else [], 0 if primary else 1)[0]
        try:
            secondary = self._take_addresses(place, others, count)
            try:
                prefixes = self._take_prefixes(place, wanted_prefixes, prefix_count)
            except Exception:
                self._give_back(place, secondary)
                raise
        except Exception:
            self._give_back(place, [first])
            raise
        interface = NetworkInterface(  # type: ignore[abstract] # CloudFormation makes none of ours
            self,
            place,
            first,
            [self._address(place, first, is_primary=True)]
            + [self._address(place, address, is_primary=False) for address in secondary],
            group_ids=group_ids,
            description=description,
            tags=tags,
            delete_on_termination=delete_on_termination,
            **kwargs,
        )
        interface.ipv4_prefixes = [{"Ipv4Prefix": prefix} for prefix in prefixes]
        self.enis[interface.id] = interface
        return interface

    def delete_network_interface(self, eni_id: str) -> None:
        """Delete an interface that is attached nowhere; its addresses are free again.

        Raises:
            EC2ClientError: it is attached.
        """
        interface = self.interface_of(eni_id)
        if interface.attachment_id or interface.status == "in-use":
            raise refuse("InvalidParameterValue", f"Network interface '{eni_id}' is currently in use.")
        self.drop_interface(interface)

    def drop_interface(self, interface: NetworkInterface) -> None:
        """Take an interface away, whoever uses it; its addresses are free again."""
        for address in self.addresses:
            holder: Any = address.eni
            if holder is interface:
                address.eni = address.instance = address.association_id = None
        place = interface.subnet
        self._give_back(place, [each["PrivateIpAddress"] for each in interface.private_ip_addresses])
        for prefix in interface.prefixes:
            place.pool.release_prefix(prefix)
        del self.enis[interface.id]
        self.tags.pop(interface.id, None)

    def lend_interface(self, interface: Any, kind: str, description: str) -> None:
        """Mark an interface as one that AWS made for a service: in use, and not the account's to delete.

        Args:
            interface: a new one.
            kind: `nat_gateway`, `vpc_endpoint`, `interface`.
            description: `Interface for NAT Gateway nat-…`.
        """
        interface.status = "in-use"
        interface.interface_type = kind
        interface.description = description
        interface.requester_managed = True

    def attach_network_interface(
        self, eni_id: str, instance_id: str, device_index: int
    ) -> moto_interfaces.Attachment:
        """Attach an interface to an instance of its zone that has room for it.

        Raises:
            EC2ClientError: AttachmentLimitExceeded, PrivateIpAddressLimitExceeded, or the interface, the index or
                the instance does not allow it.
        """
        interface, instance = self.interface_of(eni_id), self.get_instance(instance_id)
        device_index = int(device_index)
        if interface.attachment_id or interface.status == "in-use":
            raise refuse("InvalidNetworkInterface.InUse", f"Interface: [{eni_id}] in use.")
        if instance.state not in ("pending", "running", "stopped"):
            raise refuse(
                "IncorrectState", f"The instance '{instance_id}' is not in a state that allows attachment."
            )
        if device_index in instance.nics:
            raise refuse(
                "InvalidParameterValue",
                f"Instance '{instance_id}' already has an interface attached at device index '{device_index}'.",
            )
        if interface.availability_zone != instance.availability_zone:
            raise refuse(
                "InvalidParameterCombination",
                "You may not attach a network interface to an instance if they are not in the same"
                " availability zone",
            )
        self.check_interfaces(instance.instance_type, [*instance.nics.values(), interface])
        return super().attach_network_interface(eni_id, instance_id, device_index)

    def detach_network_interface(self, attachment_id: str) -> None:
        """Detach an interface; an instance keeps its primary one.

        Raises:
            EC2ClientError: no such attachment, or it is the primary interface.
        """
        for interface in self.enis.values():
            if interface.attachment_id == attachment_id and interface.device_index == 0:
                raise refuse(
                    "OperationNotPermitted",
                    "The network interface at device index 0 and networkCard index 0 cannot be detached.",
                )
        super().detach_network_interface(attachment_id)

    def assign_private_ip_addresses(
        self,
        eni_id: str,
        private_ip_addresses: list[str] | None = None,
        secondary_ips_count: int | None = None,
        ipv4_prefixes: Sequence[str] = (),
        ipv4_prefix_count: int = 0,
    ) -> moto_interfaces.NetworkInterface:
        """Give an interface more secondary addresses or prefixes: all of them or none.

        Raises:
            EC2ClientError: PrivateIpAddressLimitExceeded, InsufficientFreeAddressesInSubnet,
                InsufficientCidrBlocks, InvalidIPAddress.InUse.
        """
        interface = self._own_interface(eni_id)
        present = {each["PrivateIpAddress"] for each in interface.private_ip_addresses}
        wanted = [address for address in private_ip_addresses or [] if address not in present]
        count = int(secondary_ips_count or 0)
        more = len(wanted) + count + len(ipv4_prefixes) + ipv4_prefix_count
        if interface.slots + more > self.room_on(interface):
            raise too_many_addresses()
        place = interface.subnet
        addresses = self._take_addresses(place, wanted, count)
        try:
            prefixes = self._take_prefixes(place, ipv4_prefixes, ipv4_prefix_count)
        except Exception:
            self._give_back(place, addresses)
            raise
        interface.private_ip_addresses.extend(
            self._address(place, address, is_primary=False) for address in addresses
        )
        interface.ipv4_prefixes.extend({"Ipv4Prefix": prefix} for prefix in prefixes)
        return interface

    def unassign_private_ip_addresses(
        self, eni_id: str, private_ip_address: list[str] | None = None, ipv4_prefixes: Sequence[str] = ()
    ) -> moto_interfaces.NetworkInterface:
        """Take secondary addresses or prefixes back.

        Raises:
            EC2ClientError: one of them is not on the interface, or is its primary address.
        """
        interface = self._own_interface(eni_id)
        addresses = list(private_ip_address or [])
        if set(addresses) - set(interface.secondary_addresses) or set(ipv4_prefixes) - set(
            interface.prefixes
        ):
            raise refuse(
                "InvalidParameterValue",
                f"Some of the specified addresses are not assigned to interface {eni_id}",
            )
        interface.private_ip_addresses = [
            each for each in interface.private_ip_addresses if each["PrivateIpAddress"] not in addresses
        ]
        interface.ipv4_prefixes = [
            each for each in interface.ipv4_prefixes if each["Ipv4Prefix"] not in ipv4_prefixes
        ]
        self._give_back(interface.subnet, addresses)
        for prefix in ipv4_prefixes:
            interface.subnet.pool.release_prefix(prefix)
        return interface

    def _own_interface(self, interface_id: str) -> NetworkInterface:
        """Return an interface whose addresses are the account's to change.

        Raises:
            EC2ClientError: there is none, or AWS made it for a service.
        """
        interface = self.interface_of(interface_id)
        if interface.requester_managed:
            raise refuse("AuthFailure", "You do not have permission to access the specified resource.")
        return interface

    def room_on(self, interface: NetworkInterface) -> int:
        """Return how many addresses and prefixes an interface may hold where it is attached."""
        return slots_of(interface.instance.instance_type) if interface.instance else MOST_ADDRESSES

    def check_interfaces(self, instance_type: str, interfaces: Sequence[Any]) -> None:
        """Refuse interfaces that an instance type cannot carry.

        Raises:
            EC2ClientError: AttachmentLimitExceeded, PrivateIpAddressLimitExceeded.
        """
        if instance_type not in instance_types.catalogue():
            return
        limits = instance_types.catalogue().get(instance_type)
        if len(interfaces) > limits.default_card_enis:
            raise too_many_interfaces(len(interfaces), instance_type)
        if any(each.slots > limits.ipv4_per_eni for each in interfaces):
            raise too_many_addresses()

    # --- addresses -------------------------------------------------------------------------------------

    def _address(self, place: Subnet, address: str, *, is_primary: bool) -> dict[str, Any]:
        entry: dict[str, Any] = {"Primary": is_primary, "PrivateIpAddress": address}
        if self.get_vpc(place.vpc_id).enable_dns_hostnames:
            entry["PrivateDnsName"] = generate_dns_from_ip(address)
        return entry

    def _take_addresses(self, place: Subnet, wanted: Iterable[str], count: int) -> list[str]:
        taken: list[str] = []
        try:
            for address in wanted:
                taken.append(place.claim(address))
            for _ in range(count):
                taken.append(place.pool.take(mock_random.randrange))
        except NoFreeAddressError as error:
            self._give_back(place, taken)
            raise subnet_is_full() from error
        except Exception:
            self._give_back(place, taken)
            raise
        return taken

    def _take_prefixes(self, place: Subnet, wanted: Iterable[str], count: int) -> list[str]:
        taken: list[str] = []
        try:
            for prefix in wanted:
                taken.append(place.pool.claim_prefix(prefix))
            for _ in range(count):
                taken.append(place.pool.take_prefix(mock_random.randrange))
        except (NoFreeBlockError, AddressInUseError) as error:
            for prefix in taken:
                place.pool.release_prefix(prefix)
            raise no_free_block() from error
        except OutsideSubnetError as error:
            for prefix in taken:
                place.pool.release_prefix(prefix)
            raise refuse(
                "InvalidParameterValue",
                f"The prefix {error} is not a /28 block of the subnet's address range",
            ) from error
        return taken

    @staticmethod
    def _give_back(place: Subnet, addresses: Iterable[str]) -> None:
        for address in addresses:
            place.pool.release(address)

    def _check_groups(self, group_ids: Iterable[str], place: Subnet) -> None:
        for group_id in group_ids:
            group = self.get_security_group_from_id(group_id)
            if group is None:
                raise refuse("InvalidGroup.NotFound", f"The security group '{group_id}' does not exist")
            if group.vpc_id and group.vpc_id != place.vpc_id:
                raise refuse(
                    "InvalidParameter",
                    "You have specified two resources that belong to different networks.",
                )
