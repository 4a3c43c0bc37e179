"""IPv4 ranges of a VPC: reading them, checking them, and cutting subnets out of them.

Sources: VPC user guide, VPC and subnet sizing (/16 to /28, five reserved addresses of each subnet).
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError
from itertools import pairwise

from eks_lab.calc.model import Reference
from eks_lab.errors import InputError

LARGEST_PREFIXLEN = 16
"""A VPC range or subnet is never larger than this."""
SMALLEST_PREFIXLEN = 28
"""A VPC range or subnet is never smaller than this."""
RESERVED_FIRST = 4
"""Network address, router, DNS, and one that AWS keeps for later."""
RESERVED_LAST = 1
"""Broadcast address: a VPC has no broadcast and keeps it all the same."""
AWS_RESERVED = RESERVED_FIRST + RESERVED_LAST
"""Addresses of each subnet that nobody gets."""
RANGES_A_VPC = 5
"""Default quota of IPv4 ranges in a VPC; AWS raises it on request."""
MOST_RANGES = 50
"""What AWS raises that quota to at most."""

SUBNET_SIZING = Reference(
    title="Amazon VPC user guide: subnet CIDR blocks, subnet sizing, VPC quotas",
    date="2026-11-22",
    url="https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html",
)

SHARED_SPACE = IPv4Network("100.64.0.0/10")
"""RFC 6598: outside the addresses of companies, and allowed beside any primary range of a VPC."""
_PRIVATE = tuple(
    IPv4Network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.19.0.0/16")
)
_LONGEST_SHOWN = 40


def shown(text: str) -> str:
    """Return a typed text in quotes, cut when it is long."""
    quoted = repr(text[: 2 * _LONGEST_SHOWN])
    return quoted if len(quoted) <= _LONGEST_SHOWN else f"{quoted[: _LONGEST_SHOWN - 1]}…"


def pieces(text: str) -> list[str]:
    """Return the parts of a list that was typed with commas, semicolons or blanks between.

    Blanks around a dash belong to a range: `10.0.1.10 - 20` is one part.
    """
    return text.replace(" - ", "-").replace(",", " ").replace(";", " ").split()


def read_network(field: str, text: str) -> IPv4Network:
    """Read an IPv4 range of any size.

    Args:
        field: the input it was typed into, for messages.
        text: `10.0.0.0/16`.

    Raises:
        InputError: no IPv4 range, or an address that is not the first of its range.
    """
    address, slash, length = text.strip().partition("/")
    if ":" in address:
        raise InputError(
            f"{field}: {shown(text)} is an IPv6 range",
            hint="Give IPv4 ranges: IPv6 needs no arithmetic, each subnet has a /64.",
        )
    # ipaddress would accept a netmask behind the slash; AWS does not.
    if slash and (length.isascii() and length.isdigit()):
        try:
            network = IPv4Network((address, int(length)), strict=False)
            if network.network_address != IPv4Address(address):
                raise InputError(
                    f"{field}: {shown(text)} does not begin where a /{length} begins",
                    hint=f"Did you mean {network}?",
                )
            return network
        except (AddressValueError, NetmaskValueError, ValueError):
            pass
    raise InputError(f"{field}: {shown(text)} is no IPv4 range", hint="Write it as 10.0.0.0/16.")


def read_vpc_range(field: str, text: str) -> IPv4Network:
    """Read a range that a VPC or a subnet may have.

    Args:
        field: the input it was typed into, for messages.
        text: `10.0.0.0/16`.

    Raises:
        InputError: no IPv4 range, larger than /16, smaller than /28, or one that EC2 does not take.
    """
    network = read_network(field, text)
    if not LARGEST_PREFIXLEN <= network.prefixlen <= SMALLEST_PREFIXLEN:
        wrong = "large" if network.prefixlen < LARGEST_PREFIXLEN else "small"
        length = LARGEST_PREFIXLEN if wrong == "large" else SMALLEST_PREFIXLEN
        start = IPv4Network((network.network_address, length), strict=False)
        raise InputError(
            f"{field}: {network} is too {wrong}: VPC ranges and subnets are /16 to /28",
            hint=f"For example {start}.",
        )
    if (
        network.is_loopback
        or network.is_link_local
        or network.is_multicast
        or network.is_reserved
        or network.network_address.packed[0] == 0
    ):
        raise InputError(
            f"{field}: {network} has a special meaning in every network",
            hint="Take a private range, for example 10.0.0.0/16 or 100.64.0.0/16.",
        )
    return network


def read_vpc_ranges(field: str, text: str) -> tuple[IPv4Network, ...]:
    """Read the ranges of a VPC.

    Args:
        field: the input they were typed into, for messages.
        text: ranges between commas or blanks, the primary one first.

    Raises:
        InputError: none or more than 50, one that cannot be used, or two that overlap.
    """
    parts = pieces(text)
    if not parts:
        raise InputError(f"{field} is empty", hint="Give a range, for example 10.0.0.0/16.")
    if len(parts) > MOST_RANGES:
        raise InputError(
            f"{field}: {len(parts)} ranges are more than the {MOST_RANGES} a VPC can have",
            hint=f"A VPC has {RANGES_A_VPC} unless AWS raised the quota.",
        )
    ranges = tuple(read_vpc_range(field, part) for part in parts)
    refuse_overlaps(field, ranges)
    return ranges


def refuse_overlaps(field: str, networks: Iterable[IPv4Network]) -> None:
    """Check that no two ranges share an address.

    Raises:
        InputError: two do; the message names them.
    """
    ordered = sorted(networks)
    for first, second in pairwise(ordered):
        if first.overlaps(second):
            raise InputError(
                f"{field}: {first} and {second} overlap", hint="Ranges of one VPC share no address."
            )


def private_block(network: IPv4Network) -> IPv4Network | None:
    """Return the private block a range is part of: RFC 1918, 100.64.0.0/10 or 198.19.0.0/16.

    Returns:
        `10.0.0.0/8` for 10.1.0.0/16; None for a range that belongs to somebody on the internet.
    """
    return next((block for block in _PRIVATE if network.subnet_of(block)), None)


def addresses_in(prefixlen: int) -> int:
    """Return the addresses of a range: 256 in a /24."""
    return 1 << (32 - prefixlen)


def usable_addresses(prefixlen: int) -> int:
    """Return what a subnet can give away: 251 in a /24, 11 in a /28."""
    return addresses_in(prefixlen) - AWS_RESERVED


class AddressSpace:
    """Ranges out of which subnets are cut; what is taken and what is free together stay the ranges.

    Sizes are powers of two, so taking large ones first leaves no gap that a smaller one could not use.
    """

    def __init__(self, ranges: Iterable[IPv4Network]) -> None:
        """Begin with everything free; the order of the ranges is the order of preference."""
        self._free = [(order, int(r.network_address), r.prefixlen) for order, r in enumerate(ranges)]

    def add(self, network: IPv4Network) -> None:
        """Add a range behind the others."""
        order = 1 + max((order for order, _, _ in self._free), default=-1)
        self._free.append((order, int(network.network_address), network.prefixlen))

    def copy(self) -> AddressSpace:
        """Return a space that can be cut up without touching this one."""
        twin = AddressSpace(())
        twin._free = list(self._free)
        return twin

    def take(self, prefixlen: int) -> IPv4Network | None:
        """Cut a subnet out of the smallest free block that holds it.

        Args:
            prefixlen: its size.

        Returns:
            The subnet, aligned to its size; None when no free block is large enough.
        """
        fitting = [block for block in self._free if block[2] <= prefixlen]
        if not fitting:
            return None
        block = max(fitting, key=lambda block: (block[2], -block[0], -block[1]))
        self._free.remove(block)
        order, start, length = block
        while length < prefixlen:
            length += 1
            self._free.append((order, start + addresses_in(length), length))
        return IPv4Network((start, prefixlen))

    @property
    def free(self) -> tuple[IPv4Network, ...]:
        """What nobody has taken, as few blocks as possible, by address."""
        return tuple(sorted(IPv4Network((start, length)) for _, start, length in self._free))
