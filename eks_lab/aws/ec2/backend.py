"""The EC2 of one region: moto's backend with everything this package mends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from moto.ec2 import urls
from moto.ec2.models.amis import Ami
from moto.ec2.models.availability_zones_and_regions import Zone
from moto.ec2.models.instances import MetadataOptions

from eks_lab.aws import machine_images
from eks_lab.aws.ec2.dependencies import DependencyBackend
from eks_lab.aws.ec2.launch_limits import Capacity
from eks_lab.aws.moto_loading import naive
from eks_lab.aws.moto_resources import load_resource

_PATTERN = re.compile(r"[*?\\]")


class Ec2Backend(DependencyBackend):
    """moto's EC2 backend, mended."""

    def __init__(self, region_name: str, account_id: str) -> None:
        """Start with a default VPC, as every account has one; arguments are moto's."""
        self.instance_index = {}
        self.capacity = Capacity()
        super().__init__(region_name, account_id)

    @property
    def _url_module(self) -> Any:
        """Return moto's routes: moto derives them from the name of the backend's module."""
        return urls

    def _load_amis(self) -> None:
        """Know the images that nodes run: moto's 1,300 others would be kept with every save."""
        try:
            images = load_resource(f"ec2/resources/latest_amis/{self.region_name}.json")
        except FileNotFoundError:
            # A region younger than moto's tables has the images of nodes alone.
            images = machine_images.ec2_images(self.region_name)
        for image in images:
            created = image.get("creation_date")
            if isinstance(created, str):
                created = naive(datetime.fromisoformat(created))
            known = {**image, "owner_alias": "amazon", "creation_date": created}
            self.amis[image["ami_id"]] = Ami(self, **known)

    def modify_instance_metadata_options(
        self,
        instance_id: str,
        http_tokens: str | None = None,
        hop_limit: int | None = None,
        http_endpoint: str | None = None,
        dry_run: bool | None = False,
        http_protocol: str | None = None,
        metadata_tags: str | None = None,
    ) -> MetadataOptions:
        """Change what is given and keep the rest, which moto forgets; arguments are moto's.

        Source: EC2 API reference, ModifyInstanceMetadataOptions: a parameter that is left out keeps its value.
        """
        options = self.get_instance(instance_id).metadata_options
        options.http_tokens = http_tokens or options.http_tokens
        if hop_limit is not None:
            options.http_put_response_hop_limit = int(hop_limit)
        options.http_endpoint = http_endpoint or options.http_endpoint
        options.http_protocol_ipv6 = http_protocol or options.http_protocol_ipv6
        options.instance_metadata_tags = metadata_tags or options.instance_metadata_tags
        return options

    def describe_availability_zones(
        self,
        filters: list[dict[str, Any]] | None = None,
        zone_names: list[str] | None = None,
        zone_ids: list[str] | None = None,
    ) -> list[Zone]:
        """Return zones with what moto leaves out; arguments are moto's.

        Source: EC2 API reference, AvailabilityZone: `optInStatus` of Availability Zones is always this one.
        """
        found = super().describe_availability_zones(filters, zone_names, zone_ids)
        for zone in found:
            vars(zone).update(opt_in_status="opt-in-not-required", network_border_group=zone.region_name)
        return found

    def describe_tags(self, filters: dict[str, list[str]] | None = None) -> list[dict[str, str]]:
        """Return tags; those of one resource without looking at everybody's."""
        wanted = (filters or {}).get("resource-id")
        if wanted is None or len(filters or {}) != 1 or any(_PATTERN.search(each) for each in wanted):
            return super().describe_tags(filters)
        return [
            {"resource_id": id, "key": key, "value": value, "resource_type": _kind(id)}
            for id in wanted
            for key, value in (self.tags[id].items() if id in self.tags else ())
        ]

    def tags_of(self, resource_id: str) -> Mapping[str, str]:
        """Return the tags of a resource."""
        return self.tags.get(resource_id, {})


def _kind(resource_id: str) -> str:
    from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix

    return str(EC2_PREFIX_TO_RESOURCE.get(get_prefix(resource_id), ""))
