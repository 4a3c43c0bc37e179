"""Every wrong fix fails, on the check that is named."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.grading.prover.proof import Proof
from eks_lab.grading.prover.rule import Rule
from eks_lab.grading.stage import StepError


def find(proof: Proof) -> Iterator[str]:
    """Yield wrong fixes that pass, or that another check catches."""
    if not proof.lab.file.wrong:
        yield "there is no wrong fix: nothing shows that the checks tell right from wrong"
    for wrong in proof.lab.file.wrong:
        proof.back()
        try:
            outcome = proof.run(wrong.steps, waits_for="end")
        except StepError as error:
            yield f"wrong fix {wrong.title!r} cannot be typed: {error.message}"
            continue
        if outcome.is_solved:
            yield f"wrong fix {wrong.title!r} solves the lab"
        elif wrong.caught_by not in outcome.failing:
            caught = ", ".join(outcome.failing)
            yield f"wrong fix {wrong.title!r} is caught by {caught}, not by {wrong.caught_by}"


RULE = Rule("wrong-caught", "Every wrong fix fails, on the check that is named.", find)
