"""What a learner left in calculators and generators: kept in the learner's record. No Textual here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eks_lab.calc.model import Answer


def _nobody() -> None:
    """Tell nobody."""


@dataclass(slots=True)
class Draft:
    """One form as it was left."""

    typed: dict[str, str] = field(default_factory=dict)
    """Content of every field that differs from what a fresh form holds, by input name; a document's is the
    name of its file. What is wrong is kept as well: nobody likes to lose half a number."""
    pinned: Answer | None = None
    """The answer called A, which others are compared with; for this session."""
    changed: Callable[[], None] = field(default=_nobody, compare=False, repr=False)
    """Told when `keep` brought something new."""

    @property
    def is_fresh(self) -> bool:
        """Whether there is nothing to keep."""
        return not self.typed and self.pinned is None

    def keep(self, typed: Mapping[str, str]) -> None:
        """Keep what the fields hold now.

        Args:
            typed: content by input name, of the fields that differ from a fresh form.
        """
        if dict(typed) != self.typed:
            self.typed = dict(typed)
            self.changed()


class Drafts:
    """Drafts of one kind of form, by name."""

    def __init__(self, changed: Callable[[], None] = _nobody) -> None:
        """Start empty.

        Args:
            changed: told when there is something new to store; `take_changes` gives it.
        """
        self._drafts: dict[str, Draft] = {}
        self._unsaved: set[str] = set()
        self._changed = changed

    def load(self, stored: Mapping[str, Mapping[str, str]]) -> None:
        """Put stored drafts in; what was entered before they were read stays.

        Args:
            stored: content by form and input name.
        """
        for name, typed in stored.items():
            draft = self.draft(name)
            if not draft.typed:
                draft.typed = dict(typed)

    def draft(self, name: str) -> Draft:
        """Return the draft of a form, a fresh one at first."""
        if name not in self._drafts:
            self._drafts[name] = Draft(changed=lambda: self._note(name))
        return self._drafts[name]

    def has(self, name: str) -> bool:
        """Return whether something was left in a form."""
        return name in self._drafts and not self._drafts[name].is_fresh

    def take_changes(self) -> dict[str, dict[str, str]]:
        """Return what changed since the last call, by form and input name; empty for a form that is fresh again."""
        changes = {name: dict(self._drafts[name].typed) for name in sorted(self._unsaved)}
        self._unsaved.clear()
        return changes

    def _note(self, name: str) -> None:
        self._unsaved.add(name)
        self._changed()
