"""Everything in the account that costs something at this moment."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from eks_lab.aws.billing import charges
from eks_lab.aws.billing.charges import Charge
from eks_lab.aws.ec2 import mended
from eks_lab.aws.ec2.backend import Ec2Backend
from eks_lab.aws.ec2.gateways import ElasticAddress, NatGateway, VPCEndPoint
from eks_lab.aws.ec2.moment import now
from eks_lab.aws.ec2.volumes import Volume
from eks_lab.calc.bill import BYTES_PER_GB
from eks_lab.sim.objects import parse_time

if TYPE_CHECKING:
    from eks_lab.aws.account import Account

CLUSTERS = "clusters.eks"
LATEST_SECONDS = 100_000_000_000
"""A larger number is a moment in milliseconds."""


@dataclass(frozen=True, slots=True)
class Thing:
    """One billable thing."""

    id: str
    """`i-0…`, `vol-0…`; of a cluster `cluster/lab`."""
    since: datetime
    """From when it costs; the ledger never goes back before it was opened."""
    charges: tuple[Charge, ...]
    idle: str = ""
    """Why it looks forgotten: `attached to nothing`; empty when it is used."""
    ingested_gb: float = 0.0
    """Logs taken in so far, which are paid once."""


def census(account: Account) -> list[Thing]:
    """Return what costs something now, by kind and age.

    Args:
        account: with its clusters' records and moto's services; services that nobody used stay unloaded.
    """
    regions = mended.regions_in_use(account.id)
    return [
        *_clusters(account),
        *(thing for ec2 in regions for thing in _instances(ec2)),
        *(thing for ec2 in regions for thing in _volumes(ec2)),
        *(thing for ec2 in regions for thing in _network(ec2)),
        *_balancers(account),
        *_keys(account),
        *_logs(account),
    ]


def _clusters(account: Account) -> Iterator[Thing]:
    today = account.clock.now().date()
    for record in account.store.items(CLUSTERS):
        spec = record["spec"]
        tier = str((spec.get("controlPlaneScalingConfig") or {}).get("tier", "standard"))
        paid = charges.control_plane(str(spec["version"]), tier, today)
        yield Thing(f"cluster/{spec['name']}", parse_time(spec["createdAt"]), tuple(paid))


def _instances(ec2: Ec2Backend) -> Iterator[Thing]:
    for instance in ec2.find_instances():
        since = instance.running_since
        if since is not None:
            paid = charges.instance(instance.instance_type, is_spot=instance.capacity_type == "SPOT")
            yield Thing(instance.id, _aware(since), (paid,))


def _volumes(ec2: Ec2Backend) -> Iterator[Thing]:
    for volume in ec2.volumes.values():
        assert isinstance(volume, Volume)
        paid = charges.volume(
            volume.volume_type, int(volume.size), int(volume.iops or 0), int(volume.throughput or 0)
        )
        idle = "" if volume.all_attachments else "attached to nothing"
        yield Thing(volume.id, _aware(volume.create_time), tuple(paid), idle)


def _network(ec2: Ec2Backend) -> Iterator[Thing]:
    routed = {
        route.nat_gateway.id
        for table in ec2.route_tables.values()
        for route in table.routes
        if route.nat_gateway is not None
    }
    for gateway in ec2.nat_gateways.values():
        assert isinstance(gateway, NatGateway)
        if gateway.deleted_at is None:
            idle = "" if gateway.id in routed else "no route leads to it"
            yield Thing(gateway.id, _aware(gateway.created_at), (charges.nat_gateway(),), idle)
    elastic = set()
    for address in ec2.addresses:
        assert isinstance(address, ElasticAddress)
        elastic.add(address.public_ip)
        idle = "" if address.association_id else "associated with nothing"
        yield Thing(
            str(address.allocation_id), _aware(address.allocated_at), (charges.public_address(),), idle
        )
    for interface in ec2.enis.values():
        if interface.public_ip and interface.public_ip not in elastic:
            since = interface.attach_time or now()
            yield Thing(f"{interface.id}/{interface.public_ip}", _aware(since), (charges.public_address(),))
    for endpoint in ec2.vpc_end_points.values():
        assert isinstance(endpoint, VPCEndPoint)
        if (endpoint.vpc_endpoint_type or "Gateway").lower() == "interface":
            zones = len(endpoint.subnet_ids or [])
            yield Thing(endpoint.id, _aware(endpoint.created_at), (charges.interface_endpoint(zones),))


def _balancers(account: Account) -> Iterator[Thing]:
    for module, kind in (("elbv2", ""), ("elb", "classic")):
        backend = _backend(account, module)
        for balancer in backend.load_balancers.values() if backend is not None else ():
            what = kind or str(balancer.loadbalancer_type)
            name = str(getattr(balancer, "arn", "") or balancer.name).rpartition("loadbalancer/")[2]
            idle = _without_targets(backend, balancer) if not kind else ""
            created = getattr(balancer, "created_time", None)
            yield Thing(
                f"loadbalancer/{name}", _moment(created, account), (charges.load_balancer(what),), idle
            )


def _without_targets(backend: Any, balancer: Any) -> str:
    groups = [
        each
        for each in backend.target_groups.values()
        if balancer.arn in (getattr(each, "load_balancer_arns", None) or ())
    ]
    return "" if any(each.targets for each in groups) else "no targets are behind it"


def _keys(account: Account) -> Iterator[Thing]:
    backend = _backend(account, "kms")
    for key in backend.keys.values() if backend is not None else ():
        if key.key_manager == "CUSTOMER" and key.key_state != "PendingDeletion":
            yield Thing(f"key/{key.id}", _moment(key.creation_date, account), (charges.kms_key(),))


def _logs(account: Account) -> Iterator[Thing]:
    backend = _backend(account, "logs")
    for group in backend.groups.values() if backend is not None else ():
        stored = sum(stream.stored_bytes for stream in group.streams.values())
        gb = stored / BYTES_PER_GB
        yield Thing(
            f"loggroup{group.name}",
            _moment(group.creation_time, account),
            (charges.stored_logs(gb),),
            ingested_gb=gb,
        )


def _backend(account: Account, package: str) -> Any:
    """Return the backend of a service somebody used; None when moto has not even imported it."""
    module = sys.modules.get(f"moto.{package}.models")
    backends = getattr(module, f"{package}_backends", None)
    regions = backends.get(account.id) if backends is not None else None
    return dict.get(regions, account.region) if regions is not None else None


def _moment(value: Any, account: Account) -> datetime:
    """Return a moment that moto keeps as a datetime, a number of seconds or a text."""
    if isinstance(value, datetime):
        return _aware(value)
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value / 1000 if value > LATEST_SECONDS else value, UTC)
    if isinstance(value, str):
        return _aware(datetime.fromisoformat(value))
    return account.clock.now()


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
