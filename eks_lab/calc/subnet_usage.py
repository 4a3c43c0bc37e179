"""What is in use in a subnet, block by block: single addresses, prefixes, and reserved ranges.

Sources: VPC user guide, subnet CIDR reservations; `eks_lab.calc.prefix_blocks`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from eks_lab.calc import prefix_blocks
from eks_lab.calc.address_space import (
    SMALLEST_PREFIXLEN,
    pieces,
    read_network,
    refuse_overlaps,
    shown,
    usable_addresses,
)
from eks_lab.calc.eni import ADDRESSES_PER_PREFIX
from eks_lab.calc.prefix_blocks import blocks_in, edge_blocks, reserved_offsets, taken_by_block
from eks_lab.errors import InputError

_ADDRESS_KEYS = frozenset({"PrivateIpAddress", "Ipv4Prefix"})


@dataclass(frozen=True, slots=True)
class Usage:
    """What is in use in one subnet."""

    subnet: IPv4Network
    """The subnet."""
    singles: frozenset[int]
    """Single addresses, counted from the start of the subnet; none of those AWS keeps."""
    prefixes: frozenset[int]
    """Blocks given out as /28 prefixes, counted from the start of the subnet."""
    taken: tuple[int, ...]
    """Addresses taken in each block, those of AWS and of prefixes counted in."""

    @property
    def free_prefixes(self) -> int:
        """Blocks of which no address is taken: what EC2 can still give out as prefixes."""
        return self.taken.count(0)

    @property
    def free_addresses(self) -> int:
        """Addresses that nobody has, whole blocks or not."""
        used = len(self.singles) + ADDRESSES_PER_PREFIX * len(self.prefixes)
        return usable_addresses(self.subnet.prefixlen) - used

    @property
    def packed_prefixes(self) -> int:
        """Blocks that would be whole if the single addresses lay as close together as they can."""
        beside = prefix_blocks.whole_blocks_beside(self.subnet.prefixlen, len(self.singles))
        return max(0, beside - len(self.prefixes))

    @property
    def touched_blocks(self) -> int:
        """Blocks that single addresses spoil, beside those AWS spoils."""
        return len(self.taken) - self.edges - len(self.prefixes) - self.free_prefixes

    @property
    def edges(self) -> int:
        """Blocks that hold addresses of AWS."""
        return edge_blocks(self.subnet.prefixlen)


@dataclass(frozen=True, slots=True)
class Reserved:
    """What a CIDR reservation of type prefix keeps."""

    ranges: tuple[IPv4Network, ...]
    """The reserved ranges."""
    blocks: int
    """Blocks in them that can be prefixes at all."""
    given_out: int
    """Of those, prefixes already."""
    whole_now: int
    """Of those, free altogether today."""
    singles_inside: int
    """Single addresses that lie in the ranges today."""
    room_outside: int
    """Free addresses outside the ranges."""

    @property
    def kept(self) -> int:
        """Prefixes that would be free if the ranges had been reserved before anything was given out."""
        return self.blocks - self.given_out

    @property
    def refused(self) -> int:
        """Single addresses that would have found no place outside."""
        return max(0, self.singles_inside - self.room_outside)


def usage_of(subnet: IPv4Network, singles: Iterable[int], prefixes: Iterable[int]) -> Usage:
    """Return the usage of a subnet.

    Args:
        subnet: /16 to /28.
        singles: addresses in use, counted from its start; those of AWS and of prefixes are left out.
        prefixes: blocks given out, counted from its start.
    """
    blocks = frozenset(prefixes)
    kept = frozenset(reserved_offsets(subnet.prefixlen))
    single = frozenset(
        offset for offset in singles if offset not in kept and offset // ADDRESSES_PER_PREFIX not in blocks
    )
    taken = taken_by_block(subnet.prefixlen, single)
    for block in blocks:
        taken[block] = ADDRESSES_PER_PREFIX
    return Usage(subnet=subnet, singles=single, prefixes=blocks, taken=tuple(taken))


def read_usage(subnet: IPv4Network, typed: str, document: str) -> tuple[Usage, int]:
    """Read what is in use.

    Args:
        subnet: /16 to /28.
        typed: addresses, ranges `10.0.1.10-20` or `10.0.1.10-10.0.1.20`, prefixes `10.0.1.32/28`.
        document: the same, or what `aws ec2 describe-network-interfaces` answers; may hold
            addresses of other subnets too.

    Returns:
        The usage, and how many entries of the document lie outside the subnet.

    Raises:
        InputError: an entry that is none of these, or a typed one outside the subnet.
    """
    singles: set[int] = set()
    prefixes: set[int] = set()
    outside = 0
    entries = [("in_use", piece, True) for piece in pieces(typed)]
    entries += [("in_use_file", piece, False) for piece in _entries(document)]
    for field, piece, must_fit in entries:
        first, last, is_network = _span(field, piece)
        start, size = int(subnet.network_address), subnet.num_addresses
        if first < start or last >= start + size:
            if must_fit:
                raise InputError(
                    f"{field}: {shown(piece)} is not in {subnet}",
                    hint="Give addresses of that subnet only.",
                )
            outside += 1
        elif is_network and last - first + 1 >= ADDRESSES_PER_PREFIX:
            prefixes.update(_blocks(field, piece, subnet, first - start, last - start))
        else:
            singles.update(range(first - start, last - start + 1))
    return usage_of(subnet, singles, prefixes), outside


def _blocks(field: str, piece: str, subnet: IPv4Network, first: int, last: int) -> range:
    blocks = range(first // ADDRESSES_PER_PREFIX, last // ADDRESSES_PER_PREFIX + 1)
    if 0 in blocks or blocks_in(subnet.prefixlen) - 1 in blocks:
        raise InputError(
            f"{field}: {shown(piece)} holds addresses that AWS keeps of {subnet}",
            hint="It cannot have been given out as a prefix. For single addresses write 10.0.1.5-20.",
        )
    return blocks


def _span(field: str, piece: str) -> tuple[int, int, bool]:
    """Return first and last address of an entry, and whether it was written as a range with a slash."""
    if "/" in piece:
        network = read_network(field, piece)
        return int(network.network_address), int(network.broadcast_address), True
    first_text, dash, last_text = piece.partition("-")
    if dash and "." not in last_text:
        last_text = f"{first_text.rpartition('.')[0]}.{last_text}"
    try:
        first = int(IPv4Address(first_text))
        last = int(IPv4Address(last_text)) if dash else first
    except ValueError:
        raise InputError(
            f"{field}: {shown(piece)} is no address, range or prefix",
            hint="Write 10.0.1.5, 10.0.1.10-20 or 10.0.1.32/28.",
        ) from None
    if last < first:
        raise InputError(f"{field}: {shown(piece)} ends before it begins", hint="Write the lower one first.")
    return first, last, False


def _entries(document: str) -> list[str]:
    if document.lstrip()[:1] not in ("{", "["):
        return pieces(document)
    import json

    try:
        return list(_found(json.loads(document), listed=True))
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"in_use_file: neither a list of addresses nor JSON: {error}",
            hint="Write it with: aws ec2 describe-network-interfaces --output json",
        ) from None


def _found(node: object, *, listed: bool) -> Iterator[str]:
    """Yield addresses and prefixes; bare texts count only in lists that belong to nothing."""
    # An interface names its primary address twice; a set takes care of that.
    if isinstance(node, dict):
        for key, value in node.items():
            if key in _ADDRESS_KEYS and isinstance(value, str):
                yield value
            else:
                yield from _found(value, listed=False)
    elif isinstance(node, list):
        for value in node:
            yield from _found(value, listed=listed)
    elif listed and isinstance(node, str):
        yield node


def read_reservation(subnet: IPv4Network, text: str) -> tuple[IPv4Network, ...]:
    """Read ranges for CIDR reservations of type prefix.

    Args:
        subnet: that they must lie in.
        text: ranges between commas or blanks.

    Raises:
        InputError: one is no range, smaller than /28, outside the subnet, or overlaps another.
    """
    ranges = tuple(read_network("reservation", piece) for piece in pieces(text))
    for network in ranges:
        if network.prefixlen > SMALLEST_PREFIXLEN:
            raise InputError(
                f"reservation: {network} is smaller than a prefix",
                hint="A prefix is a /28: take /28 or larger.",
            )
        if not network.subnet_of(subnet):
            raise InputError(f"reservation: {network} is not in {subnet}", hint=f"Take a part of {subnet}.")
    refuse_overlaps("reservation", ranges)
    return tuple(sorted(ranges))


def reserved(usage: Usage, ranges: Iterable[IPv4Network]) -> Reserved:
    """Return what reservations of type prefix keep in a subnet.

    Args:
        usage: what is in use.
        ranges: the reserved ranges, none overlapping another.
    """
    start = int(usage.subnet.network_address)
    networks = tuple(ranges)
    inside = {
        block
        for network in networks
        for block in range(
            (int(network.network_address) - start) // ADDRESSES_PER_PREFIX,
            (int(network.broadcast_address) - start) // ADDRESSES_PER_PREFIX + 1,
        )
    }
    last = len(usage.taken) - 1
    usable = {block for block in inside if block not in (0, last)}
    singles = sum(1 for offset in usage.singles if offset // ADDRESSES_PER_PREFIX in inside)
    room = sum(ADDRESSES_PER_PREFIX - count for block, count in enumerate(usage.taken) if block not in inside)
    return Reserved(
        ranges=networks,
        blocks=len(usable),
        given_out=len(usable & usage.prefixes),
        whole_now=sum(1 for block in usable if usage.taken[block] == 0),
        singles_inside=singles,
        room_outside=room,
    )


def best_reservation(usage: Usage) -> Reserved | None:
    """Return the largest single range that would have kept blocks.

    Outside it all single addresses of today must have a place. Among ranges of that size the one
    with most whole blocks today is taken, then the one with fewest addresses to wait for.

    Returns:
        None when no range would have kept a block.
    """
    prefixlen = usage.subnet.prefixlen
    of_aws = taken_by_block(prefixlen, ())
    last = len(usage.taken) - 1
    kept, singles, whole, room = [0], [0], [0], [0]
    for block, count in enumerate(usage.taken):
        is_given = block in usage.prefixes
        kept.append(kept[-1] + (not is_given and block not in (0, last)))
        singles.append(singles[-1] + (0 if is_given else count - of_aws[block]))
        whole.append(whole[-1] + (count == 0))
        room.append(room[-1] + ADDRESSES_PER_PREFIX - count)
    for length in range(prefixlen + 1, SMALLEST_PREFIXLEN + 1):
        width = blocks_in(length)
        fitting = []
        for first in range(0, len(usage.taken), width):
            end = first + width
            inside = singles[end] - singles[first]
            outside = room[-1] - (room[end] - room[first])
            if inside <= outside and kept[end] > kept[first]:
                fitting.append((whole[first] - whole[end], inside, first))
        if fitting:
            start = usage.subnet.network_address + min(fitting)[2] * ADDRESSES_PER_PREFIX
            return reserved(usage, (IPv4Network((start, length)),))
    return None


def block_symbols(usage: Usage) -> str:
    """Return one character a block: `·` whole, `P` prefix, `+` partly used, `#` full, `A` AWS alone."""
    edges = {0, len(usage.taken) - 1}
    of_aws = taken_by_block(usage.subnet.prefixlen, ())
    symbols = []
    for block, count in enumerate(usage.taken):
        if block in usage.prefixes:
            symbols.append("P")
        elif count == ADDRESSES_PER_PREFIX:
            symbols.append("#")
        elif block in edges and count == of_aws[block]:
            symbols.append("A")
        else:
            symbols.append("+" if count else "·")
    return "".join(symbols)


def first_address(subnet: IPv4Network, block: int) -> str:
    """Return the first address of a block as text."""
    return str(subnet.network_address + block * ADDRESSES_PER_PREFIX)


def blocks_by_use(usage: Usage) -> tuple[tuple[int, int], ...]:
    """Return how many blocks have 0, 1, … 16 addresses taken."""
    return tuple((count, usage.taken.count(count)) for count in range(ADDRESSES_PER_PREFIX + 1))
