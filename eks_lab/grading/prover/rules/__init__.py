"""The rules, in the order in which they are proved."""

from __future__ import annotations

from eks_lab.grading.prover.rule import Rule
from eks_lab.grading.prover.rules import (
    debrief,
    hint_costs,
    mutants_fail,
    no_leak,
    repeatable,
    reset,
    solution_passes,
    start_asserts,
    start_fails,
    wrong_caught,
)

RULES: tuple[Rule, ...] = (
    no_leak.RULE,
    hint_costs.RULE,
    debrief.RULE,
    start_asserts.RULE,
    start_fails.RULE,
    solution_passes.RULE,
    repeatable.RULE,
    reset.RULE,
    wrong_caught.RULE,
    mutants_fail.RULE,
)
FILES = "lab-file"
"""Id of the rule that comes before all others: the files can be read and say what they should."""
SET_UP = "start-comes-about"
"""Id of the rule that the steps of `start` can be played."""
