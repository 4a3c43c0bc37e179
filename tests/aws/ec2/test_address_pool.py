"""The addresses of a subnet: never two holders, never below zero, blocks whole and aligned."""

from __future__ import annotations

import random
from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.aws.ec2.address_pool import (
    AddressInUseError,
    AddressPool,
    NoFreeAddressError,
    NoFreeBlockError,
    OutsideSubnetError,
)

CHANCE = random.Random(3)


def pool(cidr: str) -> AddressPool:
    return AddressPool(IPv4Network(cidr))


@pytest.mark.parametrize(
    ("cidr", "free"), [("10.0.0.0/28", 11), ("10.0.0.0/24", 251), ("10.0.0.0/18", 16379)]
)
def test_aws_keeps_five(cidr: str, free: int) -> None:
    assert pool(cidr).free == free


def test_a_28_gives_eleven_addresses_and_no_more() -> None:
    small = pool("10.0.240.0/28")
    given_out = {small.take(CHANCE.randrange) for _ in range(11)}
    assert given_out == {f"10.0.240.{host}" for host in range(4, 15)}
    assert small.free == 0
    with pytest.raises(NoFreeAddressError):
        small.take(CHANCE.randrange)


def test_an_empty_24_has_fourteen_prefixes() -> None:
    """Facts B2: the five reserved addresses spoil the first and the last /28."""
    subnet = pool("10.0.0.0/24")
    assert subnet.free_blocks == 14
    taken = {subnet.take_prefix(CHANCE.randrange) for _ in range(14)}
    assert "10.0.0.0/28" not in taken
    assert "10.0.0.240/28" not in taken
    assert subnet.free == 251 - 14 * 16
    with pytest.raises(NoFreeBlockError):
        subnet.take_prefix(CHANCE.randrange)


def test_scattered_addresses_leave_room_but_no_block() -> None:
    """Facts E2: free addresses, and no /28."""
    subnet = pool("10.0.0.0/24")
    for block in range(16):
        subnet.claim(f"10.0.0.{16 * block + 7}")
    assert subnet.free == 251 - 16
    with pytest.raises(NoFreeBlockError):
        subnet.take_prefix(CHANCE.randrange)


def test_prefixes_come_from_their_reservation_and_addresses_do_not() -> None:
    subnet = pool("10.0.0.0/24")
    subnet.reserve("scr-1", IPv4Network("10.0.0.128/26"), is_for_prefixes=True)
    assert subnet.free == 251 - 64
    prefixes = {subnet.take_prefix(CHANCE.randrange) for _ in range(4)}
    assert prefixes == {"10.0.0.128/28", "10.0.0.144/28", "10.0.0.160/28", "10.0.0.176/28"}
    assert subnet.free == 251 - 64
    for _ in range(subnet.free):
        assert IPv4Address(subnet.take(CHANCE.randrange)) not in IPv4Network("10.0.0.128/26")


def test_an_explicit_reservation_gives_nothing_out_by_itself() -> None:
    subnet = pool("10.0.0.0/28")
    subnet.reserve("scr-1", IPv4Network("10.0.0.8/29"), is_for_prefixes=False)
    taken = {subnet.take(CHANCE.randrange) for _ in range(4)}
    assert taken == {"10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.7"}
    with pytest.raises(NoFreeAddressError):
        subnet.take(CHANCE.randrange)
    assert subnet.claim("10.0.0.9") == "10.0.0.9"


def test_what_is_taken_or_kept_cannot_be_claimed() -> None:
    subnet = pool("10.0.0.0/24")
    subnet.claim_prefix("10.0.0.16/28")
    for address in ("10.0.0.0", "10.0.0.3", "10.0.0.255", "10.0.0.20"):
        with pytest.raises(AddressInUseError):
            subnet.claim(address)
    for address in ("10.0.1.4", "fe80::1", "rubbish"):
        with pytest.raises(OutsideSubnetError):
            subnet.claim(address)
    with pytest.raises(AddressInUseError):
        subnet.claim_prefix("10.0.0.16/28")
    with pytest.raises(OutsideSubnetError):
        subnet.claim_prefix("10.0.0.32/27")


@settings(max_examples=60, deadline=None)
@given(
    st.integers(24, 28),
    st.lists(st.sampled_from(["take", "prefix", "release", "release-prefix"]), max_size=80),
    st.integers(0, 1000),
)
def test_the_count_is_what_is_left(length: int, steps: list[str], seed: int) -> None:
    network = IPv4Network(f"10.0.0.0/{length}")
    subnet, chance = AddressPool(network), random.Random(seed)
    singles: list[str] = []
    prefixes: list[str] = []
    for step in steps:
        try:
            if step == "take":
                singles.append(subnet.take(chance.randrange))
            elif step == "prefix":
                prefixes.append(subnet.take_prefix(chance.randrange))
            elif step == "release" and singles:
                subnet.release(singles.pop())
            elif step == "release-prefix" and prefixes:
                subnet.release_prefix(prefixes.pop())
        except (NoFreeAddressError, NoFreeBlockError):
            pass
        assert subnet.free == network.num_addresses - 5 - len(singles) - 16 * len(prefixes)
        assert subnet.free >= 0
    blocks = [IPv4Network(each) for each in prefixes]
    assert len(set(singles)) == len(singles)
    assert all(block.subnet_of(network) for block in blocks)
    assert not any(IPv4Address(each) in block for each in singles for block in blocks)
    assert subnet.taken() == (frozenset(singles), frozenset(prefixes))
