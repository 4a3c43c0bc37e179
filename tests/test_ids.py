"""Identifiers from a seed."""

from __future__ import annotations

from eks_lab.ids import Ids


def test_a_branch_does_not_depend_on_what_was_drawn() -> None:
    early, late = Ids(7), Ids(7)
    for _ in range(5):
        late.uid()
    assert early.branch("ties").fraction() == late.branch("ties").fraction()
    assert early.branch("ties").fraction() != early.branch("names").fraction()
    assert Ids(8).branch("ties").fraction() != early.branch("ties").fraction()


def test_a_branch_leaves_its_sequence_alone() -> None:
    one, other = Ids(7), Ids(7)
    one.branch("ties").uid()
    assert one.uid() == other.uid()
