"""Where this package's EC2 takes moto's place: everything that is replaced stands on this page."""

from __future__ import annotations

from moto.ec2.models import (
    ec2_backends,
    elastic_block_store,
    elastic_ip_addresses,
    instances,
    nat_gateways,
    subnets,
    vpcs,
)
from moto.ec2.responses import EC2Response

from eks_lab.aws.ec2 import gateways, responses
from eks_lab.aws.ec2.backend import Ec2Backend
from eks_lab.aws.ec2.instances import Instance
from eks_lab.aws.ec2.subnets import Subnet
from eks_lab.aws.ec2.volumes import Volume


def install() -> None:
    """Replace what moto's EC2 does wrong; doing it twice changes nothing. Backends that exist already stay moto's.

    Classes are replaced by name in the module that makes them; `NetworkInterface` is made by our own backend.
    """
    ec2_backends.backend = _new_backend  # type: ignore[assignment]
    for account in ec2_backends.values():
        account.backend = _new_backend  # type: ignore[assignment]
    subnets.Subnet = Subnet  # type: ignore[misc]
    instances.Instance = Instance  # type: ignore[misc]
    elastic_block_store.Volume = Volume  # type: ignore[misc]
    nat_gateways.NatGateway = gateways.NatGateway  # type: ignore[misc]
    nat_gateways.random_private_ip = gateways.no_address  # type: ignore[attr-defined]
    vpcs.VPCEndPoint = gateways.VPCEndPoint  # type: ignore[misc]
    vpcs.random_private_ip = gateways.no_address  # type: ignore[attr-defined]
    elastic_ip_addresses.ElasticAddress = gateways.ElasticAddress  # type: ignore[misc]
    elastic_ip_addresses.random_ip = gateways.public_address  # type: ignore[attr-defined]
    for name in responses.REPLACED:
        setattr(EC2Response, name, getattr(responses.MendedResponse, name))


def _new_backend(region_name: str, account_id: str) -> Ec2Backend:
    return Ec2Backend(region_name, account_id)


_new_backend.__module__ = "moto.ec2.models"
"""moto finds a service by the module of what makes its backends."""


def regions_in_use(account_id: str) -> list[Ec2Backend]:
    """Return the EC2 of every region somebody has looked at, by name."""
    account = ec2_backends[account_id]
    found = [dict.__getitem__(account, name) for name in sorted(dict.keys(account))]
    return [each for each in found if isinstance(each, Ec2Backend)]


def region(account_id: str, name: str) -> Ec2Backend:
    """Return the EC2 of a region.

    Args:
        account_id: twelve digits.
        name: `us-east-1`.

    Raises:
        KeyError: no such region.
        TypeError: moto made the backend before `install` ran.
    """
    backend = ec2_backends[account_id][name]
    if not isinstance(backend, Ec2Backend):
        raise TypeError(f"EC2 of {name} was made before eks_lab.aws.ec2.mended.install ran")
    return backend
