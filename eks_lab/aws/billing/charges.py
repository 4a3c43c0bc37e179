"""What one thing of the account costs: the calculators' prices, multiplied out for an hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from eks_lab.calc.bill import HOURS_PER_MONTH, BillItem
from eks_lab.calc.price_overrides import PriceBook
from eks_lab.calc.storage_plan import io2_iops_by_step
from eks_lab.catalog import instance_types
from eks_lab.catalog.kubernetes_versions import calendar
from eks_lab.catalog.volume_types import volume_types

BALANCERS = {"application": "alb_hour", "network": "nlb_hour"}
IO2_STEPS = ("io2_iops_month", "io2_iops_month_above_32k", "io2_iops_month_above_64k")
BOOK = PriceBook()
"""The prices on record; nobody has prices of their own in a sandbox."""


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of what a thing costs while it is there."""

    group: str
    """As cluster bills group it: `control plane`, `nodes`, `network`, `storage`, `keys`, `logs`."""
    what: str
    """`m5.large on demand`, `NAT gateways`."""
    usd_per_hour: float | None
    """None when no price is on record."""


def _item(group: str, what: str, quantity: float, key: str, *, hourly: bool) -> Charge:
    item = BillItem(group, what, quantity, "", BOOK.value(key), hourly, "", (key,))
    return Charge(group, what, item.usd_per_month / HOURS_PER_MONTH)


def control_plane(version: str, tier: str, day: date) -> list[Charge]:
    """Return what a cluster's control plane costs on a day.

    Args:
        version: Kubernetes minor version; in extended support it costs more.
        tier: `standard`, or a provisioned one: `tier-xl`, `xl`.
        day: in UTC.
    """
    found = [_item("control plane", "Control plane", 1, "eks_cluster_hour", hourly=True)]
    known = calendar().versions.get(int(version.partition(".")[2] or 0))
    if known is not None and known.phase(day) == "extended":
        found.append(_item("control plane", "Extended support", 1, "eks_extended_support_hour", hourly=True))
    name = tier.lower().removeprefix("tier-")
    if name and name != "standard":
        found.append(
            _item(
                "control plane", f"Provisioned tier {name.upper()}", 1, f"eks_tier_{name}_hour", hourly=True
            )
        )
    return found


def instance(name: str, *, is_spot: bool) -> Charge:
    """Return what a running instance costs; Spot at the share of the on-demand price that the calculators take."""
    catalogue = instance_types.catalogue()
    usd = BOOK.on_record_usd_per_hour(catalogue.get(name)) if name in catalogue else None
    if is_spot:
        share = 1 - BOOK.value("spot_discount_percent") / 100
        return Charge("nodes", f"{name} on Spot", None if usd is None else usd * share)
    return Charge("nodes", f"{name} on demand", usd)


def volume(kind: str, gib: int, iops: int, mibps: int) -> list[Charge]:
    """Return what an EBS volume costs.

    Args:
        kind: `gp3`, `io2`; others have no price on record.
        gib: its size.
        iops: provisioned; 0 takes what is included.
        mibps: provisioned throughput in MiB/s; 0 takes what is included.
    """
    if kind == "gp3":
        included = volume_types().block["gp3"]
        more_iops = max(0, (iops or 0) - included.included_iops)
        more_mibps = max(0, (mibps or 0) - included.included_mibps)
        found = [_item("storage", "EBS volumes (gp3)", gib, "gp3_gib_month", hourly=False)]
        if more_iops:
            found.append(_item("storage", "gp3 IOPS", more_iops, "gp3_iops_month", hourly=False))
        if more_mibps:
            found.append(_item("storage", "gp3 throughput", more_mibps, "gp3_mibps_month", hourly=False))
        return found
    if kind == "io2":
        found = [_item("storage", "EBS volumes (io2)", gib, "io2_gib_month", hourly=False)]
        for key, count in zip(IO2_STEPS, io2_iops_by_step(iops or 0), strict=True):
            if count:
                found.append(_item("storage", "io2 IOPS", count, key, hourly=False))
        return found
    return [Charge("storage", f"EBS volumes ({kind})", None)]


def nat_gateway() -> Charge:
    """Return what a NAT gateway costs, traffic apart."""
    return _item("network", "NAT gateways", 1, "nat_gateway_hour", hourly=True)


def public_address() -> Charge:
    """Return what a public IPv4 address costs, used or not."""
    return _item("network", "Public IPv4 addresses", 1, "public_ipv4_hour", hourly=True)


def interface_endpoint(zones: int) -> Charge:
    """Return what an interface endpoint costs in so many zones."""
    return _item("network", "Interface endpoints", zones, "interface_endpoint_hour", hourly=True)


def load_balancer(kind: str) -> Charge:
    """Return what a load balancer costs, capacity units apart; `gateway` and classic ones have no price on record."""
    if kind not in BALANCERS:
        return Charge("network", f"{kind.capitalize()} Load Balancers", None)
    return _item("network", f"{kind.capitalize()} Load Balancers", 1, BALANCERS[kind], hourly=True)


def kms_key() -> Charge:
    """Return what a key of one's own costs, requests apart."""
    return _item("keys", "KMS keys", 1, "kms_key_month", hourly=False)


def stored_logs(gb: float) -> Charge:
    """Return what kept logs cost."""
    return _item("logs", "Log storage", gb, "cloudwatch_stored_gb_month", hourly=False)


def ingested_logs_usd(gb: float) -> float:
    """Return what taking logs in costs, once."""
    return gb * BOOK.value("cloudwatch_ingest_gb")
