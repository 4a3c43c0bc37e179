"""What the exam screens show, as frozen values, and their texts as prose. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from eks_lab.content.diagram.model import Diagram
from eks_lab.content.items.given import Given
from eks_lab.content.items.result import Result
from eks_lab.content.items.variant import Variant
from eks_lab.content.page import Span
from eks_lab.content.tracks import OURS, Track
from eks_lab.grading.hands_on import TaskView
from eks_lab.learning.exams.composition import Plan
from eks_lab.learning.exams.report import DomainReport, ExamReport, TaskReport
from eks_lab.learning.exams.report_text import clock_text
from eks_lab.tui.lab_view import prose
from eks_lab.tui.summaries import bullets, line
from eks_lab.tui.typeset import Flow
from eks_lab.tui.widgets.share_bars import LINE as PASS_LINE
from eks_lab.tui.widgets.share_bars import ShareBar
from eks_lab.tui.widgets.task_grid import GridCell

SOON_SECONDS = 300
"""From here on the clock warns."""
KIND_WORDS = {
    "choice": "pick one",
    "multi": "pick several",
    "order": "put in order",
    "match": "match",
    "number": "number",
    "diagram": "point at a part",
    "recall": "in your words",
    "command": "command",
    "manifest": "manifest",
    "lab": "hands-on lab",
}
"""Kind of a task -> what people call it."""


@dataclass(frozen=True, slots=True)
class SittingRow:
    """A sitting in the list."""

    id: int
    title: str
    started_at: datetime
    tasks: int
    is_running: bool
    points: float = 0.0
    """Of 100; of one that is over."""
    waiting: float = 0.0
    """Points of answers that are not judged yet."""
    passed: bool | None = None
    """None where that cannot be said."""
    left_seconds: float = 0.0
    """Of one that runs."""
    is_paused: bool = False


@dataclass(frozen=True, slots=True)
class ExamList:
    """Exams and sittings."""

    running: SittingRow | None
    tracks: tuple[Track, ...]
    past: tuple[SittingRow, ...]
    """The latest first."""
    today: date


@dataclass(frozen=True, slots=True)
class ExamWish:
    """What a sitting is to be like."""

    is_short: bool = True
    """A quarter of the exam; without `minutes`."""
    minutes: int | None = None
    """Another time; tasks in proportion."""
    has_labs: bool = True


@dataclass(frozen=True, slots=True)
class ExamTask:
    """A task as it is asked; nothing of it changes while the sitting lasts."""

    number: int
    """From 1."""
    kind: str
    points: float
    domain: str
    """Its title."""
    title: str = ""
    """Of a lab."""
    variant: Variant | None = None
    """Of a question; None for a lab, and for one that cannot be shown."""
    diagram: Diagram | None = None
    problem: str = ""
    """Why it cannot be shown."""

    @property
    def is_lab(self) -> bool:
        """Whether it is done in the sandbox."""
        return self.kind == "lab"


@dataclass(frozen=True, slots=True)
class SittingView:
    """A sitting as it stands."""

    sitting_id: int
    title: str
    tasks: tuple[ExamTask, ...]
    given: Mapping[int, Given]
    """Task number -> the answer that counts."""
    flagged: Collection[int]
    left_seconds: float
    is_paused: bool = False
    ending: str = ""
    """`time`, `learner`, or empty while it runs."""
    shown: int = 1
    """The task that was looked at last."""
    away_seconds: float = 0.0
    """Before it was joined here: how long no program had it open."""


@dataclass(frozen=True, slots=True)
class JudgedTask:
    """A task of a sitting that is over, with its judgement."""

    task: ExamTask
    given: Given | None
    """None where it was left open."""
    result: Result


@dataclass(frozen=True, slots=True)
class Composed:
    """An exam before it begins."""

    track: Track
    plan: Plan
    is_retired: bool = False
    contents: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """What is kept with the sitting, by id of the offer."""


@dataclass(frozen=True, slots=True)
class Reported:
    """The report on a sitting."""

    report: ExamReport
    pass_part: float | None = None
    """The pass line, 0 to 1, where our points can be compared with it."""
    notice: str = ""
    """What went wrong on the way: answers that wait, a sandbox that did not come back."""


def left_words(seconds: float, *, is_paused: bool = False) -> str:
    """Return the time that is left, with a mark when it gets short or stands still."""
    if is_paused:
        return f"‖ paused, {clock_text(seconds)} left"
    mark = "▲ " if seconds < SOON_SECONDS else ""
    return f"{mark}{clock_text(seconds)} left"


def points_words(points: float) -> str:
    """Return points as people read them."""
    return f"{points:g} point{'' if points == 1 else 's'}"


def standing_words(view: SittingView) -> str:
    """Return how many tasks are answered and flagged."""
    flagged = f", {len(view.flagged)} flagged" if view.flagged else ""
    return f"{len(view.given)} of {len(view.tasks)} answered{flagged}"


def grid_cells(view: SittingView, current: int) -> tuple[GridCell, ...]:
    """Return the navigator's cells.

    Args:
        view: the sitting.
        current: number of the task on the screen.
    """
    return tuple(
        GridCell(
            task.number,
            f"{KIND_WORDS.get(task.kind, task.kind)}, {points_words(task.points)}, {task.domain}",
            task.number in view.given,
            task.number in view.flagged,
            task.number == current,
        )
        for task in view.tasks
    )


# --- before -----------------------------------------------------------------------------------------------------


def track_facts(track: Track) -> str:
    """Return form, time and pass line of an exam in a line."""
    found = track.pass_line
    if found is None:
        passing = "no pass line published"
    elif found.scale == "scaled":
        passing = f"passes at {found.value:g} on a scale to {found.highest:g}"
    else:
        passing = f"passes at {found.value:g} %"
    return f"{track.issuer} · {track.form} · {track.minutes} min · {passing}"


def plan_text(composed: Composed) -> list[Flow]:
    """Return what is asked and what is not, in honest words."""
    track, plan = composed.track, composed.plan
    labs = sum(task.offer.kind == "lab" for task in plan.tasks)
    hands_on = f", {labs} of them hands-on labs" if labs else ""
    items = [
        line(track.title, "title"),
        line(f"{track_facts(track)} · version {track.version}", "muted", tight=True),
        line(f"{len(plan.tasks)} tasks{hands_on}, {plan.minutes} minutes, seed {plan.seed}", "strong"),
        *prose(track.about),
    ]
    if composed.is_retired:
        items.append(line(f"▲ This version of the exam was retired on {track.retired}.", "warning"))
    items += [
        line("Rules", "heading3"),
        *bullets(
            [
                "No hints and no explanations until the end. Partly right answers earn part of their points.",
                "Answer in any order; flag what you want to come back to. The last answer counts.",
                "The clock runs on when you leave. You may pause; the report says so.",
            ]
        ),
        line(_weights_heading(track), "heading3"),
        *bullets(
            [
                f"{share.title}: {share.got} {'task' if share.got == 1 else 'tasks'}, {points_words(share.points)}"
                + (f" (weight {share.weight:g} %)" if share.weight is not None else "")
                for share in plan.shares
            ]
        ),
    ]
    if plan.notes:
        items += [line("Good to know", "heading3"), *bullets(list(plan.notes))]
    missing = [
        f"{domain.title}: {'; '.join(domain.not_covered)}." for domain in track.domains if domain.not_covered
    ]
    if missing:
        items += [line("What EKS practice cannot cover", "heading3"), *bullets(missing)]
    items += [line("Sources", "heading3"), *bullets([_source(each) for each in _sources(track)])]
    return items


def _weights_heading(track: Track) -> str:
    if not track.has_weights:
        return "Domains; their weights are not known"
    if track.issuer == OURS:
        return "Domains and our weights"
    if track.is_first_hand("weights"):
        return "Domains and weights, read in the issuer's outline"
    return "Domains and weights, as others report the issuer's guide"


def _sources(track: Track) -> list[tuple[str, str, str]]:
    return [
        (source.title + ("" if source.first_hand else " (not read by us)"), source.url, str(source.checked))
        for source in track.sources
    ]


def _source(source: tuple[str, str, str]) -> tuple[Span, ...]:
    title, url, checked = source
    return (Span(title, href=url), Span(f", checked {checked}"))


# --- labs -------------------------------------------------------------------------------------------------------


def lab_text(view: TaskView) -> list[Flow]:
    """Return a lab as a candidate reads it: no hints, no word about what holds."""
    items = [line(view.title, "title"), *prose(view.story)]
    if view.steps:
        items += [
            line("What to do", "heading3"),
            *prose("\n".join(f"{number}. {step}" for number, step in enumerate(view.steps, 1))),
        ]
    items.append(line("What is looked at in the end", "heading3"))
    items += bullets([f"{title} ({weight} of 100)" for title, weight in view.goals])
    if view.questions:
        items.append(line("Questions (a answers)", "heading3"))
        items += bullets(
            [
                f"{each.question} {f'Your answer: {each.answer}' if each.answer else '(open)'}"
                for each in view.questions
            ]
        )
    items += [
        line("First, in the terminal", "heading3"),
        line(f"kubectl config use-context {view.context}", "code", tight=True),
        line(f"Your files: {view.folder}", "muted"),
    ]
    return items


# --- the report -------------------------------------------------------------------------------------------------


def row_words(row: SittingRow) -> str:
    """Return how a sitting went, in a few words."""
    if row.is_running:
        return f"▶ runs, {left_words(row.left_seconds, is_paused=row.is_paused)}"
    mark = {True: "✓ ", False: "✗ ", None: ""}[row.passed]
    passed = {True: ", pass line reached", False: ", pass line not reached", None: ""}[row.passed]
    waiting = f", {row.waiting:g} waiting for judgement" if row.waiting else ""
    return f"{mark}{row.points:g} of 100 points{waiting}{passed}"


def report_head(report: ExamReport) -> list[Flow]:
    """Return verdict, time and pauses."""
    how = {"time": "The time was over.", "learner": "Handed in.", "": "It runs still."}[report.ending]
    mark = {True: "✓ ", False: "✗ ", None: ""}[report.passed]
    items = [
        line(f"{report.title}, sitting {report.sitting_id}", "title"),
        line(f"{mark}{report.verdict}", "strong"),
        line(
            f"{how} {clock_text(report.elapsed_seconds)} of {clock_text(report.allowed_seconds)} used. "
            f"Begun {report.started_at:%Y-%m-%d %H:%M} UTC. Version {report.version}, {report.issuer}, "
            f"seed {report.seed}.",
            "muted",
        ),
    ]
    if report.pauses:
        times = "once" if len(report.pauses) == 1 else f"{len(report.pauses)} times"
        items.append(
            line(
                f"‖ Paused {times}, {clock_text(report.paused_seconds)} in all: a real exam does not stop its clock.",
                "warning",
            )
        )
    if report.away_seconds >= 1:
        items.append(
            line(
                f"For {clock_text(report.away_seconds)} no program had it open; that time counts.", "warning"
            )
        )
    items.append(line("By domain", "heading3"))
    return items


def domain_bars(report: ExamReport, pass_part: float | None) -> tuple[ShareBar, ...]:
    """Return a bar for each domain and one for the whole, with the pass line where points can be compared with it."""
    bars = [ShareBar(domain.title, domain.part, _domain_words(domain)) for domain in report.domains]
    judged = 100 - report.waiting
    whole = report.points / 100 if judged > 0 else None
    waiting = f", {report.waiting:g} waiting" if report.waiting else ""
    passing = "" if pass_part is None else f"  {PASS_LINE} passes at {100 * pass_part:g}"
    bars.append(ShareBar("All", whole, f"{report.points:g} of 100{waiting}{passing}", pass_part))
    return tuple(bars)


def _domain_words(domain: DomainReport) -> str:
    weight = "" if domain.weight is None else f"  weight {domain.weight:g} %"
    waiting = f", {domain.waiting:g} waiting" if domain.waiting else ""
    lacking = f"  {domain.asked} of {domain.wanted} tasks" if domain.asked != domain.wanted else ""
    return f"{domain.earned:g} of {domain.points:g}{waiting}{weight}{lacking}"


def report_tail(report: ExamReport) -> list[Flow]:
    """Return tasks with their time, next steps, what was lacking and what cannot be covered."""
    items = [line("Next steps", "heading3"), *bullets(list(report.next_steps))]
    items += [line("Tasks", "heading3"), *bullets([_task(task) for task in report.tasks])]
    if report.notes:
        items += [line("About this exam", "heading3"), *bullets(list(report.notes))]
    missing = [
        f"{domain.title}: {', '.join(domain.not_covered)}." for domain in report.domains if domain.not_covered
    ]
    if missing:
        items += [line("What EKS practice cannot cover", "heading3"), *bullets(missing)]
    items += [line("Sources", "heading3"), *bullets([_source(source) for source in report.sources])]
    return items


def _task(task: TaskReport) -> str:
    earned = "?" if task.earned is None else f"{task.earned:g}"
    flag = " ⚑ flagged" if task.is_flagged else ""
    kind = KIND_WORDS.get(task.kind, task.kind)
    detail = f" {' '.join(task.detail.split())}" if task.detail and task.earned != task.points else ""
    return (
        f"{task.number}. {task.headline}{flag}: {earned} of {points_words(task.points)}, "
        f"{clock_text(task.seconds)}, {kind}, {task.item_id}.{detail}"
    )
