"""A scorecard as text: Markdown to keep or to show somebody, and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

from eks_lab.learning.interviews.scorecard import AnswerLine, PointLine, QuestionLine, Scorecard
from eks_lab.learning.timestamps import write_time

REASONS = {
    "denied": 'the words are there, but with a "not"',
    "contradicted": "something else in the answer speaks against it",
    "copied": "the words only repeat the question",
    "loose": "the words are there, but in no sentence",
}
"""Why a point was not found, for people."""

_OUTCOMES = {
    "finished": "finished",
    "time_up": "the time was up",
    "stopped": "stopped",
    "running": "still running",
}


def as_json(card: Scorecard) -> str:
    """Return a scorecard as one JSON document; times are ISO 8601 in UTC, durations seconds."""
    document = {"format": "eks-lab-interview", "version": 1, **asdict(card)}
    document["started_at"] = write_time(card.started_at)
    for line, question in zip(document["questions"], card.questions, strict=True):
        line["score"] = question.score
    return json.dumps(document, indent=2, ensure_ascii=False)


def as_markdown(card: Scorecard) -> str:
    """Return a scorecard as Markdown, ended by a line feed."""
    return "\n".join(_lines(card)) + "\n"


def _lines(card: Scorecard) -> Iterator[str]:
    about = ", ".join(card.topics) or "all topics"
    yield f"# Interview {card.interview_id}: {card.level}, {about}"
    yield ""
    yield (
        f"{card.started_at:%Y-%m-%d %H:%M} UTC, {duration(card.seconds)} of {card.minutes:g} minutes, "
        f"{_OUTCOMES[card.outcome]}. {card.asked} of {len(card.questions)} questions asked, seed {card.seed}."
    )
    yield ""
    yield f"> {card.notice}"
    yield ""
    yield card.impression
    yield ""
    yield "| Competence | Questions | Found |"
    yield "|---|---|---|"
    for competence in card.competences:
        yield f"| {competence.competence} | {competence.questions} | {competence.score:.0%} |"
    yield f"| **All {len(card.questions)} questions** | {card.asked} | **{card.score:.0%}** |"
    for question in card.questions:
        yield from _question(question)
    yield ""
    yield "## Next"
    yield ""
    if card.lessons:
        yield "Read again: " + ", ".join(f"`{lesson}`" for lesson in card.lessons)
    if card.cards:
        count = len(card.cards)
        yield ""
        yield (
            f"{count} {'question comes' if count == 1 else 'questions come'} back in your review: `eks-lab review`"
        )
    if not card.lessons and not card.cards:
        yield "Try the next level, or other topics."


def _question(line: QuestionLine) -> Iterator[str]:
    yield ""
    yield f"## {line.number}. {line.competence.capitalize()} ({line.level}, {line.topic})"
    yield from _answer(line.main, f"meant: {line.minutes:g} min")
    for follow_up in line.follow_ups:
        yield ""
        yield "### Follow-up"
        yield from _answer(follow_up, "")


def _answer(line: AnswerLine, meant: str) -> Iterator[str]:
    yield ""
    yield line.prompt
    yield ""
    if line.state == "not asked":
        yield "*Not reached.*"
        return
    if line.answer:
        late = " (after the time, not counted)" if line.state == "late" else ""
        spent = f"{duration(line.seconds)}" + (f", {meant}" if meant else "")
        yield f"**You said** ({spent}){late}:"
        yield ""
        yield from (f"> {part}".rstrip() for part in line.answer.splitlines())
    else:
        yield "*Passed.*"
    yield ""
    yield f"**{line.score:.0%} of the points found**"
    yield ""
    yield from (point_text(point) for point in line.points)
    yield ""
    yield f"**A strong answer:** {line.model}"


def point_text(point: PointLine) -> str:
    """Return a key point as one line of a list: mark, words, where it was found or why not."""
    mark = "✓ found" if point.found else "✗ not found"
    said = " (you say so)" if point.is_overruled else ""
    must = " (essential)" if point.is_essential else ""
    note = ""
    if point.was_read:
        note = f" “{point.where}”"
    elif point.reason:
        note = f" ({REASONS[point.reason]}: “{point.where}”)"
    return f"- {mark}{said} `{point.ref}`{must}: {point.text}{note}"


def duration(seconds: float) -> str:
    """Return `4:05` minutes, or `1:04:05` from an hour on."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
