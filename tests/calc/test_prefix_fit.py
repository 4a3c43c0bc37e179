"""Prefixes a subnet still fits, against counting every block by hand."""

from __future__ import annotations

import json
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.calc.subnet_usage import best_reservation, reserved, usage_of
from eks_lab.errors import InputError
from tests.calc.answers import answer, answer_if_offered
from tests.calc.arithmetic import value_of


@pytest.mark.parametrize(
    ("subnet", "prefixes"),
    [("10.0.0.0/28", 0), ("10.0.0.0/27", 0), ("10.0.0.0/26", 2), ("10.0.1.0/24", 14), ("10.0.0.0/20", 254)],
)
def test_empty_subnets(subnet: str, prefixes: int) -> None:
    """Facts B2: the reserved addresses spoil the first and the last block; an empty /24 yields 14."""
    result = answer("prefix-fit", subnet=subnet, in_use="").result
    assert (result["free_prefixes"], result["packed_prefixes"]) == (prefixes, prefixes)
    assert result["single_addresses"] == 0


def test_one_address_spoils_one_block() -> None:
    result = answer("prefix-fit", subnet="10.0.1.0/24", in_use="10.0.1.100").result
    assert (result["free_prefixes"], result["packed_prefixes"], result["free_addresses"]) == (13, 14, 250)
    assert result["touched_blocks"] == 1


def test_addresses_at_the_edges_spoil_nothing() -> None:
    result = answer("prefix-fit", subnet="10.0.1.0/24", in_use="10.0.1.4-15 10.0.1.240-254").result
    assert (result["free_prefixes"], result["touched_blocks"], result["single_addresses"]) == (14, 0, 27)


def test_every_way_to_write_it() -> None:
    ways = "10.0.1.20, 10.0.1.33-34;10.0.1.35 - 10.0.1.36 10.0.1.48/28\n10.0.1.64/27, 10.0.1.40/30"
    result = answer("prefix-fit", subnet="10.0.1.0/24", in_use=ways).result
    assert (result["single_addresses"], result["given_out_prefixes"]) == (1 + 2 + 2 + 4, 3)
    assert result["free_prefixes"] == 14 - 3 - 2


DESCRIBED = {
    "NetworkInterfaces": [
        {
            "PrivateIpAddress": "10.0.1.20",
            "PrivateIpAddresses": [
                {"Primary": True, "PrivateIpAddress": "10.0.1.20", "Association": {"PublicIp": "8.8.8.8"}},
                {"Primary": False, "PrivateIpAddress": "10.0.1.21"},
            ],
            "Ipv4Prefixes": [{"Ipv4Prefix": "10.0.1.48/28"}],
            "Ipv6Addresses": [],
            "SubnetId": "subnet-1",
            "Groups": [{"GroupId": "sg-1"}],
            "AllowedNames": ["not-an-address"],
        },
        {"PrivateIpAddress": "10.0.2.9"},
    ]
}


def test_what_ec2_answers_is_read() -> None:
    found = answer("prefix-fit", subnet="10.0.1.0/24", in_use="", in_use_file=json.dumps(DESCRIBED))
    assert (found.result["single_addresses"], found.result["given_out_prefixes"]) == (2, 1)
    assert any("1 entries of the file lie outside 10.0.1.0/24" in warning for warning in found.warnings)


def test_a_plain_list_of_texts_is_read() -> None:
    found = answer("prefix-fit", in_use="", in_use_file='["10.0.1.20", ["10.0.1.21"]]')
    assert found.result["single_addresses"] == 2
    assert answer("prefix-fit", in_use="", in_use_file="10.0.1.20\n10.0.1.21\n").result == found.result


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"subnet": "10.0.0.0/30"}, "subnet: 10.0.0.0/30 is too small"),
        ({"subnet": "10.0.0.0/8"}, "subnet: 10.0.0.0/8 is too large"),
        ({"in_use": "10.0.2.1"}, "in_use: '10.0.2.1' is not in 10.0.1.0/24"),
        ({"in_use": "10.0.0.250-10.0.1.9"}, "is not in 10.0.1.0/24"),
        ({"in_use": "10.0.1.9-4"}, "in_use: '10.0.1.9-4' ends before it begins"),
        ({"in_use": "10.0.1.300"}, "in_use: '10.0.1.300' is no address, range or prefix"),
        ({"in_use": "-"}, "in_use: '-' is no address, range or prefix"),
        ({"in_use": "web-1"}, "in_use: 'web-1' is no address, range or prefix"),
        ({"in_use": "10.0.1.0/28"}, "in_use: '10.0.1.0/28' holds addresses that AWS keeps"),
        ({"in_use": "10.0.1.128/25"}, "holds addresses that AWS keeps"),
        ({"in_use_file": "{"}, "in_use_file: neither a list of addresses nor JSON"),
        ({"in_use_file": "[" * 100_000}, "in_use_file: neither a list of addresses nor JSON"),
        ({"in_use_file": '{"PrivateIpAddress": "x"}'}, "in_use_file: 'x' is no address"),
        ({"reservation": "10.0.1.0/29"}, "reservation: 10.0.1.0/29 is smaller than a prefix"),
        ({"reservation": "10.0.2.0/26"}, "reservation: 10.0.2.0/26 is not in 10.0.1.0/24"),
        ({"reservation": "10.0.1.64/26 10.0.1.96/27"}, "reservation: 10.0.1.64/26 and 10.0.1.96/27 overlap"),
        ({"reservation": "all"}, "reservation: 'all' is no IPv4 range"),
    ],
)
def test_nonsense_gets_a_sentence(inputs: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        answer("prefix-fit", **{"in_use": "", **inputs})
    assert message in caught.value.message
    assert caught.value.hint


def test_the_reservations_of_the_lesson() -> None:
    """Lesson advanced.prefix-delegation: two /26 in a fragmented /24 are eight blocks."""
    scattered = " ".join(f"10.0.1.{address}" for address in range(17, 255, 16))
    found = answer(
        "prefix-fit", subnet="10.0.1.0/24", in_use=scattered, reservation="10.0.1.64/26, 10.0.1.128/26"
    )
    result = found.result
    assert (result["free_prefixes"], result["reservation_kept"], result["reservation_whole_now"]) == (0, 8, 0)
    assert result["reservation_refused"] == 0
    assert any("the 8 addresses already in it stay" in warning for warning in found.warnings)


def test_a_reservation_may_leave_too_little_outside() -> None:
    found = answer("prefix-fit", in_use="10.0.1.16-100", reservation="10.0.1.0/25")
    assert (found.result["reservation_kept"], found.result["reservation_refused"]) == (7, 0)
    full = answer("prefix-fit", in_use="10.0.1.16-100 10.0.1.128-254", reservation="10.0.1.0/25").result
    assert full["reservation_refused"] == 85
    assert full["reservation_kept"] == 7


def test_without_a_reservation_the_largest_that_works_is_named() -> None:
    result = answer("prefix-fit", in_use="10.0.1.20").result
    assert result["reservation"] == ["10.0.1.128/25"]
    assert (result["reservation_kept"], result["reservation_whole_now"]) == (7, 7)
    nothing = answer("prefix-fit", subnet="10.0.1.0/28", in_use="").result
    assert (nothing["reservation"], nothing["reservation_kept"]) == ([], 0)


def test_enough() -> None:
    assert answer("prefix-fit", in_use="", wanted_prefixes=14).result["is_enough"] is True
    short = answer("prefix-fit", in_use="", wanted_prefixes=15)
    assert short.result["is_enough"] is False
    assert any("InsufficientCidrBlocks" in warning for warning in short.warnings)
    assert answer("prefix-fit", in_use="").result["is_enough"] is None


def test_the_map() -> None:
    found = answer("prefix-fit", in_use="10.0.1.10, 10.0.1.20, 10.0.1.32-47, 10.0.1.64/28")
    assert found.grids[0].rows == (("10.0.1.0", "++#·P··········A", 11),)
    assert sum(blocks for _, blocks in found.plots[0].series[0].points) == 16
    wide = answer("prefix-fit", subnet="10.0.0.0/18", in_use="").grids[0].rows
    assert len(wide) == 16
    assert wide[1][:1] == ("10.0.4.0",)


SUBNETS = st.integers(21, 28).map(lambda length: IPv4Network((int(IPv4Address("10.0.0.0")), length)))


@st.composite
def usages(draw: st.DrawFn) -> tuple[IPv4Network, list[int], list[int]]:
    subnet = draw(SUBNETS)
    last = subnet.num_addresses - 1
    singles = draw(st.lists(st.integers(0, last), max_size=120))
    blocks = subnet.num_addresses // 16
    prefixes = draw(st.lists(st.integers(1, blocks - 2), max_size=6)) if blocks > 2 else []
    return subnet, singles, prefixes


def _whole(subnet: IPv4Network, singles: list[int], prefixes: list[int]) -> list[int]:
    """Look at every aligned sixteen addresses."""
    kept = {0, 1, 2, 3, subnet.num_addresses - 1}
    taken = {*singles, *kept, *(16 * block + offset for block in prefixes for offset in range(16))}
    return [
        start // 16
        for start in range(0, subnet.num_addresses, 16)
        if not taken & set(range(start, start + 16))
    ]


@settings(deadline=None, max_examples=200)
@given(usages())
def test_agrees_with_brute_force(case: tuple[IPv4Network, list[int], list[int]]) -> None:
    subnet, singles, prefixes = case
    typed = [str(subnet.network_address + offset) for offset in singles]
    typed += [f"{subnet.network_address + 16 * block}/28" for block in prefixes]
    found = answer("prefix-fit", subnet=str(subnet), in_use="", in_use_file=" ".join(typed))
    result = found.result
    assert json.loads(json.dumps(result)) == result
    assert result["free_prefixes"] == len(_whole(subnet, singles, prefixes))
    kept = {0, 1, 2, 3, subnet.num_addresses - 1}
    own = {offset for offset in singles if offset // 16 not in prefixes} - kept
    assert result["single_addresses"] == len(own)
    # Addresses in, addresses out.
    assert result["free_addresses"] + len(own) + 16 * result["given_out_prefixes"] + 5 == subnet.num_addresses
    assert result["free_prefixes"] <= result["packed_prefixes"] or result["packed_prefixes"] == 0
    assert 16 * result["free_prefixes"] <= result["free_addresses"]
    assert "".join(str(row[1]) for row in found.grids[0].rows).count("·") == result["free_prefixes"]


@settings(deadline=None)
@given(usages())
def test_the_working_works_out(case: tuple[IPv4Network, list[int], list[int]]) -> None:
    subnet, singles, prefixes = case
    typed = [str(subnet.network_address + offset) for offset in singles]
    typed += [f"{subnet.network_address + 16 * block}/28" for block in prefixes]
    for step in answer("prefix-fit", subnet=str(subnet), in_use="", in_use_file=" ".join(typed)).steps:
        assert value_of(step.substitution) == step.value, step


@settings(deadline=None)
@given(usages(), st.integers(0, 2047))
def test_one_more_address_never_frees_a_block(
    case: tuple[IPv4Network, list[int], list[int]], more: int
) -> None:
    subnet, singles, prefixes = case
    fewer = usage_of(subnet, singles, prefixes)
    greater = usage_of(subnet, [*singles, more % subnet.num_addresses], prefixes)
    assert greater.free_prefixes <= fewer.free_prefixes
    assert greater.packed_prefixes <= fewer.packed_prefixes


@settings(deadline=None)
@given(usages())
def test_no_larger_reservation_would_have_worked(case: tuple[IPv4Network, list[int], list[int]]) -> None:
    subnet, singles, prefixes = case
    usage = usage_of(subnet, singles, prefixes)
    best = best_reservation(usage)
    kept_length = 29 if best is None else best.ranges[0].prefixlen
    for length in range(subnet.prefixlen + 1, min(kept_length, 29)):
        for candidate in subnet.subnets(new_prefix=length):
            found = reserved(usage, [candidate])
            assert found.refused > 0 or found.kept == 0
    if best is not None:
        assert best.refused == 0 < best.kept
        assert best.whole_now == max(
            other.whole_now
            for candidate in subnet.subnets(new_prefix=kept_length)
            if (other := reserved(usage, [candidate])).refused == 0
        )


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["subnet", "in_use", "in_use_file", "reservation", "wanted_prefixes"]),
        st.text(max_size=20) | st.text('0123456789./-, []{}":', max_size=30) | st.integers() | st.none(),
        max_size=4,
    )
)
def test_whatever_is_typed_is_answered_or_refused(raw: dict[str, Any]) -> None:
    found = answer_if_offered("prefix-fit", **raw)
    assert found is None or found.headline
