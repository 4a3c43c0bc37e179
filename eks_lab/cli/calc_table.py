"""A table as plain text: columns where they fit, one block a row where not."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eks_lab.calc.model import Grid, Value

_INDENT = "  "
_GAP = "  "
_MOST_DECIMALS = 6
_NARROWEST_TEXT = 12
"""Cells of text are not broken into narrower columns than this."""
_MOST_LINES = 3
"""A cell of more lines is better read in blocks."""


def grid_lines(grid: Grid, width: int) -> Iterator[str]:
    """Yield a table line by line, indented; every line fits into the width unless one word does not.

    Args:
        grid: the table.
        width: characters of a line.
    """
    if not grid.rows:
        yield f"{_INDENT}No rows."
        return
    numeric = [_is_numeric([row[place] for row in grid.rows]) for place in range(len(grid.columns))]
    cells = _cells(grid, numeric)
    widths = _widths(grid.columns, cells, numeric, width - len(_INDENT))
    if widths is None:
        yield from _blocks(grid.columns, cells, width)
        return
    yield from _row(grid.columns, widths, numeric)
    yield _INDENT + _GAP.join("-" * column for column in widths)
    for row in cells:
        yield from _row(row, widths, numeric)


def _is_numeric(values: Sequence[Value]) -> bool:
    return all(
        value is None or (isinstance(value, int | float) and not isinstance(value, bool)) for value in values
    )


def _cells(grid: Grid, numeric: Sequence[bool]) -> list[list[str]]:
    columns = [
        _numbers([row[place] for row in grid.rows])
        if numeric[place]
        else [_word(row[place]) for row in grid.rows]
        for place in range(len(grid.columns))
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def _word(value: Value) -> str:
    from eks_lab.cli.calc_text import shown

    return " ".join(shown(value).split())


def _numbers(values: Sequence[Value]) -> list[str]:
    """Return numbers with equally many decimals, so that a right-aligned column lines up at the point."""
    from eks_lab.cli.calc_text import shown

    fractions = [f"{value:.{_MOST_DECIMALS}f}".rstrip("0") for value in values if isinstance(value, float)]
    decimals = max((len(text.partition(".")[2]) for text in fractions), default=0)
    return [
        f"{value:.{decimals}f}" if isinstance(value, int | float) and abs(value) < 1e15 else shown(value)
        for value in values
    ]


def _widths(
    columns: Sequence[str], cells: Sequence[Sequence[str]], numeric: Sequence[bool], room: int
) -> list[int] | None:
    """Return the characters of each column, None when columns would be too narrow to read."""
    room -= len(_GAP) * (len(columns) - 1)
    longest = [max(len(row[place]) for row in cells) for place in range(len(columns))]
    full = [max(len(name), cell) for name, cell in zip(columns, longest, strict=True)]
    if sum(full) <= room:
        return full
    # First headings are broken, then the widest column of text, a character at a time.
    widths = [max(_word_width(name), cell) for name, cell in zip(columns, longest, strict=True)]
    least = [
        width if is_number else min(width, max(_NARROWEST_TEXT, _word_width(name)))
        for width, is_number, name in zip(widths, numeric, columns, strict=True)
    ]
    while sum(widths) > room:
        spare, place = max(
            (width - low, place) for place, (width, low) in enumerate(zip(widths, least, strict=True))
        )
        if spare <= 0:
            return None
        widths[place] -= 1
    for place in sorted(range(len(widths)), key=lambda number: widths[number] - full[number]):
        widths[place] += min(room - sum(widths), full[place] - widths[place])
    highest = max(len(_broken(cell, width)) for row in cells for cell, width in zip(row, widths, strict=True))
    return widths if highest <= _MOST_LINES else None


def _word_width(text: str) -> int:
    return max((len(word) for word in text.split()), default=1)


def _broken(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_on_hyphens=False) or [""]


def _row(cells: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> Iterator[str]:
    broken = [_broken(cell, width) for cell, width in zip(cells, widths, strict=True)]
    for number in range(max(len(lines) for lines in broken)):
        parts = [
            f"{lines[number] if number < len(lines) else '':{'>' if is_number else '<'}{width}}"
            for lines, width, is_number in zip(broken, widths, numeric, strict=True)
        ]
        yield (_INDENT + _GAP.join(parts)).rstrip()


def _blocks(columns: Sequence[str], cells: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    for row in cells:
        for place, (name, cell) in enumerate(zip(columns, row, strict=True)):
            indent = _INDENT if place == 0 else _INDENT * 2
            yield from textwrap.wrap(
                f"{name}: {cell}",
                width,
                initial_indent=indent,
                subsequent_indent=_INDENT * 3,
                break_on_hyphens=False,
            )
