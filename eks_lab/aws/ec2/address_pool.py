"""The IPv4 addresses of one subnet: which are reserved, which are taken, and which are given out next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

PREFIX_SIZE = 16
"""Addresses of a delegated prefix, a /28."""
FIRST_RESERVED, LAST_RESERVED = 4, 1
"""Addresses AWS keeps at both ends of a subnet (VPC user guide, "Subnet sizing for IPv4")."""
GUESSES = 8
"""Random picks before the pool looks through the whole subnet."""


class PoolError(Exception):
    """The pool cannot give what is asked."""


class NoFreeAddressError(PoolError):
    """No single address is left."""


class NoFreeBlockError(PoolError):
    """No aligned /28 is left whole."""


class AddressInUseError(PoolError):
    """Somebody has this address already, or AWS keeps it for itself."""


class OutsideSubnetError(PoolError):
    """The address or block does not lie in the subnet."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """A subnet CIDR reservation."""

    id: str
    first: int
    last: int
    is_for_prefixes: bool
    """`prefix`: EC2 takes /28 blocks from it; `explicit`: it gives nothing out by itself."""

    def has(self, number: int) -> bool:
        """Say whether an address lies in the reservation."""
        return self.first <= number <= self.last


class AddressPool:
    """Single addresses and /28 prefixes of a subnet. Addresses are whole numbers inside, text outside."""

    def __init__(self, network: IPv4Network) -> None:
        """Start with everything free that AWS does not keep.

        Args:
            network: the subnet's IPv4 block, /16 to /28.
        """
        self._first = int(network.network_address)
        self._size = network.num_addresses
        self._last = self._first + self._size - 1
        self._singles: set[int] = set()
        self._prefixes: set[int] = set()
        self._in_block: dict[int, int] = {}
        """Start of a /28 -> single addresses in it, those AWS keeps included."""
        self._reservations: dict[str, Reservation] = {}
        for number in self._kept():
            self._count(number, 1)

    @property
    def free(self) -> int:
        """Return AvailableIpAddressCount: without AWS's five, what is taken, and blocks reserved for prefixes."""
        taken = len(self._singles) + PREFIX_SIZE * len(self._prefixes)
        return self._size - FIRST_RESERVED - LAST_RESERVED - taken - self._held()

    @property
    def free_blocks(self) -> int:
        """Return how many whole /28 blocks are left for prefixes."""
        return sum(1 for start in range(self._first, self._last + 1, PREFIX_SIZE) if self._is_whole(start))

    def take(self, choose: Callable[[int], int]) -> str:
        """Give out a free address that no reservation covers.

        Args:
            choose: returns a whole number from 0 up to, not including, its argument.

        Raises:
            NoFreeAddressError: none is left.
        """
        for _ in range(GUESSES):
            number = self._first + choose(self._size)
            if self._is_available(number):
                return self._add(number)
        start = choose(self._size)
        for step in range(self._size):
            number = self._first + (start + step) % self._size
            if self._is_available(number):
                return self._add(number)
        raise NoFreeAddressError

    def claim(self, address: str) -> str:
        """Take one particular address.

        Raises:
            OutsideSubnetError: it is not of this subnet.
            AddressInUseError: it is taken, in a prefix, or kept by AWS.
        """
        number = self._number(address)
        if number in self._singles or self._block(number) in self._prefixes or self._is_kept(number):
            raise AddressInUseError(address)
        return self._add(number)

    def release(self, address: str) -> None:
        """Take a single address back; one that nobody has stays free."""
        number = int(IPv4Address(address))
        if number in self._singles:
            self._singles.remove(number)
            self._count(number, -1)

    def take_prefix(self, choose: Callable[[int], int]) -> str:
        """Give out a whole /28, from a prefix reservation when there is one with room.

        Returns:
            `10.0.3.16/28`.

        Raises:
            NoFreeBlockError: no aligned /28 is left whole.
        """
        for reservation in self._reservations.values():
            if reservation.is_for_prefixes:
                found = self._find_block(reservation.first, reservation.last, choose, is_reserved=True)
                if found is not None:
                    return self._add_prefix(found)
        found = self._find_block(self._first, self._last, choose, is_reserved=False)
        if found is None:
            raise NoFreeBlockError
        return self._add_prefix(found)

    def claim_prefix(self, prefix: str) -> str:
        """Take one particular /28.

        Raises:
            OutsideSubnetError: no aligned /28 of this subnet.
            AddressInUseError: an address in it is taken.
        """
        try:
            network = IPv4Network(prefix)
        except ValueError as error:
            raise OutsideSubnetError(prefix) from error
        start = self._number(str(network.network_address))
        if network.num_addresses != PREFIX_SIZE:
            raise OutsideSubnetError(prefix)
        if start in self._prefixes or self._in_block.get(start):
            raise AddressInUseError(prefix)
        return self._add_prefix(start)

    def release_prefix(self, prefix: str) -> None:
        """Take a /28 back; one that nobody has stays free."""
        self._prefixes.discard(int(IPv4Network(prefix).network_address))

    def reserve(self, id: str, block: IPv4Network, *, is_for_prefixes: bool) -> None:
        """Keep a block for prefixes, or from being given out at all.

        Args:
            id: of the reservation.
            block: inside the subnet and in no other reservation; the caller has checked.
            is_for_prefixes: type `prefix`, else `explicit`.
        """
        first, last = int(block.network_address), int(block.broadcast_address)
        self._reservations[id] = Reservation(id, first, last, is_for_prefixes)

    def unreserve(self, id: str) -> None:
        """Forget a reservation; what was taken from it stays taken."""
        self._reservations.pop(id, None)

    def has(self, address: str) -> bool:
        """Say whether an address is taken, by itself or in a prefix."""
        number = int(IPv4Address(address))
        return number in self._singles or self._block(number) in self._prefixes

    def taken(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return every single address and every prefix that is given out."""
        singles = frozenset(str(IPv4Address(number)) for number in self._singles)
        return singles, frozenset(_cidr(start) for start in self._prefixes)

    # --- numbers ---------------------------------------------------------------------------------------

    def _kept(self) -> tuple[int, ...]:
        head = range(self._first, self._first + FIRST_RESERVED)
        return (*head, *range(self._last - LAST_RESERVED + 1, self._last + 1))

    def _is_kept(self, number: int) -> bool:
        return number < self._first + FIRST_RESERVED or number > self._last - LAST_RESERVED

    def _number(self, address: str) -> int:
        try:
            number = int(IPv4Address(address))
        except ValueError as error:
            raise OutsideSubnetError(address) from error
        if not self._first <= number <= self._last:
            raise OutsideSubnetError(address)
        return number

    def _block(self, number: int) -> int:
        return number - number % PREFIX_SIZE

    def _is_available(self, number: int) -> bool:
        if number in self._singles or self._is_kept(number) or self._block(number) in self._prefixes:
            return False
        return not any(reservation.has(number) for reservation in self._reservations.values())

    def _is_whole(self, start: int) -> bool:
        if start in self._prefixes or self._in_block.get(start):
            return False
        explicit = (kept for kept in self._reservations.values() if not kept.is_for_prefixes)
        return not any(kept.first < start + PREFIX_SIZE and start <= kept.last for kept in explicit)

    def _find_block(
        self, first: int, last: int, choose: Callable[[int], int], *, is_reserved: bool
    ) -> int | None:
        first += -first % PREFIX_SIZE
        blocks = (last + 1 - first) // PREFIX_SIZE
        if blocks <= 0:
            return None
        begin = choose(blocks)
        for step in range(blocks):
            start = first + PREFIX_SIZE * ((begin + step) % blocks)
            if self._is_whole(start) and (is_reserved or self._is_unreserved(start)):
                return start
        return None

    def _is_unreserved(self, start: int) -> bool:
        end = start + PREFIX_SIZE - 1
        return not any(kept.first <= end and start <= kept.last for kept in self._reservations.values())

    def _held(self) -> int:
        """Count what prefix reservations keep and nobody has yet."""
        held = 0
        for reservation in self._reservations.values():
            if not reservation.is_for_prefixes:
                continue
            held += reservation.last - reservation.first + 1
            held -= sum(1 for number in self._kept() if reservation.has(number))
            held -= sum(1 for number in self._singles if reservation.has(number))
            held -= PREFIX_SIZE * sum(1 for start in self._prefixes if reservation.has(start))
        return held

    def _add(self, number: int) -> str:
        self._singles.add(number)
        self._count(number, 1)
        return str(IPv4Address(number))

    def _add_prefix(self, start: int) -> str:
        self._prefixes.add(start)
        return _cidr(start)

    def _count(self, number: int, by: int) -> None:
        block = self._block(number)
        left = self._in_block.get(block, 0) + by
        if left:
            self._in_block[block] = left
        else:
            self._in_block.pop(block, None)


def _cidr(start: int) -> str:
    return f"{IPv4Address(start)}/28"
