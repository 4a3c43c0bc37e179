"""What a learner left in the calculators: kept while the program runs. No Textual here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eks_lab.calc.model import Answer


@dataclass(slots=True)
class Draft:
    """One calculator as it was left."""

    typed: dict[str, str] = field(default_factory=dict)
    """Content of every field that differs from what a fresh form holds, by input name; a document's is the
    name of its file. What is wrong is kept as well: nobody likes to lose half a number."""
    pinned: Answer | None = None
    """The answer called A, which others are compared with."""

    @property
    def is_fresh(self) -> bool:
        """Whether there is nothing to keep."""
        return not self.typed and self.pinned is None


class CalculatorDrafts:
    """Drafts by the name of the calculator."""

    def __init__(self) -> None:
        """Start empty."""
        self._drafts: dict[str, Draft] = {}

    def draft(self, name: str) -> Draft:
        """Return the draft of a calculator, a fresh one at first."""
        return self._drafts.setdefault(name, Draft())

    def has(self, name: str) -> bool:
        """Return whether something was left in a calculator."""
        return name in self._drafts and not self._drafts[name].is_fresh
