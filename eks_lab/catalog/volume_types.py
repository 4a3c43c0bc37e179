"""What EBS volumes and EFS file systems can do at most, and how many volumes a node can attach."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from eks_lab.catalog.instance_types import InstanceType
from eks_lab.catalog.source import Source, packaged_file, read_data_file
from eks_lab.errors import DataError

DATA_FILE = "volume_types.json"
BlockName = Literal["gp3", "io2"]


@dataclass(frozen=True, slots=True)
class BlockVolume:
    """Limits of one EBS volume type."""

    name: str
    """`gp3`, `io2`."""
    least_gib: int
    """Smallest size."""
    most_gib: int
    """Largest size."""
    included_iops: int
    """IOPS of every volume, paid with its size (gp3), or the fewest one can buy (io2)."""
    most_iops: int
    """IOPS at most."""
    iops_per_gib: int
    """IOPS at most for each GiB of its size."""
    included_mibps: int
    """Throughput of every volume in MiB/s, paid with its size."""
    most_mibps: int
    """Throughput at most, in MiB/s."""
    mibps_per_iops: float
    """Throughput at most for each IOPS, in MiB/s."""
    multi_attach: int
    """Instances of one zone that may attach it at the same time."""


@dataclass(frozen=True, slots=True)
class FileSystem:
    """Quotas of an EFS file system with Elastic throughput."""

    source: Source
    """Where they were read."""
    read_iops: int
    """IOPS of frequently read data."""
    write_iops: int
    """IOPS of writes."""
    read_mibps: int
    """Reading, all clients together, in MiB/s."""
    write_mibps: int
    """Writing, all clients together, in MiB/s."""


@dataclass(frozen=True, slots=True)
class Attachments:
    """How the EBS CSI driver counts the volumes that fit on a node."""

    source: Source
    """The driver's code."""
    without_nitro: int
    """Volumes of a type without Nitro; ENIs do not count there."""
    shared_metal_up_to: int
    """Bare metal with a higher limit does not share it with ENIs, whatever EC2 says."""
    root_volumes: int
    """The node's own disk takes a place."""

    def limit(self, instance: InstanceType) -> tuple[int, bool] | None:
        """Return the places for volumes and whether ENIs beyond the first take some.

        Args:
            instance: an EC2 type.

        Returns:
            `(27, True)` for m5.large; None when the limit is not on record.
        """
        if instance.hypervisor == "xen":
            return self.without_nitro, False
        if instance.ebs_attachments is None:
            return None
        shares = instance.ebs_limit != "dedicated"
        if instance.is_bare_metal and instance.ebs_attachments > self.shared_metal_up_to:
            shares = False
        return instance.ebs_attachments, shares

    def volumes(self, instance: InstanceType, enis: int) -> int | None:
        """Return the volumes that pods can have on a node.

        Args:
            instance: an EC2 type.
            enis: ENIs attached to it, at least 1.

        Returns:
            m5.large with 3 ENIs: 27 − 1 (root) − 2 = 24. Never below 1, because Kubernetes takes 0
            for "no limit". None when the limit is not on record.
        """
        found = self.limit(instance)
        if found is None:
            return None
        places, shares = found
        return max(1, places - self.root_volumes - (max(0, enis - 1) if shares else 0))


@dataclass(frozen=True, slots=True)
class VolumeTypes:
    """Everything in the data file."""

    source: Source
    """Where the limits of block volumes come from."""
    block: dict[str, BlockVolume]
    """`gp3` and `io2`."""
    io2_iops_steps: tuple[int, ...]
    """IOPS above these cost less."""
    efs: FileSystem
    """EFS."""
    attachments: Attachments
    """Volumes per node."""


def _source(entry: dict[str, Any]) -> Source:
    return Source(title=entry["title"], as_of=date.fromisoformat(entry["date"]), url=entry["url"], licence="")


def read_volume_types(path: Path) -> VolumeTypes:
    """Read a data file of volume types.

    Raises:
        DataError: it cannot be read.
    """
    source, document = read_data_file(path)
    try:
        efs, attachments = document["efs"], document["attachments"]
        return VolumeTypes(
            source=source,
            block={name: BlockVolume(name=name, **limits) for name, limits in document["block"].items()},
            io2_iops_steps=tuple(document["io2_iops_steps"]),
            efs=FileSystem(
                source=_source(efs),
                read_iops=efs["read_iops"],
                write_iops=efs["write_iops"],
                read_mibps=efs["read_mibps"],
                write_mibps=efs["write_mibps"],
            ),
            attachments=Attachments(
                source=_source(attachments),
                without_nitro=attachments["without_nitro"],
                shared_metal_up_to=attachments["shared_metal_up_to"],
                root_volumes=attachments["root_volumes"],
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path.name}: the volume types cannot be read: {error}") from error


@functools.cache
def volume_types() -> VolumeTypes:
    """Return the volume types that ship with the program, read once."""
    return read_volume_types(packaged_file(DATA_FILE))
