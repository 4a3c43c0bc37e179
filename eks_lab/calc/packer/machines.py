"""Machines: what an instance type offers as a node, and the labels it carries, whoever launches it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eks_lab.calc.packer.pods import CPU, MEMORY, PODS, STORAGE, VOLUMES
from eks_lab.calc.packer.rules import (
    ARCH,
    HOSTNAME,
    INSTANCE_TYPE,
    OS,
)
from eks_lab.calc.pod_limit import Question, pod_limit
from eks_lab.calc.price_overrides import PriceBook
from eks_lab.calc.reservations import allocatable, allocatable_storage_gib, expected_capacity_mib
from eks_lab.catalog.accelerators import accelerators
from eks_lab.catalog.instance_types import InstanceType, catalogue
from eks_lab.catalog.volume_types import volume_types

MIB = 1024**2
GIB = 1024**3
NEW_HOST = "(a new node)"
"""Hostname label of a node that does not exist yet: no selector can name it."""
_FAMILY = re.compile(r"(?P<category>[a-z]+)(?P<generation>\d+)?")
_UNRECORDED = (
    "instance-local-nvme",
    "instance-network-bandwidth",
    "instance-ebs-bandwidth",
    "instance-cpu-sustained-clock-speed-mhz",
    "instance-encryption-in-transit-supported",
    "instance-tenancy",
)
_ARCHITECTURES = {"x86_64": "amd64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True)
class Machine:
    """What one instance type offers as a node, whoever launches it."""

    instance: InstanceType
    usd_per_hour: float
    """On demand."""
    max_pods: int
    reserved_pods: int
    """The max pods that memory is reserved for."""
    allocatable: dict[str, int]
    """Resource -> amount, before DaemonSets."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How nodes are set up, for all of them alike."""

    zones: tuple[str, ...]
    prefix_delegation: bool = False
    daemon_cpu_millicores: int = 0
    daemon_memory_mib: int = 0
    daemon_pods: int = 0
    disk_gib: int = 20
    spot_discount_percent: float = 0.0


def machines(book: PriceBook, setting: Setting, names: Iterable[str] | None = None) -> tuple[Machine, ...]:
    """Return every instance type with a price as a node, in the order of the catalogue.

    Args:
        book: prices.
        setting: how nodes are set up.
        names: only these.
    """
    wanted = None if names is None else set(names)
    found = []
    for instance in catalogue():
        if wanted is not None and instance.name not in wanted:
            continue
        usd = book.on_record_usd_per_hour(instance)
        if usd is None or not set(instance.architectures) & set(_ARCHITECTURES):
            continue
        found.append(machine(instance, usd, setting))
    return tuple(found)


def machine(instance: InstanceType, usd_per_hour: float, setting: Setting) -> Machine:
    """Return what an instance type offers as a node."""
    limit = pod_limit(Question(instance=instance, prefix_delegation=setting.prefix_delegation))
    # nodeadm reserves for the pods it computes, an expression for those allowed: the larger one is safe.
    reserved_pods = max(limit.max_pods, limit.nodeadm_pods)
    left = allocatable(instance.vcpus, expected_capacity_mib(instance.memory_mib), reserved_pods)
    return Machine(
        instance=instance,
        usd_per_hour=usd_per_hour,
        max_pods=limit.max_pods,
        reserved_pods=reserved_pods,
        allocatable={
            CPU: left.cpu_millicores,
            MEMORY: left.memory_mib * MIB,
            PODS: limit.max_pods,
            STORAGE: int(allocatable_storage_gib(setting.disk_gib) * GIB),
            VOLUMES: _attachable_volumes(instance),
            **accelerators().resources(instance),
        },
    )


def _attachable_volumes(instance: InstanceType) -> int:
    """Return the EBS volumes a node takes beside its root disk, by the function of the calculator storage.

    Where ENIs share the attachments, all further ENIs of the default card are taken off: the VPC CNI may
    attach them later.
    """
    return volume_types().attachments.volumes(instance, instance.default_card_enis) or 0


def instance_labels(instance: InstanceType, group: str) -> dict[str, str]:
    """Return the labels Karpenter gives a node for its type, zone and capacity type aside.

    Args:
        instance: the type.
        group: `karpenter.k8s.aws` or `eks.amazonaws.com`.
    """
    family = _FAMILY.match(instance.family)
    prefix = f"{group}/instance-"
    architecture = next(
        (_ARCHITECTURES[name] for name in instance.architectures if name in _ARCHITECTURES), ""
    )
    about = accelerators()
    return {
        ARCH: architecture,
        OS: "linux",
        HOSTNAME: NEW_HOST,
        INSTANCE_TYPE: instance.name,
        f"{prefix}category": family["category"] if family else "",
        f"{prefix}generation": (family["generation"] if family else None) or "0",
        f"{prefix}family": instance.family,
        f"{prefix}size": instance.size,
        f"{prefix}cpu": str(instance.vcpus),
        f"{prefix}cpu-manufacturer": about.cpu_manufacturer(instance),
        f"{prefix}memory": str(instance.memory_mib),
        f"{prefix}hypervisor": instance.hypervisor,
        f"{prefix}capability-flex": "true" if "flex" in instance.family else "false",
        **{f"{prefix}{name}": value for name, value in about.labels(instance).items()},
    }


def is_unrecorded(key: str) -> bool:
    """Whether a label is one Karpenter sets and the catalogue does not know."""
    return key.partition("/")[2] in _UNRECORDED or key == "topology.k8s.aws/zone-id"


def region_of(zones: Sequence[str]) -> str:
    """Return the region the zones lie in, empty when they lie in several."""
    regions = {match[0] for match in (re.match(r"[a-z]{2}(?:-[a-z]+)+-\d+", zone) for zone in zones) if match}
    return regions.pop() if len(regions) == 1 else ""
