"""What a card asks: which cards the course can serve now, and which question stands for a lesson."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from eks_lab.content.items.bank import Bank
from eks_lab.content.items.entry import Entry
from eks_lab.learning.records import AnswerRecord
from eks_lab.learning.schedule import variant_seed


def askable(entry: Entry) -> bool:
    """Return whether a question can be asked at any time: not those about the learner's own sandbox."""
    return not entry.about_own_sandbox


def card_revisions(bank: Bank, labs: Iterable[str]) -> dict[str, int]:
    """Return the present revision of everything the course can ask, by card id.

    Args:
        bank: its questions; a lesson with at least one that needs no sandbox can be asked, too.
        labs: ids of its labs.
    """
    revisions = {f"lab:{lab}": 1 for lab in labs}
    for entry in bank.entries.values():
        if askable(entry):
            revisions[f"item:{entry.id}"] = entry.rev
            if not entry.needs_bench:
                revisions[f"lesson:{entry.lesson}"] = 1
    return revisions


def lesson_question(bank: Bank, lesson_id: str, answers: Mapping[str, AnswerRecord], seed: int) -> Entry:
    """Return the question that a lesson's card asks: the one that was not asked for the longest time.

    Args:
        bank: the questions of the course.
        lesson_id: of a lesson that `card_revisions` has.
        answers: the latest answer of each question.
        seed: decides among those that were never asked.
    """
    entries = [entry for entry in bank.find(lesson=lesson_id) if askable(entry) and not entry.needs_bench]

    def order(entry: Entry) -> tuple[float, int]:
        answer = answers.get(entry.id)
        asked = answer.answered_at.timestamp() if answer is not None and answer.rev == entry.rev else 0.0
        return asked, variant_seed(f"item:{entry.id}", seed)

    return min(entries, key=order)
