"""What a sitting tells: points by domain, time by task, and how far the result may be trusted. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from eks_lab.content.tracks import OURS, PassLine, Track
from eks_lab.learning.exams.records import Event, Mark, SittingRecord
from eks_lab.learning.exams.sitting import State

WEAK = 0.6
"""A domain below this part of its points is named among the next steps."""


@dataclass(frozen=True, slots=True)
class TaskReport:
    """One task."""

    number: int
    item_id: str
    kind: str
    domain: str
    points: float
    """That could be had."""
    earned: float | None
    """None while it waits for its judgement."""
    headline: str
    detail: str
    seconds: float
    is_answered: bool
    is_flagged: bool


@dataclass(frozen=True, slots=True)
class DomainReport:
    """One domain."""

    id: str
    title: str
    weight: float | None
    """Percent, as published."""
    wanted: int
    """Questions that its weight asks for."""
    asked: int
    points: float
    """That could be had here."""
    earned: float
    waiting: float
    """Points of answers that are not judged yet."""
    note: str
    """What was lacking."""
    not_covered: tuple[str, ...]
    """What EKS practice cannot cover."""

    @property
    def part(self) -> float | None:
        """Return the part of the judged points that was earned; None when nothing was asked or judged."""
        judged = self.points - self.waiting
        return self.earned / judged if judged > 0 else None


@dataclass(frozen=True, slots=True)
class PauseReport:
    """One pause."""

    at_seconds: float
    """Time of the sitting when it began."""
    seconds: float | None
    """How long by the machine's clock; None when it has not ended."""


@dataclass(frozen=True, slots=True)
class ExamReport:
    """A whole sitting."""

    sitting_id: int
    track_id: str
    title: str
    issuer: str
    version: str
    seed: int
    started_at: datetime
    ending: str
    """`time`, `learner`, or empty while it runs."""
    allowed_seconds: float
    elapsed_seconds: float
    paused_seconds: float
    pauses: tuple[PauseReport, ...]
    away_seconds: float
    """Time that counted although no program had the sitting open."""
    points: float
    """Earned, of 100."""
    waiting: float
    """Points of answers that are not judged yet."""
    verdict: str
    """How that compares with the pass line, in words that claim no more than is known."""
    passed: bool | None
    """Whether our pass line was reached, where points and line have the same scale; None where that cannot be said."""
    domains: tuple[DomainReport, ...]
    tasks: tuple[TaskReport, ...]
    notes: tuple[str, ...]
    """About how the exam was put together."""
    next_steps: tuple[str, ...]
    sources: tuple[tuple[str, str, str], ...]
    """Title, address and day of what the track's facts come from."""


def report_of(record: SittingRecord, state: State, marks: Mapping[int, Mark]) -> ExamReport:
    """Return the report on a sitting.

    Args:
        record: what it was begun with.
        state: how it stands.
        marks: task number -> how it was judged; tasks without one wait.
    """
    seconds = seconds_on_tasks(state.events)
    tasks = tuple(
        TaskReport(
            task.number,
            task.item_id,
            task.kind,
            task.domain,
            task.points,
            round(task.points * found.score, 2) if (found := marks.get(task.number)) else None,
            found.headline if found else "Waits for its judgement",
            found.detail if found else "",
            seconds.get(task.number, 0.0),
            task.number in state.given,
            task.number in state.flagged,
        )
        for task in record.tasks
    )
    domains = tuple(_domain(record, index, tasks) for index in range(len(record.shares)))
    earned = round(sum(task.earned or 0.0 for task in tasks), 1)
    waiting = round(sum(task.points for task in tasks if task.earned is None), 1)
    track = record.track
    verdict, passed = _verdict(track, earned, waiting)
    return ExamReport(
        record.sitting_id,
        track.id,
        track.title,
        track.issuer,
        track.version,
        record.seed,
        record.started_at,
        state.ending or "",
        state.allowed.total_seconds(),
        state.clock.elapsed.total_seconds(),
        state.clock.paused.total_seconds(),
        _pauses(state.events),
        _away(state.events),
        earned,
        waiting,
        verdict,
        passed,
        domains,
        tasks,
        record.notes,
        _next_steps(track, domains, tasks),
        tuple(
            (
                source.title + ("" if source.first_hand else " (not read by us)"),
                source.url,
                str(source.checked),
            )
            for source in track.sources
        ),
    )


def seconds_on_tasks(events: Iterable[Event]) -> dict[int, float]:
    """Return how long each task was in view, by its number; pauses and time without a program are left out.

    Args:
        events: of one sitting, in order.
    """
    found: dict[int, float] = {}
    task: int | None = None
    since = 0.0
    for event in events:
        now = event.elapsed.total_seconds()
        if task is not None:
            found[task] = found.get(task, 0.0) + max(0.0, now - since - _away_before(event))
        since = now
        if event.kind == "shown":
            task = event.number
        elif event.kind in ("paused", "reopened", "ended"):
            task = None
    return found


def _pauses(events: Iterable[Event]) -> tuple[PauseReport, ...]:
    found: list[PauseReport] = []
    begun: Event | None = None
    for event in events:
        if event.kind == "paused":
            begun = event
        elif event.kind in ("resumed", "ended") and begun is not None:
            lasted = max(0.0, (event.at - begun.at).total_seconds())
            found.append(PauseReport(begun.elapsed.total_seconds(), lasted))
            begun = None
    if begun is not None:
        found.append(PauseReport(begun.elapsed.total_seconds(), None))
    return tuple(found)


def _away(events: Iterable[Event]) -> float:
    return sum(_away_before(event) for event in events)


def _away_before(event: Event) -> float:
    """Return for how many seconds before an event no program had the sitting open."""
    return float(event.data) if event.kind == "reopened" and event.data else 0.0


def _domain(record: SittingRecord, index: int, tasks: Iterable[TaskReport]) -> DomainReport:
    share = record.shares[index]
    own = [task for task in tasks if task.domain == share.domain]
    return DomainReport(
        share.domain,
        share.title,
        share.weight,
        share.wanted,
        share.got,
        share.points,
        round(sum(task.earned or 0.0 for task in own), 2),
        round(sum(task.points for task in own if task.earned is None), 2),
        share.note,
        tuple(record.track.domain(share.domain).not_covered),
    )


def _verdict(track: Track, earned: float, waiting: float) -> tuple[str, bool | None]:
    score = f"{earned:g} of 100 points"
    if waiting:
        score += f", and answers worth {waiting:g} still wait for their judgement"
    line = track.pass_line
    if line is None:
        return f"{score}. {track.issuer} publishes no pass line for this exam.", None
    if line.scale == "scaled":
        return f"{score}: a raw score. {_scaled(track, line)}", None
    passed = True if earned >= line.value else False if earned + waiting < line.value else None
    where = {True: "reached", False: "not reached", None: "not decided yet"}[passed]
    if track.issuer == OURS:
        return f"{score}. Our pass line of {line.value:g} is {where}.", passed
    caution = "Other questions, and other people's weights for them, can well give another result."
    return f"{score}. The real exam's pass line is {line.value:g} %; here it is {where}. {caution}", passed


def _scaled(track: Track, line: PassLine) -> str:
    return (
        f"{track.issuer} passes candidates at {line.value:g} on a scale from {line.lowest:g} to {line.highest:g} and "
        "does not publish how right answers become that figure, so the two cannot be compared."
    )


def _next_steps(
    track: Track, domains: Iterable[DomainReport], tasks: Iterable[TaskReport]
) -> tuple[str, ...]:
    steps = []
    weak = sorted(
        (domain for domain in domains if domain.part is not None and domain.part < WEAK),
        key=lambda domain: (domain.earned + domain.waiting) - domain.points,
    )
    for domain in weak[:3]:
        skills = track.domain(domain.id).skills
        drill = f" Drill: eks-lab quiz drill --skill {skills[0]}" if skills else ""
        steps.append(
            f"{domain.title}: {domain.earned:g} of {domain.points - domain.waiting:g} points.{drill}"
        )
    own = list(tasks)
    unanswered = sum(not task.is_answered for task in own)
    if unanswered:
        steps.append(f"{unanswered} of {len(own)} were left open: practise the clock with --short sittings.")
    missed = [
        task
        for task in own
        if task.kind != "lab" and task.is_answered and task.earned is not None and task.earned < task.points
    ]
    if missed:
        come = "missed question comes" if len(missed) == 1 else "missed questions come"
        steps.append(f"{len(missed)} {come} back in the daily review: eks-lab review")
    if not steps:
        steps.append("Nothing stands out: take the next sitting with another seed.")
    return tuple(steps)
