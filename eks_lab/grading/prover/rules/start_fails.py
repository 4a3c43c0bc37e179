"""Each check fails at the start, and looking changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.grading.prover.proof import Proof
from eks_lab.grading.prover.rule import Rule


def find(proof: Proof) -> Iterator[str]:
    """Yield checks that hold at the start, and those with `starts_green` that do not."""
    before = proof.state_hash()
    for each in proof.judge():
        reason = each.check.starts_green
        if each.holds and not reason:
            yield f"check {each.check.id} holds at the start already: {each.observed}"
        if reason and not each.holds:
            yield f"check {each.check.id} has starts_green and does not hold at the start: {each.observed}"
    if all(each.starts_green for each in proof.lab.file.checks):
        yield "every check has starts_green: doing nothing would solve the lab"
    if proof.state_hash() != before:
        yield "looking at the checks has changed the world"


RULE = Rule("start-fails", "Each check fails at the start, and looking changes nothing.", find)
