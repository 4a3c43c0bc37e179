"""What a quiz says, as prose: prompt, verdict, explanations, score. Pure: no widgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from eks_lab.content.markup import parse_inline
from eks_lab.content.model import Question
from eks_lab.content.page import Paragraph, Span, Spans, text_of
from eks_lab.content.questions import RIGHT, WRONG, Given, correct_options, grade, judge
from eks_lab.tui.typeset import Flow

OPEN = "○"
"""Stands for a question without an answer."""
_MARK_ROOM = 2


def inline(text: str) -> Spans:
    """Return inline Markdown as spans; text that reads as a list or a rule stays text."""
    spans = parse_inline(text)
    return spans if text_of(spans).strip() else (Span(text),)


def unlinked(spans: Spans) -> Spans:
    """Return spans without their links, for places where a click means something else."""
    return tuple(replace(span, href="") for span in spans)


def symbol(question: Question, given: Given | None) -> str:
    """Return ✓, ✗ or ○ for a question."""
    return OPEN if given is None else RIGHT if grade(question, given) else WRONG


def how_to(question: Question) -> str:
    """Return how to answer a question with the keyboard."""
    match question.kind:
        case "choice":
            return "Pick one: ↑ ↓ and space, or its digit. Enter answers."
        case "multi":
            return "Pick all that apply: ↑ ↓ and space, or their digits. Enter answers."
        case "number":
            return "Type a number. Enter answers."


def prompt_flow(question: Question) -> list[Flow]:
    """Return the question."""
    return [marked(bold(inline(question.prompt)))]


def verdict_flow(question: Question, given: Given) -> list[Flow]:
    """Return whether the answer is right, in a symbol and in words."""
    verdict = judge(question, given)
    spans = [Span(verdict.headline, strong=True)]
    if verdict.detail:
        spans.append(Span(f"  {verdict.detail}"))
    return [marked(tuple(spans), style="success" if verdict.correct else "problem")]


def explanation_flow(question: Question, order: Sequence[int], given: Given) -> list[Flow]:
    """Return why each option is right or wrong, the working of a number, and the source.

    Args:
        question: an answered question.
        order: indexes of the options as they were shown.
        given: the answer.
    """
    flows: list[Flow] = []
    right = correct_options(question)
    picked = given if isinstance(given, tuple) else ()
    for index in order:
        option = question.options[index]
        mark = RIGHT if index in right else WRONG
        spans = bold(inline(option.text))
        if index in picked:
            spans = (*spans, Span("  ← your answer"))
        flows.append(marked(spans, mark, style="success" if index in right else ""))
        flows.append(marked(inline(option.explain), " "))
    if question.explain:
        working = bold((Span("Working: "),)) if question.kind == "number" else ()
        flows.append(replace(marked((*working, *inline(question.explain))), tight=False))
    flows.append(replace(marked((Span(f"Source: {question.source}"),), style="muted"), tight=False))
    return flows


def score(questions: Sequence[Question], given: Mapping[str, Given]) -> tuple[int, int]:
    """Return how many questions are answered rightly, and how many are answered."""
    answered = [question for question in questions if question.id in given]
    return sum(grade(question, given[question.id]) for question in answered), len(answered)


def score_text(questions: Sequence[Question], given: Mapping[str, Given]) -> str:
    """Return the score in words: how many are right, which deserve another look, which are open."""
    right, answered = score(questions, given)
    if right == len(questions):
        return f"{RIGHT} All {right} right." if right > 1 else f"{RIGHT} Right."
    text = f"{right} of {len(questions)} right"
    wrong = [str(n) for n, q in enumerate(questions, 1) if q.id in given and not grade(q, given[q.id])]
    if wrong:
        named = wrong[0] if len(wrong) == 1 else f"{', '.join(wrong[:-1])} and {wrong[-1]}"
        text += f". Have another look at question{'s' if len(wrong) > 1 else ''} {named}"
    if left := len(questions) - answered:
        text += f". {left} without an answer" if wrong else f", {left} without an answer"
    return f"{text}."


def summary_flow(questions: Sequence[Question], given: Mapping[str, Given]) -> list[Flow]:
    """Return the score and a line a question."""
    right, _ = score(questions, given)
    flows = [
        marked(
            (Span(score_text(questions, given), strong=True),),
            style="success" if right == len(questions) else "",
        )
    ]
    for number, question in enumerate(questions, 1):
        mark = f"{number} {symbol(question, given.get(question.id))}"
        line = Flow(Paragraph(unlinked(inline(question.prompt)), 0), indent=5, marker=mark, tight=number > 1)
        flows.append(line)
    return flows


def marked(spans: Spans, mark: str = "", *, style: str = "", room: int = _MARK_ROOM) -> Flow:
    """Return a line of a question, close to the line above.

    Args:
        spans: the text.
        mark: hangs to its left; a space keeps the room free, nothing takes none.
        style: of the whole line.
        room: cells of the mark.
    """
    return Flow(Paragraph(spans, 0), indent=room if mark else 0, marker=mark.strip(), tight=True, style=style)


def bold(spans: Spans) -> Spans:
    """Return spans in bold."""
    return tuple(replace(span, strong=True) for span in spans)
