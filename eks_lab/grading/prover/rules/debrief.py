"""The debrief gives a mental model and two interview questions."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.grading.prover.proof import Proof
from eks_lab.grading.prover.rule import Rule

QUESTIONS = 2
SHORTEST = 300
"""Characters of a debrief that says something."""


def find(proof: Proof) -> Iterator[str]:
    """Yield what the debrief lacks."""
    text = proof.lab.debrief
    if len(text) < SHORTEST:
        yield f"the debrief has {len(text)} characters; a mental model takes at least {SHORTEST}"
    questions = sum(line.rstrip(" *_").endswith("?") for line in text.splitlines())
    if questions < QUESTIONS:
        yield f"the debrief has {questions} lines that end with a question; two interview questions are wanted"


RULE = Rule("debrief", "The debrief gives a mental model and two interview questions.", find, is_static=True)
