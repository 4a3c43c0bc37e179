"""Reset from the middle and from the end of a solution gives back the start."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.grading.prover.proof import Proof
from eks_lab.grading.prover.rule import Rule


def find(proof: Proof) -> Iterator[str]:
    """Yield places from which a reset does not lead back to the start."""
    for place, number in proof.lost_ways:
        yield f"a reset from the {place} of solution {proof.lab.file.solutions[number].title!r} is not the start"
    if proof.lab.file.solutions:
        solution = proof.lab.file.solutions[0]
        proof.back()
        proof.run(solution.steps[: (len(solution.steps) + 1) // 2], is_forgiving=True, waits_for="nothing")
        proof.back()
        if proof.state_hash() != proof.start_hash:
            yield f"a reset from the middle of solution {solution.title!r} is not the start"


RULE = Rule("reset", "Reset from the middle and from the end gives back the start.", find)
