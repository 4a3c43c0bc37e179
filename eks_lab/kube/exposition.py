"""Measurements as text, the way Prometheus reads them (exposition format 0.0.4)."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""Of an answer in this format."""

Labels = Mapping[str, str]


@dataclass(slots=True)
class Family:
    """A metric: its name, what it means, and its samples."""

    name: str
    """`kube_pod_info`."""
    help: str
    """One line."""
    type: Literal["counter", "gauge", "histogram", "untyped"] = "gauge"
    samples: list[tuple[str, Labels, float]] = field(default_factory=list)
    """Ending of the name, labels, value."""

    def add(self, value: float, labels: Labels | None = None, ending: str = "") -> None:
        """Add a sample.

        Args:
            value: of it.
            labels: name -> value.
            ending: `_bucket`, `_sum`, `_count` of a histogram.
        """
        self.samples.append((ending, labels or {}, value))


class Histogram:
    """Counts of values up to bounds."""

    __slots__ = ("_bounds", "_counts", "count", "sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        """Start empty.

        Args:
            bounds: upper ones, inclusive, rising; infinity is added.
        """
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self.count = 0
        self.sum = 0.0

    def observe(self, value: float) -> None:
        """Count a value."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self.count += 1
        self.sum += value

    def add_to(self, family: Family, labels: Labels) -> None:
        """Add its samples to a family: cumulative buckets, sum and count."""
        total = 0
        for bound, count in zip((*self._bounds, math.inf), self._counts, strict=True):
            total += count
            family.add(total, {**labels, "le": number(bound)}, "_bucket")
        family.add(self.sum, labels, "_sum")
        family.add(self.count, labels, "_count")


def page(families: Iterable[Family]) -> str:
    """Return families as text; one without samples is left out."""
    return "".join(line for family in families if family.samples for line in _lines(family))


def _lines(family: Family) -> Iterator[str]:
    text = family.help.replace("\\", "\\\\").replace("\n", "\\n")
    yield f"# HELP {family.name} {text}\n# TYPE {family.name} {family.type}\n"
    for ending, labels, value in family.samples:
        yield f"{family.name}{ending}{_braces(labels)} {number(value)}\n"


def _braces(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def number(value: float) -> str:
    """Return a number as Go prints it with `%g`: `1`, `0.25`, `1.5e+09`, `+Inf`."""
    if value in (0, 1):
        # Most samples say no or yes.
        return "1" if value else "0"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if math.isnan(value):
        return "NaN"
    value = float(value)
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    text = "".join(map(str, digits)).rstrip("0")
    place = len(digits) + int(exponent) - 1
    if not text or -4 <= place < 6:
        return str(int(value)) if value == int(value) else repr(value)
    tail = f".{text[1:]}" if len(text) > 1 else ""
    return f"{'-' if sign else ''}{text[0]}{tail}e{'-' if place < 0 else '+'}{abs(place):02}"
