"""What the lab screens show, as frozen values, and their texts as prose. Knows nothing of how labs are run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from eks_lab.content.markup import parse_body
from eks_lab.content.page import Block, Callout, Code, Paragraph, Span
from eks_lab.tui.status_rows import MARKS, Tone
from eks_lab.tui.summaries import bullets, line
from eks_lab.tui.typeset import Flow, flow

DIFFICULTIES = {1: "easy", 2: "usual", 3: "hard"}
SECONDS_PER_MINUTE = 60


@dataclass(frozen=True, slots=True)
class LabRow:
    """A lab in the list."""

    id: str
    title: str
    chapter: int
    """Of the course."""
    minutes: int
    """A learner needs, by its author."""
    difficulty: int
    """1 easy, 2 usual, 3 hard."""
    points: int | None = None
    """The learner's best; None when it was never ended."""
    is_done: bool = False
    """Whether it was solved once."""
    is_running: bool = False
    problem: str = ""
    """Why it cannot be started; empty when it can."""


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A check as it stands now."""

    id: str
    title: str
    weight: int
    """Its share of the points."""
    holds: bool | None
    """None before the first look."""
    says: str = ""
    """What to tell the learner while it does not hold."""
    question: str = ""
    """What it asks the learner; empty when it looks at the cluster or the account."""
    options: tuple[str, ...] = ()
    """What there is to choose from, or to put in order."""
    is_order: bool = False
    """Whether all options are wanted, in their order."""
    answer: str = ""
    """The learner's last answer."""


@dataclass(frozen=True, slots=True)
class HintRow:
    """A hint that was taken."""

    text: str
    cost: int
    """Points it took."""


@dataclass(frozen=True, slots=True)
class LabState:
    """A lab that runs, or has been solved."""

    id: str
    title: str
    minutes: int
    difficulty: int
    story: str
    """Markdown."""
    steps: tuple[str, ...]
    """What to do; Markdown of one line each."""
    checks: tuple[CheckRow, ...]
    points: int
    """What it would bring now, hints taken off."""
    elapsed_seconds: int = 0
    """Real time since the start."""
    hints: tuple[HintRow, ...] = ()
    next_hint: int | None = None
    """Points the next hint takes; None when there is none for this situation."""
    is_solved: bool = False
    debrief: str = ""
    """Markdown; empty before the lab is solved or its solution was shown."""
    did: tuple[str, ...] = ()
    """The learner's commands."""
    cost: str = ""
    """What the same costs on real AWS, in a sentence."""
    next_id: str = ""
    """The lab that comes after this one; empty at the end."""
    next_title: str = ""
    folder: str = ""
    """Where the learner's files of this lab are."""
    clock: str = ""
    """Simulated time in words."""
    notice: str = ""
    """What the learner should know about the lab's files; empty when all is well."""

    @property
    def green(self) -> int:
        """How many checks hold."""
        return sum(check.holds is True for check in self.checks)


def lab_mark(row: LabRow) -> str:
    """Return a lab's standing as a mark and a word."""
    if row.problem:
        return f"{MARKS[Tone.BAD]} broken"
    if row.is_running:
        return "▶ running"
    if row.is_done:
        return f"✓ {row.points or 0} points"
    return "◐ begun" if row.points is not None else "○ new"


def remark(state: LabState) -> str:
    """Return points and time for the line above the screen."""
    minutes = state.elapsed_seconds // SECONDS_PER_MINUTE
    return (
        f"{state.points} points, {state.green}/{len(state.checks)} checks, {minutes} of {state.minutes} min"
    )


def prose(text: str) -> list[Flow]:
    """Return Markdown as running text; code becomes lines of it, boxes lose their frame.

    Args:
        text: of an author of labs; what cannot be read is shown as it is written.
    """
    return list(_plain(parse_body(text).page.blocks))


def _plain(blocks: Iterable[Block]) -> Iterable[Flow]:
    for item in flow(blocks):
        if isinstance(item, Flow):
            yield item
        elif isinstance(item.block, Code):
            for number, text in enumerate(item.block.text.rstrip("\n").split("\n")):
                span = Span(text, code=True)
                yield Flow(Paragraph((span,), item.block.line), item.indent + 2, tight=number > 0)
        elif isinstance(item.block, Callout):
            if title := item.block.attributes.get("title"):
                yield line(title, "strong")
            yield from _plain(item.block.blocks)


def task_text(state: LabState) -> list[Flow]:
    """Return story, what to do, and the hints that were taken."""
    items = [
        line(state.title, "title"),
        line(f"{DIFFICULTIES.get(state.difficulty, '')}, about {state.minutes} min", "muted", tight=True),
    ]
    if state.is_solved:
        items.append(line(f"✓ Solved with {state.points} points. d shows the debrief.", "success"))
    items += prose(state.story)
    if state.steps:
        items.append(line("What to do", "heading3"))
        items += prose("\n".join(f"{number}. {step}" for number, step in enumerate(state.steps, 1)))
    if state.folder:
        items.append(line(f"Your files: {state.folder}", "muted"))
    if state.hints:
        items.append(line("Hints", "heading3"))
        items += bullets([f"{hint.text} (−{hint.cost} points)" for hint in state.hints])
    return items


def debrief_text(state: LabState) -> list[Flow]:
    """Return what a learner reads at the end."""
    minutes = max(1, round(state.elapsed_seconds / SECONDS_PER_MINUTE))
    head = "✓ Solved" if state.is_solved else "○ Not solved"
    taken = sum(hint.cost for hint in state.hints)
    items = [
        line(f"{head}: {state.title}", "title"),
        line(
            f"{state.points} points in {minutes} min; {len(state.hints)} hint{'' if len(state.hints) == 1 else 's'}"
            f"{f' took {taken} points' if taken else ''}",
            "muted",
            tight=True,
        ),
        line("What you did", "heading3"),
    ]
    items += bullets([f"$ {command}" for command in state.did]) if state.did else [line("No commands.")]
    items += prose(state.debrief)
    if state.cost:
        items += [line("On real AWS", "heading3"), line(state.cost)]
    if state.next_title:
        items.append(line(f"Next: {state.next_title} (n)", "strong"))
    return items
