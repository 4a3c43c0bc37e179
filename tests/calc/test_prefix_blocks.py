"""The /28 arithmetic, against packing written out block by block."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.calc.prefix_blocks import (
    Footprint,
    blocks_in,
    holds,
    nodes_held,
    prefixlen_for,
    reserved_offsets,
    taken_by_block,
    whole_blocks_beside,
)


@pytest.mark.parametrize(
    ("prefixlen", "whole"),
    [(28, 0), (27, 0), (26, 2), (25, 6), (24, 14), (22, 62), (20, 254), (18, 1022), (16, 4094)],
)
def test_an_empty_subnet_loses_its_first_and_last_block(prefixlen: int, whole: int) -> None:
    """Facts B2: an empty /24 yields 14 prefixes; the table of the lesson networking.running-out."""
    assert whole_blocks_beside(prefixlen, 0) == whole


def test_the_addresses_aws_keeps() -> None:
    assert reserved_offsets(24) == (0, 1, 2, 3, 255)
    assert taken_by_block(26, [5, 5, 20, 0]) == [5, 1, 0, 1]


def _packed(prefixlen: int, singles: int) -> int:
    """Place single addresses one by one, edges first, and count what stays whole."""
    size = 2 ** (32 - prefixlen)
    edge = [*range(4, min(16, size - 1)), *range(max(16, size - 16), size - 1)]
    inner = list(range(16, size - 16))
    used = {*(edge + inner)[:singles], 0, 1, 2, 3, size - 1}
    return sum(1 for block in range(0, size, 16) if not used & set(range(block, block + 16)))


@settings(deadline=None)
@given(st.integers(21, 28), st.integers(0, 2100))
def test_packing(prefixlen: int, singles: int) -> None:
    assert whole_blocks_beside(prefixlen, singles) == _packed(prefixlen, singles)


FOOTPRINTS = st.builds(Footprint, singles=st.integers(1, 60), prefixes=st.integers(0, 20))


@settings(deadline=None)
@given(st.integers(16, 28), FOOTPRINTS, st.integers(0, 300))
def test_nodes_held_is_the_most_that_holds(prefixlen: int, each: Footprint, others: int) -> None:
    nodes = nodes_held(prefixlen, each, others=others)
    assert not holds(prefixlen, nodes + 1, each, others=others)
    if nodes:
        assert holds(prefixlen, nodes, each, others=others)


@settings(deadline=None)
@given(FOOTPRINTS, st.integers(0, 3000), st.integers(0, 300))
def test_the_smallest_subnet_that_holds(each: Footprint, nodes: int, others: int) -> None:
    prefixlen = prefixlen_for(nodes, each, others=others)
    if prefixlen is None:
        assert not holds(16, nodes, each, others=others)
        return
    assert holds(prefixlen, nodes, each, others=others)
    assert prefixlen == 28 or not holds(prefixlen + 1, nodes, each, others=others)


@settings(deadline=None)
@given(st.integers(22, 28), FOOTPRINTS, st.integers(0, 30))
def test_what_holds_can_be_placed(prefixlen: int, each: Footprint, others: int) -> None:
    """Prefixes take the last inner blocks, single addresses the edges and then the first ones."""
    nodes = nodes_held(prefixlen, each, others=others)
    if not nodes:
        return
    whole = _packed(prefixlen, nodes * each.singles + others)
    assert nodes * each.prefixes <= whole
    assert nodes * each.addresses + others <= 2 ** (32 - prefixlen) - 5
    assert blocks_in(prefixlen) * 16 == 2 ** (32 - prefixlen)
