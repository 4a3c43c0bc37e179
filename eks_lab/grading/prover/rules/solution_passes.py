"""Every solution earns full points, with a learner's commands, within the budget."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from eks_lab.content.duration import duration_text, parse_duration
from eks_lab.grading.model import FULL_AWARD
from eks_lab.grading.prover.proof import Proof
from eks_lab.grading.prover.rule import Rule
from eks_lab.grading.stage import StepError


def find(proof: Proof) -> Iterator[str]:
    """Yield solutions that fail, earn less, or take too long."""
    lab = proof.lab.file
    budget = parse_duration(lab.budget) if lab.budget else timedelta(minutes=lab.minutes)
    proof.back()
    for number, solution in enumerate(lab.solutions):
        try:
            outcome = proof.run(solution.steps)
        except StepError as error:
            yield f"solution {solution.title!r} cannot be typed: {error.message}"
            proof.back()
            continue
        proof.first_runs[number] = outcome
        proof.back()
        if proof.state_hash() != proof.start_hash:
            proof.lost_ways.append(("end", number))
        for each in outcome.failing.values():
            yield f"solution {solution.title!r} fails check {each.check.id}: {each.observed}"
        if outcome.is_solved and outcome.points != FULL_AWARD:
            yield f"solution {solution.title!r} earns {outcome.points} points, not {FULL_AWARD}"
        if outcome.took > budget:
            took, most = duration_text(outcome.took), duration_text(budget)
            yield f"solution {solution.title!r} takes {took} of simulated time, more than the budget of {most}"


RULE = Rule(
    "solution-passes", "Every solution earns full points, with a learner's commands, within the budget.", find
)
