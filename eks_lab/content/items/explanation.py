"""Why each part of a question is right or wrong, as data: a screen and a terminal show the same lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eks_lab.calc.model import Step
from eks_lab.content.items.given import Given, is_given
from eks_lab.content.items.model import (
    ChoiceItem,
    CommandItem,
    DiagramItem,
    Edit,
    ManifestAnswer,
    ManifestItem,
    MatchItem,
    MultiItem,
    NumberItem,
    OrderItem,
    RecallItem,
)
from eks_lab.content.items.variant import Variant, in_all_texts, shown_sides
from eks_lab.content.questions import number_text

LETTERS = "abcdefghijklmnop"
"""What shown things are called, in the order they are shown: more than any question offers."""


@dataclass(frozen=True, slots=True)
class Explained:
    """One part of a question, explained."""

    label: str
    """Letter as shown, or number in the right order; empty when there is nothing to choose from."""
    text: str
    """What it is, Markdown or plain text."""
    why: str
    """Why it is right or wrong, Markdown; may be empty."""
    is_right: bool | None = None
    """Whether it belongs to the answer; None where that is no question."""
    is_given: bool = False
    """Whether the learner gave it."""
    is_code: bool = False
    """Whether `text` is code, line by line."""


def explained(variant: Variant, given: Given | None = None) -> tuple[Explained, ...]:
    """Return the explanation of every part of a question.

    Args:
        variant: the question as it was asked.
        given: the answer, to mark what was given; None marks nothing.

    Returns:
        Options, diagram parts and right sides in the order they were shown; steps in the right order; key points in
        the order of the file; for numbers the working; for commands and manifests sample answers, then wrong ones.
    """
    item = variant.item
    answer = given if given is not None and is_given(item, given) else None
    shown = shown_sides(item, variant.seed)
    match item:
        case ChoiceItem() | MultiItem():
            picked = answer if isinstance(answer, tuple) else ()
            return tuple(
                Explained(
                    LETTERS[place],
                    item.options[index].text,
                    item.options[index].explain,
                    item.options[index].correct,
                    index in picked,
                )
                for place, index in enumerate(shown)
            )
        case OrderItem():
            placed = answer if isinstance(answer, tuple) else ()
            return tuple(
                Explained(
                    str(place + 1),
                    step.text,
                    step.explain,
                    placed[place] == place if placed else None,
                    bool(placed) and placed[place] == place,
                )
                for place, step in enumerate(item.steps)
            )
        case MatchItem():
            return _match(item, answer if isinstance(answer, tuple) else None)
        case DiagramItem():
            return tuple(
                Explained(
                    LETTERS[place],
                    item.points[index].part,
                    item.points[index].explain,
                    item.points[index].correct,
                    item.points[index].part == answer,
                )
                for place, index in enumerate(shown)
            )
        case NumberItem():
            return _number(variant)
        case RecallItem():
            points = in_all_texts(item.points, variant.values, item.id)
            return tuple(Explained("", point.text, "", True) for point in points)
        case CommandItem() | ManifestItem():
            return _practical(item, variant)


def _match(item: MatchItem, answer: tuple[int, ...] | None) -> tuple[Explained, ...]:
    pairs = tuple(
        Explained(
            str(number + 1),
            f"{pair.left} — {pair.right}",
            pair.explain,
            answer[number] == number if answer else None,
            bool(answer) and answer is not None and answer[number] == number,
        )
        for number, pair in enumerate(item.pairs)
    )
    first = len(item.pairs)
    return pairs + tuple(
        Explained("", option.text, option.explain, False, answer is not None and first + number in answer)
        for number, option in enumerate(item.extra)
    )


def _number(variant: Variant) -> tuple[Explained, ...]:
    return tuple(
        Explained("", f"{step.formula} = {step.substitution} = {_value(step)}", step.why)
        for step in variant.working
    )


def _value(step: Step) -> str:
    if isinstance(step.value, int | float) and not isinstance(step.value, bool):
        return number_text(step.value, step.unit)
    return f"{step.value} {step.unit}".strip()


def _practical(item: CommandItem | ManifestItem, variant: Variant) -> tuple[Explained, ...]:
    filled = in_all_texts(item, variant.values, item.id)
    if isinstance(filled, CommandItem):
        right = [Explained("", answer.strip(), "", True, is_code=True) for answer in filled.answers]
        wrong = [Explained("", each.lines.strip(), each.why, False, is_code=True) for each in filled.wrong]
        return (*right, *wrong)
    assert isinstance(filled, ManifestItem)
    answers = [
        Explained("", edited(filled, each.edits, each.text), "", True, is_code=True)
        for each in filled.answers
    ]
    mistakes = [
        Explained("", _difference(each) or each.text, each.why, False, is_code=True) for each in filled.wrong
    ]
    return (*answers, *mistakes)


def _difference(answer: ManifestAnswer) -> str:
    """Return edits as a reader of diffs expects them."""
    lines = []
    for edit in answer.edits:
        lines += [f"- {line}" for line in edit.replace.rstrip().splitlines()]
        lines += [f"+ {line}" for line in edit.to.rstrip().splitlines()]
    return "\n".join(lines)


def edited(item: ManifestItem, edits: Sequence[Edit], text: str) -> str:
    """Return the whole file that an answer to a manifest question stands for.

    Args:
        item: with its variables filled in.
        edits: made in order on what was given.
        text: instead: the whole file.
    """
    made = text or item.given
    for edit in edits:
        made = made.replace(edit.replace, edit.to, 1)
    return made
