"""What the interview screens show, as frozen values, and their texts as prose. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from eks_lab.content.items.model import Level
from eks_lab.content.page import Paragraph, Span
from eks_lab.learning.interviews.report import REASONS, duration
from eks_lab.learning.interviews.scorecard import AnswerLine, PointLine, QuestionLine, Scorecard
from eks_lab.tui.lab_view import prose
from eks_lab.tui.summaries import bullets, line
from eks_lab.tui.typeset import Flow

OUTCOMES = {
    "finished": "✓ finished",
    "time_up": "◷ the time was up",
    "stopped": "■ stopped",
    "running": "▶ running",
}
"""How an interview ended -> its mark and words."""
STRENGTHS = {"strong": "✓ strong", "fair": "◐ fair", "weak": "✗ weak"}
"""How an answer was -> its mark and word."""
STATES = {"passed": "○ passed", "late": "◷ too late", "not asked": "○ not reached"}
"""Of answers that are none."""
SOON_SECONDS = 300
"""From here on the clock warns."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What kind of interview is wanted."""

    level: Level = "mid"
    """Of the position."""
    topics: tuple[str, ...] = ()
    """Ids of chapters, or `general`; empty for all."""
    count: int = 10
    """Questions."""
    minutes: float | None = None
    """For all of it; None for as long as the questions take."""


@dataclass(frozen=True, slots=True)
class TopicRow:
    """Something that an interview can be about."""

    id: str
    title: str
    questions: int
    """How many there are, of every level."""


@dataclass(frozen=True, slots=True)
class InterviewRow:
    """An interview in the list."""

    id: int
    started_at: datetime
    level: str
    topics: tuple[str, ...]
    """Their titles; empty for all."""
    outcome: str
    """A key of `OUTCOMES`."""
    score: float
    """0 to 1."""
    asked: int
    questions: int
    left_seconds: float = 0.0
    """Of one that runs."""


@dataclass(frozen=True, slots=True)
class InterviewList:
    """Every interview, and what one can be about."""

    running: InterviewRow | None
    past: tuple[InterviewRow, ...]
    """The latest first."""
    topics: tuple[TopicRow, ...]
    """In the order of the course."""


@dataclass(frozen=True, slots=True)
class SaidLine:
    """A line of the conversation."""

    speaker: Literal["interviewer", "candidate"]
    text: str
    """Markdown of the interviewer, plain text of the candidate."""
    seconds: float = 0.0
    """That an answer took."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation as it stands."""

    interview_id: int
    level: str
    lines: tuple[SaidLine, ...]
    is_over: bool
    number: int = 0
    """Of the question that waits for an answer, from 1."""
    of: int = 0
    """Questions in all."""
    is_follow_up: bool = False
    left_seconds: float = 0.0
    """Until the time is over."""
    here_seconds: float = 0.0
    """Since the question was put."""
    meant_minutes: float = 0.0
    """For the first answer to the question; 0 for a follow-up."""


def clock_words(talk: Talk) -> str:
    """Return where the conversation is and what time it is, in a line."""
    kind = ", follow-up" if talk.is_follow_up else ""
    meant = f" of about {talk.meant_minutes:g} min" if talk.meant_minutes else ""
    return f"Question {talk.number} of {talk.of}{kind}, {duration(talk.here_seconds)}{meant}"


def left_words(seconds: float) -> str:
    """Return the time that is left, with a mark when it gets short."""
    if seconds <= 0:
        return "▲ time is up: finish your sentence"
    mark = "▲ " if seconds < SOON_SECONDS else ""
    return f"{mark}{duration(seconds)} left"


def conversation_text(talk: Talk) -> list[Flow]:
    """Return every line that was said."""
    items: list[Flow] = []
    for said in talk.lines:
        if said.speaker == "interviewer":
            items += [line("Interviewer", "kicker"), *_tight(prose(said.text))]
        else:
            items.append(line(f"You, {duration(said.seconds)}", "muted strong"))
            items += quoted(said.text) if said.text else [line("(passed)", "muted", tight=True)]
    return items


def quoted(text: str) -> list[Flow]:
    """Return what a learner typed, line by line and as it was typed."""
    return [
        Flow(Paragraph((Span(part),), 0), indent=2, tight=True) for part in text.splitlines() if part.strip()
    ]


def _tight(items: list[Flow]) -> list[Flow]:
    return [
        Flow(item.block, item.indent, item.marker, number == 0 or item.tight, item.style)
        for number, item in enumerate(items)
    ]


def row_words(row: InterviewRow) -> str:
    """Return when an interview was, about what, and how far it came."""
    about = ", ".join(row.topics) or "all topics"
    return f"{row.started_at:%Y-%m-%d %H:%M} UTC · {about} · {row.asked} of {row.questions} asked"


# --- the scorecard --------------------------------------------------------------------------------------------


def card_head(card: Scorecard) -> list[Flow]:
    """Return what stands above the bars of a scorecard."""
    about = ", ".join(card.topics) or "all topics"
    return [
        line(f"Interview {card.interview_id}: {card.level}, {about}", "title"),
        line(
            f"{OUTCOMES[card.outcome]} · {card.started_at:%Y-%m-%d %H:%M} UTC · {duration(card.seconds)} of "
            f"{card.minutes:g} min · {card.asked} of {len(card.questions)} questions asked",
            "muted",
            tight=True,
        ),
        line(card.impression),
        line(card.notice, "muted"),
    ]


def card_tail(card: Scorecard, titles: Sequence[tuple[str, str]]) -> list[Flow]:
    """Return what stands below the bars: what was essential and missing, and what to do next.

    Args:
        card: the scorecard.
        titles: id and title of each lesson that it names.
    """
    items: list[Flow] = []
    missing = [
        f"{competence.competence.capitalize()}: {text}"
        for competence in card.competences
        for text in competence.missing
    ]
    if missing:
        items += [line("Essential and not found", "heading3"), *bullets(missing)]
    items.append(line("Next", "heading3"))
    named = dict(titles)
    if card.lessons:
        items += bullets(
            [
                (Span("Read again: "), Span(named.get(lesson, lesson), href=f"lesson:{lesson}"))
                for lesson in card.lessons
            ]
        )
    if card.cards:
        count = len(card.cards)
        items += bullets(
            [f"{count} question{' comes' if count == 1 else 's come'} back in your daily review."]
        )
    if not card.lessons and not card.cards:
        items.append(line("Try the next level, or other topics.", tight=True))
    return items


def answer_word(answer: AnswerLine) -> str:
    """Return how an answer was, as a mark and a word."""
    return STATES.get(answer.state, "") or STRENGTHS.get(answer.strength, answer.strength)


def question_title(question: QuestionLine) -> str:
    """Return what a question was for."""
    return f"{question.number}. {question.competence.capitalize()} ({question.level}, {question.topic})"


def answer_head(answer: AnswerLine, meant_minutes: float = 0.0) -> list[Flow]:
    """Return a question and what was answered to it.

    Args:
        answer: of the question or of a follow-up.
        meant_minutes: for the answer; 0 where nothing is said about it.
    """
    items = prose(answer.prompt)
    if answer.answer:
        meant = f", meant: {meant_minutes:g} min" if meant_minutes else ""
        late = ". It came after the time and counts nothing" if answer.state == "late" else ""
        items.append(line(f"You said ({duration(answer.seconds)}{meant}){late}", "heading3"))
        items += quoted(answer.answer)
    else:
        items.append(line(STATES.get(answer.state, "○ no answer"), "muted"))
    return items


def model_text(answer: AnswerLine) -> list[Flow]:
    """Return a strong answer."""
    return [line("A strong answer", "heading3"), *_tight(prose(answer.model))]


def point_words(point: PointLine) -> tuple[str, str]:
    """Return a key point in a line, and where it was found or why not in another one; it may be empty."""
    mark = "✓ found" if point.found else "✗ not found"
    own = ", you say so" if point.is_overruled else ""
    must = " (essential)" if point.is_essential else ""
    head = f"{mark}{own}: {point.text}{must}"
    if point.was_read:
        return head, f"“{point.where}”"
    return head, f"{REASONS[point.reason]}: “{point.where}”" if point.reason else ""
