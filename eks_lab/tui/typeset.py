"""Blocks and a width in, styled lines out: paragraphs, headings, lists, tables.

Pure: no Textual, no colours. A style is a set of words (`strong`, `code`, `term` …) that
`eks_lab.tui.inks` knows the looks of. Measures are terminal cells.

Blocks first become a flat run of `Flow` items, each with its indent and its list marker; `Live`
items are what prose cannot show (code, directives, boxes) and become widgets of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby

from rich.cells import cell_len

from eks_lab.content.page import (
    Block,
    Callout,
    Code,
    Directive,
    Heading,
    ItemList,
    Paragraph,
    Rule,
    Table,
)
from eks_lab.tui.line_break import Line, Piece, break_lines, join_styles
from eks_lab.tui.tables import set_table

__all__ = ["Flow", "Line", "Live", "Piece", "Setting", "flow", "parts", "typeset"]

BULLETS = ("•", "◦", "▪")


@dataclass(frozen=True, slots=True)
class Flow:
    """A piece of prose with its place in the lists around it."""

    block: Heading | Paragraph | Table | Rule
    indent: int = 0
    """Cells to the left of the text, the marker's room included."""
    marker: str = ""
    """Bullet or number, hanging to the left of the first line."""
    tight: bool = False
    """True when no blank line comes before."""
    style: str = ""
    """Style of the whole block."""


@dataclass(frozen=True, slots=True)
class Live:
    """A block that becomes a widget."""

    block: Code | Directive | Callout
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Setting:
    """Prose set for one width."""

    lines: tuple[Line, ...]
    anchors: dict[str, int] = field(default_factory=dict)
    """Line of each heading, by anchor."""

    @property
    def text(self) -> str:
        """The lines without their styles."""
        return "\n".join("".join(piece.text for piece in line) for line in self.lines)


def flow(blocks: Iterable[Block], *, indent: int = 0, depth: int = 0) -> Iterator[Flow | Live]:
    """Flatten blocks and the lists among them into a run of items.

    Args:
        blocks: blocks of a page, a box or a list item.
        indent: cells to keep free on the left.
        depth: lists around the blocks; chooses the bullet.

    Yields:
        Prose with indents and markers, and live blocks with theirs.
    """
    for block in blocks:
        match block:
            case ItemList():
                yield from _flow_list(block, indent, depth)
            case Code() | Directive() | Callout():
                yield Live(block, indent)
            case Heading() | Paragraph() | Table() | Rule():
                yield Flow(block, indent)


def _flow_list(block: ItemList, indent: int, depth: int) -> Iterator[Flow | Live]:
    if block.ordered:
        markers = [f"{number}." for number in range(block.start, block.start + len(block.items))]
    else:
        markers = [BULLETS[min(depth, len(BULLETS) - 1)]] * len(block.items)
    room = max((cell_len(marker) for marker in markers), default=1) + 1
    is_loose = any(sum(isinstance(part, Paragraph) for part in item) > 1 for item in block.items)
    for number, (marker, item) in enumerate(zip(markers, block.items, strict=True)):
        parts = list(flow(item, indent=indent + room, depth=depth + 1))
        first = parts[0] if parts else None
        if not isinstance(first, Flow) or first.marker:
            # An item that starts with code or with another list still shows its own marker.
            parts.insert(0, Flow(Paragraph((), block.line), indent + room))
        for place, part in enumerate(parts):
            if place == 0 and isinstance(part, Flow):
                follows_parent = number == 0 and depth > 0
                tight = follows_parent or (number > 0 and not is_loose)
                yield replace(part, marker=marker.rjust(room - 1), tight=tight)
            else:
                yield part


def is_live(item: Flow | Live) -> bool:
    """Return whether an item becomes a widget of its own."""
    return isinstance(item, Live)


def parts(blocks: Iterable[Block]) -> Iterator[tuple[Flow, ...] | Live]:
    """Group blocks into as few widgets as possible.

    Args:
        blocks: blocks of a page or of a box.

    Yields:
        Runs of prose, and live blocks between them.
    """
    for live, items in groupby(flow(blocks), is_live):
        if live:
            for item in items:
                assert isinstance(item, Live)
                yield item
        else:
            yield tuple(item for item in items if isinstance(item, Flow))


def typeset(items: Iterable[Flow], width: int) -> Setting:
    """Break prose into lines.

    Args:
        items: prose in order.
        width: cells of a line; at least one cell is always used.

    Returns:
        Lines no wider than `width`, and the line of each heading.
    """
    lines: list[Line] = []
    anchors: dict[str, int] = {}
    before: Heading | Paragraph | Table | Rule | None = None
    for item in items:
        # On a very narrow terminal deep lists give up their indent before they give up their text.
        indent = min(item.indent, max(width - 16, width // 3))
        # What follows a heading belongs to it.
        if lines and not item.tight and not isinstance(before, Heading):
            lines.append(())
        before = item.block
        if isinstance(item.block, Heading):
            anchors.setdefault(item.block.anchor, len(lines))
        body = _set_block(item, max(1, width - indent))
        lines.extend(_indented(body, indent, item.marker))
    return Setting(tuple(lines), anchors)


def _set_block(item: Flow, width: int) -> list[Line]:
    match item.block:
        case Heading(level=level, spans=spans):
            head = f"heading{level}"
            lines = break_lines(spans, width, style=join_styles(head, item.style))
            if level == 2:
                lines.append((Piece("─" * width, "rule"),))
            return lines
        case Paragraph(spans=spans):
            return break_lines(spans, width, style=item.style) or [()]
        case Table():
            return set_table(item.block, width)
        case Rule():
            return [(Piece("─" * width, "rule"),)]


def _indented(body: list[Line], indent: int, marker: str) -> Iterator[Line]:
    if marker and cell_len(marker) >= indent:
        # No room for it beside the text: it stands above.
        yield (Piece(marker.strip(), "marker"),)
        marker = ""
    for number, line in enumerate(body):
        if number == 0 and marker:
            yield (Piece(marker.rjust(indent - 1) + " ", "marker"), *line)
        elif indent and line:
            yield (Piece(" " * indent), *line)
        else:
            yield line
