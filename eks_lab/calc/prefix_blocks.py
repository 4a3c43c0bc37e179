"""The /28 blocks of a subnet: how many are whole, and how many single addresses leave whole.

A prefix of the VPC CNI is a block of 16 addresses that begins on a multiple of 16 and is free
altogether. The five addresses AWS keeps of a subnet lie in its first and its last block.
Sources: `eks_lab.calc.eni.BEST_PRACTICES` (prefix mode), arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from eks_lab.calc.address_space import (
    LARGEST_PREFIXLEN,
    RESERVED_FIRST,
    SMALLEST_PREFIXLEN,
    addresses_in,
    usable_addresses,
)
from eks_lab.calc.eni import ADDRESSES_PER_PREFIX


def blocks_in(prefixlen: int) -> int:
    """Return the blocks of a subnet, free or not: 16 in a /24."""
    return addresses_in(prefixlen) // ADDRESSES_PER_PREFIX


def edge_blocks(prefixlen: int) -> int:
    """Return the blocks that the addresses of AWS spoil: 2, or 1 in a /28."""
    return min(2, blocks_in(prefixlen))


def edge_room(prefixlen: int) -> int:
    """Return the single addresses that fit beside those of AWS: 27 in the two edges, 11 in a /28."""
    return (
        usable_addresses(prefixlen) - (blocks_in(prefixlen) - edge_blocks(prefixlen)) * ADDRESSES_PER_PREFIX
    )


def whole_blocks_beside(prefixlen: int, singles: int) -> int:
    """Return the blocks that can stay whole when single addresses are packed as tightly as possible.

    Args:
        prefixlen: size of the subnet.
        singles: single addresses in use; the edges take the first of them.

    Returns:
        14 in an empty /24; EC2 packs that tightly only when the other blocks are reserved.
    """
    spilled = max(0, singles - edge_room(prefixlen))
    return max(0, blocks_in(prefixlen) - edge_blocks(prefixlen) - -(-spilled // ADDRESSES_PER_PREFIX))


@dataclass(frozen=True, slots=True)
class Footprint:
    """What one node takes from a subnet."""

    singles: int
    """Single addresses."""
    prefixes: int = 0
    """/28 blocks besides."""

    @property
    def addresses(self) -> int:
        """Return both as addresses."""
        return self.singles + ADDRESSES_PER_PREFIX * self.prefixes


def holds(prefixlen: int, nodes: int, each: Footprint, *, others: int = 0) -> bool:
    """Whether a subnet has room for nodes.

    Args:
        prefixlen: size of the subnet.
        nodes: how many.
        each: what one takes.
        others: single addresses that something else takes.
    """
    singles = nodes * each.singles + others
    if singles + nodes * each.prefixes * ADDRESSES_PER_PREFIX > usable_addresses(prefixlen):
        return False
    return nodes * each.prefixes <= whole_blocks_beside(prefixlen, singles)


def nodes_held(prefixlen: int, each: Footprint, *, others: int = 0) -> int:
    """Return how many nodes a subnet has room for.

    Args:
        prefixlen: size of the subnet.
        each: what one takes, at least one address.
        others: single addresses that something else takes.
    """
    low, high = 0, usable_addresses(prefixlen) // each.addresses
    while low < high:
        middle = (low + high + 1) // 2
        if holds(prefixlen, middle, each, others=others):
            low = middle
        else:
            high = middle - 1
    return low


def prefixlen_for(nodes: int, each: Footprint, *, others: int = 0) -> int | None:
    """Return the size of the smallest subnet with room for nodes.

    Returns:
        28 to 16; None when even a /16 is too small.
    """
    for prefixlen in range(SMALLEST_PREFIXLEN, LARGEST_PREFIXLEN - 1, -1):
        if holds(prefixlen, nodes, each, others=others):
            return prefixlen
    return None


def reserved_offsets(prefixlen: int) -> tuple[int, ...]:
    """Return the addresses AWS keeps, counted from the start of the subnet."""
    return (*range(RESERVED_FIRST), addresses_in(prefixlen) - 1)


def taken_by_block(prefixlen: int, offsets: Iterable[int]) -> list[int]:
    """Count the addresses taken in each block of a subnet.

    Args:
        prefixlen: size of the subnet.
        offsets: addresses in use, counted from the start of the subnet, each once; those AWS keeps
            may be among them.

    Returns:
        One number a block, 0 to 16, with the addresses of AWS counted in.
    """
    taken = [0] * blocks_in(prefixlen)
    for offset in {*offsets, *reserved_offsets(prefixlen)}:
        taken[offset // ADDRESSES_PER_PREFIX] += 1
    return taken
