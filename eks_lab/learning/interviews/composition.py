"""Which questions an interview has: of the level and topics asked for, balanced over competences, by a seed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Sequence

from eks_lab.content.items.model import Level
from eks_lab.errors import InputError
from eks_lab.learning.interviews.questions import COMPETENCES, LEVELS, PutQuestion

FEWEST, MOST, USUAL = 8, 12, 10
"""Questions of an interview."""

FOLLOW_UP_MINUTES = 2.0
"""Time planned for the follow-ups of one question."""

SHORTEST_MINUTES, LONGEST_MINUTES = 5, 180
"""Bounds of what may be asked for."""

MOST_ABOUT_SANDBOX = 2
"""Questions about the learner's own sandbox, when there are any."""


def compose(
    candidates: Sequence[PutQuestion],
    *,
    level: Level,
    topics: Collection[str] = (),
    count: int = USUAL,
    minutes: float | None = None,
    seed: int = 0,
) -> tuple[PutQuestion, ...]:
    """Return the questions of an interview, the easiest first; the same for the same arguments.

    Questions of the level come first; when there are too few, those of the nearest levels fill up. Each competence
    gets as many as the others, as far as there are questions for it. Up to two are about the learner's own sandbox.

    Args:
        candidates: all that could be asked; of several with one id the first counts.
        level: of the position.
        topics: ids of chapters, or `general`; empty for all.
        count: of questions, 8 to 12.
        minutes: for the whole interview; fewer questions are asked when they do not fit. None: as many as they take.
        seed: another seed gives other questions.

    Raises:
        InputError: an argument is out of range, or no question fits.
    """
    if not FEWEST <= count <= MOST:
        raise InputError(
            f"An interview has {FEWEST} to {MOST} questions, not {count}.", hint=f"--count {USUAL} is usual."
        )
    if minutes is not None and not SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
        raise InputError(
            f"An interview takes {SHORTEST_MINUTES} to {LONGEST_MINUTES} minutes, not {minutes:g}.",
            hint="Leave --minutes out for as long as the questions take.",
        )
    pool = {each.item_id: each for each in reversed(candidates) if not topics or each.topic in topics}
    if not pool:
        known = ", ".join(sorted({each.topic for each in candidates})) or "none"
        raise InputError(
            f"There is no interview question about {', '.join(topics) or 'anything'}.",
            hint=f"Topics with questions: {known}.",
        )
    chance = random.Random(f"{seed}/{level}/{','.join(sorted(topics))}")
    shuffled = sorted(pool.values(), key=lambda each: each.item_id)
    chance.shuffle(shuffled)
    wanted = LEVELS.index(level)
    # A stable sort: within one distance the seed's order stays.
    shuffled.sort(key=lambda each: abs(LEVELS.index(each.level) - wanted))
    chosen = _balanced(shuffled, count, minutes)
    place = {each.item_id: number for number, each in enumerate(shuffled)}
    return tuple(sorted(chosen, key=lambda each: (each.difficulty, place[each.item_id])))


def planned_minutes(questions: Sequence[PutQuestion]) -> float:
    """Return how long questions and their follow-ups take, rounded up to five minutes."""
    whole = sum(_minutes(each) for each in questions)
    return 5.0 * -(-whole // 5)


def _minutes(question: PutQuestion) -> float:
    return question.minutes + (FOLLOW_UP_MINUTES if question.follow_ups else 0)


def _balanced(pool: Sequence[PutQuestion], count: int, minutes: float | None) -> list[PutQuestion]:
    """Take one question after the other for the competence that has fewest."""
    left = list(pool)
    chosen: list[PutQuestion] = []
    taken: Counter[str] = Counter()
    about_sandbox = 0
    time = 0.0
    # Sandbox questions are rare and worth most: theirs is the first choice.
    own = [each for each in left if each.is_about_sandbox][:MOST_ABOUT_SANDBOX]
    while left and len(chosen) < count:
        if about_sandbox < len(own):
            best = own[about_sandbox]
        else:
            best = min(left, key=lambda each: (taken[each.competence], COMPETENCES.index(each.competence)))
        left.remove(best)
        if best.is_about_sandbox:
            if about_sandbox == MOST_ABOUT_SANDBOX:
                continue
            about_sandbox += 1
        if minutes is not None and chosen and time + _minutes(best) > minutes:
            continue
        chosen.append(best)
        taken[best.competence] += 1
        time += _minutes(best)
    return chosen
