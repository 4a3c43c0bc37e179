"""A step of a diagram as rows of styled text: the one function that turns data into a picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from eks_lab.content.diagram.canvas import HEAVY, LIGHT, MARKERS, Canvas, Head, Row, Style
from eks_lab.content.diagram.frames import ArrowLook, BoxLook, Frame, State, frames
from eks_lab.content.diagram.labels import Spot, label_lines, place_labels
from eks_lab.content.diagram.layout import Layout, Problem, Rect, lay_out
from eks_lab.content.diagram.model import Arrow, Diagram
from eks_lab.content.diagram.outline import Element, Outline, outline
from eks_lab.content.diagram.route import STEPS, Route, route_all
from eks_lab.content.diagram.widths import TAGS
from eks_lab.content.diagram.words import leaf_lines, wrap

FULL_WIDTH = 74
"""Columns a picture is made for: what an 80-column terminal leaves of a page."""
MAX_HEIGHT = 26
"""Rows a picture may have."""

_HEADS: tuple[Head, ...] = ("n", "e", "s", "w")


@dataclass(frozen=True, slots=True)
class Plan:
    """Where everything in a picture goes, the same for every step of a story."""

    outline: Outline
    layout: Layout
    routes: dict[str, Route]
    """By arrow id."""
    spots: dict[str, Spot]
    """Where the words of arrows go, by arrow id."""
    problems: tuple[Problem, ...]
    """Empty when the picture is readable."""


@lru_cache(maxsize=64)
def plan(diagram: Diagram, story: int, width: int) -> Plan:
    """Work out where everything goes.

    Args:
        diagram: the diagram.
        story: index into `diagram.stories`.
        width: columns to fill.
    """
    boxes = outline(diagram)
    layout = lay_out(diagram, width)
    pictures = frames(diagram, story)
    drawn = [
        arrow
        for at, arrow in enumerate(diagram.arrows)
        if any(picture.arrows[at].state != "hidden" for picture in pictures)
    ]
    routes, unrouted = route_all(boxes, layout, drawn)
    spots, unlabelled = place_labels(diagram, story, boxes, layout, routes)
    return Plan(boxes, layout, routes, spots, (*layout.problems, *unrouted, *unlabelled))


def fits(diagram: Diagram, width: int, story: int = 0) -> bool:
    """Return whether a picture can be drawn in `width` columns with everything readable."""
    return not plan(diagram, story, min(width, FULL_WIDTH)).problems


def draw(
    diagram: Diagram, step: int, width: int = FULL_WIDTH, *, story: int = 0, ascii_only: bool = False
) -> tuple[Row, ...]:
    """Draw one step.

    Args:
        diagram: the diagram.
        step: index of the step in its story.
        width: columns there are; more than `FULL_WIDTH` are not used. Ask `fits` first: what does not
            fit is left out.
        story: index into `diagram.stories`.
        ascii_only: use no character outside ASCII.

    Returns:
        Rows of equal width, at most `width` columns unless a word is too long for it.
    """
    ready = plan(diagram, story, min(width, FULL_WIDTH))
    picture = frames(diagram, story)[step]
    canvas = Canvas(ready.layout.width, ready.layout.height)
    for each in ready.outline.elements:
        look = picture.boxes[each.key]
        if look.state != "hidden" and each.is_group:
            _draw_group(canvas, ready.layout, each, look)
    for each in ready.outline.elements:
        look = picture.boxes[each.key]
        if look.state != "hidden" and each.is_leaf:
            _draw_leaf(canvas, ready.layout.rects[each.key], each, look)
    for each in ready.outline.elements:
        look = picture.boxes[each.key]
        if look.state != "hidden" and each.is_group:
            _draw_title(canvas, ready.layout.rects[each.key], each, look)
    _draw_arrows(canvas, ready, diagram, picture)
    return canvas.rows(ascii_only=ascii_only)


def _draw_group(canvas: Canvas, layout: Layout, each: Element, look: BoxLook) -> None:
    """Draw the border of a group; joined boxes bring their own, which only focus draws over."""
    rect = layout.rects[each.key]
    weight = HEAVY if look.state == "focus" else LIGHT
    border: Style = _styled(look.state, "group", "focus")
    if not each.box.joined:
        canvas.paint(rect.x, rect.y, rect.width, rect.height, f"group-{min(each.depth + 1, 3)}")
    if look.state == "focus" or not each.box.joined:
        canvas.border(rect.x, rect.y, rect.width, rect.height, weight, border, rounded=not each.box.joined)


def _draw_title(canvas: Canvas, rect: Rect, each: Element, look: BoxLook) -> None:
    """Write a group's name and tag into its border, over the borders of joined boxes too."""
    if look.name:
        canvas.write(rect.x + 2, rect.y, f" {look.name} ", _styled(look.state, "group-name", "focus-name"))
    if tag := TAGS.get(each.box.run_by, ""):
        canvas.write(rect.right - 3 - len(tag), rect.y, f" {tag} ", _styled(look.state, "group", "focus"))


def _draw_leaf(canvas: Canvas, rect: Rect, each: Element, look: BoxLook) -> None:
    heavy = look.state == "focus"
    if each.is_note:
        style: Style = _styled(look.state, "note", "note-focus")
        for row, line in enumerate(wrap(look.text, rect.width - 2)):
            canvas.arm(rect.x, rect.y + row, 0, HEAVY if heavy else LIGHT, style)
            canvas.arm(rect.x, rect.y + row, 2, HEAVY if heavy else LIGHT, style)
            canvas.write(rect.x + 2, rect.y + row, line, style)
        return
    if heavy:
        canvas.paint(rect.x + 1, rect.y + 1, rect.width - 2, rect.height - 2, "focus")
    canvas.border(
        rect.x,
        rect.y,
        rect.width,
        rect.height,
        HEAVY if heavy else LIGHT,
        _styled(look.state, "box", "focus"),
        rounded=False,
    )
    names, texts = leaf_lines(look.name, look.text, rect.width - 4)
    top = rect.y + 1 + (rect.height - 2 - len(names) - len(texts)) // 2
    lines = [(line, _styled(look.state, "name", "focus-name")) for line in names]
    lines += [(line, _styled(look.state, "text", "focus-text")) for line in texts]
    for row, (line, style) in enumerate(lines):
        canvas.write(rect.x + (rect.width - len(line)) // 2, top + row, line, style)


def _draw_arrows(canvas: Canvas, ready: Plan, diagram: Diagram, picture: Frame) -> None:
    """Draw the arrows, those in focus last, then all their words."""
    pairs = list(zip(diagram.arrows, picture.arrows, strict=True))
    visible = [(arrow, look) for arrow, look in pairs if look.state != "hidden" and arrow.id in ready.routes]
    visible.sort(key=lambda pair: pair[1].state == "focus")
    for arrow, look in visible:
        _draw_line(canvas, ready.routes[arrow.id], arrow, look.state)
    for arrow, look in visible:
        if arrow.id in ready.spots:
            _draw_words(canvas, ready.spots[arrow.id], look)


def _draw_line(canvas: Canvas, route: Route, arrow: Arrow, state: State) -> None:
    weight = HEAVY if state == "focus" else LIGHT
    style: Style = _styled(state, "arrow", "arrow-focus")
    directions = (*route.directions(), _direction(route.cells[-1], route.finish))
    if arrow.end != "both":
        canvas.arm(*route.start, directions[0], weight, None)
    for at, cell in enumerate(route.cells):
        canvas.arm(*cell, (directions[at] + 2) % 4, weight, style, broken=arrow.dashed)
        canvas.arm(*cell, directions[at + 1], weight, style, broken=arrow.dashed)
    if arrow.end == "line":
        canvas.arm(*route.finish, (directions[-1] + 2) % 4, weight, None)
    else:
        canvas.head(*route.cells[-1], "stop" if arrow.end == "blocked" else _HEADS[directions[-1]], style)
    if arrow.end == "both":
        canvas.head(*route.cells[0], _HEADS[(directions[0] + 2) % 4], style)


def _draw_words(canvas: Canvas, spot: Spot, look: ArrowLook) -> None:
    style: Style = _styled(look.state, "label", "label-focus")
    marker = MARKERS[look.marker - 1] if 0 < look.marker <= len(MARKERS) else ""
    lines = label_lines(spot, look.label, marker)
    if not any(lines):
        return
    if spot.where == "on":
        start = spot.x + (spot.width - len(lines[0])) // 2
        text = f" {lines[0]} " if look.label else lines[0]
        canvas.write(start - (1 if look.label else 0), spot.y, text, style)
        return
    for row, line in enumerate(lines):
        start = spot.x + (spot.width - max(map(len, lines)) if spot.where == "before" else 0)
        canvas.write(start, spot.y + row, line, style)


def _direction(first: tuple[int, int], second: tuple[int, int]) -> int:
    return STEPS.index((second[0] - first[0], second[1] - first[1]))


def _styled(state: State, plain: Style, focus: Style) -> Style:
    """Return the style for a state."""
    if state == "focus":
        return focus
    if state == "dim":
        return "dim-line" if plain in ("group", "box", "arrow") else "dim"
    return plain
