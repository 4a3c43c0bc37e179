"""Reset from the middle and from the end of a solution gives back the start."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.grading.prover.proof import Proof
from eks_lab.grading.prover.rule import Rule
from eks_lab.grading.stage import StepError


def find(proof: Proof) -> Iterator[str]:
    """Yield places from which a reset does not lead back to the start."""
    if not proof.lab.file.solutions:
        return
    steps = proof.lab.file.solutions[0].steps
    for place, played in (("middle", steps[: (len(steps) + 1) // 2]), ("end", steps)):
        proof.back()
        try:
            proof.run(played, is_forgiving=True)
        except StepError as error:  # pragma: no cover - forgiven above
            yield str(error)
        proof.back()
        if proof.state_hash() != proof.start_hash:
            yield f"a reset from the {place} of solution {proof.lab.file.solutions[0].title!r} is not the start"


RULE = Rule("reset", "Reset from the middle and from the end gives back the start.", find)
