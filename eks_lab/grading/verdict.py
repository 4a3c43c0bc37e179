"""What a look at the world brings."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST_OBSERVED = 300


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether something holds, and what was seen."""

    holds: bool
    observed: str
    """In a few words, for a person."""


def shortened(text: str) -> str:
    """Return a text that fits into a message."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_OBSERVED else f"{line[: LONGEST_OBSERVED - 1]}…"
