"""How well a learner knows something, as far as answers tell: a belief from evidence that grows old."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from eks_lab.learning.beta import Beta
from eks_lab.learning.records import AnswerRecord

HALF_LIFE = timedelta(days=45)
"""An answer counts half as much after this time: what was known then may be forgotten."""
LATEST_ANSWERS = 3
"""So many answers to one question count, the latest: the first tries at something new say little of today."""


def freshness(age: timedelta) -> float:
    """Return how much evidence of this age still counts, 0 to 1; a negative age counts as none."""
    return float(0.5 ** (max(timedelta(0), age) / HALF_LIFE))


def latest_by_question(history: Iterable[AnswerRecord]) -> dict[str, list[AnswerRecord]]:
    """Return the latest answers to each question, those to its newest answered revision only, oldest first.

    Args:
        history: oldest first.
    """
    found: dict[str, list[AnswerRecord]] = {}
    for answer in history:
        add_answer(found, answer)
    return found


def add_answer(latest: dict[str, list[AnswerRecord]], answer: AnswerRecord) -> None:
    """Add a later answer to what `latest_by_question` returned."""
    kept = latest.setdefault(answer.question_id, [])
    if kept and kept[-1].rev != answer.rev:
        if kept[-1].rev > answer.rev:
            return
        kept.clear()
    kept.append(answer)
    del kept[:-LATEST_ANSWERS]


def belief(answers: Iterable[AnswerRecord], now: datetime, start: Beta | None = None) -> Beta:
    """Return what answers tell of the share that would be right now.

    Args:
        answers: in any order.
        now: older answers count less.
        start: what is believed before; nothing when left out.
    """
    found = start or Beta()
    for answer in answers:
        found = found.after(answer.score, freshness(now - answer.answered_at))
    return found


def skill_beliefs(
    latest: Mapping[str, Sequence[AnswerRecord]],
    skills_of: Callable[[str], Sequence[str]],
    skills: Iterable[str],
    now: datetime,
) -> Mapping[str, Beta]:
    """Return what is believed of each skill.

    Args:
        latest: see `latest_by_question`.
        skills_of: skills of a question; empty for one that is gone.
        skills: every skill there is.
        now: older answers count less.
    """
    beliefs = dict.fromkeys(skills, Beta())
    for question_id, answers in latest.items():
        for skill in skills_of(question_id):
            if skill in beliefs:
                beliefs[skill] = belief(answers, now, beliefs[skill])
    return beliefs


def weakest_first(beliefs: Mapping[str, Beta]) -> list[str]:
    """Return skills, the one to practise first ahead.

    They are ordered by the lower end of what they may be: a skill that is known badly comes first, and one that
    nothing is known of before one that is known to be fair.
    """
    return sorted(beliefs, key=lambda skill: (beliefs[skill].quantile(0.2), skill))
