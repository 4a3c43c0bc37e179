"""No hint, step or story gives a line of a solution away."""

from __future__ import annotations

import re
from collections.abc import Iterator

from eks_lab.grading.actions import lines_of
from eks_lab.grading.prover.proof import Proof
from eks_lab.grading.prover.rule import Rule
from eks_lab.grading.query_kinds import COMMANDS, kind_of

SHORTEST = 12
"""Characters of a command below which it is too common to be a secret: `kubectl get`."""


def find(proof: Proof) -> Iterator[str]:
    """Yield texts that contain a line of a solution."""
    lab = proof.lab.file
    texts = {"the story": proof.lab.story}
    texts |= {f"steps.{number}": text for number, text in enumerate(lab.steps)}
    texts |= {f"hints.{number}": hint.text for number, hint in enumerate(lab.hints)}
    secrets = {
        _plain(line)
        for solution in lab.solutions
        for action in solution.steps
        if kind_of(action) in COMMANDS
        for line in lines_of(action)
    }
    for place, text in texts.items():
        flat = _plain(text)
        for secret in sorted(secrets):
            bare = secret.partition(" ")[2]
            if len(bare) >= SHORTEST and bare in flat:
                yield f"{place} gives away {secret!r}"


def _plain(text: str) -> str:
    return re.sub(r"[\s`'\"\\]+", " ", text).strip().lower()


RULE = Rule("no-leak", "No hint, step or story contains a line of a solution.", find, is_static=True)
