"""A question as it is put in one interview: facts filled in, and kept with the interview for ever."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Final

from eks_lab.content.items.model import FollowUp, KeyPoint, Level, RecallItem
from eks_lab.content.template import fill
from eks_lab.errors import DataError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

COMPETENCES: Final = (
    *("fundamentals", "design", "operations", "security", "troubleshooting", "cost", "communication"),
)
"""What questions are for, in the order of the scorecard."""

LEVELS: Final[tuple[Level, ...]] = ("junior", "mid", "senior")
"""Of positions, from the lowest."""

EITHER = "|"
"""Between several phrases that one template gives: `{{ zones | join(' | ') }}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PutQuestion:
    """A question of one interview."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "ignore"}

    item_id: str
    """Of the question in the bank, which may have changed since."""
    rev: int
    """Its revision then."""
    lesson: str
    """Id of the lesson it belongs to."""
    prompt: str
    """As it was put."""
    points: tuple[KeyPoint, ...]
    """What a good answer says."""
    model: str
    """A strong answer."""
    level: Level
    """Of the position it is for."""
    competence: str
    """One of `COMPETENCES`."""
    topic: str
    """Id of a chapter, or `general`."""
    difficulty: int
    """1 to 3."""
    minutes: float
    """Time for the first answer."""
    is_about_sandbox: bool
    """Whether it was about the learner's own sandbox."""
    follow_ups: tuple[FollowUp, ...]
    """What may be asked next."""


def put(item: RecallItem, facts: Mapping[str, Any] | None = None) -> PutQuestion | None:
    """Return a question of the bank as it is put in an interview.

    Args:
        item: one with an interview part.
        facts: what its `facts` are in the learner's sandbox, by name; for other questions nothing.

    Returns:
        The question; None when it is not one for interviews, needs facts that are not there, or comes to an
        empty prompt: that is how a template says that there is nothing to ask about.

    Raises:
        ContentError: a template cannot be filled.
    """
    interview = item.interview
    if interview is None:
        return None
    is_about_sandbox = interview.needs is not None or bool(interview.facts)
    if is_about_sandbox and facts is None:
        return None
    values = facts if is_about_sandbox and facts is not None else None
    prompt = _filled(item.id, item.prompt, values)
    if not prompt.strip():
        return None
    return PutQuestion(
        item_id=item.id,
        rev=item.rev,
        lesson=item.id.rpartition(".")[0],
        prompt=prompt.strip(),
        points=_points(item.id, item.points, values),
        model=_filled(item.id, item.model, values).strip(),
        level=interview.level,
        competence=interview.competence,
        topic=interview.topic,
        difficulty=item.difficulty,
        minutes=interview.minutes,
        is_about_sandbox=is_about_sandbox,
        follow_ups=tuple(
            replace(
                each,
                prompt=_filled(item.id, each.prompt, values).strip(),
                points=list(_points(item.id, each.points, values)),
                model=_filled(item.id, each.model, values).strip(),
            )
            for each in interview.follow_ups
        ),
    )


def write_plan(questions: Sequence[PutQuestion]) -> str:
    """Return questions as JSON text."""
    return _adapter().dump_json(tuple(questions)).decode()


def read_plan(text: str) -> tuple[PutQuestion, ...]:
    """Return questions from JSON text.

    Raises:
        DataError: it holds something else.
    """
    try:
        return _adapter().validate_python(json.loads(text))
    except ValueError as error:
        raise DataError(
            f"the questions of a stored interview cannot be read: {error}",
            hint="The other interviews are fine: eks-lab interview list",
        ) from error


@functools.cache
def _adapter() -> TypeAdapter[tuple[PutQuestion, ...]]:
    from pydantic import TypeAdapter

    return TypeAdapter(tuple[PutQuestion, ...])


def _filled(place: str, text: str, values: Mapping[str, Any] | None) -> str:
    # Without facts a brace is a brace.
    return text if values is None else fill(text, values, place)


def _points(place: str, points: Sequence[KeyPoint], values: Mapping[str, Any] | None) -> tuple[KeyPoint, ...]:
    """Return key points with facts in every phrase; a point that is left without a phrase is left out."""
    if values is None:
        return tuple(points)
    filled = []
    for point in points:
        says = [_phrases(place, group, values) for group in point.says]
        if all(says):
            denied = _phrases(place, point.denied, values)
            filled.append(
                replace(point, text=_filled(place, point.text, values).strip(), says=says, denied=denied)
            )
    return tuple(filled)


def _phrases(place: str, phrases: Sequence[str], values: Mapping[str, Any]) -> list[str]:
    parts = [part.strip() for phrase in phrases for part in fill(phrase, values, place).split(EITHER)]
    return [part for part in parts if part]
