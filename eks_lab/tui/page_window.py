"""Which part of a page is mounted: first what is on the screen, then ever more around it.

Pure arithmetic on estimated heights; `eks_lab.tui.widgets.page_view` does the mounting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BATCH_WEIGHT = 12
"""Widgets mounted in one step of filling in; more would be felt between two keys."""


@dataclass(frozen=True, slots=True)
class Window:
    """A run of slots: `start` is in it, `stop` is not."""

    start: int
    stop: int


def first_window(rows: Sequence[int], line: int, height: int) -> Window:
    """Return the slots that cover the screen when a line is at its top.

    Args:
        rows: height of every slot.
        line: the line at the top of the screen, from the top of the page.
        height: rows of the screen.
    """
    if not rows:
        return Window(0, 0)
    # A screen cannot start so low that it would show room below the end.
    line = max(0, min(line, sum(rows) - height))
    start = stop = len(rows)
    top = 0
    for number, own in enumerate(rows):
        if start == len(rows) and top + own > line:
            start = number
        if top >= line + height:
            stop = number
            break
        top += own
    start = min(start, len(rows) - 1)
    # Near the top everything above comes along: there is hardly anything to save.
    if sum(rows[:start]) <= height // 2:
        start = 0
    return Window(start, max(stop, start + 1))


def next_batch(window: Window, weights: Sequence[int]) -> Window:
    """Return a window that is a little larger: downwards first, as people read, then upwards.

    Args:
        window: what is mounted.
        weights: of every slot.
    """
    weight = 0
    start, stop = window.start, window.stop
    while stop < len(weights) and (weight == 0 or weight + weights[stop] <= BATCH_WEIGHT):
        weight += weights[stop]
        stop += 1
    while stop == len(weights) and start > 0 and (weight == 0 or weight + weights[start - 1] <= BATCH_WEIGHT):
        weight += weights[start - 1]
        start -= 1
    return Window(start, stop)
