"""Ranges drawn with characters: how ready somebody is, and how sure that is."""

from __future__ import annotations

from eks_lab.tui.question_rows import RangeRow

_REST, _RANGE, _MEAN, _LINE = "─", "━", "●", "┃"


def interval_bar(shown: RangeRow, width: int, line: float | None = None) -> str:
    """Return a range on a scale from 0 to 1: `────━━━●━━━────`; the line of passing is `┃`.

    Args:
        shown: the range.
        width: cells of the scale, at least 3.
        line: share that passes, 0 to 1; None for none. Where it falls on the mean, the mean is shown.
    """
    last = max(3, width) - 1
    low, mean, high = (round(max(0.0, min(1.0, part)) * last) for part in (shown.low, shown.mean, shown.high))
    cells = [_RANGE if low <= place <= high else _REST for place in range(last + 1)]
    if line is not None:
        cells[round(max(0.0, min(1.0, line)) * last)] = _LINE
    cells[mean] = _MEAN
    return "".join(cells)
