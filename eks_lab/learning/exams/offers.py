"""What an exam may ask: questions of the bank and labs, in one form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from eks_lab.content.tracks import Domain, TaskKind, Track

if TYPE_CHECKING:
    from eks_lab.content.items.bank import Bank
    from eks_lab.content.items.model import Item

PRACTICAL: frozenset[TaskKind] = frozenset({"command", "manifest"})
"""Judged by what an answer does."""

SIZES: Mapping[TaskKind, int] = {
    **dict.fromkeys(("choice", "multi", "order", "match", "diagram"), 1),
    "number": 2,
    "command": 2,
    "recall": 3,
    "manifest": 3,
    "lab": 6,
}
"""What a task is worth beside the others of its domain; our own judgement."""

MINUTES: Mapping[TaskKind, float] = {
    "choice": 1.3,
    "multi": 1.6,
    "diagram": 1.5,
    "order": 2,
    "match": 2,
    "number": 2.5,
    "recall": 4,
    "command": 4,
    "manifest": 7,
}
"""Time that a task takes; our own estimate. Labs say theirs themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Something that can be asked."""

    id: str
    """Of the question, or `lab:<id>`."""
    rev: int = 1
    kind: TaskKind
    skills: tuple[str, ...]
    """The first one is what it is mostly about."""
    chapter: str
    """Id of the chapter."""
    minutes: float
    """It takes about so long."""
    family: str = ""
    """Near-duplicates share one: questions that the same calculator answers. Empty: it has none."""

    @property
    def size(self) -> int:
        """Return what it is worth beside others."""
        return SIZES[self.kind]

    def belongs_to(self, domain: Domain) -> bool:
        """Return whether it may be asked in a domain."""
        return self.chapter in domain.chapters or not set(self.skills).isdisjoint(domain.skills)

    def is_mostly(self, domain: Domain) -> bool:
        """Return whether a domain is what it is mostly about."""
        return self.chapter in domain.chapters or (bool(self.skills) and self.skills[0] in domain.skills)


def offers_of(bank: Bank, track: Track) -> list[Offer]:
    """Return the questions of a bank that a track may ask, in the order of the course.

    Questions about the learner's own sandbox and those only for interviews are left out.

    Args:
        bank: the questions.
        track: the exam.

    Raises:
        ContentError: a number question cannot be read.
    """
    kinds = {*track.practice.kinds, *track.practice.instead}
    found = []
    for entry in bank.entries.values():
        if entry.kind not in kinds or entry.is_interview or entry.about_own_sandbox:
            continue
        offer = Offer(
            id=entry.id,
            rev=entry.rev,
            kind=entry.kind,
            skills=entry.skills,
            chapter=entry.chapter,
            minutes=MINUTES[entry.kind],
        )
        if any(offer.belongs_to(domain) for domain in track.domains):
            family = family_of(bank.items[entry.id]) if entry.kind == "number" else ""
            found.append(replace(offer, family=family))
    return found


def family_of(item: Item) -> str:
    """Return what a question shares with its near-duplicates: calculator and output; empty when it has none."""
    computed = item.computed_by if item.kind == "number" else None
    return f"{computed.calculator} {computed.result}" if computed else ""
