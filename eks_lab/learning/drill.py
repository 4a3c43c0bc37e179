"""What to practise next: a skill one names, or what one is weakest in."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from eks_lab.content.items.entry import Entry
from eks_lab.errors import InputError
from eks_lab.ids import Ids
from eks_lab.learning.mastery import add_answer, latest_by_question, skill_beliefs, weakest_first
from eks_lab.learning.records import AnswerRecord
from eks_lab.learning.schedule import variant_seed

SPACING = 8
"""So many other questions come before one is asked again."""


@dataclass(frozen=True, slots=True)
class Pick:
    """A question to ask."""

    item_id: str
    """Of the question."""
    rev: int
    """Its revision."""
    seed: int
    """Which variant: another one at every try."""
    skill: str
    """What it is asked for."""


class Drill:
    """Picks questions one after the other; each answer changes what comes next."""

    def __init__(
        self,
        entries: Sequence[Entry],
        history: Sequence[AnswerRecord],
        now: datetime,
        ids: Ids,
        skill: str = "",
        spacing: int = SPACING,
    ) -> None:
        """Begin.

        Args:
            entries: questions that may be asked.
            history: every answer so far, oldest first.
            now: older answers count less.
            ids: chance, so that the same drill can be had again.
            skill: practise this one; empty practises what is weakest.
            spacing: so many others come before a question is asked again; fewer when there are not so many.

        Raises:
            InputError: there is nothing to ask.
        """
        self._entries = {entry.id: entry for entry in entries if not skill or skill in entry.skills}
        if not self._entries:
            asked = f"no question asks for the skill {skill!r}" if skill else "there is no question to ask"
            raise InputError(asked, hint="`eks-lab quiz list` shows the questions with their skills.")
        known = [answer for answer in history if answer.question_id in self._entries]
        self._latest = latest_by_question(known)
        self._now = now
        self._ids = ids
        self._skill = skill
        self._recent: deque[str] = deque(maxlen=min(spacing, len(self._entries) - 1))
        self._tries: dict[str, int] = {}
        for answer in known:
            self._tries[answer.question_id] = self._tries.get(answer.question_id, 0) + 1

    def next(self) -> Pick:
        """Return the next question; it counts as asked."""
        free = [entry for entry in self._entries.values() if entry.id not in self._recent]
        skill = self._skill or self._weakest(free)
        wanted = [entry for entry in free if skill in entry.skills] or free

        def order(entry: Entry) -> tuple[float, float, int, float]:
            answers = self._latest.get(entry.id)
            if answers is None or answers[-1].rev < entry.rev:
                return (0.5, 0.0, entry.difficulty, self._ids.fraction())  # between missed and known ones
            last = answers[-1]
            return (last.score, last.answered_at.timestamp(), entry.difficulty, self._ids.fraction())

        chosen = min(wanted, key=order)
        tries = self._tries.get(chosen.id, 0)
        self._tries[chosen.id] = tries + 1
        self._recent.append(chosen.id)
        seed = variant_seed(f"item:{chosen.id}", tries, chosen.rev)
        return Pick(chosen.id, chosen.rev, seed, skill)

    def note(self, answer: AnswerRecord) -> None:
        """Take an answer into account."""
        add_answer(self._latest, answer)

    def _weakest(self, free: Sequence[Entry]) -> str:
        skills = {skill for entry in free for skill in entry.skills}
        beliefs = skill_beliefs(self._latest, lambda item: self._entries[item].skills, skills, self._now)
        order = weakest_first(beliefs)
        return order[0] if order else ""
