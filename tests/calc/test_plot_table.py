"""A plot as numbers."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eks_lab.calc.model import Plot, PlotStyle, Series
from eks_lab.calc.plot_table import plot_grid, plot_xs, value_at

POINTS = ((0.0, 10.0), (10.0, 20.0), (20.0, 0.0))


@pytest.mark.parametrize(
    ("style", "x", "expected"),
    [
        ("line", 0, 10),
        ("line", 5, 15),
        ("line", 20, 0),
        ("line", -1, None),
        ("line", 21, None),
        ("step", 0, 10),
        ("step", 9.99, 10),
        ("step", 10, 20),
        ("step", 20, 0),
        ("step", 21, None),
        ("bar", 10, 20),
        ("bar", 5, None),
    ],
)
def test_value_at(style: PlotStyle, x: float, expected: float | None) -> None:
    assert value_at(Series("s", POINTS, style), x) == expected


def test_of_points_at_one_x_the_last_counts() -> None:
    jump = Series("s", ((0.0, 1.0), (5.0, 1.0), (5.0, 9.0), (10.0, 9.0)))
    assert value_at(jump, 5) == 9
    assert value_at(jump, 4) == 1


def test_nothing_has_no_values() -> None:
    assert value_at(Series("s", ()), 1) is None


def test_grid_has_every_x_of_every_series() -> None:
    plot = Plot(
        "P", "pods", "USD", (Series("a", ((1, 1.5), (3, 3.5))), Series("b", ((2, 2.0), (3, 0.0)), "step"))
    )
    grid = plot_grid(plot)
    assert (grid.title, grid.columns) == ("P", ("pods", "a", "b"))
    assert grid.rows == ((1, 1.5, None), (2, 2.5, 2), (3, 3.5, 0))
    assert all(isinstance(row[0], int) for row in grid.rows)


@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=60),
    st.integers(2, 12),
)
def test_a_thinned_plot_keeps_its_ends(points: list[tuple[float, float]], most: int) -> None:
    ordered = tuple(sorted(points))
    plot = Plot("P", "x", "y", (Series("s", ordered),))
    everything, some = plot_xs(plot), plot_xs(plot, most)
    assert len(some) <= most
    assert set(some) <= set(everything)
    assert list(some) == sorted(some)
    assert (some[0], some[-1]) == (everything[0], everything[-1])
    if len(everything) <= most:
        assert some == everything


@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=20), st.floats(0, 1)
)
@example([(-33.0, 0.0), (-0.99999, 0.0)], 1.0)
def test_a_value_lies_between_its_neighbours(points: list[tuple[float, float]], part: float) -> None:
    ordered = tuple(sorted(points))
    first, last = ordered[0][0], ordered[-1][0]
    # The sum is rounded, perhaps to a hair beyond the last point.
    x = min(max(first + part * (last - first), first), last)
    y = value_at(Series("s", ordered), x)
    assert y is not None
    slack = 1e-5 * max(1.0, *(abs(value) for _, value in ordered))
    assert min(value for _, value in ordered) - slack <= y <= max(value for _, value in ordered) + slack
