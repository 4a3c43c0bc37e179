"""NAT gateways, VPC endpoints and Elastic IPs: pending first, with interfaces that are given back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from moto.ec2.models import elastic_ip_addresses as moto_addresses
from moto.ec2.models import nat_gateways as moto_nat
from moto.ec2.models import vpcs as moto_vpcs
from moto.moto_api._internal import mock_random

from eks_lab.aws.ec2.launches import InstanceBackend
from eks_lab.aws.ec2.moment import has_passed, now
from eks_lab.aws.ec2.notices import touched
from eks_lab.aws.ec2.refusal import refuse

NAT_PENDING = timedelta(seconds=90)
"""A NAT gateway becomes available after one or two minutes."""
NAT_DELETING = timedelta(seconds=40)
ENDPOINT_PENDING = timedelta(seconds=30)
SHOWN_DELETED = timedelta(hours=1)
"""How long a deleted NAT gateway is still described (VPC user guide, "NAT gateways")."""
PUBLIC_RANGES = ("3.208", "18.204", "34.192", "44.192", "52.0", "54.80")
"""First octets of addresses Amazon uses in us-east-1."""


def public_address() -> str:
    """Return a public address as us-east-1 gives them out."""
    first = PUBLIC_RANGES[mock_random.randrange(len(PUBLIC_RANGES))]
    return f"{first}.{mock_random.randrange(1, 255)}.{mock_random.randrange(1, 255)}"


def no_address(cidr: str | None = None, ipv6: bool = False) -> str:
    """Return nothing, where moto would invent an address outside the subnet: the subnet chooses.

    The arguments are those of moto's `random_private_ip`.
    """
    return ""


class NatGateway(moto_nat.NatGateway):
    """moto's NAT gateway, `pending` first and `deleting` last."""

    deleted_at: datetime | None = None
    created_at: datetime

    @property
    def state(self) -> str:
        """Return `pending`, `available`, `deleting` or `deleted`."""
        if self.deleted_at is not None:
            return "deleted" if has_passed(self.deleted_at, NAT_DELETING) else "deleting"
        return "available" if has_passed(self.created_at, NAT_PENDING) else "pending"

    @state.setter
    def state(self, value: str) -> None:
        """Take moto's `available` of the start and `deleted` of the end."""
        if value == "deleted":
            self.deleted_at = now()
        else:
            self.created_at = now()

    @property
    def delete_time(self) -> datetime | None:
        """Return when it was deleted."""
        return self.deleted_at


class VPCEndPoint(moto_vpcs.VPCEndPoint):
    """moto's endpoint; one of type Interface is `pending` first."""

    created_at: datetime

    @property
    def state(self) -> str:
        """Return `pending` or `available`."""
        is_gateway = (self.vpc_endpoint_type or "gateway").lower() == "gateway"
        return "available" if is_gateway or has_passed(self.created_at, ENDPOINT_PENDING) else "pending"

    @state.setter
    def state(self, value: str) -> None:
        """Take moto's `available` of the start."""
        if value == "available":
            self.created_at = now()


class ElasticAddress(moto_addresses.ElasticAddress):
    """moto's Elastic IP with the moment from which it is paid."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Allocate; arguments are moto's."""
        super().__init__(*arguments, **options)
        self.allocated_at = now()
        touched(self.ec2_backend.account_id)


class GatewayBackend(InstanceBackend):
    """What the mended EC2 does differently with gateways and public addresses."""

    def create_nat_gateway(
        self,
        subnet_id: str,
        allocation_id: str,
        tags: dict[str, str] | None = None,
        connectivity_type: str = "public",
    ) -> moto_nat.NatGateway:
        """Create a NAT gateway with an interface in its subnet.

        Raises:
            EC2ClientError: no allocation for a public one, or one that is in use.
        """
        self.subnet_of(subnet_id)
        if (connectivity_type or "public") == "public":
            if not allocation_id:
                raise refuse("MissingParameter", "The request must contain the parameter AllocationId")
            (address,) = self.address_by_allocation([allocation_id])
            if address.association_id:
                raise refuse(
                    "Resource.AlreadyAssociated",
                    f"resource {allocation_id} is already associated with associate-id {address.association_id}",
                )
        gateway = super().create_nat_gateway(subnet_id, allocation_id, tags, connectivity_type or "public")
        touched(self.account_id)
        gateway.private_ip = gateway._eni.private_ip_address
        self.lend_interface(gateway._eni, "nat_gateway", f"Interface for NAT Gateway {gateway.id}")
        return gateway

    def delete_nat_gateway(self, nat_gateway_id: str) -> moto_nat.NatGateway:
        """Delete a NAT gateway: its interface goes, its Elastic IP stays allocated.

        Raises:
            EC2ClientError: NatGatewayNotFound.
        """
        gateway = self.nat_gateways.get(nat_gateway_id)
        if gateway is None or gateway.state == "deleted":
            raise refuse("NatGatewayNotFound", f"The Nat Gateway {nat_gateway_id} was not found")
        assert isinstance(gateway, NatGateway)
        if gateway.deleted_at is None:
            gateway.deleted_at = now()
            touched(self.account_id)
            interface = self.enis.get(gateway._eni.id)
            if interface is not None:
                self.drop_interface(self.interface_of(interface.id))
        return gateway

    def describe_nat_gateways(
        self, filters: Any, nat_gateway_ids: list[str] | None
    ) -> list[moto_nat.NatGateway]:
        """Return NAT gateways; those deleted an hour ago are forgotten.

        Raises:
            EC2ClientError: NatGatewayNotFound.
        """
        for gateway in list(self.nat_gateways.values()):
            assert isinstance(gateway, NatGateway)
            if gateway.deleted_at is not None and has_passed(gateway.deleted_at, SHOWN_DELETED):
                del self.nat_gateways[gateway.id]
                self.tags.pop(gateway.id, None)
        for each in nat_gateway_ids or []:
            if each not in self.nat_gateways:
                raise refuse("NatGatewayNotFound", f"The Nat Gateway {each} was not found")
        found = super().describe_nat_gateways(filters, nat_gateway_ids)
        for name, values in (filters or {}).items():
            if name.startswith("tag:"):
                key = name.removeprefix("tag:")
                found = [each for each in found if self.tags.get(each.id, {}).get(key) in values]
        return found

    def create_vpc_endpoint(self, vpc_id: str, service_name: str, *arguments: Any, **options: Any) -> Any:
        """Create an endpoint; the interfaces of an Interface endpoint carry its security groups."""
        endpoint = super().create_vpc_endpoint(vpc_id, service_name, *arguments, **options)
        touched(self.account_id)
        groups = [self.get_security_group_from_id(each) for each in endpoint.security_group_ids]
        for interface_id in endpoint.network_interface_ids:
            interface = self.interface_of(interface_id)
            if groups:
                interface._group_set = [group for group in groups if group is not None]
            self.lend_interface(interface, "vpc_endpoint", f"VPC Endpoint Interface {endpoint.id}")
        return endpoint

    def delete_vpc_endpoints(self, vpce_ids: list[str] | None = None) -> None:
        """Delete endpoints with their interfaces or routes."""
        for endpoint_id in vpce_ids or []:
            endpoint = self.vpc_end_points.get(endpoint_id)
            if endpoint is None:
                continue
            for interface_id in endpoint.network_interface_ids:
                if interface_id in self.enis:
                    self.drop_interface(self.interface_of(interface_id))
            for table_id in endpoint.route_table_ids or []:
                table = self.route_tables.get(table_id)
                for route_id, route in list(table._routes.items()) if table else []:
                    if route.vpc_endpoint_id == endpoint_id:
                        del table._routes[route_id]  # type: ignore[union-attr]
            del self.vpc_end_points[endpoint_id]
            touched(self.account_id)
            self.tags.pop(endpoint_id, None)

    def release_address(self, address: str | None = None, allocation_id: str | None = None) -> None:
        """Release an Elastic IP that is associated with nothing.

        Raises:
            EC2ClientError: InvalidIPAddress.InUse.
        """
        found = (
            self.address_by_ip([address]) if address else self.address_by_allocation([allocation_id or ""])
        )
        if found[0].association_id:
            raise refuse("InvalidIPAddress.InUse", f"Address {found[0].public_ip} is in use.")
        super().release_address(address, allocation_id)
        touched(self.account_id)

    def detach_internet_gateway(self, internet_gateway_id: str, vpc_id: str) -> None:
        """Detach an internet gateway from a VPC without public addresses.

        Raises:
            EC2ClientError: DependencyViolation.
        """
        if any(each.public_ip for each in self.enis.values() if each.vpc_id == vpc_id):
            raise refuse(
                "DependencyViolation",
                f"Network {vpc_id} has some mapped public address(es). Please unmap those public address(es)"
                " before detaching the gateway.",
            )
        super().detach_internet_gateway(internet_gateway_id, vpc_id)
