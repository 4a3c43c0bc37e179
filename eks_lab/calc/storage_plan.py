"""What gp3, io2 and EFS must be bought as to carry a workload, what that costs, and why one cannot.

The form is in `eks_lab.calc.storage`; limits are in `eks_lab.catalog.volume_types`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from eks_lab.calc.bill import Bill, BillItem, bill_of
from eks_lab.calc.log_volume import SECONDS_PER_MONTH
from eks_lab.calc.price_overrides import PriceBook
from eks_lab.catalog.volume_types import BlockVolume, volume_types

READ_WRITE_ONCE = "ReadWriteOnce"
READ_WRITE_ONCE_POD = "ReadWriteOncePod"
READ_WRITE_MANY = "ReadWriteMany"
BLOCK = "Block"
FILESYSTEM = "Filesystem"


@dataclass(frozen=True, slots=True)
class Workload:
    """What one volume has to carry."""

    gib: float
    """Data."""
    iops: int
    """Operations a second, reads and writes, at the peak."""
    mibps: float
    """MiB a second, reads and writes, at the peak."""
    write_percent: float
    """Share of the writes in both."""
    busy_percent: float
    """Share of the time at that throughput; only EFS is paid by what moves."""
    access: str
    """Access mode of the claim."""
    volume_mode: str
    """`Filesystem` or `Block`."""
    zones: int
    """Zones from which the same data must be reachable."""
    nodes: int
    """Nodes that mount the same data at the same time."""
    volumes: int
    """Such volumes, each with its own data."""

    @property
    def is_shared(self) -> bool:
        """Whether pods on several nodes write."""
        return self.access == READ_WRITE_MANY

    @property
    def moved_gb_per_month(self) -> float:
        """Return what is read and written in a month, of one volume."""
        return self.mibps * self.busy_percent / 100 * SECONDS_PER_MONTH / 1024


@dataclass(frozen=True, slots=True)
class Candidate:
    """One kind of storage for the workload."""

    name: str
    """`gp3`, `io2`, `EFS`, `EFS One Zone`."""
    reasons: tuple[str, ...]
    """Why it cannot carry the workload; empty when it can."""
    gib: float
    """Size to provision; of EFS the data itself."""
    iops: int | None
    """IOPS to provision; None for EFS, which has none to buy."""
    mibps: int | None
    """Throughput to provision; None for io2 and EFS, which have none to buy."""
    bill: Bill
    """All volumes, a month; of EFS all data on one file system."""

    @property
    def can_carry(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.reasons


def provision(kind: BlockVolume, gib: float, iops: float, mibps: float) -> tuple[int, int, int]:
    """Return what to provision of an EBS type, limits of the type left aside.

    Args:
        kind: `gp3` or `io2`.
        gib: data.
        iops: wanted.
        mibps: wanted, in MiB/s.

    Returns:
        GiB, IOPS and MiB/s, each raised where the others need it: throughput needs IOPS, and IOPS
        beyond the included ones need size. gp3 with 20,000 IOPS is at least 40 GiB.
    """
    bought_mibps = max(kind.included_mibps, math.ceil(mibps))
    for_throughput = 0
    if bought_mibps > kind.included_mibps:
        for_throughput = math.ceil(round(bought_mibps / kind.mibps_per_iops, 6))
    bought_iops = max(kind.included_iops, math.ceil(iops), for_throughput)
    for_iops = -(-bought_iops // kind.iops_per_gib) if bought_iops > kind.included_iops else 0
    size = max(kind.least_gib, math.ceil(gib), for_iops)
    return size, bought_iops, bought_mibps


def io2_iops_by_step(iops: int) -> tuple[int, ...]:
    """Return the IOPS in each price step of io2.

    Args:
        iops: provisioned.

    Returns:
        100,000 IOPS are 32,000 and 32,000 and 36,000.
    """
    counts, start = [], 0
    for end in (*volume_types().io2_iops_steps, None):
        upper = iops if end is None else min(iops, end)
        counts.append(max(0, upper - start))
        start = upper
    return tuple(counts)


def _over(kind: BlockVolume, gib: float, iops: int, mibps: float) -> list[str]:
    reasons = []
    if gib > kind.most_gib:
        reasons.append(f"{gib:,.10g} GiB are more than {kind.most_gib:,}")
    if iops > kind.most_iops:
        reasons.append(f"{iops:,} IOPS are more than {kind.most_iops:,}")
    if mibps > kind.most_mibps:
        reasons.append(f"{mibps:,.10g} MiB/s are more than {kind.most_mibps:,}")
    return reasons


def _block_access(kind: BlockVolume, work: Workload) -> list[str]:
    reasons = []
    if work.zones > 1:
        reasons.append("an EBS volume lives in one zone")
    if work.is_shared and kind.multi_attach == 1:
        reasons.append(f"{kind.name} attaches to one node")
    elif work.is_shared and work.volume_mode != BLOCK:
        reasons.append("io2 is shared as a raw device only (volumeMode: Block)")
    elif work.is_shared and work.nodes > kind.multi_attach:
        reasons.append(f"{work.nodes} nodes are more than the {kind.multi_attach} that may attach it")
    elif not work.is_shared and work.nodes > 1:
        reasons.append(f"{work.access} means one node, not {work.nodes}")
    return reasons


def gp3(work: Workload, book: PriceBook) -> Candidate:
    """Return what a gp3 volume must be bought as, and its price."""
    kind = volume_types().block["gp3"]
    gib, iops, mibps = provision(kind, work.gib, work.iops, work.mibps)
    count = work.volumes
    raised = f" {gib:,} GiB, because {iops:,} IOPS need 500 for each." if gib > math.ceil(work.gib) else ""
    return Candidate(
        name=kind.name,
        reasons=(*_over(kind, gib, iops, mibps), *_block_access(kind, work)),
        gib=gib,
        iops=iops,
        mibps=mibps,
        bill=bill_of(
            _item(book, "gp3 space", count * gib, "GiB", "gp3_gib_month", f"Paid as provisioned.{raised}"),
            _item(
                book,
                "gp3 IOPS",
                count * (iops - kind.included_iops),
                "IOPS",
                "gp3_iops_month",
                f"{kind.included_iops:,} of {iops:,} are in the price"
                f"{'' if iops == work.iops else '; throughput needs 4 IOPS for each MiB/s'}.",
            ),
            _item(
                book,
                "gp3 throughput",
                count * (mibps - kind.included_mibps),
                "MiB/s",
                "gp3_mibps_month",
                f"{kind.included_mibps} of {mibps:g} MiB/s are in the price.",
            ),
        ),
    )


def io2(work: Workload, book: PriceBook) -> Candidate:
    """Return what an io2 volume must be bought as, and its price."""
    kind = volume_types().block["io2"]
    gib, iops, mibps = provision(kind, work.gib, work.iops, work.mibps)
    count = work.volumes
    steps = zip(
        ("io2 IOPS", "io2 IOPS above 32,000", "io2 IOPS above 64,000"),
        io2_iops_by_step(iops),
        ("io2_iops_month", "io2_iops_month_above_32k", "io2_iops_month_above_64k"),
        strict=True,
    )
    return Candidate(
        name=kind.name,
        reasons=(*_over(kind, gib, iops, mibps), *_block_access(kind, work)),
        gib=gib,
        iops=iops,
        mibps=None,
        bill=bill_of(
            _item(book, "io2 space", count * gib, "GiB", "io2_gib_month", "Paid as provisioned."),
            *(
                _item(
                    book, what, count * amount, "IOPS", key, "Every IOPS is paid; throughput comes with them."
                )
                for what, amount, key in steps
            ),
        ),
    )


def efs(work: Workload, book: PriceBook, *, one_zone: bool = False) -> Candidate:
    """Return what the data costs on an EFS file system with Elastic throughput.

    Args:
        work: the workload; all its volumes share the file system.
        book: the prices.
        one_zone: a file system of one zone instead of a regional one.
    """
    quota = volume_types().efs
    writes = work.write_percent / 100
    iops, mibps = work.volumes * work.iops, work.volumes * work.mibps
    name = "EFS One Zone" if one_zone else "EFS"
    reasons = [
        f"{amount:,.10g} {unit} are more than {most:,}"
        for amount, unit, most in (
            (iops * (1 - writes), "IOPS of reads", quota.read_iops),
            (iops * writes, "IOPS of writes", quota.write_iops),
            (mibps * (1 - writes), "MiB/s of reads", quota.read_mibps),
            (mibps * writes, "MiB/s of writes", quota.write_mibps),
        )
        if amount > most
    ]
    if work.volume_mode == BLOCK:
        reasons.append("a file system is no raw device (volumeMode: Filesystem)")
    if one_zone and work.zones > 1:
        reasons.append("One Zone keeps the data in one zone")
    if not work.is_shared and work.nodes > 1:
        reasons.append(f"{work.access} means one node, not {work.nodes}")
    moved = work.volumes * work.moved_gb_per_month
    space_key = "efs_one_zone_gb_month" if one_zone else "efs_gb_month"
    moving = f"{work.mibps:g} MiB/s for {work.busy_percent:g} % of the month; Elastic throughput is paid by the GB."
    return Candidate(
        name=name,
        reasons=tuple(reasons),
        gib=work.gib,
        iops=None,
        mibps=None,
        bill=bill_of(
            _item(book, f"{name} space", work.volumes * work.gib, "GB", space_key, "Paid as used."),
            _item(book, f"{name} reads", moved * (1 - writes), "GB", "efs_read_gb", moving),
            _item(book, f"{name} writes", moved * writes, "GB", "efs_write_gb", moving),
        ),
    )


def _item(book: PriceBook, what: str, quantity: float, unit: str, key: str, why: str) -> BillItem:
    return BillItem(
        group="storage",
        what=what,
        quantity=quantity,
        unit=unit,
        usd_per_unit=book.value(key),
        hourly=False,
        why=why,
        price_keys=(key,),
    )


def candidates(work: Workload, book: PriceBook) -> tuple[Candidate, ...]:
    """Return gp3, io2, EFS and EFS One Zone for a workload, in this order."""
    return (gp3(work, book), io2(work, book), efs(work, book), efs(work, book, one_zone=True))


def cheapest(found: tuple[Candidate, ...]) -> Candidate | None:
    """Return the cheapest that can carry the workload; the earlier one when two cost the same."""
    able = [candidate for candidate in found if candidate.can_carry]
    return min(able, key=lambda candidate: round(candidate.bill.usd_per_month, 6)) if able else None
