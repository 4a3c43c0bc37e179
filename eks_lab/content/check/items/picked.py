"""Rules for what is picked, ordered, joined or pointed at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from eks_lab.content.check.items.surveyed import Report
from eks_lab.content.diagram.load import ReadDiagram, diagram_ids, read_diagram
from eks_lab.content.diagram.outline import outline
from eks_lab.content.items.model import ChoiceItem, DiagramItem, Item, MatchItem, MultiItem, OrderItem
from eks_lab.content.load import Survey
from eks_lab.content.model import Option

_TELLS_PLACE = re.compile(r"(first|then|next|finally|lastly|last|\d+[.):])(?=[\s,:])", re.IGNORECASE)


def picked_problems(survey: Survey, item: Item, report: Report) -> None:
    """Report what is wrong with a choice, multi, order, match or diagram question; others have no such problems."""
    match item:
        case ChoiceItem() | MultiItem():
            for rule, message, fix in option_problems(item.kind, item.options):
                report.add(rule, message, fix, "options")
        case OrderItem():
            _order(item, report)
        case MatchItem():
            _match(item, report)
        case DiagramItem():
            _diagram(survey, item, report)
        case _:
            pass


def option_problems(kind: str, options: Sequence[Option]) -> list[tuple[str, str, str]]:
    """Return what is wrong with the options of a question: rule, message and fix of each.

    Args:
        kind: `choice` or `multi`.
        options: as the file lists them.
    """
    problems: list[tuple[str, str, str]] = []
    right = sum(option.correct for option in options)
    if not 3 <= len(options) <= 6:
        problems.append(("options", f"{len(options)} options", "Three to six."))
    if kind == "choice" and right != 1:
        problems.append(
            ("options-right", f"{right} right answers", "Exactly one; for several use kind: multi.")
        )
    if kind == "multi" and not 1 <= right < len(options):
        problems.append(
            (
                "options-right",
                f"{right} of {len(options)} options are right",
                "At least one, and not all.",
            )
        )
    if _twins(option.text for option in options):
        problems.append(("options-same", "two options say the same", "Change one."))
    for option in options:
        if len(option.explain.strip()) < 10:
            problems.append(
                ("explain", f"the option {option.text!r} is not explained", "Say why it is right or wrong.")
            )
    lengths = sorted(len(option.text) for option in options)
    longest_right = any(option.correct and len(option.text) == lengths[-1] for option in options)
    if kind == "choice" and len(lengths) > 1 and longest_right and lengths[-1] > 1.8 * lengths[-2]:
        problems.append(
            ("options-length", "the right answer is by far the longest", "Make the wrong ones as exact.")
        )
    return problems


def _twins(texts: Iterable[str]) -> bool:
    listed = [" ".join(text.lower().split()) for text in texts]
    return len(set(listed)) != len(listed)


def _order(item: OrderItem, report: Report) -> None:
    if not 3 <= len(item.steps) <= 7:
        report.add("order-size", f"{len(item.steps)} steps", "Three to seven.", "steps")
    if _twins(step.text for step in item.steps):
        report.add("options-same", "two steps say the same", "Change one.", "steps")
    for number, step in enumerate(item.steps):
        report.explained(step.explain, f"the step {step.text!r}", "steps", number)
        if found := _TELLS_PLACE.match(step.text.strip()):
            report.add(
                "order-tells",
                f"{found.group(0)!r} gives the place of the step away",
                "Say what is done, not when.",
                "steps",
                number,
            )


def _match(item: MatchItem, report: Report) -> None:
    if not 3 <= len(item.pairs) <= 6:
        report.add("match-size", f"{len(item.pairs)} pairs", "Three to six.", "pairs")
    if _twins(pair.left for pair in item.pairs):
        report.add("options-same", "two left sides say the same", "Change one.", "pairs")
    if _twins([*(pair.right for pair in item.pairs), *(option.text for option in item.extra)]):
        report.add("options-same", "two right sides say the same", "Change one.", "pairs")
    for number, pair in enumerate(item.pairs):
        report.explained(pair.explain, f"the pair {pair.left!r}", "pairs", number)
    for number, option in enumerate(item.extra):
        report.explained(option.explain, f"the side {option.text!r}", "extra", number)
        if option.correct:
            report.add(
                "match-extra",
                f"the extra side {option.text!r} is called correct",
                "An extra side belongs to nothing: leave `correct` out.",
                "extra",
                number,
            )


def _diagram(survey: Survey, item: DiagramItem, report: Report) -> None:
    known = diagram_ids(survey.root)
    if item.diagram not in known:
        report.add(
            "diagram-id", f"unknown diagram {item.diagram!r}", f"There are: {', '.join(known)}.", "diagram"
        )
        return
    if not 3 <= len(item.points) <= 8:
        report.add("diagram-size", f"{len(item.points)} parts", "Three to eight.", "points")
    right = sum(point.correct for point in item.points)
    if right != 1:
        report.add("options-right", f"{right} right parts", "Exactly one.", "points")
    if _twins(point.part for point in item.points):
        report.add("options-same", "a part is listed twice", "Keep it once.", "points")
    parts = part_ids(survey, item.diagram)
    for number, point in enumerate(item.points):
        report.explained(point.explain, f"the part {point.part!r}", "points", number)
        if parts and point.part not in parts:
            report.add(
                "diagram-part",
                f"the diagram {item.diagram} has no part {point.part!r}",
                f"Ids of its boxes and arrows: {', '.join(sorted(parts))}.",
                "points",
                number,
            )


def part_ids(survey: Survey, diagram_id: str) -> set[str]:
    """Return the ids of the boxes and arrows of a diagram; empty when its file cannot be read."""
    read = read_diagram(survey.root / "diagrams" / f"{diagram_id}.yaml")
    if not isinstance(read, ReadDiagram):
        return set()
    boxes = {each.box.id for each in outline(read.diagram).elements if each.box.id}
    return boxes | {arrow.id for arrow in read.diagram.arrows if arrow.id}
