"""What to know before relying on an answer of the `storage` calculator."""

from __future__ import annotations

from eks_lab.calc.storage_plan import Candidate, Workload
from eks_lab.catalog.instance_types import InstanceType
from eks_lab.catalog.volume_types import volume_types

FORMER_GP3 = (16_384, 16_000, 1000)
"""GiB, IOPS and MiB/s that older pages name as gp3's limits."""


def warnings(
    work: Workload, found: tuple[Candidate, ...], best: Candidate | None, instance: InstanceType, enis: int
) -> tuple[str, ...]:
    """Return what to know before relying on an answer of `storage`.

    Args:
        work: the workload.
        found: gp3, io2, EFS and EFS One Zone for it.
        best: the cheapest that can carry it.
        instance: type of the nodes.
        enis: ENIs on a node.
    """
    block = found[0]
    said = []
    if best is None:
        said.append("Split the data over several volumes, or let the application replicate it between zones.")
    elif best.name in ("gp3", "io2"):
        said.append(
            "The instance has an EBS bandwidth and IOPS of its own, small types little of it: look it up before"
            " paying for a faster volume."
        )
        if best.gib > work.gib + 1:
            said.append(
                f"{best.gib:,.10g} GiB are paid for {work.gib:,.10g} GiB of data, to be allowed the IOPS."
            )
    else:
        said.append(
            "EFS answers each operation later than EBS, and the size in a claim on EFS is ignored: good for files"
            " that many read, bad for a database."
        )
    size, iops, mibps = FORMER_GP3
    if block.can_carry and (block.gib > size or (block.iops or 0) > iops or (block.mibps or 0) > mibps):
        said.append(
            f"Older pages and SDK texts end gp3 at {iops:,} IOPS, {mibps:,} MiB/s and 16 TiB; EC2's model of"
            f" {volume_types().source.as_of.isoformat()} has 80,000, 2,000 and 64 TiB. Try one before you rely on it."
        )
    return (*said, *_attachment_warnings(work, instance, enis))


def _attachment_warnings(work: Workload, instance: InstanceType, enis: int) -> list[str]:
    limits = volume_types().attachments
    found = limits.limit(instance)
    if found is None:
        return [f"How many volumes {instance.name} can attach is not on record."]
    room, at_start = limits.volumes(instance, enis), limits.volumes(instance, 1)
    said = []
    if room is not None and at_start is not None and room < at_start:
        said.append(
            f"A fresh {instance.name} has one ENI and reports room for {at_start} volumes; with {enis} ENIs only"
            f" {room} attach. From Kubernetes 1.34 the driver corrects the number (it needs instance metadata);"
            f" before, set its volumeAttachLimit to {room}, or use a type with places of its own."
        )
    if work.is_shared and instance.hypervisor == "xen":
        said.append(f"{instance.name} is not built on Nitro: io2 cannot be attached to several of them.")
    return said
