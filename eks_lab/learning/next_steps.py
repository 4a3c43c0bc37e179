"""Three things to do today: reviews that are due, the weakest domain, and a practice exam when it is time."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from eks_lab.content.model import Lesson
from eks_lab.content.tracks import Track
from eks_lab.learning.daily_queue import DailyQueue
from eks_lab.learning.readiness import DomainReadiness, KnownLab, TrackReadiness, belongs_to

COUNT = 3
"""How many steps are named."""
CARD_MINUTES = 0.75
"""Time that one card takes, about."""
DRILL_MINUTES = 15
EXAM_REST = timedelta(days=14)
"""A practice exam sooner than this after the last one tells little new."""
EXAM_COVERAGE = 0.4
"""Before so many of a track's questions were answered, an exam only says what is known anyway."""

StepKind = Literal["review", "lesson", "lab", "drill", "exam"]


@dataclass(frozen=True, slots=True)
class NextStep:
    """Something to do today."""

    kind: StepKind
    """What kind of thing."""
    text: str
    """What to do, in a sentence."""
    why: str
    """Why this."""
    command: str
    """How, on a command line."""
    minutes: int
    """About how long."""
    target: str
    """Id of the lesson, lab, skill or track; empty for reviews."""


def next_steps(
    track: Track,
    readiness: TrackReadiness,
    queue: DailyQueue,
    lessons: Sequence[Lesson],
    finished: Collection[str],
    labs: Sequence[KnownLab],
    solved: Collection[str],
    last_exam: datetime | None,
    now: datetime,
) -> tuple[NextStep, ...]:
    """Return three things to do today, the most urgent first.

    Reviews that are due come first. Then a practice exam, when enough was answered and the last one is two weeks
    ago. The rest goes to the domains that cost most points, one step each in turn: an unread lesson, a lab not solved
    yet, a drill of its skills.

    Args:
        track: the exam.
        readiness: for it.
        queue: of today.
        lessons: of the course, in reading order.
        finished: ids of the lessons that were read.
        labs: of the course.
        solved: ids of the labs that were solved.
        last_exam: when a practice exam of this track was begun last; None for never.
        now: the present.
    """
    steps: list[NextStep] = []
    if queue.total:
        minutes = max(1, math.ceil(queue.total * CARD_MINUTES))
        cards = "1 card" if queue.total == 1 else f"{queue.total} cards"
        steps.append(
            NextStep(
                "review",
                f"Review {cards}.",
                "They are about to be forgotten.",
                "eks-lab review",
                minutes,
                "",
            )
        )
    exam = _exam_step(track, readiness, last_exam, now)
    if exam is not None:
        steps.append(exam)
    todo = [
        list(_domain_steps(track, domain, lessons, finished, labs, solved)) for domain in readiness.weakest
    ]
    seen: set[tuple[str, str]] = set()
    while len(steps) < COUNT and any(todo):
        for options in todo:
            while options and (options[0].kind, options[0].target) in seen:
                options.pop(0)
            if options and len(steps) < COUNT:
                step = options.pop(0)
                seen.add((step.kind, step.target))
                steps.append(step)
    return tuple(steps[:COUNT])


def _exam_step(
    track: Track, readiness: TrackReadiness, last: datetime | None, now: datetime
) -> NextStep | None:
    questions = sum(domain.questions for domain in readiness.domains)
    answered = sum(domain.answered for domain in readiness.domains)
    if not questions or answered / questions < EXAM_COVERAGE:
        return None
    if last is not None and now - last < EXAM_REST:
        return None
    why = (
        "You never sat one." if last is None else f"The last one was {(now - last).days} days ago."
    ) + f" You have answered {answered} of {questions} questions for it."
    return NextStep(
        "exam",
        f"Sit a practice exam: {track.title}.",
        why,
        f"eks-lab exam start {track.id}",
        track.minutes,
        track.id,
    )


def _domain_steps(
    track: Track,
    domain: DomainReadiness,
    lessons: Iterable[Lesson],
    finished: Collection[str],
    labs: Iterable[KnownLab],
    solved: Collection[str],
) -> Iterable[NextStep]:
    """Yield what helps in a domain, the first thing first."""
    described = track.domain(domain.id)
    low, high = domain.belief.interval()
    why = f"{domain.title} costs you most: {low:.0%} to {high:.0%} would be right."
    if not domain.belief.evidence:
        why = f"Nothing is known of you in {domain.title} yet."
    unread = [
        lesson
        for lesson in lessons
        if lesson.id not in finished and belongs_to(lesson.head.skills, lesson.chapter, described)
    ]
    undone = [lab for lab in labs if lab.id not in solved and belongs_to(lab.skills, lab.chapter, described)]
    if unread:
        lesson = unread[0]
        yield NextStep(
            "lesson",
            f"Read {lesson.title}.",
            why,
            f"eks-lab --lesson {lesson.id}",
            lesson.head.minutes,
            lesson.id,
        )
    if undone:
        lab = undone[0]
        yield NextStep(
            "lab", f"Do the lab {lab.title}.", why, f"eks-lab lab start {lab.id}", lab.minutes, lab.id
        )
    for skill in described.skills:
        yield NextStep(
            "drill", f"Drill {skill}.", why, f"eks-lab quiz drill --skill {skill}", DRILL_MINUTES, skill
        )
    yield from (
        NextStep(
            "lesson", f"Read {each.title}.", why, f"eks-lab --lesson {each.id}", each.head.minutes, each.id
        )
        for each in unread[1:]
    )
