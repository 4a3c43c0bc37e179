"""Axes: which numbers stand at them, and where a value lies between their ends."""

from __future__ import annotations

import math
from dataclasses import dataclass

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_LARGE = ((1e12, "T"), (1e9, "G"), (1e6, "M"))
_SMALLEST = 1e-300


@dataclass(frozen=True, slots=True)
class Scale:
    """One axis."""

    low: float
    high: float
    ticks: tuple[float, ...]
    """Where numbers stand, in order."""

    def part(self, value: float) -> float:
        """Return how far a value is from the lower end to the upper one, 0 to 1."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


def scale_of(low: float, high: float, *, wanted: int, widen: bool, whole: bool = False) -> Scale:
    """Return an axis for values.

    Args:
        low: smallest value.
        high: largest value.
        wanted: about how many steps between numbers.
        widen: whether the ends move outwards to the next numbers.
        whole: whether values are counts, so that 2.5 is no number to write at the axis.

    Returns:
        An axis with at least two numbers when widened, at least one otherwise.
    """
    if high <= low:
        # One value only: it lies in the middle, or on the ground when it is nothing.
        room = abs(low) / 2 or 1.0
        low, high = (low, low + room) if low == 0 else (low - room, low + room)
    step = _step((high - low) / max(1, wanted), whole)
    if not step:
        return Scale(low, high, (low, high))
    # What binary fractions add moves no end of the axis; counts may have a step far wider than their values.
    hair = 1e-9 * min(1.0, (high - low) / step)
    first, last = math.floor(low / step + hair), math.ceil(high / step - hair)
    if not widen:
        first, last = math.ceil(low / step - hair), math.floor(high / step + hair)
    ticks = tuple(_clean(count * step, step) for count in range(first, last + 1))
    if widen:
        return Scale(ticks[0], ticks[-1], ticks)
    return Scale(low, high, ticks or (low,))


def _step(rough: float, whole: bool) -> float:
    if not _SMALLEST < rough < 1 / _SMALLEST:
        return 0.0
    power = 10.0 ** math.floor(math.log10(rough))
    steps = (factor * power for factor in _STEPS if not whole or (factor * power).is_integer())
    return next((step for step in steps if step >= rough * (1 - 1e-9)), max(1.0, 10 * power))


def _clean(value: float, step: float) -> float:
    """Return a tick without what binary fractions add: 0.3 and not 0.30000000000000004."""
    return round(value, max(0, 2 - math.floor(math.log10(step))))


def number(value: float) -> str:
    """Return a number in the few characters an axis has: `1,200`, `0.25`, `1.5M`."""
    for size, letter in _LARGE:
        if abs(value) >= size:
            return f"{value / size:.4g}{letter}".replace("-", "\u2212")
    text = f"{value:.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    if "e" in text:
        text = f"{value:.2g}"
    return text.replace("-", "\u2212", 1) if value < 0 else text
