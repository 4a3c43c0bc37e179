"""How many /28 prefixes a subnet can still give, and what a reservation would have kept.

Free addresses do not say it: one address in a block is enough to spoil it. The figures come from
`eks_lab.calc.subnet_usage`.
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc import eni
from eks_lab.calc.address_space import SUBNET_SIZING, read_vpc_range, usable_addresses
from eks_lab.calc.eni import ADDRESSES_PER_PREFIX
from eks_lab.calc.model import Answer, Calculator, Grid, Input, Plot, Reference, Series, Step, Value
from eks_lab.calc.prefix_blocks import edge_room
from eks_lab.calc.subnet_usage import (
    Reserved,
    Usage,
    best_reservation,
    block_symbols,
    blocks_by_use,
    first_address,
    read_reservation,
    read_usage,
    reserved,
)

_NARROW_ROW, _WIDE_ROW = 16, 64
_NARROW_BLOCKS = 256
"""A map of at most so many blocks has 16 in a row, one row a /24."""

CIDR_RESERVATION = Reference(
    title="Amazon VPC user guide: subnet CIDR reservations",
    date="2026-11-22",
    url="https://docs.aws.amazon.com/vpc/latest/userguide/subnet-cidr-reservation.html",
)


def _steps(usage: Usage, kept: Reserved | None) -> tuple[Step, ...]:
    blocks, prefixlen = len(usage.taken), usage.subnet.prefixlen
    given, singles = len(usage.prefixes), len(usage.singles)
    inner = blocks - usage.edges
    steps = [
        Step(
            formula="blocks = addresses of the subnet ÷ 16",
            substitution=f"{usage.subnet.num_addresses} ÷ 16",
            value=blocks,
            unit="blocks",
            why="A prefix is a /28 that begins on a multiple of 16.",
        ),
        Step(
            formula="whole = blocks − with addresses of AWS − given out − with single addresses",
            substitution=f"{blocks} − {usage.edges} − {given} − {usage.touched_blocks}",
            value=usage.free_prefixes,
            unit="prefixes",
            why="The first four addresses and the last spoil the edges; one single address spoils its block.",
        ),
        Step(
            formula="free addresses = usable − single addresses − 16 × prefixes given out",
            substitution=f"{usable_addresses(prefixlen)} − {singles} − 16 × {given}",
            value=usage.free_addresses,
            unit="addresses",
            why="AvailableIpAddressCount tells this number, and it says nothing about whole blocks.",
        ),
        Step(
            formula="packed = blocks inside − ⌈(single addresses − room at the edges) ÷ 16⌉ − given out",
            substitution=f"max(0, {inner} − ⌈max(0, {singles} − {edge_room(prefixlen)}) ÷ 16⌉ − {given})",
            value=usage.packed_prefixes,
            unit="prefixes",
            why="The most there could be if the same single addresses lay side by side.",
        ),
    ]
    if kept is not None:
        steps.append(
            Step(
                formula="kept by the reservation = its blocks − prefixes given out there",
                substitution=f"{kept.blocks} − {kept.given_out}",
                value=kept.kept,
                unit="prefixes",
                why=f"Made before the first address was given out. Today {kept.whole_now} of them are whole;"
                " the others become whole when the addresses in them go.",
            )
        )
    return tuple(steps)


def _warnings(
    usage: Usage, kept: Reserved | None, asked: bool, wanted: int | None, outside: int
) -> list[str]:
    found = []
    if wanted is not None and wanted > usage.free_prefixes:
        found.append(
            f"{wanted} prefixes do not fit: ipamd would report InsufficientCidrBlocks and try again after"
            " 120 s."
        )
    lost = usage.packed_prefixes - usage.free_prefixes
    if lost > 0:
        found.append(
            f"{lost} prefixes are lost to single addresses that lie scattered. EC2 gives single addresses out at"
            " random places unless the rest is reserved."
        )
    if kept is not None and kept.refused:
        found.append(
            f"The reservation leaves too little outside: {kept.refused} of today's single addresses would"
            " have been refused (InsufficientFreeAddressesInSubnet)."
        )
    if asked and kept is not None and kept.singles_inside:
        addresses = "1 address" if kept.singles_inside == 1 else f"{kept.singles_inside} addresses"
        found.append(
            f"A reservation moves nothing: the {addresses} already in it stay until"
            " their owners are gone, for example until old nodes are replaced."
        )
    if usage.subnet.prefixlen > 27:
        found.append("A /28 has one block, and AWS keeps five addresses of it: it never holds a prefix.")
    if outside:
        found.append(f"{outside} entries of the file lie outside {usage.subnet} and do not count.")
    return found


def _map(usage: Usage) -> Grid:
    symbols = block_symbols(usage)
    width = _NARROW_ROW if len(symbols) <= _NARROW_BLOCKS else _WIDE_ROW
    rows = tuple(
        (
            first_address(usage.subnet, start),
            symbols[start : start + width],
            symbols.count("·", start, start + width),
        )
        for start in range(0, len(symbols), width)
    )
    return Grid(
        title="Blocks of 16: · whole, P prefix, + partly used, # full, A kept by AWS",
        columns=("From", "Blocks", "Whole"),
        rows=rows,
    )


def _headline(usage: Usage) -> str:
    prefixes = "1 prefix" if usage.free_prefixes == 1 else f"{usage.free_prefixes} prefixes"
    text = f"{usage.subnet} has room for {prefixes}: that many of its {len(usage.taken)} blocks are whole"
    if usage.free_addresses > ADDRESSES_PER_PREFIX * usage.free_prefixes:
        return f"{text}, although {usage.free_addresses} addresses are free."
    return f"{text}."


def prefix_fit(inputs: Mapping[str, Value]) -> Answer:
    """Answer how many prefixes a subnet can still give.

    Args:
        inputs: checked inputs of `CALCULATOR`.

    Returns:
        `free_prefixes` is what EC2 can give out now, `packed_prefixes` what it could if the single
        addresses lay side by side. `reservation` holds the reserved ranges (the given ones, or the
        largest that would have worked; empty when none would), `reservation_kept` the prefixes they
        would have kept, `reservation_whole_now` those whole today, `reservation_refused` single
        addresses that would not have found a place. `is_enough` is None when no number was asked.

    Raises:
        InputError: a range or address that cannot be used.
    """
    subnet = read_vpc_range("subnet", str(inputs["subnet"]))
    usage, outside = read_usage(subnet, str(inputs["in_use"] or ""), str(inputs["in_use_file"] or ""))
    asked = inputs["reservation"] is not None
    kept = reserved(usage, read_reservation(subnet, str(inputs["reservation"]))) if asked else None
    if kept is None:
        kept = best_reservation(usage)
    wanted = inputs["wanted_prefixes"] if isinstance(inputs["wanted_prefixes"], int) else None
    return Answer(
        calculator="prefix-fit",
        headline=_headline(usage),
        inputs=dict(inputs),
        result={
            "free_prefixes": usage.free_prefixes,
            "packed_prefixes": usage.packed_prefixes,
            "is_enough": None if wanted is None else wanted <= usage.free_prefixes,
            "free_addresses": usage.free_addresses,
            "blocks": len(usage.taken),
            "blocks_of_aws": usage.edges,
            "given_out_prefixes": len(usage.prefixes),
            "touched_blocks": usage.touched_blocks,
            "single_addresses": len(usage.singles),
            "reservation": [str(network) for network in kept.ranges] if kept else [],
            "reservation_kept": kept.kept if kept else 0,
            "reservation_whole_now": kept.whole_now if kept else 0,
            "reservation_refused": kept.refused if kept else 0,
        },
        steps=_steps(usage, kept),
        sources=(SUBNET_SIZING, CIDR_RESERVATION, eni.BEST_PRACTICES),
        warnings=tuple(_warnings(usage, kept, asked, wanted, outside)),
        grids=(_map(usage),),
        plots=(
            Plot(
                title="Blocks by the addresses taken in them",
                x_label="Addresses taken",
                y_label="Blocks",
                series=(Series(name="blocks", points=blocks_by_use(usage), style="bar"),),
            ),
        ),
    )


CALCULATOR = Calculator(
    name="prefix-fit",
    title="Prefixes a subnet still fits",
    summary="How many aligned /28 blocks are free in a subnet, and what a CIDR reservation would have kept.",
    inputs=(
        Input(
            name="subnet",
            label="Subnet",
            kind="text",
            default="10.0.1.0/24",
            help="Range of the subnet, /16 to /28.",
        ),
        Input(
            name="in_use",
            label="In use",
            kind="text",
            default="10.0.1.10-12, 10.0.1.37, 10.0.1.64/28, 10.0.1.99, 10.0.1.200-203",
            help="Addresses, ranges (10.0.1.10-20) and prefixes (10.0.1.32/28), with commas between.",
            optional=True,
        ),
        Input(
            name="in_use_file",
            label="In use, from a file",
            kind="document",
            default=None,
            help="More of the same, or the JSON of aws ec2 describe-network-interfaces.",
            optional=True,
        ),
        Input(
            name="reservation",
            label="Reserved for prefixes",
            kind="text",
            default=None,
            help="Ranges of CIDR reservations of type prefix; when none is given, the best one is looked for.",
            optional=True,
        ),
        Input(
            name="wanted_prefixes",
            label="Prefixes you need",
            kind="integer",
            default=None,
            help="How many /28 prefixes your nodes will take; node-ips tells how many a node takes.",
            unit="prefixes",
            minimum=0,
            maximum=10_000,
            optional=True,
        ),
    ),
    compute=prefix_fit,
    lesson="networking.prefix-delegation",
    result_units={
        "free_prefixes": "prefixes",
        "packed_prefixes": "prefixes",
        "free_addresses": "addresses",
        "blocks": "blocks",
        "blocks_of_aws": "blocks",
        "given_out_prefixes": "prefixes",
        "touched_blocks": "blocks",
        "single_addresses": "addresses",
        "reservation_kept": "prefixes",
        "reservation_whole_now": "prefixes",
        "reservation_refused": "addresses",
    },
)
