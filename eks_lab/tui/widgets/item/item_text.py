"""What a question of the bank says, as prose: prompt, verdict, explanations. Pure: no widgets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import assert_never

from eks_lab.content.items.explanation import Explained
from eks_lab.content.items.model import (
    ChoiceItem,
    CommandItem,
    DiagramItem,
    Item,
    ManifestItem,
    MatchItem,
    MultiItem,
    NumberItem,
    OrderItem,
    RecallItem,
)
from eks_lab.content.items.result import RIGHT, WRONG, PointResult, Reason, Result
from eks_lab.content.items.variant import Variant, in_all_texts
from eks_lab.content.page import Paragraph, Span, Spans
from eks_lab.content.questions import number_text
from eks_lab.tui.lab_view import prose
from eks_lab.tui.typeset import Flow
from eks_lab.tui.widgets.question_text import bold, inline, marked

REASONS: dict[Reason, str] = {
    "": "",
    "denied": "you say that it is not so",
    "contradicted": "another sentence of yours contradicts it",
    "copied": "these are the question's own words",
    "loose": "these words stand in no sentence",
}
"""Why a key point was not found though its words are there."""


def how_to(item: Item) -> str:
    """Return how to answer a question with the keyboard, in a sentence or two."""
    match item:
        case ChoiceItem():
            return "Pick one: ↑ ↓ and space, or its digit. Enter answers."
        case MultiItem():
            return "Pick all that apply: ↑ ↓ and space, or their digits. Enter answers."
        case OrderItem():
            return "Space takes a step, ↑ ↓ move it, space puts it down. Enter answers."
        case MatchItem():
            return "↑ ↓ choose a row, a letter (or ← →) gives it a partner. Enter answers."
        case DiagramItem():
            return "Point at one part: ↑ ↓ and space, or its digit. Enter answers."
        case NumberItem():
            return "Type a number. Enter answers."
        case RecallItem():
            return "Answer in sentences of your own. Ctrl+S answers, Esc leaves the field."
        case CommandItem():
            if item.lines == 1:
                return "Type one command. Enter runs it in a throw-away cluster, Esc leaves the field."
            return f"Up to {item.lines} commands, one a line. Ctrl+S runs them, Esc leaves the field."
        case ManifestItem():
            return f"Edit {item.file}. Ctrl+S applies it in a throw-away cluster, Esc leaves the field."
        case _:
            assert_never(item)


def prompt_flow(variant: Variant) -> list[Flow]:
    """Return the question; a single paragraph in bold, more as they are written."""
    flows = prose(variant.prompt)
    if len(flows) == 1 and isinstance(flows[0].block, Paragraph) and not flows[0].marker:
        return [marked(bold(flows[0].block.spans))]
    return flows or [marked(bold(inline(variant.prompt)))]


def verdict_flow(result: Result, *, is_own: bool = False) -> list[Flow]:
    """Return whether the answer is right, in a symbol and in words.

    Args:
        result: the judgement.
        is_own: whether the learner has overruled it.
    """
    said: list[Span] = [Span(f"{result.headline}.", strong=True)]
    if not result.correct and result.score > 0:
        said.append(Span(f" Score {result.score:.0%}."))
    if result.detail:
        said.append(Span(f" {' '.join(result.detail.split())}"))
    flows = [marked(tuple(said), style="success" if result.correct else "problem")]
    if is_own:
        flows.append(marked((Span("By your own judgement.", emphasis=True),)))
    return flows


def explained_flow(
    variant: Variant, parts: Iterable[Explained], names: Mapping[str, str] | None = None
) -> list[Flow]:
    """Return why each part of a question is right or wrong; code is left to `CodeText`.

    Args:
        variant: the question as it was asked.
        parts: of `explained`, without code.
        names: what the parts of a diagram are called.
    """
    is_sequence = isinstance(variant.item, OrderItem | MatchItem)
    flows: list[Flow] = []
    for part in parts:
        text = (names or {}).get(part.text, part.text)
        spans = bold(inline(text))
        if part.is_right is None:
            flows.append(marked(spans, f"{part.label}." if part.label else "•", room=3))
        else:
            if is_sequence and part.label:
                yours = "  ← yours was right" if part.is_right else "  ← yours was another"
                spans = (*spans, Span(yours))
            elif part.is_given:
                spans = (*spans, Span("  ← your answer"))
            label = f"{part.label} " if is_sequence and part.label else ""
            mark = f"{label}{RIGHT if part.is_right else WRONG}"
            flows.append(marked(spans, mark, style="success" if part.is_right else "", room=len(mark) + 1))
        if part.why:
            flows.append(replace(marked(inline(part.why), " "), indent=flows[-1].indent))
    return flows


def number_flow(variant: Variant, parts: Iterable[Explained]) -> list[Flow]:
    """Return the working of a number, step by step.

    Args:
        variant: of a number question.
        parts: of `explained`.
    """
    flows = []
    if variant.answer is not None:
        answer = number_text(variant.answer, variant.unit)
        flows.append(marked(bold((Span(f"The answer is {answer}."),))))
    for number, part in enumerate(parts, 1):
        flows.append(marked((Span(part.text, code=True),), f"{number}.", room=3))
        if part.why:
            flows.append(replace(marked(inline(part.why), " "), indent=3))
    return flows


def point_spans(result: PointResult) -> Spans:
    """Return a key point with where it was found, or why its words do not count."""
    said: list[Span] = [*inline(result.point.text)]
    if result.point.essential:
        said.append(Span(" (essential)", emphasis=True))
    if result.where:
        said.append(Span(f"  “{' '.join(result.where.split())}”", emphasis=True))
    if REASONS[result.reason]:
        said.append(Span(f": {REASONS[result.reason]}"))
    return tuple(said)


def closing_flow(variant: Variant) -> list[Flow]:
    """Return the strong answer of a recall, the closing remark and the source."""
    item = variant.item
    flows: list[Flow] = []
    if isinstance(item, RecallItem):
        model = in_all_texts(item.model, variant.values, item.id)
        flows += [replace(marked(bold((Span("A strong answer"),))), tight=False), *prose(model)]
    if variant.explain:
        flows += [replace(each, tight=False) for each in prose(variant.explain)]
    flows.append(replace(marked((Span(f"Source: {item.source}"),), style="muted"), tight=False))
    return flows
