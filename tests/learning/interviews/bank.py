"""Questions for tests of interviews."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eks_lab.content.items.model import FollowUp, Interview, KeyPoint, Level, RecallItem
from eks_lab.learning.interviews.questions import COMPETENCES, PutQuestion, put


def key(name: str, *phrases: str, weight: float = 1, essential: bool = False) -> KeyPoint:
    says = [list(phrases) or [name]]
    return KeyPoint(id=name, text=f"It says {name}.", says=says, weight=weight, essential=essential)


def further(when: str, name: str = "further") -> FollowUp:
    return FollowUp(prompt=f"And {when}?", when=when, points=[key(name)], model=f"I would say {name}.")


def item(
    name: str,
    *,
    level: Level = "mid",
    topic: str = "networking",
    competence: Any = "design",
    minutes: float = 3,
    difficulty: Any = 2,
    follow_ups: Sequence[FollowUp] = (),
    **more: Any,
) -> RecallItem:
    """Return a question with the key points `alpha` (essential) and `beta`."""
    interview = Interview(
        level=level,
        topic=topic,
        competence=competence,
        minutes=minutes,
        follow_ups=list(follow_ups),
        needs=more.pop("needs", None),
        facts=more.pop("facts", {}),
    )
    shown: dict[str, Any] = {
        "prompt": f"What about {name}?",
        "points": [key("alpha", essential=True), key("beta")],
        "model": "I would take alpha and then beta.",
    }
    return RecallItem(
        kind="recall", id=f"networking.lesson.{name}", source="s", difficulty=difficulty, interview=interview,
        **{**shown, **more},
    )  # fmt: skip


def question(name: str, **more: Any) -> PutQuestion:
    found = put(item(name, **more))
    assert found is not None
    return found


def pool(count: int, **more: Any) -> list[PutQuestion]:
    """Return questions of every competence in turn."""
    return [
        question(f"q{number:02}", competence=COMPETENCES[number % len(COMPETENCES)], **more)
        for number in range(count)
    ]
