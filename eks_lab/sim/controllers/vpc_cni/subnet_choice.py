"""Where a node's next interface goes: ENIConfig, tagged subnets, or the node's own subnet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eks_lab.sim.api import Api
from eks_lab.sim.cloud import Cloud, Instance, Interface
from eks_lab.sim.controllers.vpc_cni.settings import Settings
from eks_lab.sim.objects import Key, Obj, annotations_of, labels_of

ENI_CONFIGS = "eniconfigs.crd.k8s.amazonaws.com"
ROLE_TAG = "kubernetes.io/role/cni"
DEFAULT_CONFIG = "default"


@dataclass(frozen=True, slots=True)
class Placement:
    """A subnet for an interface, and its security groups."""

    subnet: str
    security_groups: tuple[str, ...]


def eni_config_name(settings: Settings, node: Obj) -> str:
    """Return the name of a node's ENIConfig: by annotation, by label, or `default` (pkg/eniconfig)."""
    return (
        annotations_of(node).get(settings.eni_config_annotation)
        or labels_of(node).get(settings.eni_config_label)
        or DEFAULT_CONFIG
    )


def eni_config(api: Api, settings: Settings, node: Obj) -> Obj | None:
    """Return a node's ENIConfig, or None."""
    return api.get(ENI_CONFIGS, Key("", eni_config_name(settings, node)))


def placements(
    api: Api, cloud: Cloud, settings: Settings, node: Obj, instance: Instance, interfaces: Sequence[Interface]
) -> list[Placement]:
    """Return the places to try, the best first.

    With subnet discovery (aws/amazon-vpc-cni-k8s, ENABLE_SUBNET_DISCOVERY) these are the node's own subnet and those
    of its zone that carry the tag `kubernetes.io/role/cni`, the one with the most free addresses first.
    """
    primary = next((each for each in interfaces if each.device_index == 0), None)
    groups = primary.security_groups if primary is not None else ()
    if settings.custom_networking:
        config = eni_config(api, settings, node)
        if config is None:
            return []
        spec = config.get("spec") or {}
        return [Placement(spec.get("subnet", ""), tuple(spec.get("securityGroups") or groups))]
    if not settings.subnet_discovery:
        return [Placement(instance.subnet_id, groups)]
    own = [
        subnet
        for subnet in cloud.subnets(instance.vpc_id)
        if subnet.zone == instance.zone
        and subnet.tags.get(ROLE_TAG) != "0"
        and (subnet.id == instance.subnet_id or ROLE_TAG in subnet.tags)
    ]
    own.sort(key=lambda subnet: (-subnet.free_addresses, subnet.id))
    return [Placement(subnet.id, groups) for subnet in own]
