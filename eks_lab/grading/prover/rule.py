"""What a rule of the proof is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from eks_lab.grading.prover.proof import Proof


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that has to be so in every lab."""

    id: str
    """As the report prints it: `solution-passes`."""
    says: str
    """The rule in one sentence."""
    find: Callable[[Proof], Iterator[str]]
    """Yields a sentence for everything that breaks the rule."""
    is_static: bool = False
    """True when the lab's text is enough: no world is needed, and one seed will do."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that a lab breaks."""

    rule: str
    message: str
    seed: int


@dataclass(frozen=True, slots=True)
class Excused:
    """A rule that a lab breaks with leave."""

    rule: str
    message: str
    reason: str
    """From the lab's `exemptions`, or from `starts_green`."""
    seed: int
