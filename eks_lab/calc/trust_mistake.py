"""One mistake in a trust policy, with a stable name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from eks_lab.calc.trust_policy import Pod

Effect = Literal["refuses", "opens", "note"]


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake."""

    name: str
    """`missing-sub`; stable."""
    effect: Effect
    """Whether it keeps the pod out, lets others in, or is merely worth knowing."""
    where: str
    """`statement 1`."""
    what: str
    """What is wrong, as a sentence."""
    instead: str
    """What to do, as a sentence; may be empty."""

    @property
    def sentence(self) -> str:
        """Return all of it."""
        return f"{self.where[:1].upper()}{self.where[1:]}: {self.what} {self.instead}".rstrip()


def abbreviated(text: str, pod: Pod) -> str:
    """Return a text with ISSUER in the place of the pod's long issuer."""
    return text.replace(pod.issuer, "ISSUER")
