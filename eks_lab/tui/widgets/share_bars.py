"""Parts of a whole as bars drawn in characters, with the figures beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.widget import Widget

FULL, EMPTY, LINE = "█", "░", "│"
BAR_LEAST, BAR_MOST = 10, 40
STACKED_BELOW = 72
"""Columns under which a name stands above its bar; a long name does so anyway."""


@dataclass(frozen=True, slots=True)
class ShareBar:
    """One bar."""

    name: str
    part: float | None
    """0 to 1; None where there is nothing to draw."""
    words: str
    """The figures."""
    line: float | None = None
    """Where a line is drawn that should be reached, 0 to 1."""


class ShareBars(Widget):
    """Bars below each other; every one has its figures in words."""

    ALLOW_SELECT = True
    DEFAULT_CSS = """
    ShareBars { height: auto; width: 1fr; margin: 1 0 0 0; }
    """

    def __init__(self, bars: Sequence[ShareBar] = (), *, id: str | None = None) -> None:
        """Draw bars.

        Args:
            bars: from the top.
            id: of the widget.
        """
        super().__init__(id=id)
        self._bars = tuple(bars)

    def show(self, bars: Sequence[ShareBar]) -> None:
        """Draw other bars."""
        self._bars = tuple(bars)
        self.refresh(layout=True)

    def render(self) -> Content:
        """Return the bars for the present width."""
        return drawn_bars(self._bars, max(20, self.content_size.width or self.container_size.width))


def drawn_bars(bars: Sequence[ShareBar], width: int) -> Content:
    """Return bars as lines.

    Args:
        bars: from the top.
        width: cells there are.
    """
    if not bars:
        return Content("")
    words = max(len(bar.words) for bar in bars)
    longest = max(len(bar.name) for bar in bars) + 2
    is_stacked = width < STACKED_BELOW or longest > width // 3
    names = 2 if is_stacked else longest
    room = max(BAR_LEAST, min(BAR_MOST, width - names - words - 2))
    lines: list[Content] = []
    for bar in bars:
        drawn = Content.assemble((_cells(bar, room), "$text-primary"), f"  {bar.words}")
        if is_stacked:
            lines += [Content.styled(bar.name, "bold"), Content.assemble("  ", drawn)]
        else:
            lines.append(Content.assemble(f"{bar.name:<{names}}", drawn))
    return Content("\n").join(lines)


def _cells(bar: ShareBar, room: int) -> str:
    if bar.part is None:
        return "·" * room
    full = round(min(1.0, max(0.0, bar.part)) * room)
    cells = list(FULL * full + EMPTY * (room - full))
    if bar.line is not None:
        cells[min(room - 1, int(bar.line * room))] = LINE
    return "".join(cells)
