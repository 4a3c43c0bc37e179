"""What came of an answer to a practical question."""

from __future__ import annotations

from dataclasses import dataclass

from eks_lab.content.items.result import Result, result_of


@dataclass(frozen=True, slots=True)
class Typed:
    """One command as it went."""

    line: str
    """As typed."""
    out: str
    """Standard output."""
    err: str
    """Standard error."""
    code: int
    """Exit code; 124 for a command that was ended because it would never have."""


@dataclass(frozen=True, slots=True)
class Practice:
    """The judgement of an answer, and what happened on the way."""

    result: Result
    """Score: of what doing nothing leaves undone, the share that was brought about."""
    transcript: tuple[Typed, ...] = ()
    """Every command that ran, in order."""
    refused: str = ""
    """Why nothing was run: the answer cannot be read as commands or as YAML. Empty when it was run."""


def refusal(why: str) -> Practice:
    """Return the judgement of an answer that cannot be run.

    Args:
        why: one sentence for the learner.
    """
    return Practice(result_of(0.0, detail=why), refused=why)
