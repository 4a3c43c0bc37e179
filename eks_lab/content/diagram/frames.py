"""What each step shows: which parts are there, which are in focus, and in which words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from eks_lab.content.diagram.model import Diagram, Step
from eks_lab.content.diagram.outline import Outline, outline

State = Literal["hidden", "dim", "plain", "focus"]


@dataclass(frozen=True, slots=True)
class BoxLook:
    """A box at one step."""

    state: State
    name: str
    text: str
    """Further lines of a box, or what a note says."""


@dataclass(frozen=True, slots=True)
class ArrowLook:
    """An arrow at one step."""

    state: State
    label: str
    marker: int = 0
    """Its number among the arrows in focus, from 1; 0 when it is not one of them."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A whole picture at one step."""

    boxes: tuple[BoxLook, ...]
    """In the order of `Outline.elements`."""
    arrows: tuple[ArrowLook, ...]
    """In the order of `Diagram.arrows`."""


@lru_cache(maxsize=64)
def frames(diagram: Diagram, story: int) -> tuple[Frame, ...]:
    """Return the pictures of one story, one for each step.

    Args:
        diagram: the diagram.
        story: index into `diagram.stories`.
    """
    plan = outline(diagram)
    steps = diagram.stories[story].steps
    words: dict[str, tuple[str, str]] = {
        each.box.id: (each.box.name, each.box.note or each.box.text) for each in plan.elements
    }
    words.update({arrow.id: (arrow.label, "") for arrow in diagram.arrows})
    # What one story brings in step by step is absent from the others, unless they bring it in too.
    every = [step for variant in diagram.stories for step in variant.steps]
    told: dict[str, bool] = {name: False for step in every for name in step.show}
    told.update(
        {arrow.id: False for arrow in diagram.arrows if any(arrow.id in step.focus for step in every)}
    )
    pictures = []
    for step in steps:
        arrow_focus = {arrow.id for arrow in diagram.arrows} & set(step.focus)
        told.update(dict.fromkeys((*arrow_focus, *step.show), True))
        told.update(dict.fromkeys(step.hide, False))
        for change in step.change:
            name, text = words.get(change.id, ("", ""))
            words[change.id] = (
                name if change.name is None else change.name,
                text if change.text is None else change.text,
            )
        pictures.append(_picture(diagram, plan, step, told, words))
    return tuple(pictures)


def _picture(
    diagram: Diagram, plan: Outline, step: Step, told: dict[str, bool], words: dict[str, tuple[str, str]]
) -> Frame:
    """Return one step, given what has been shown or hidden and renamed so far."""
    visible: list[bool] = []
    for each in plan.elements:
        inherited = visible[each.parent] if each.parent >= 0 else True
        visible.append(inherited and told.get(each.box.id, True))
    bright = _bright(diagram, plan, step)
    boxes = []
    for each in plan.elements:
        state: State = "plain"
        if not visible[each.key]:
            state = "hidden"
        elif each.box.id and each.box.id in step.focus:
            state = "focus"
        elif step.focus and each.key not in bright:
            state = "dim"
        name, text = words[each.box.id] if each.box.id else (each.box.name, each.box.note or each.box.text)
        boxes.append(BoxLook(state, name, text))
    arrows = []
    numbers = {name: at for at, name in enumerate(_focused_arrows(diagram, step), 1)}
    for arrow in diagram.arrows:
        ends = plan.ends(arrow)
        state = "dim" if step.focus else "plain"
        if ends is None or not all(visible[end.key] for end in ends) or not told.get(arrow.id, True):
            state = "hidden"
        elif arrow.id in numbers:
            state = "focus"
        marker = numbers.get(arrow.id, 0) if state == "focus" else 0
        arrows.append(ArrowLook(state, words[arrow.id][0], marker))
    return Frame(tuple(boxes), tuple(arrows))


def _focused_arrows(diagram: Diagram, step: Step) -> list[str]:
    """Return the arrows among what is in focus, in the author's order."""
    known = {arrow.id for arrow in diagram.arrows}
    return [name for name in step.focus if name in known]


def _bright(diagram: Diagram, plan: Outline, step: Step) -> set[int]:
    """Return the boxes that stay bright: in focus, around it, inside it, or at an end of an arrow in focus."""
    found = [each.key for each in plan.elements if each.box.id and each.box.id in step.focus]
    inside = {each.key for key in found for each in plan.descendants(key)}
    for arrow in diagram.arrows:
        ends = plan.ends(arrow) if arrow.id in step.focus else None
        if ends is not None:
            found.extend(end.key for end in ends)
    around = {each.key for key in found for each in plan.ancestors(key)}
    return inside | around | set(found)
