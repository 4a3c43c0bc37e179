"""Ranges of a VPC: what is read, what is refused, and that cutting loses no address."""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.calc.address_space import (
    AddressSpace,
    pieces,
    private_block,
    read_network,
    read_vpc_ranges,
    usable_addresses,
)
from eks_lab.errors import InputError


@pytest.mark.parametrize(
    ("prefixlen", "usable"),
    [(28, 11), (27, 27), (26, 59), (24, 251), (22, 1019), (20, 4091), (18, 16379), (16, 65531)],
)
def test_five_addresses_of_each_subnet_are_reserved(prefixlen: int, usable: int) -> None:
    """Facts B2: usable = 2^(32 − len) − 5; the table of the lesson networking.running-out."""
    assert usable_addresses(prefixlen) == usable


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "cidrs is empty", "10.0.0.0/16"),
        ("10.0.0.0/8", "10.0.0.0/8 is too large: VPC ranges and subnets are /16 to /28", "10.0.0.0/16"),
        ("100.64.0.0/10", "100.64.0.0/10 is too large", "100.64.0.0/16"),
        ("10.0.0.0/30", "10.0.0.0/30 is too small: VPC ranges and subnets are /16 to /28", "10.0.0.0/28"),
        ("10.0.0.0", "'10.0.0.0' is no IPv4 range", "10.0.0.0/16"),
        ("10.0.0.0/33", "'10.0.0.0/33' is no IPv4 range", "10.0.0.0/16"),
        ("10.0.0.0/-1", "is no IPv4 range", "10.0.0.0/16"),
        ("10.0.0.0/255.255.0.0", "is no IPv4 range", "10.0.0.0/16"),
        ("10.0.0.0/٢٠", "is no IPv4 range", "10.0.0.0/16"),
        ("10.0.0/16", "is no IPv4 range", "10.0.0.0/16"),
        ("ten/16", "'ten/16' is no IPv4 range", "10.0.0.0/16"),
        ("/16", "'/16' is no IPv4 range", "10.0.0.0/16"),
        ("fd00::/64", "'fd00::/64' is an IPv6 range", "IPv4"),
        ("10.0.1.0/16", "'10.0.1.0/16' does not begin where a /16 begins", "Did you mean 10.0.0.0/16?"),
        ("10.0.0.0/16, 10.0.128.0/20", "10.0.0.0/16 and 10.0.128.0/20 overlap", "no address"),
        ("10.0.0.0/16 10.0.0.0/16", "10.0.0.0/16 and 10.0.0.0/16 overlap", "no address"),
        ("10.0.0.0/16 10.9.0.0/16 10.0.5.0/24", "10.0.0.0/16 and 10.0.5.0/24 overlap", "no address"),
        ("127.0.0.0/16", "127.0.0.0/16 has a special meaning", "private"),
        ("169.254.0.0/16", "169.254.0.0/16 has a special meaning", "private"),
        ("224.0.0.0/16", "224.0.0.0/16 has a special meaning", "private"),
        ("0.0.0.0/16", "0.0.0.0/16 has a special meaning", "private"),
        ("240.0.0.0/16", "240.0.0.0/16 has a special meaning", "private"),
        (" ".join(f"10.{n}.0.0/16" for n in range(51)), "51 ranges are more than the 50", "5"),
    ],
)
def test_nonsense_gets_a_sentence(text: str, message: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        read_vpc_ranges("cidrs", text)
    assert message in caught.value.message
    assert caught.value.message.startswith("cidrs")
    assert hint in (caught.value.hint or "")


def test_ranges_keep_their_order() -> None:
    assert read_vpc_ranges("cidrs", "10.1.0.0/16; 10.0.0.0/28, 100.64.0.0/16") == (
        IPv4Network("10.1.0.0/16"),
        IPv4Network("10.0.0.0/28"),
        IPv4Network("100.64.0.0/16"),
    )


def test_pieces() -> None:
    assert pieces("10.0.0.1, 10.0.0.5 - 9;10.0.0.16/28\n") == ["10.0.0.1", "10.0.0.5-9", "10.0.0.16/28"]


@pytest.mark.parametrize(
    ("text", "block"),
    [
        ("10.1.0.0/16", "10.0.0.0/8"),
        ("172.31.0.0/16", "172.16.0.0/12"),
        ("192.168.4.0/24", "192.168.0.0/16"),
        ("100.64.0.0/16", "100.64.0.0/10"),
        ("198.19.0.0/16", "198.19.0.0/16"),
        ("198.18.0.0/16", None),
        ("172.32.0.0/16", None),
        ("8.8.8.0/24", None),
    ],
)
def test_private_blocks(text: str, block: str | None) -> None:
    found = private_block(IPv4Network(text))
    assert (None if found is None else str(found)) == block


@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        network = read_network("subnet", text)
    except InputError:
        return
    assert str(network) == text.strip()


def test_taking_prefers_the_smallest_block_and_the_first_range() -> None:
    space = AddressSpace([IPv4Network("10.0.0.0/24"), IPv4Network("10.1.0.0/26"), IPv4Network("10.2.0.0/26")])
    assert [str(space.take(length)) for length in (26, 27, 26, 25)] == [
        "10.1.0.0/26",
        "10.2.0.0/27",
        "10.0.0.0/26",
        "10.0.0.128/25",
    ]
    assert [str(network) for network in space.free] == ["10.0.0.64/26", "10.2.0.32/27"]
    assert space.take(25) is None


def test_a_copy_is_cut_up_alone() -> None:
    space = AddressSpace([IPv4Network("10.0.0.0/24")])
    twin = space.copy()
    assert twin.take(24) is not None
    assert space.free == (IPv4Network("10.0.0.0/24"),)


RANGES = st.lists(
    st.tuples(st.integers(0, 20), st.integers(16, 28)), min_size=1, max_size=4, unique_by=lambda pair: pair[0]
)


@settings(deadline=None)
@given(RANGES, st.lists(st.integers(16, 28), max_size=40))
def test_addresses_in_are_addresses_out(ranges: list[tuple[int, int]], lengths: list[int]) -> None:
    given_ranges = [IPv4Network((f"10.{number}.0.0", length)) for number, length in ranges]
    space = AddressSpace(given_ranges)
    taken = [network for length in lengths if (network := space.take(length)) is not None]
    parts = [*taken, *space.free]
    assert sum(part.num_addresses for part in parts) == sum(r.num_addresses for r in given_ranges)
    ordered = sorted(parts)
    assert not any(left.overlaps(right) for left, right in pairwise(ordered))
    assert all(any(part.subnet_of(r) for r in given_ranges) for part in parts)
    assert all(int(part.network_address) % part.num_addresses == 0 for part in parts)


@settings(deadline=None)
@given(st.lists(st.integers(18, 28), max_size=60))
def test_large_ones_first_waste_nothing(lengths: list[int]) -> None:
    """What fits by its sum fits: sizes are powers of two."""
    space = AddressSpace([IPv4Network("10.0.0.0/16")])
    taken = [space.take(length) for length in sorted(lengths)]
    fits = sum(2 ** (32 - length) for length in lengths) <= 65536
    assert (None not in taken) == fits
