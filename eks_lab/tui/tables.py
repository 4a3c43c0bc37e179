"""Tables in running text: columns where they fit, records of label and value where they do not."""

from __future__ import annotations

from dataclasses import replace

from rich.cells import cell_len

from eks_lab.content.page import Span, Spans, Table
from eks_lab.tui.line_break import Line, Piece, break_lines, words

_COLUMN_GAP = 3
_SMALLEST_COLUMN = 8
_WIDEST_WORD = 24
"""A column is not made wider than this for the sake of one long word."""


def set_table(table: Table, width: int) -> list[Line]:
    """Lay out a table: in columns where they fit, as records of label and value where not.

    Args:
        table: header and rows.
        width: cells of a line.

    Returns:
        Lines no wider than `width`.
    """
    columns = _column_widths(table, width)
    if columns is None:
        return _records(table, width)
    head = _row(table.header, columns, "table-head")
    lines = [*head, (Piece("━" * (sum(columns) + _COLUMN_GAP * (len(columns) - 1)), "rule"),)]
    rows = [_row(row, columns, "") for row in table.rows]
    is_airy = any(len(row) > 1 for row in rows)
    for number, row in enumerate(rows):
        if number and is_airy:
            lines.append((Piece("─" * (sum(columns) + _COLUMN_GAP * (len(columns) - 1)), "faint"),))
        lines.extend(row)
    return lines


def _natural(spans: Spans) -> int:
    return sum(cell_len(span.text) for span in spans)


def _longest_word(spans: Spans) -> int:
    return max((sum(cell_len(p.text) for p in word) for word in words(spans, "")), default=0)


def _column_widths(table: Table, width: int) -> list[int] | None:
    """Return the cells of each column, or None when columns would be too narrow to read."""
    count = len(table.header)
    available = width - _COLUMN_GAP * (count - 1)
    cells = [[table.header[number], *(row[number] for row in table.rows)] for number in range(count)]
    natural = [max(1, *(_natural(cell) for cell in column)) for column in cells]
    if sum(natural) <= available:
        return natural
    smallest = [
        min(full, max(_SMALLEST_COLUMN, min(_WIDEST_WORD, max(_longest_word(cell) for cell in column))))
        for full, column in zip(natural, cells, strict=True)
    ]
    spare = available - sum(smallest)
    if spare < 0:
        return None
    # What is left goes to the columns that want it, in proportion to how much they want.
    wanted = [full - least for full, least in zip(natural, smallest, strict=True)]
    total = sum(wanted)
    widths = [least + spare * want // total for least, want in zip(smallest, wanted, strict=True)]
    left = available - sum(widths)
    for number in sorted(range(count), key=lambda column: widths[column] - natural[column]):
        extra = min(left, natural[number] - widths[number])
        widths[number] += extra
        left -= extra
    return widths


def _row(cells: tuple[Spans, ...], columns: list[int], style: str) -> list[Line]:
    broken = [break_lines(cell, room, style=style) for cell, room in zip(cells, columns, strict=True)]
    height = max(1, *(len(lines) for lines in broken))
    rows: list[Line] = []
    for number in range(height):
        line: list[Piece] = []
        for column, (lines, room) in enumerate(zip(broken, columns, strict=True)):
            part = lines[number] if number < len(lines) else ()
            line.extend(part)
            if column < len(columns) - 1:
                used = sum(cell_len(piece.text) for piece in part)
                line.append(Piece(" " * (room - used + _COLUMN_GAP)))
        rows.append(tuple(line))
    return rows


def _records(table: Table, width: int) -> list[Line]:
    """Set each row as labelled values, for terminals too narrow for columns."""
    lines: list[Line] = []
    for number, row in enumerate(table.rows):
        if number:
            lines.append((Piece("─" * min(width, 24), "faint"),))
        for place, (label, value) in enumerate(zip(table.header, row, strict=True)):
            if not label:
                lines.extend(break_lines(value, width, style="strong"))
                continue
            head = tuple(replace(span, strong=False) for span in label)
            if place == 0:
                lines.extend(break_lines(value, width, style="strong"))
                continue
            name = break_lines((*head, Span(":")), width, style="table-head")
            text = break_lines(value, max(1, width - 2))
            if len(name) == 1 and len(text) == 1:
                used = sum(cell_len(piece.text) for piece in (*name[0], *text[0]))
                if used + 1 <= width:
                    lines.append((*name[0], Piece(" "), *text[0]))
                    continue
            lines.extend(name)
            lines.extend((Piece("  "), *line) for line in text)
    return lines
