"""A solution with a step left out or a value spoiled fails."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.grading.prover.mutants import mutants_of
from eks_lab.grading.prover.proof import Proof
from eks_lab.grading.prover.rule import Rule


def find(proof: Proof) -> Iterator[str]:
    """Yield mutants that solve the lab."""
    for solution in proof.lab.file.solutions:
        for mutant in mutants_of(solution, proof.lab, proof.mutants):
            proof.back()
            if proof.run(mutant.steps, is_forgiving=True, waits_for="end").is_solved:
                yield f"solution {solution.title!r} still passes {mutant.what}"


RULE = Rule("mutants-fail", "A solution with a step left out or a value spoiled fails.", find)
