"""Lines of a list with hanging indents, as content for an option: lists wrap on narrow terminals too."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content

from eks_lab.content.page import Spans
from eks_lab.tui.line_break import Line, break_lines

_STYLES = {
    "": "",
    "accent": "$text-accent",
    "match": "bold underline $text-accent",
    "muted": "$text-muted",
    "strong": "bold",
    "muted strong": "bold underline $text-accent",
    "accent strong": "bold $text-accent",
}
"""Style words of a row: what stands out in muted text is what matched."""


@dataclass(frozen=True, slots=True)
class RowPart:
    """A paragraph of a row."""

    spans: Spans
    style: str = ""
    """`muted`, `accent` or nothing."""
    first: str = ""
    """Before the first line."""
    rest: str = ""
    """Before every other line, as wide as `first`."""
    most_lines: int = 0
    """Further lines are cut off; 0 keeps all."""


def row(parts: list[RowPart], width: int) -> Content:
    """Return the content of an option.

    Args:
        parts: paragraphs, one below the other.
        width: cells the option has.
    """
    lines: list[Content] = []
    for part in parts:
        room = max(8, width - len(part.first))
        broken = break_lines(part.spans, room, style=part.style)
        if part.most_lines and len(broken) > part.most_lines:
            broken = broken[: part.most_lines]
        for number, line in enumerate(broken):
            lines.append(Content.assemble(part.first if number == 0 else part.rest, _content(line)))
    return Content("\n").join(lines)


def _content(line: Line) -> Content:
    return Content.assemble(*[(piece.text, _STYLES.get(piece.style, "")) for piece in line])
