"""Availability zones: the ones EKS refuses, and what depends on one of them."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, WARNING, Rule
from eks_lab.checker.terraform.configuration import Entity
from eks_lab.checker.terraform.view import View

_LESSON = "terraform.network"
UNFILTERED = Rule(
    "eks-zones-unfiltered", ERROR,
    "Zones taken as they come: in three Regions one of them takes no EKS cluster, and which name it has differs by account.",
    'Add exclude_zone_ids = ["use1-az3", "usw1-az2", "cac1-az3"], and a filter opt-in-status = opt-in-not-required.', _LESSON,
)  # fmt: skip
REFUSED = Rule(
    "eks-zone-refused",
    ERROR,
    "A subnet in a zone that EKS refuses for clusters.",
    "Take another zone.",
    _LESSON,
)
SINGLE_NAT = Rule(
    "eks-single-nat", WARNING,
    "One NAT gateway for several zones: when its zone fails all lose their way out, and the others pay for crossing zones.",
    'Make one in each zone with a route table each, or a regional one: availability_mode = "regional".', _LESSON,
)  # fmt: skip
RULES = (UNFILTERED, REFUSED, SINGLE_NAT)
# EKS user guide, network requirements: zone ids that cluster subnets may not be in.
_REFUSED_ZONES = {"us-east-1": "use1-az3", "us-west-1": "usw1-az2", "ca-central-1": "cac1-az3"}


def check(view: View) -> Iterator[Finding]:
    """Yield what is wrong with zones."""
    region = _region(view)
    if view.clusters or view.configuration.of_type("aws_subnet"):
        for zones in view.configuration.data_of_type("aws_availability_zones"):
            yield from _unfiltered(view, zones, region)
    for subnet in view.configuration.of_type("aws_subnet"):
        zone = view.value(subnet, "availability_zone_id")
        if zone in _REFUSED_ZONES.values():
            says = f"{subnet.address} is in {zone}, which takes no EKS cluster"
            yield view.finding(REFUSED, subnet, "availability_zone_id", says=says)
    yield from _single_nat(view)


def _region(view: View) -> str:
    """Return the Region when it is written down, empty otherwise."""
    for provider in view.configuration.providers:
        if provider.name == "aws" and "alias" not in provider.body.attributes:
            found = view.value(provider, "region")
            return found if isinstance(found, str) else ""
    return ""


def _unfiltered(view: View, zones: Entity, region: str) -> Iterator[Finding]:
    if region and region not in _REFUSED_ZONES:
        return
    if any(view.value(zones, name) is not None for name in ("exclude_zone_ids", "exclude_names")):
        return
    if any(
        view.evaluator.fresh(block.body.value("name")) in ("zone-id", "zone-name")
        for block in zones.blocks("filter")
    ):
        return
    where = f"; in {region} {_REFUSED_ZONES[region]} takes none" if region else ""
    says = f"{zones.address} leaves in zones that take no EKS cluster{where}"
    fix = f'Add exclude_zone_ids = ["{_REFUSED_ZONES[region]}"].' if region else ""
    yield view.finding(UNFILTERED, zones, says=says, fix=fix)


def _single_nat(view: View) -> Iterator[Finding]:
    gateways = [
        each
        for each in view.configuration.of_type("aws_nat_gateway")
        if view.value(each, "availability_mode") in (None, "zonal")
        and view.value(each, "connectivity_type") in (None, "public")
    ]
    numbers = [view.instances(each) for each in gateways]
    subnets = [view.instances(each) for each in view.configuration.of_type("aws_subnet")]
    # Subnets whose number nobody can tell are taken for several: one would not need a loop.
    several = sum(2 if each is None else each for each in subnets) > 1
    if len(gateways) == 1 and numbers == [1] and several:
        yield view.finding(
            SINGLE_NAT, gateways[0], says=f"{gateways[0].address} is the only way out for all zones"
        )
