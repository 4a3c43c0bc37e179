"""Which storage carries a workload, what it costs, and how many volumes a node can attach.

The figures come from `eks_lab.calc.storage_plan` and `eks_lab.catalog.volume_types`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from eks_lab.calc import eni
from eks_lab.calc.bill import count_text, usd_text
from eks_lab.calc.inputs import INSTANCE
from eks_lab.calc.model import Answer, Calculator, Grid, Input, Plot, Reference, Series, Step, Value
from eks_lab.calc.price_overrides import PRICES, TODAY, PriceBook
from eks_lab.calc.storage_plan import (
    BLOCK,
    FILESYSTEM,
    READ_WRITE_MANY,
    READ_WRITE_ONCE,
    READ_WRITE_ONCE_POD,
    Candidate,
    Workload,
    candidates,
    cheapest,
    gp3,
    io2,
)
from eks_lab.calc.storage_warnings import warnings
from eks_lab.catalog import instance_types
from eks_lab.catalog.instance_types import InstanceType
from eks_lab.catalog.source import Source
from eks_lab.catalog.volume_types import volume_types
from eks_lab.errors import InputError

ACCESS = {
    "gp3": ("ReadWriteOnce, ReadWriteOncePod", "one", "no"),
    "io2": ("ReadWriteOnce, ReadWriteOncePod; ReadWriteMany as Block", "one", "no"),
    "EFS": ("ReadWriteOnce, ReadWriteOncePod, ReadWriteMany", "all", "static volumes only"),
    "EFS One Zone": ("ReadWriteOnce, ReadWriteOncePod, ReadWriteMany", "one", "static volumes only"),
}
"""Access modes of the CSI driver, zones it is reachable from, and whether Fargate pods can mount it."""
PLOTTED_IOPS = (3_000, 6_000, 9_000, 12_000, 16_000, 24_000, 32_000, 40_000, 48_000, 64_000, 80_000)


def _amount(inputs: Mapping[str, Value], name: str) -> float:
    value = inputs[name]
    return float(value) if isinstance(value, int | float) else 0.0


def _workload(inputs: Mapping[str, Value]) -> Workload:
    access, volume_mode = str(inputs["access"]), str(inputs["volume_mode"])
    return Workload(
        gib=_amount(inputs, "gib"),
        iops=int(_amount(inputs, "iops")),
        mibps=_amount(inputs, "mib_per_s"),
        write_percent=_amount(inputs, "write_percent"),
        busy_percent=_amount(inputs, "busy_percent"),
        access=access,
        volume_mode=volume_mode,
        zones=int(_amount(inputs, "zones")),
        nodes=int(_amount(inputs, "sharing_nodes")),
        volumes=int(_amount(inputs, "volumes")),
    )


def _attached_enis(inputs: Mapping[str, Value], instance: InstanceType) -> int:
    given = inputs["enis"]
    if not isinstance(given, int):
        return instance.total_enis
    if given > instance.total_enis:
        raise InputError(
            f"enis: {given} are more than the {instance.total_enis} ENIs of {instance.name}",
            hint="Leave it empty for all ENIs of the type.",
        )
    return given


def _attachment_step(instance: InstanceType, enis: int, volumes: int) -> Step:
    limits = volume_types().attachments
    found = limits.limit(instance)
    places, shares = found if found else (0, False)
    taken = f" − ({enis} − 1)" if shares else ""
    return Step(
        formula=f"volumes on a node = limit − root disk{' − (ENIs − 1)' if shares else ''}",
        substitution=f"{places} − {limits.root_volumes}{taken}",
        value=volumes,
        unit="volumes",
        why=f"On {instance.name} ENIs beyond the first take places of volumes."
        if shares
        else f"On {instance.name} volumes have places of their own.",
    )


def _steps(found: tuple[Candidate, ...], instance: InstanceType, enis: int, room: int | None) -> list[Step]:
    steps = []
    for candidate in found:
        if not candidate.can_carry:
            continue
        steps += [item.step() for item in candidate.bill.items]
        steps.append(
            Step(
                formula=f"{candidate.name} = sum",
                substitution=" + ".join(f"{item.usd_per_month:.2f}" for item in candidate.bill.items) or "0",
                value=round(candidate.bill.usd_per_month, 2),
                unit="USD/month",
                why="Snapshots and traffic across zones come on top.",
            )
        )
    if room is not None:
        steps.append(_attachment_step(instance, enis, room))
    if not steps:
        steps = [
            Step(
                formula=candidate.name,
                substitution="; ".join(candidate.reasons),
                value="no",
                unit="",
                why="It cannot carry the workload.",
            )
            for candidate in found
        ]
    return steps


def _candidates_grid(found: tuple[Candidate, ...]) -> Grid:
    return Grid(
        title="Kinds of storage",
        columns=(
            "Kind",
            "Carries it",
            "GiB",
            "IOPS",
            "MiB/s",
            "USD/month",
            "Access modes",
            "Zones",
            "On Fargate",
        ),
        rows=tuple(
            (
                candidate.name,
                "yes" if candidate.can_carry else f"no: {'; '.join(candidate.reasons)}",
                round(candidate.gib, 1),
                candidate.iops,
                candidate.mibps,
                round(candidate.bill.usd_per_month, 2) if candidate.can_carry else None,
                *ACCESS[candidate.name],
            )
            for candidate in found
        ),
    )


def _attachments_grid(instance: InstanceType) -> Grid | None:
    limits = volume_types().attachments
    if limits.limit(instance) is None:
        return None
    return Grid(
        title=f"Volumes that pods on one {instance.name} can have",
        columns=("ENIs attached", "Volumes"),
        rows=tuple((enis, limits.volumes(instance, enis)) for enis in range(1, instance.total_enis + 1)),
    )


def _plot(work: Workload, book: PriceBook) -> Plot | None:
    series = []
    for name, kind in (("gp3", gp3), ("io2", io2)):
        priced = [(iops, kind(replace(work, iops=iops), book)) for iops in PLOTTED_IOPS]
        points = tuple(
            (float(iops), round(candidate.bill.usd_per_month, 2))
            for iops, candidate in priced
            if candidate.can_carry
        )
        if len(points) > 1:
            series.append(Series(name=name, points=points))
    if not series:
        return None
    return Plot(
        title=f"Cost by IOPS, {count_text(work.gib)} GiB and {work.mibps:g} MiB/s",
        x_label="IOPS",
        y_label="USD a month",
        series=tuple(series),
    )


def _headline(
    work: Workload,
    found: tuple[Candidate, ...],
    best: Candidate | None,
    instance: InstanceType,
    room: int | None,
) -> str:
    if best is None:
        return (
            f"Neither gp3 nor io2 nor EFS carries it: gp3: {found[0].reasons[0]}; EFS: {found[2].reasons[0]}."
        )
    count = "" if work.volumes == 1 else f"{work.volumes} × "
    what = f"{count}{best.name}"
    verb = "carries it" if work.volumes == 1 else "carry it"
    text = f"{what} {verb} for {usd_text(best.bill.usd_per_month)} USD a month"
    if room is None or best.iops is None:
        return f"{text}."
    return f"{text}; one {instance.name} takes {room} such volumes."


def _figures(
    found: tuple[Candidate, ...],
    best: Candidate | None,
    work: Workload,
    room: int | None,
    at_start: int | None,
) -> dict[str, Any]:
    block, provisioned = found[0], found[1]
    takes_places = best is not None and best.iops is not None
    return {
        "recommended": best.name if best else None,
        "usd_per_month": round(best.bill.usd_per_month, 2) if best else None,
        **{
            f"{candidate.name.lower().replace(' ', '_')}_usd_per_month": round(
                candidate.bill.usd_per_month, 2
            )
            if candidate.can_carry
            else None
            for candidate in found
        },
        "gp3_gib": block.gib,
        "gp3_iops": block.iops,
        "gp3_mib_per_s": block.mibps,
        "io2_gib": provisioned.gib,
        "io2_iops": provisioned.iops,
        "efs_moved_gb_per_month": round(work.volumes * work.moved_gb_per_month, 2),
        "volumes_per_node": room,
        "volumes_per_fresh_node": at_start,
        "nodes_for_volumes": -(-work.volumes // room) if room and takes_places else None,
    }


def storage(inputs: Mapping[str, Value]) -> Answer:
    """Answer which storage carries a workload.

    Args:
        inputs: checked inputs of `CALCULATOR`.

    Returns:
        `recommended` is the cheapest kind that can, with its `usd_per_month`; each `…_usd_per_month`
        is None for a kind that cannot. `gp3_…` and `io2_…` is what one volume must be bought as.
        `volumes_per_node` is with the ENIs asked about, `volumes_per_fresh_node` with one;
        both are None when the limit is not on record. `nodes_for_volumes` is None for EFS.

    Raises:
        InputError: more ENIs than the type has, or an unusable price.
    """
    book = PriceBook.of(inputs)
    work = _workload(inputs)
    instance = instance_types.get(str(inputs["instance"]))
    enis = _attached_enis(inputs, instance)
    limits = volume_types().attachments
    room, at_start = limits.volumes(instance, enis), limits.volumes(instance, 1)
    found = candidates(work, book)
    best = cheapest(found)
    keys = [key for candidate in found if candidate.can_carry for key in candidate.bill.price_keys]
    plot = _plot(work, book)
    attachments = _attachments_grid(instance)
    return Answer(
        calculator="storage",
        headline=_headline(work, found, best, instance, room),
        inputs=dict(inputs),
        result=_figures(found, best, work, room, at_start),
        steps=tuple(_steps(found, instance, enis, room)),
        sources=(
            *(
                _reference(source)
                for source in (volume_types().source, volume_types().efs.source, limits.source)
            ),
            *book.references(keys),
            eni.catalogue_reference(),
        ),
        warnings=(
            *warnings(work, found, best, instance, enis),
            *book.warnings(keys),
            *book.limit_warnings(volume_types().source, volume_types().efs.source, limits.source),
        ),
        grids=(_candidates_grid(found), *([attachments] if attachments else [])),
        plots=(plot,) if plot else (),
    )


def _reference(source: Source) -> Reference:
    return Reference(title=source.title, date=source.as_of.isoformat(), url=source.url)


def _count(name: str, label: str, default: int, unit: str, help_text: str, least: int, most: int) -> Input:
    return Input(name, label, "integer", default, help_text, unit=unit, minimum=least, maximum=most)


def _percent(name: str, label: str, default: float, help_text: str) -> Input:
    return Input(name, label, "number", default, help_text, unit="%", minimum=0, maximum=100)


CALCULATOR = Calculator(
    name="storage",
    title="Storage for a workload",
    summary="Which of gp3, io2 and EFS carries a workload, what it costs, and how many volumes a node attaches.",
    inputs=(
        Input(
            "gib", "Data", "number", 100.0, "Data of one volume.", unit="GiB", minimum=0, maximum=10_000_000
        ),
        _count("iops", "IOPS", 3000, "IOPS", "Operations a second at the peak.", 0, 10_000_000),
        Input(
            "mib_per_s",
            "Throughput",
            "number",
            125.0,
            "At the peak.",
            unit="MiB/s",
            minimum=0,
            maximum=1_000_000,
        ),
        Input(
            "access",
            "Access mode",
            "choice",
            READ_WRITE_ONCE,
            "Access mode of the claim.",
            choices=(READ_WRITE_ONCE, READ_WRITE_ONCE_POD, READ_WRITE_MANY),
        ),
        Input(
            "volume_mode",
            "Volume mode",
            "choice",
            FILESYSTEM,
            "A file system, or a raw device for an application that brings its own.",
            choices=(FILESYSTEM, BLOCK),
        ),
        _count("zones", "Zones", 1, "zones", "Zones from which the same data must be reachable.", 1, 6),
        _count(
            "sharing_nodes", "Nodes that share it", 1, "nodes", "Nodes that mount the same data.", 1, 100_000
        ),
        _count("volumes", "Volumes", 1, "volumes", "Such volumes, each with its own data.", 1, 100_000),
        _percent("write_percent", "Writes", 50.0, "Share of writes in IOPS and throughput."),
        _percent(
            "busy_percent", "Busy", 1.0, "Share of the month at that throughput; EFS is paid by what moves."
        ),
        INSTANCE,
        Input(
            "enis",
            "ENIs attached",
            "integer",
            None,
            "ENIs on the node once pods need them; empty takes all of the type.",
            unit="ENIs",
            minimum=1,
            maximum=1000,
            optional=True,
        ),
        PRICES,
        TODAY,
    ),
    compute=storage,
    lesson="storage.access-and-limits",
    result_units={
        "usd_per_month": "USD/month",
        "gp3_usd_per_month": "USD/month",
        "io2_usd_per_month": "USD/month",
        "efs_usd_per_month": "USD/month",
        "efs_one_zone_usd_per_month": "USD/month",
        "gp3_gib": "GiB",
        "gp3_iops": "IOPS",
        "gp3_mib_per_s": "MiB/s",
        "io2_gib": "GiB",
        "io2_iops": "IOPS",
        "efs_moved_gb_per_month": "GB",
        "volumes_per_node": "volumes",
        "volumes_per_fresh_node": "volumes",
        "nodes_for_volumes": "nodes",
    },
)
