"""A diagram in words: for `--plain`, for screen readers, and for screens too narrow for the picture."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from itertools import groupby

from eks_lab.content.diagram.frames import Frame, State, frames
from eks_lab.content.diagram.model import Arrow, Diagram
from eks_lab.content.diagram.outline import Element, Outline, outline
from eks_lab.content.diagram.widths import TAGS

_JOINS = {"arrow": "to", "both": "to and from", "line": "joined with", "blocked": "not to"}
_MEANS = {"arrow": "to", "both": "to and from", "line": "joined with", "blocked": "does not get through to"}


def describe(diagram: Diagram, width: int = 78) -> str:
    """Return a whole diagram as plain text without box drawing.

    Args:
        diagram: the diagram.
        width: columns that lines wrap to.

    Returns:
        Title and summary, what is in the picture as a nested list, then the numbered steps of each
        story with narration and connections in words. Lines end without spaces; no final line break.
    """
    lines = [diagram.title, *_wrapped(diagram.summary, width), "", "In the picture:"]
    lines += _inventory(diagram, width)
    for story, variant in enumerate(diagram.stories):
        for step in range(len(variant.steps)):
            lines += ["", *_heading(diagram, story, step, width), *_telling(diagram, story, step, width)]
    return "\n".join(lines)


def describe_step(
    diagram: Diagram, step: int, *, story: int = 0, width: int = 78, heading: bool = True
) -> str:
    """Return one step as plain text: what there is to see, its narration and its connections in words.

    Args:
        diagram: the diagram.
        step: index of the step in its story.
        story: index into `diagram.stories`.
        width: columns that lines wrap to.
        heading: start with the number and the title of the step.
    """
    picture = frames(diagram, story)[step]
    lines = _heading(diagram, story, step, width) if heading else []
    lines += _telling(diagram, story, step, width)
    lines += ["", "To be seen:", *_inventory(diagram, width, picture)]
    return "\n".join(lines)


def connections(diagram: Diagram, step: int, *, story: int = 0) -> tuple[str, ...]:
    """Return the arrows in focus at a step in words, in the order of their numbers.

    Args:
        diagram: the diagram.
        step: index of the step in its story.
        story: index into `diagram.stories`.
    """
    picture = frames(diagram, story)[step]
    pairs = zip(diagram.arrows, picture.arrows, strict=True)
    numbered = sorted(
        ((look.marker, arrow, look.label) for arrow, look in pairs if look.marker), key=lambda each: each[0]
    )
    return tuple(_connection(diagram, picture, arrow, label) for _, arrow, label in numbered)


def _connection(diagram: Diagram, picture: Frame, arrow: Arrow, label: str) -> str:
    ends = outline(diagram).ends(arrow)
    if ends is None:
        return ""
    first, second = (_name_now(diagram, picture, end) for end in ends)
    words = f"{first} {_MEANS[arrow.end]} {second}"
    return f"{words}: {_one_line(label)}" if label else words


def _name_now(diagram: Diagram, picture: Frame, each: Element) -> str:
    """Return what to call a box at a step: a new name as it stands, an unchanged one made unique."""
    name = picture.boxes[each.key].name
    return spoken_names(diagram)[each.key] if name == each.box.name else _one_line(name)


@lru_cache(maxsize=64)
def spoken_names(diagram: Diagram) -> tuple[str, ...]:
    """Return what to call each box in a sentence.

    Its name; where two share a name, also the group around it, or else its text.
    """
    plan = outline(diagram)
    drawn = [each for each in plan.elements if each.box.is_drawn]
    spoken = {each.key: _one_line(each.box.name or each.box.text or each.box.id) for each in drawn}
    longer: tuple[Callable[[Element], str], ...] = (
        lambda each: f"{spoken[each.key]} ({_around(plan, each)})",
        lambda each: f"{spoken[each.key]} ({_one_line(each.box.text)})",
    )
    for lengthen in longer:
        counts = Counter(spoken.values())
        better = {each.key: lengthen(each) for each in drawn if counts[spoken[each.key]] > 1}
        tried = Counter(better.values())
        spoken.update({key: words for key, words in better.items() if tried[words] == 1})
    return tuple(spoken.get(each.key, "") for each in plan.elements)


def part_names(diagram: Diagram) -> dict[str, str]:
    """Return what to call each part that can be pointed at: boxes and arrows with an id, by that id."""
    boxes = {
        each.box.id: name
        for each, name in zip(outline(diagram).elements, spoken_names(diagram), strict=True)
        if each.box.id
    }
    arrows = {
        arrow.id: f"{boxes.get(arrow.source, arrow.source)} {_JOINS[arrow.end]} {boxes.get(arrow.target, arrow.target)}"
        + (f" ({' '.join(arrow.label.split())})" if arrow.label else "")
        for arrow in diagram.arrows
    }
    return {**boxes, **arrows}


def _around(plan: Outline, each: Element) -> str:
    return next(
        (outer.box.name for outer in plan.ancestors(each.key) if outer.is_group and outer.box.name), ""
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _heading(diagram: Diagram, story: int, step: int, width: int) -> list[str]:
    variant = diagram.stories[story]
    where = f"{variant.title}, step" if variant.title else "Step"
    return _wrapped(f"{where} {step + 1} of {len(variant.steps)}: {variant.steps[step].title}", width)


def _telling(diagram: Diagram, story: int, step: int, width: int) -> list[str]:
    """Return narration, connections, and what is new or changed."""
    lines = _wrapped(diagram.stories[story].steps[step].say, width)
    for number, words in enumerate(connections(diagram, step, story=story), 1):
        lines += _wrapped(words, width, f"  {number}. ")
    looks = frames(diagram, story)
    before = looks[step - 1] if step else None
    lines += _news(diagram, before, looks[step], width)
    return lines


def _news(diagram: Diagram, before: Frame | None, now: Frame, width: int) -> list[str]:
    """Say which boxes appear, go away or change their words, and which are in focus."""
    names = spoken_names(diagram)
    parts: dict[str, list[str]] = {"In focus": [], "New": [], "Gone": [], "Changed": []}
    for each, look in zip(outline(diagram).elements, now.boxes, strict=True):
        if not each.is_leaf and not each.is_group:
            continue
        earlier: State = before.boxes[each.key].state if before is not None else look.state
        if look.state == "focus" and not each.is_note:
            parts["In focus"].append(_name_now(diagram, now, each))
        if "hidden" not in (look.state, earlier) and before is not None:
            old = before.boxes[each.key]
            if (old.name, old.text) != (look.name, look.text):
                now_reads = look.text if old.name == look.name else _words(look.name, look.text)
                parts["Changed"].append(f"{names[each.key]} now reads {_one_line(now_reads)}")
        elif look.state != earlier:
            parts["New" if earlier == "hidden" else "Gone"].append(
                _words(look.name, look.text) if each.is_leaf else look.name
            )
    return [
        line
        for key, found in parts.items()
        if found
        for line in _wrapped(f"{key}: {'; '.join(_counted(found))}.", width)
    ]


def _counted(words: list[str]) -> list[str]:
    """Return each text once, with how often it stands there: nobody listens to "slot" fifteen times."""
    return [f"{count} × {text}" if count > 1 else text for text, count in Counter(words).items()]


def _words(name: str, text: str) -> str:
    return ", ".join(_one_line(part) for part in (name, text) if part)


def _inventory(diagram: Diagram, width: int, picture: Frame | None = None) -> list[str]:
    """Return what is in the picture as a nested list, all of it or what one step shows."""
    plan = outline(diagram)
    entries: list[tuple[int, str]] = []
    for each in plan.elements:
        look = picture.boxes[each.key] if picture is not None else None
        if not each.box.is_drawn or (look is not None and look.state == "hidden"):
            continue
        name = look.name if look is not None else each.box.name
        text = look.text if look is not None else each.box.note or each.box.text
        depth = sum(1 for outer in plan.ancestors(each.key) if outer.is_group)
        tag = TAGS.get(each.box.run_by, "")
        words = _words(name, "" if each.box.holds_boxes else text) or "group"
        words += f" ({tag})" if tag and each.is_group else ""
        entries.append((depth, words))
    lines: list[str] = []
    for (depth, words), same in groupby(entries):
        count = len(list(same))
        lines += _wrapped(f"{count} × {words}" if count > 1 else words, width, "  " * depth + "- ")
    return lines


def _wrapped(text: str, width: int, bullet: str = "") -> list[str]:
    return textwrap.wrap(
        _one_line(text),
        max(width, len(bullet) + 8),
        initial_indent=bullet,
        subsequent_indent=" " * len(bullet),
        break_on_hyphens=False,
    )
