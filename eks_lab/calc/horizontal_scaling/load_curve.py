"""Load over time: a few named shapes, or points."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from eks_lab.errors import InputError

Shape = Literal["constant", "step", "ramp", "spike", "sine"]
LoadCurve = Callable[[float], float]
"""Seconds since the start -> load; any time, the past included."""
_POINT = re.compile(r"(\d{1,7}(?:\.\d{1,3})?)(s|m|min)?:(\d{1,12}(?:\.\d{1,6})?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wave:
    """A shape with its numbers."""

    shape: Shape
    """`constant` stays at the base; `step` goes to the peak and stays; `ramp` takes its time to get there;
    `spike` comes back; `sine` swings between the two."""
    base: float
    """Load at the start."""
    peak: float
    """Load at the other end."""
    change_at_seconds: float
    """When it leaves the base; a sine swings from the beginning."""
    change_seconds: float
    """Length of the ramp or the spike, or one swing of the sine; above 0 for those."""

    def at(self, seconds: float) -> float:
        """Return the load at a time."""
        since = seconds - self.change_at_seconds
        match self.shape:
            case "constant":
                share = 0.0
            case "step":
                share = 1.0 if since >= 0 else 0.0
            case "ramp":
                share = min(1.0, max(0.0, since / self.change_seconds))
            case "spike":
                share = 1.0 if 0 <= since < self.change_seconds else 0.0
            case "sine":
                share = (1 - math.cos(2 * math.pi * seconds / self.change_seconds)) / 2
        return self.base + (self.peak - self.base) * share


@dataclass(frozen=True, slots=True)
class Polyline:
    """Load along straight lines between points, level before the first and after the last."""

    times_seconds: tuple[float, ...]
    """Ascending; two equal ones make a jump."""
    loads: tuple[float, ...]
    """One for each time."""

    def at(self, seconds: float) -> float:
        """Return the load at a time; at a jump the load after it."""
        right = bisect_right(self.times_seconds, seconds)
        if right == 0:
            return self.loads[0]
        if right == len(self.loads):
            return self.loads[-1]
        start, end = self.times_seconds[right - 1], self.times_seconds[right]
        share = (seconds - start) / (end - start)
        return self.loads[right - 1] + (self.loads[right] - self.loads[right - 1]) * share


def read_points(name: str, text: str) -> Polyline:
    """Read a curve of points, `0:100, 300:900` or `0:100, 5m:900`.

    Args:
        name: the input, for messages.
        text: times and loads; times in seconds, or in minutes with an m.

    Raises:
        InputError: a point is something else, or goes back in time.
    """
    times: list[float] = []
    loads: list[float] = []
    for part in re.split(r"[,;\s]+", text.strip(" ,;")):
        found = _POINT.fullmatch(part.lower())
        if found is None:
            raise InputError(
                f"{name}: {part!r} is no point of time and load",
                hint="Write points as 0:100, 300:900: seconds and load.",
            )
        at = float(found.group(1)) * (1 if found.group(2) in (None, "s") else 60)
        if times and at < times[-1]:
            raise InputError(
                f"{name}: {part} goes back in time, after {times[-1]:.10g} s",
                hint="Give points in the order of time.",
            )
        times.append(at)
        loads.append(float(found.group(3)))
    return Polyline(tuple(times), tuple(loads))
