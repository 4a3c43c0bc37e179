"""The same solution twice in a row has the same result."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.grading.prover.proof import Outcome, Proof
from eks_lab.grading.prover.rule import Rule
from eks_lab.grading.stage import StepError


def find(proof: Proof) -> Iterator[str]:
    """Yield solutions whose second run ends otherwise than the first."""
    for number, solution in enumerate(proof.lab.file.solutions):
        first = proof.first_runs.get(number)
        if first is None:
            continue
        proof.back()
        try:
            second = proof.run(solution.steps)
        except StepError as error:
            yield f"solution {solution.title!r} fails when it is played again: {error.message}"
            continue
        if _result(first) != _result(second):
            yield (
                f"solution {solution.title!r} ends with {_result(first)} at first, then with {_result(second)}"
            )


def _result(outcome: Outcome) -> str:
    failing = f", failing {', '.join(outcome.failing)}" if outcome.failing else ""
    return f"{outcome.points} points{failing}"


RULE = Rule("repeatable", "The same solution twice in a row has the same result.", find)
