"""What the answers tell of the questions: how hard they are, whether they tell learners apart, which options draw."""

from __future__ import annotations

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from eks_lab.learning.records import AnswerRecord

FEWEST_OCCASIONS = 5
"""With fewer days on which a question was answered among others, discrimination would be chance."""
FEWEST_OTHERS = 3
"""So many other questions of a day make its rest score."""


@dataclass(frozen=True, slots=True)
class ItemStatistics:
    """Figures of one question, for its newest answered revision."""

    question_id: str
    """Of the question."""
    rev: int
    """The revision."""
    attempts: int
    """How often it was answered."""
    difficulty: float
    """Share of right answers, 0 to 1: the lower, the harder."""
    mean_score: float
    """Like the share, with parts of a point."""
    discrimination: float | None
    """Correlation of being right here with the score on the day's other questions; None when too little is known."""
    seconds: float | None
    """Median time taken; None when nobody measured it."""
    picked: Mapping[str, int]
    """For choice, multi and diagram: option or part -> how often it was picked."""


def item_statistics(
    history: Iterable[AnswerRecord], options_of: Callable[[str], Sequence[str]] | None = None
) -> tuple[ItemStatistics, ...]:
    """Return figures of every question that was answered, by id.

    Discrimination is the point-biserial correlation: on each day (in UTC) a question was answered, being right is
    held against the mean score of the other questions of that day, itself left out. It needs `FEWEST_OCCASIONS` such
    answers, and both right and wrong ones.

    Args:
        history: every answer.
        options_of: names of the options of a choice or multi question and of the parts of a diagram, those nobody
            picked too; empty for other kinds and for questions that are gone. Left out, what was picked is not
            counted.
    """
    by_question: dict[str, list[AnswerRecord]] = defaultdict(list)
    days: dict[date, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for answer in history:
        by_question[answer.question_id].append(answer)
        days[answer.answered_at.date()][answer.question_id].append(answer.score)
    means = {
        day: {question: statistics.fmean(scores) for question, scores in of_day.items()}
        for day, of_day in days.items()
    }
    totals = {day: (math.fsum(of_day.values()), len(of_day)) for day, of_day in means.items()}
    found = []
    for question_id, every in sorted(by_question.items()):
        rev = max(answer.rev for answer in every)
        answers = [answer for answer in every if answer.rev == rev]
        taken = [answer.seconds for answer in answers if answer.seconds is not None]
        pairs = []
        for answer in answers:
            day = answer.answered_at.date()
            total, count = totals[day]
            if count > FEWEST_OTHERS:
                pairs.append((float(answer.correct), (total - means[day][question_id]) / (count - 1)))
        names = options_of(question_id) if options_of else ()
        found.append(
            ItemStatistics(
                question_id=question_id,
                rev=rev,
                attempts=len(answers),
                difficulty=statistics.fmean(answer.correct for answer in answers),
                mean_score=statistics.fmean(answer.score for answer in answers),
                discrimination=_correlation(pairs),
                seconds=statistics.median(taken) if taken else None,
                picked=_picked(answers, names),
            )
        )
    return tuple(found)


def _correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    if len(pairs) < FEWEST_OCCASIONS:
        return None
    try:
        return statistics.correlation([right for right, _ in pairs], [rest for _, rest in pairs])
    except statistics.StatisticsError:
        return None  # always right, always wrong, or the same rest score every day


def _picked(answers: Iterable[AnswerRecord], names: Sequence[str]) -> dict[str, int]:
    counts: Counter[str] = Counter(dict.fromkeys(names, 0))
    for answer in answers:
        if isinstance(answer.given, tuple):
            counts.update(names[index] for index in answer.given if 0 <= index < len(names))
        elif isinstance(answer.given, str) and answer.given in counts:
            counts[answer.given] += 1
    return dict(counts)
