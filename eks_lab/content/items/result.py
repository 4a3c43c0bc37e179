"""What is said about an answer: how much of it is right, and in which words.

No imports of the kinds, so that every kind and the rubric can make one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from eks_lab.content.items.model import KeyPoint

RIGHT, WRONG = "✓", "✗"
"""What is right and what is not; always with words beside it. An answer right in part has WRONG: it does not count."""


Reason = Literal["", "denied", "contradicted", "copied", "loose"]
"""`denied` by a "not", `contradicted` elsewhere, `copied` from the question, or `loose` words without a sentence."""


@dataclass(frozen=True, slots=True)
class PointResult:
    """Whether one key point was found in a free answer."""

    point: KeyPoint
    """What was looked for."""
    found: bool
    """Whether the answer says it, as far as phrases can tell."""
    where: str = ""
    """The words of the answer it was found in (or that contradict it), quoted; empty when nothing speaks of it."""
    reason: Reason = ""
    """Why it was not found though its words are there; empty when it was found or nothing speaks of it."""


@dataclass(frozen=True, slots=True)
class Result:
    """The judgement of one answer, before any explanation."""

    score: float
    """Share of the answer that is right, 0 to 1."""
    correct: bool
    """Whether the answer counts as right: for all kinds but recall, whether nothing is missing."""
    headline: str
    """Symbol and words: `✓ Right`, `✗ Partly right`, `✗ Not quite`; never a colour alone."""
    detail: str = ""
    """What is missing or how far off it is; empty when the headline says it all."""
    points: tuple[PointResult, ...] = ()
    """For recall: each key point in the order of the item."""


def result_of(score: float, *, detail: str = "", points: tuple[PointResult, ...] = ()) -> Result:
    """Return a result whose headline follows from its score.

    Args:
        score: 0 to 1; only 1 counts as right.
        detail: for people, one sentence.
        points: for recall.
    """
    if score >= 1:
        return Result(1.0, True, f"{RIGHT} Right", detail, points)
    if score > 0:
        return Result(score, False, f"{WRONG} Partly right", detail, points)
    return Result(0.0, False, f"{WRONG} Not quite", detail, points)
