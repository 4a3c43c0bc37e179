"""Subnets whose addresses are counted: an address pool each, reservations, and no deletion while in use."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Any

from moto.ec2.models import EC2Backend
from moto.ec2.models import subnets as moto_subnets
from moto.moto_api._internal import mock_random

from eks_lab.aws.ec2.address_pool import (
    AddressInUseError,
    AddressPool,
    NoFreeAddressError,
    OutsideSubnetError,
)
from eks_lab.aws.ec2.refusal import in_use, refuse, subnet_is_full


class Subnet(moto_subnets.Subnet):
    """moto's subnet, with every address of every interface accounted for."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Open a pool over the subnet's block; arguments are moto's."""
        super().__init__(*arguments, **options)
        self.pool = AddressPool(IPv4Network(str(self.cidr)))
        self.promised: set[str] = set()
        """Addresses somebody asked for and has not yet put on an interface."""

    @property
    def available_ip_address_count(self) -> int:
        """Return how many addresses are left, as DescribeSubnets shows it."""
        return self.pool.free

    def get_available_subnet_ip(self, instance: Any) -> str:
        """Give out an address that an interface will take a moment later."""
        try:
            address = self.pool.take(mock_random.randrange)
        except NoFreeAddressError as error:
            raise subnet_is_full() from error
        self.promised.add(address)
        return address

    def request_ip(self, ip: str, instance: Any) -> None:
        """Promise one particular address to an interface that follows."""
        self.claim(ip)
        self.promised.add(ip)

    def claim(self, address: str) -> str:
        """Take one particular address.

        Raises:
            EC2ClientError: it is outside the subnet, or in use.
        """
        if address in self.promised:
            self.promised.remove(address)
            return address
        try:
            return self.pool.claim(address)
        except OutsideSubnetError as error:
            raise refuse(
                "InvalidParameterValue", "Address does not fall within the subnet's address range"
            ) from error
        except AddressInUseError as error:
            raise refuse("InvalidIPAddress.InUse", f"Address {address} is in use.") from error

    def del_subnet_ip(self, ip: str) -> None:
        """Take back a promise; what is on an interface is released with the interface."""
        if ip in self.promised:
            self.promised.remove(ip)
            self.pool.release(ip)

    def create_cidr_reservation(
        self, reservation_type: Any, cidr_block: Any, tag_specifications: list[dict[str, Any]] | None = None
    ) -> moto_subnets.SubnetCidrReservation:
        """Reserve a block; moto checks where it lies.

        The addresses of the block are not listed one by one, as moto does: a /18 would take 16,384 of them.
        """
        if not self._cidr_within_subnet_cidr_blocks(cidr_block):
            raise refuse(
                "InvalidParameterValue",
                f"The CIDR '{cidr_block}' is not within the subnet's CIDR block '{self.cidr}'",
            )
        if self._cidr_overlaps_with_existing_reservation(cidr_block):
            raise refuse(
                "InvalidParameterValue", f"The CIDR '{cidr_block}' overlaps with an existing reservation"
            )
        reservation = moto_subnets.SubnetCidrReservation(
            ec2_backend=self.ec2_backend,
            subnet_id=self.id,
            cidr=cidr_block,
            reservation_type=reservation_type,
            owner_id=self.owner_id,
            tag_specifications=tag_specifications,
        )
        if isinstance(cidr_block, IPv4Network):
            self.pool.reserve(reservation.id, cidr_block, is_for_prefixes=reservation_type == "prefix")
        self._cidr_reservations.append(reservation)
        return reservation

    def delete_subnet_cidr_reservation(
        self, reservation_id: str
    ) -> moto_subnets.SubnetCidrReservation | None:
        """Forget a reservation; None when it is not this subnet's."""
        for reservation in self._cidr_reservations:
            if reservation.id == reservation_id:
                self._cidr_reservations.remove(reservation)
                self.pool.unreserve(reservation_id)
                return reservation
        return None


class SubnetBackend(EC2Backend):
    """What the mended EC2 does differently with subnets."""

    def find_subnets(self) -> Iterator[Subnet]:
        """Yield every subnet, by zone, in the order they were made."""
        for of_zone in self.subnets.values():
            for subnet in of_zone.values():
                assert isinstance(subnet, Subnet)
                yield subnet

    def subnet_of(self, subnet_id: str) -> Subnet:
        """Return a subnet.

        Raises:
            EC2ClientError: InvalidSubnetID.NotFound.
        """
        subnet = self.get_subnet(subnet_id)
        assert isinstance(subnet, Subnet)
        return subnet

    def create_subnet(self, *arguments: Any, **options: Any) -> Subnet:
        """Create a subnet; only a default VPC's subnets are default and map public addresses.

        moto makes the first subnet of each zone a default one, of whatever VPC it is.

        Raises:
            EC2ClientError: MissingParameter, InvalidParameterValue: there is no block of IPv4.
        """
        if not (options.get("cidr_block") or (len(arguments) > 1 and arguments[1])):
            raise refuse("MissingParameter", "The request must contain the parameter CidrBlock")
        subnet = super().create_subnet(*arguments, **options)
        assert isinstance(subnet, Subnet)
        is_default = self.get_vpc(subnet.vpc_id).is_default
        subnet.default_for_az = subnet.map_public_ip_on_launch = is_default
        return subnet

    def delete_subnet(self, subnet_id: str) -> moto_subnets.Subnet:
        """Delete a subnet with its associations.

        Raises:
            EC2ClientError: an interface is still in it.
        """
        subnet = self.get_subnet(subnet_id)
        if any(interface.subnet is subnet for interface in self.enis.values()):
            raise in_use("subnet", subnet_id)
        deleted = super().delete_subnet(subnet_id)
        for table in self.route_tables.values():
            for association, target in list(table._associations.items()):
                if target == subnet_id:
                    del table._associations[association]
        for acl in self.network_acls.values():
            for association, each in list(acl._associations.items()):
                if each.subnet_id == subnet_id:
                    del acl._associations[association]
        self.tags.pop(subnet_id, None)
        return deleted
