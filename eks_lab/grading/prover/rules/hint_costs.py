"""Hints cost no more than there is to win, and get dearer."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.grading.model import FULL_AWARD
from eks_lab.grading.prover.proof import Proof
from eks_lab.grading.prover.rule import Rule


def find(proof: Proof) -> Iterator[str]:
    """Yield what is wrong with the costs."""
    costs = [hint.cost for hint in proof.lab.file.hints]
    if not costs:
        yield "there is no hint"
    if sum(costs) > FULL_AWARD:
        yield f"the hints cost {sum(costs)} points together; a lab has {FULL_AWARD}"


RULE = Rule("hint-costs", "Hints cost no more than there is to win.", find, is_static=True)
