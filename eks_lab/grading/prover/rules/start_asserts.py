"""What the story says about the start is true."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.grading.checks import look
from eks_lab.grading.prover.proof import Proof
from eks_lab.grading.prover.rule import Rule


def find(proof: Proof) -> Iterator[str]:
    """Yield start_asserts that do not hold."""
    if not proof.lab.file.start_asserts:
        yield "start_asserts is empty: nothing says that the story is true"
    for number, query in enumerate(proof.lab.file.start_asserts):
        verdict = look(query, proof.stage)
        if not verdict.holds:
            yield f"start_asserts.{number} does not hold at the start: {verdict.observed}"


RULE = Rule("start-asserts", "What the story says about the start is true.", find)
