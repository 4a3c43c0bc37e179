"""A plot as characters: braille lines, bars of blocks, axes with numbers, and a legend of marks and names.

Pure: no Textual, no colours. Every cell carries a style word (`axis`, `label`, `series-1` …) that
`eks_lab.tui.widgets.plot_view` gives a colour; series differ in their marks as well, so that colour is never
needed to tell them apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rich.cells import cell_len, set_cell_size

from eks_lab.calc.model import Plot, Series
from eks_lab.calc.plot_table import value_at
from eks_lab.tui.plot_scale import Scale, number, scale_of

SERIES_STYLES = 4
"""Further series share the styles of the first ones; their marks still differ."""
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bits of a braille pattern by row and column of its dots."""
_BRAILLE = 0x2800
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_CELLS_BETWEEN_MARKS = 14
_NARROWEST = 8


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters of a picture."""

    marks: str
    fills: str
    """Of bars; the first one has eighths above it when it is a full block."""
    vertical: str
    horizontal: str
    corner: str
    tick_left: str
    tick_below: str
    cursor: str


UNICODE = Glyphs("●▲■◆○△□◇", "█▒░▓", "│", "─", "└", "┤", "┬", "┊")
ASCII = Glyphs("*o+x#@%&", "#=:-", "|", "-", "+", "+", "+", ":")


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring characters in one style."""

    text: str
    style: str = ""


Row = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """Where things of a drawing are."""

    x: Scale
    y: Scale
    left: int
    """Cells left of the field: labels and the axis."""
    columns: int
    """Cells of the field."""
    rows: int


class _Field:
    """The cells between the axes."""

    def __init__(self, columns: int, rows: int, glyphs: Glyphs) -> None:
        self._dots = [[0] * columns for _ in range(rows)]
        self._styles = [[""] * columns for _ in range(rows)]
        self._marks = [[""] * columns for _ in range(rows)]
        self._glyphs = glyphs
        self.columns, self.rows = columns, rows

    def dot(self, x: int, y: int, series: int) -> None:
        """Set a dot: two columns and four rows of them in a cell, y from the top."""
        column, row = x // 2, y // 4
        if 0 <= column < self.columns and 0 <= row < self.rows:
            self._dots[row][column] |= _DOTS[y % 4][x % 2]
            self._styles[row][column] = series_style(series)
            if self._glyphs is ASCII:
                self._marks[row][column] = self._glyphs.marks[series % len(self._glyphs.marks)]

    def put(self, column: int, row: int, text: str, style: str) -> None:
        """Put a character into a cell."""
        if 0 <= column < self.columns and 0 <= row < self.rows:
            self._marks[row][column], self._styles[row][column] = text, style

    def cursor(self, column: int) -> None:
        """Draw a line from top to bottom where nothing else is."""
        for row in range(self.rows):
            if 0 <= column < self.columns and not self._marks[row][column] and not self._dots[row][column]:
                self.put(column, row, self._glyphs.cursor, "cursor")

    def line(self, row: int) -> Iterator[tuple[str, str]]:
        """Yield the characters of a row with their styles."""
        for column in range(self.columns):
            dots, style = self._dots[row][column], self._styles[row][column]
            yield self._marks[row][column] or (chr(_BRAILLE + dots) if dots else " "), style


def series_style(number_of_series: int) -> str:
    """Return the style word of a series, counted from 0."""
    return f"series-{number_of_series % SERIES_STYLES + 1}"


def series_mark(plot: Plot, number_of_series: int, glyphs: Glyphs = UNICODE) -> str:
    """Return what stands for a series in the legend and in the picture."""
    marks = glyphs.fills if plot.series[number_of_series].style == "bar" else glyphs.marks
    return marks[number_of_series % len(marks)]


def frame(plot: Plot, width: int, rows: int) -> Frame | None:
    """Return how a plot is laid out, None when it has no points.

    Args:
        plot: the plot.
        width: cells of the whole picture.
        rows: rows of the field between the axes.
    """
    points = [point for series in plot.series for point in _finite(series)]
    if not points:
        return None
    has_bars = any(series.style == "bar" for series in plot.series)
    low, high = min(y for _, y in points), max(y for _, y in points)
    if has_bars or 0 < low <= 0.6 * high:
        # Lengths are compared from nothing; only values far from it are looked at more closely.
        low = min(0.0, low)
    y = scale_of(low, max(high, low), wanted=max(2, rows // 3), widen=True)
    left = max(cell_len(number(tick)) for tick in y.ticks) + 1
    columns = max(_NARROWEST, width - left - 1)
    xs = sorted({x for x, _ in points})
    first, last = xs[0], xs[-1]
    if has_bars:
        half = min((right - left_x for left_x, right in pairwise(xs)), default=1.0) / 2
        first, last = first - half, last + half
    widest = max(cell_len(number(first)), cell_len(number(last)), 3) + 3
    is_whole = all(float(x).is_integer() for x in xs) and last - first > 1
    x = scale_of(first, last, wanted=max(2, columns // widest), widen=False, whole=is_whole)
    if has_bars and len(xs) <= columns // widest:
        x = Scale(x.low, x.high, tuple(xs))
    return Frame(x, y, left, columns, rows)


def draw(
    plot: Plot, width: int, rows: int, *, glyphs: Glyphs = UNICODE, cursor: float | None = None
) -> list[Row]:
    """Draw a plot without its title.

    Args:
        plot: what to draw.
        width: cells of a line.
        rows: rows of the field between the axes.
        glyphs: `UNICODE`, or `ASCII` for terminals that know no more.
        cursor: x to point out.

    Returns:
        Rows no wider than `width`, unless that is too narrow for any picture.
    """
    placed = frame(plot, width, rows)
    if placed is None:
        return [(Run("No points to draw.", "label"),)]
    field = _Field(placed.columns, placed.rows, glyphs)
    _draw_bars(plot, placed, field, glyphs)
    for index, series in enumerate(plot.series):
        if series.style != "bar":
            _draw_line(series, index, placed, field)
    for index, series in enumerate(plot.series):
        if series.style != "bar":
            _draw_marks(plot, series, index, placed, field, glyphs)
    if cursor is not None:
        field.cursor(_column(placed, cursor))
    return [
        *_words(plot.y_label, width),
        *_rows(placed, field, glyphs),
        *_x_axis(placed, glyphs),
        *_words(plot.x_label, width, indent=placed.left + 1),
        *legend(plot, width, glyphs),
    ]


def legend(plot: Plot, width: int, glyphs: Glyphs = UNICODE) -> list[Row]:
    """Return mark and name of every series, on as many lines as it takes."""
    lines: list[list[Run]] = [[]]
    used = 0
    for index, series in enumerate(plot.series):
        text = f" {series.name}"
        needed = 1 + cell_len(text) + (2 if used else 0)
        if used and used + needed > width:
            lines.append([])
            used, needed = 0, needed - 2
        if used:
            lines[-1].append(Run("  "))
        lines[-1] += [
            Run(series_mark(plot, index, glyphs), series_style(index)),
            Run(_cut(text, max(2, width - 1)), "label"),
        ]
        used += needed
    return [tuple(line) for line in lines if line]


def _finite(series: Series) -> list[tuple[float, float]]:
    return [(x, y) for x, y in series.points if math.isfinite(x) and math.isfinite(y)]


def _column(placed: Frame, x: float) -> int:
    return round(placed.x.part(x) * (placed.columns - 1))


def _dot(placed: Frame, x: float, y: float) -> tuple[int, int]:
    across = round(placed.x.part(x) * (2 * placed.columns - 1))
    down = round((1 - placed.y.part(y)) * (4 * placed.rows - 1))
    return across, down


def _draw_line(series: Series, index: int, placed: Frame, field: _Field) -> None:
    points = _finite(series)
    dots: list[tuple[int, int]] = []
    for x, y in points:
        across, down = _dot(placed, x, y)
        if series.style == "step" and dots:
            dots.append((across, dots[-1][1]))
        dots.append((across, down))
    for x, y in dots[:1]:
        field.dot(x, y, index)
    for start, end in pairwise(dots):
        for x, y in _between(start, end):
            field.dot(x, y, index)


def _between(start: tuple[int, int], end: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Yield the dots of a straight line, the first one left out."""
    across, down = end[0] - start[0], end[1] - start[1]
    steps = max(abs(across), abs(down))
    for step in range(1, steps + 1):
        yield start[0] + round(across * step / steps), start[1] + round(down * step / steps)


def _draw_marks(plot: Plot, series: Series, index: int, placed: Frame, field: _Field, glyphs: Glyphs) -> None:
    """Put the mark of a series on its line now and then, each series a little further right."""
    points = _finite(series)
    if not points:
        return
    drawn = Series(series.name, tuple(points), series.style)
    count = max(2, placed.columns // _CELLS_BETWEEN_MARKS)
    first, last = points[0][0], points[-1][0]
    shift = (index + 0.5) / len(plot.series)
    for place in range(count):
        x = first + (last - first) * (place + shift) / count
        y = value_at(drawn, x)
        if y is not None:
            column, row = _column(placed, x), _dot(placed, x, y)[1] // 4
            field.put(column, row, series_mark(plot, index, glyphs), series_style(index))


def _draw_bars(plot: Plot, placed: Frame, field: _Field, glyphs: Glyphs) -> None:
    bars = [(index, series) for index, series in enumerate(plot.series) if series.style == "bar"]
    xs = sorted({x for _, series in bars for x, _ in _finite(series)})
    if not xs:
        return
    room = placed.columns / max(1, len(xs))
    wide = max(1, int(room * 0.8 / len(bars)))
    base = placed.y.part(max(placed.y.low, min(0.0, placed.y.high)))
    for place, (index, series) in enumerate(bars):
        for x, y in _finite(series):
            # Bars at one x stand side by side around it.
            start = placed.x.part(x) * placed.columns - wide * len(bars) / 2 + place * wide
            for column in range(round(start), round(start) + wide):
                _draw_bar(column, base, placed.y.part(y), index, plot, field, glyphs)


def _draw_bar(
    column: int, base: float, top: float, index: int, plot: Plot, field: _Field, glyphs: Glyphs
) -> None:
    low, high = sorted((base, top))
    fill, style = series_mark(plot, index, glyphs), series_style(index)
    for row in range(field.rows):
        below = (field.rows - 1 - row) / field.rows
        covered = min(1.0, max(0.0, (high - below) * field.rows)) - min(
            1.0, max(0.0, (low - below) * field.rows)
        )
        if fill == UNICODE.fills[0] and top >= base:
            text = _EIGHTHS[round(covered * 8)]
        else:
            text = fill if covered >= 0.5 else " "
        if text != " ":
            field.put(column, row, text, style)
    if high == low:
        return
    # A bar of almost nothing is still a bar.
    row = min(field.rows - 1, int((1 - high) * field.rows))
    if (high - low) * field.rows < 1 / 16:
        field.put(column, row, _EIGHTHS[1] if fill == UNICODE.fills[0] else fill, style)


def _rows(placed: Frame, field: _Field, glyphs: Glyphs) -> Iterator[Row]:
    labels: dict[int, str] = {}
    for tick in placed.y.ticks:
        labels[min(placed.rows - 1, _dot(placed, placed.x.low, tick)[1] // 4)] = number(tick)
    for row in range(placed.rows):
        label = labels.get(row, "")
        runs = [
            Run(label.rjust(placed.left - 1) + " ", "label"),
            Run(glyphs.tick_left if label else glyphs.vertical, "axis"),
        ]
        for text, style in field.line(row):
            if runs[-1].style == style:
                runs[-1] = Run(runs[-1].text + text, style)
            else:
                runs.append(Run(text, style))
        yield tuple(runs)


def _x_axis(placed: Frame, glyphs: Glyphs) -> Iterator[Row]:
    line = [glyphs.horizontal] * placed.columns
    labels = [" "] * (placed.left + 1 + placed.columns)
    free_from = 0
    for tick in placed.x.ticks:
        column = _column(placed, tick)
        text = number(tick)
        start = placed.left + 1 + column - len(text) // 2
        start = max(0, min(start, len(labels) - len(text)))
        line[column] = glyphs.tick_below
        if start >= free_from:
            labels[start : start + len(text)] = text
            free_from = start + len(text) + 1
    yield (Run(" " * placed.left + glyphs.corner + "".join(line), "axis"),)
    yield (Run("".join(labels).rstrip(), "label"),)


def _words(text: str, width: int, indent: int = 0) -> Iterator[Row]:
    indent = min(indent, max(0, width - cell_len(text)))
    yield (Run(" " * indent + _cut(text, width - indent), "label"),)


def _cut(text: str, width: int) -> str:
    return text if cell_len(text) <= width else set_cell_size(text, max(0, width - 1)) + "…"


def columns_of(rows: Sequence[Row]) -> int:
    """Return the cells of the widest row."""
    return max((sum(cell_len(run.text) for run in row) for row in rows), default=0)
