"""A plot as numbers: what each series is worth at an x, and the points as a table."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from eks_lab.calc.model import Grid, Plot, Series, Value

_DIGITS = 6
"""Significant digits of a value between two points."""


def value_at(series: Series, x: float) -> float | None:
    """Return what a series is worth at an x, None where it says nothing.

    A point is worth itself. Between points a line runs straight, a step keeps the last value, and a bar
    stands at its own x only. Where several points share an x, the last one counts.

    Args:
        series: points in the order of x.
        x: where to look.
    """
    points = series.points
    after = bisect_right(points, x, key=_x)
    if after and points[after - 1][0] == x:
        return points[after - 1][1]
    if not 0 < after < len(points) or series.style == "bar":
        return None
    (left, low), (right, high) = points[after - 1], points[after]
    if series.style == "step":
        return low
    between = low + (high - low) * (x - left) / (right - left)
    return float(f"{between:.{_DIGITS}g}")


def plot_xs(plot: Plot, most: int | None = None) -> tuple[float, ...]:
    """Return the x of every point of a plot once, in order.

    Args:
        plot: the plot.
        most: take so many at most, evenly spread with the first and the last; at least 2.
    """
    xs = sorted({x for series in plot.series for x, _ in series.points})
    if most is None or len(xs) <= most:
        return tuple(xs)
    last = len(xs) - 1
    wanted = [xs[0] + (xs[last] - xs[0]) * number / (most - 1) for number in range(most)]
    chosen = {0, last}
    for target in wanted[1:-1]:
        place = bisect_left(xs, target)
        chosen.add(place if place == 0 or xs[place] - target <= target - xs[place - 1] else place - 1)
    return tuple(xs[place] for place in sorted(chosen))


def plot_grid(plot: Plot, most: int | None = None) -> Grid:
    """Return a plot as a table: x in the first column, then one column a series.

    Args:
        plot: the plot.
        most: rows at most, see `plot_xs`.
    """
    rows: list[tuple[Value, ...]] = [
        (_whole(x), *(_whole(value_at(series, x)) for series in plot.series)) for x in plot_xs(plot, most)
    ]
    return Grid(plot.title, (plot.x_label, *(series.name for series in plot.series)), tuple(rows))


def _whole(value: float | None) -> float | int | None:
    """Return a number without a useless fraction: 3.0 is 3."""
    if value is not None and float(value).is_integer() and abs(value) < 1e15:
        return int(value)
    return value


def _x(point: tuple[float, float]) -> float:
    return point[0]
