"""A plot of an answer: drawn for the width it gets, read off with the arrow keys, or shown in numbers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from eks_lab.calc.model import Plot
from eks_lab.calc.plot_table import plot_grid, plot_xs, value_at
from eks_lab.content.diagram.canvas import terminal_is_ascii
from eks_lab.content.page import Span
from eks_lab.content.questions import number_text
from eks_lab.tui.line_break import break_lines
from eks_lab.tui.plot_drawing import ASCII, SERIES_STYLES, UNICODE, Row, Run, draw, series_mark, series_style
from eks_lab.tui.tables import set_table
from eks_lab.tui.widgets.answer_text import grid_table

if TYPE_CHECKING:
    from textual.geometry import Size

_FEWEST_ROWS, _MOST_ROWS = 6, 14
_WIDEST = 100
_MOST_NUMBERS = 24
"""Rows of the plot in numbers; an export has all of them."""


class PlotView(Widget, can_focus=True):
    """A picture of an answer."""

    HELP = """
## Plot

`left` and `right` read values off at each point, `home` and `end` go to the first and last one. `x` shows the
plot in numbers, and as a picture again. Every series has a mark of its own on its line and in the legend.
"""
    BINDING_GROUP_TITLE = "Plot"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "read(1)", "Next point", id="plot.next", tooltip="Read off the next point"),
        Binding("left", "read(-1)", "Point before", id="plot.before", tooltip="Read off the point before"),
        Binding("home", "read_end(0)", "First point", show=False, id="plot.first", tooltip="First point"),
        Binding("end", "read_end(-1)", "Last point", show=False, id="plot.last", tooltip="Last point"),
        Binding(
            "x",
            "numbers",
            "In numbers",
            id="plot.numbers",
            tooltip="The plot in numbers, or the picture again",
        ),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"plot--series-{number}" for number in range(1, SERIES_STYLES + 1)),
        *("plot--title", "plot--label", "plot--axis", "plot--cursor", "plot--table-head", "plot--rule"),
    }
    DEFAULT_CSS = """
    PlotView {
        height: auto;
        width: 1fr;
        padding: 0 0 0 1;
        border-left: outer transparent;
        &:focus { border-left: outer $accent; }
        .plot--title { text-style: bold; color: $text-accent; }
        .plot--label { color: $text-muted; }
        .plot--axis { color: $text-muted; }
        .plot--cursor { color: $foreground; }
        .plot--table-head { color: $text-primary; text-style: bold; }
        .plot--rule { color: $text-muted; }
        .plot--series-1 { color: $primary; }
        .plot--series-2 { color: $accent; }
        .plot--series-3 { color: $success; }
        .plot--series-4 { color: $secondary; }
    }
    """

    point: reactive[int | None] = reactive[int | None](None, init=False, layout=True)
    """Which point is read off, counted from 0; None for none."""
    in_numbers: reactive[bool] = reactive(False, init=False, layout=True)
    """Whether the reader asked for numbers instead of the picture."""

    def __init__(self, plot: Plot, *, ascii_only: bool | None = None) -> None:
        """Show a plot.

        Args:
            plot: what to draw.
            ascii_only: whether to do without braille and box drawing; as the terminal needs it when left out.
        """
        super().__init__()
        self._plot = plot
        self._xs = plot_xs(plot)
        is_ascii = terminal_is_ascii(os.environ) if ascii_only is None else ascii_only
        self._glyphs = ASCII if is_ascii else UNICODE
        self._drawn: tuple[int, list[Row]] | None = None

    @property
    def plot(self) -> Plot:
        """What is drawn."""
        return self._plot

    def show(self, plot: Plot) -> None:
        """Draw another plot; the point that is read off stays where it was."""
        if plot == self._plot:
            return
        self._plot, self._xs = plot, plot_xs(plot)
        if self.point is not None:
            self.set_reactive(PlotView.point, min(self.point, len(self._xs) - 1) if self._xs else None)
        self._forget()
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the number of lines at a width."""
        return len(self._lines(width))

    def render_line(self, y: int) -> Strip:
        """Return one line of the picture."""
        width = self.content_size.width
        lines = self._lines(width)
        segments = [
            Segment(
                run.text,
                self.get_component_rich_style(f"plot--{run.style}") if run.style else self.rich_style,
            )
            for run in (lines[y] if y < len(lines) else ())
        ]
        return Strip(segments).adjust_cell_length(width, self.rich_style).simplify()

    def notify_style_update(self) -> None:
        """Draw again in the new colours."""
        super().notify_style_update()
        self.refresh()

    def action_read(self, by: int) -> None:
        """Read off the next point, or the one before."""
        if self._xs:
            start = -1 if by > 0 else len(self._xs)
            here = self.point if self.point is not None else start
            self.point = min(len(self._xs) - 1, max(0, here + by))

    def action_read_end(self, place: int) -> None:
        """Read off the first or the last point."""
        if self._xs:
            self.point = range(len(self._xs))[place]

    def action_numbers(self) -> None:
        """Show the plot in numbers, or the picture again."""
        self.in_numbers = not self.in_numbers

    def watch_point(self) -> None:
        """Draw again."""
        self._forget()

    def watch_in_numbers(self) -> None:
        """Draw again."""
        self._forget()

    def _forget(self) -> None:
        self._drawn = None

    def _lines(self, width: int) -> list[Row]:
        if self._drawn is None or self._drawn[0] != width:
            self._drawn = (width, [*self._title(width), *self._body(max(1, width))])
        return self._drawn[1]

    def _title(self, width: int) -> list[Row]:
        lines = break_lines((Span(self._plot.title),), max(1, width))
        return [tuple(Run(piece.text, "title") for piece in line) for line in lines]

    def _body(self, width: int) -> list[Row]:
        if self.in_numbers:
            return self._table(width)
        rows = min(_MOST_ROWS, max(_FEWEST_ROWS, self.app.size.height // 3))
        cursor = self._xs[self.point] if self.point is not None else None
        picture = draw(self._plot, min(width, _WIDEST), rows, glyphs=self._glyphs, cursor=cursor)
        return [*picture, *self._reading(width)]

    def _reading(self, width: int) -> list[Row]:
        """Return the values at the point that is read off."""
        if self.point is None:
            return []
        x = self._xs[self.point]
        runs = [Run(f"{self._plot.x_label} {number_text(x)}:")]
        lines: list[Row] = []
        used = len(runs[0].text)
        for index, series in enumerate(self._plot.series):
            y = value_at(series, x)
            text = f" {series.name} {number_text(y) if y is not None else '–'}"
            if used + len(text) + 3 > width and used:
                lines.append(tuple(runs))
                runs, used = [], 0
            runs += [
                Run("  "),
                Run(series_mark(self._plot, index, self._glyphs), series_style(index)),
                Run(text),
            ]
            used += len(text) + 3
        return [*lines, tuple(runs)]

    def _table(self, width: int) -> list[Row]:
        grid = plot_grid(self._plot, _MOST_NUMBERS)
        lines = set_table(grid_table(grid), width)
        rows = [tuple(Run(piece.text, _table_style(piece.style)) for piece in line) for line in lines]
        if len(grid.rows) < len(self._xs):
            said = f"{len(grid.rows)} of {len(self._xs)} points; saving the plot as CSV has them all."
            rows.append((Run(said[:width], "label"),))
        return rows


def _table_style(words: str) -> str:
    if "table-head" in words:
        return "table-head"
    return "rule" if words in ("rule", "faint") else ""
