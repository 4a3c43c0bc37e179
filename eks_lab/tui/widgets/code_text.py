"""The text of a code block: long lines folded with a mark, or left as they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from eks_lab.tui.widgets.highlight import displayed, highlight_code

if TYPE_CHECKING:
    from textual.geometry import Size
    from textual.selection import Selection

MARK = "↪ "
"""Starts the rest of a folded line; copying undoes it."""
_FOLD = re.compile(rf"\n *{MARK}")
_BREAK_AFTER = " ,;=/|"


def fold_line(line: str, width: int) -> list[tuple[int, int, int]]:
    """Fold one line of code.

    Args:
        line: without its line end.
        width: cells there are; at least eight are used.

    Returns:
        Pieces as (first character, character after the last, cells to keep free on the left);
        together they are the whole line, so that nothing is lost by folding.
    """
    width = max(8, width)
    if cell_len(line) <= width:
        return [(0, len(line), 0)]
    hang = min(len(line) - len(line.lstrip()) + 2, width // 3)
    pieces: list[tuple[int, int, int]] = []
    start = 0
    while start < len(line):
        free = 0 if not pieces else hang
        room = width - (free + len(MARK) if pieces else 0)
        end = start + max(1, _fitting(line[start:], room))
        if end < len(line):
            best = max(line.rfind(mark, start, end) + 1 for mark in _BREAK_AFTER)
            if best - start > (end - start) // 2:
                end = best
        pieces.append((start, end, free))
        start = end
    return pieces


def _fitting(text: str, width: int) -> int:
    used = 0
    for number, character in enumerate(text):
        used += cell_len(character)
        if used > width:
            return number
    return len(text)


class CodeText(Widget):
    """Highlighted code; colours are worked out when it first comes into view."""

    DEFAULT_CSS = """
    CodeText { height: auto; width: 1fr; text-wrap: nowrap; text-overflow: clip; }
    CodeText.-unfolded { width: auto; }
    """

    is_folded: reactive[bool] = reactive(True, layout=True)
    """Whether long lines are folded; else they run off to the right."""

    def __init__(self, text: str, language: str) -> None:
        """Show code.

        Args:
            text: as the author wrote it.
            language: for the colours.
        """
        super().__init__()
        self._text = displayed(text)
        self._language = language
        self._lines = self._text.split("\n")
        self._longest = max(map(cell_len, self._lines))

    @property
    def longest(self) -> int:
        """Cells of the longest line."""
        return self._longest

    def watch_is_folded(self, is_folded: bool) -> None:
        """Let the text be as wide as its lines when they are not folded."""
        self.set_class(not is_folded, "-unfolded")

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Return the cells of the longest line (Textual asks when lines are not folded)."""
        return self._longest

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the number of lines at a width."""
        if not self.is_folded:
            return len(self._lines)
        return sum(len(fold_line(line, width)) for line in self._lines)

    def render(self) -> Content:
        """Return the code for the present width."""
        content = highlight_code(self._text, self._language)
        width = self.content_size.width
        if not self.is_folded or width >= self._longest:
            return content
        folded = []
        for line in content.split("\n", allow_blank=True):
            for start, end, free in fold_line(line.plain, width):
                piece = line[start:end]
                folded.append(Content.assemble((" " * free + MARK, "$text-muted"), piece) if start else piece)
        return Content("\n").join(folded)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return what is selected with the mouse, folded lines made whole."""
        return _FOLD.sub("", selection.extract(self.render().plain)), "\n"
