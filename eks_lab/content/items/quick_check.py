"""The questions that close a lesson, as questions of the bank: the same models and the same judging for both."""

from __future__ import annotations

from typing import Any

from eks_lab.content.items.model import ChoiceItem, Item, MultiItem, NumberItem
from eks_lab.content.model import Lesson, Question


def item_of(lesson: Lesson, question: Question) -> Item:
    """Return a question of a lesson's `quiz.yaml` as a question of the bank.

    Args:
        lesson: gives its skills to a question that has none.
        question: of that lesson.
    """
    made: Item
    match question.kind:
        case "choice":
            made = ChoiceItem(kind="choice", options=question.options, **_asked(lesson, question))
        case "multi":
            made = MultiItem(kind="multi", options=question.options, **_asked(lesson, question))
        case "number":
            made = NumberItem(
                kind="number",
                # The written answer counts; the calculator adds its working (`author check` compares the two).
                answer=question.answer,
                computed_by=question.computed_by,
                tolerance=question.tolerance,
                unit=question.unit,
                **_asked(lesson, question),
            )
    return made


def _asked(lesson: Lesson, question: Question) -> dict[str, Any]:
    return {
        "id": question.id,
        "prompt": question.prompt,
        "source": question.source,
        "skills": list(question.skills or lesson.head.skills),
        "difficulty": question.difficulty,
        "rev": question.rev,
        "explain": question.explain,
    }
