"""Plots as characters: axes, lines, bars, marks, legends; without a terminal."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eks_lab.calc.model import Plot, PlotStyle, Series
from eks_lab.tui.plot_drawing import ASCII, UNICODE, columns_of, draw, frame, legend, series_mark
from eks_lab.tui.plot_scale import number, scale_of

ROWS = 8


def plot(*series: Series) -> Plot:
    return Plot("Title", "pods", "USD", series)


def text(picture: Plot, width: int = 50, rows: int = ROWS, **options: object) -> list[str]:
    drawn = draw(picture, width, rows, **options)  # type: ignore[arg-type]
    return ["".join(run.text for run in row).rstrip() for row in drawn]


def field(lines: list[str]) -> list[str]:
    """Return what stands between the axes."""
    return [line[line.index(mark) + 1 :] for line in lines for mark in "│┤" if mark in line[:9]]


RISING = Series("rising", tuple((float(x), float(x)) for x in range(11)))


class TestAxes:
    @pytest.mark.parametrize(
        ("low", "high", "ticks"),
        [
            (0, 10, (0, 5, 10)),
            (0, 1, (0, 0.5, 1)),
            (3, 97, (0, 50, 100)),
            (-5, 5, (-5, 0, 5)),
            (0, 0, (0, 0.5, 1)),
            (1e-9, 3e-9, (1e-9, 2e-9, 3e-9)),
        ],
    )
    def test_numbers_that_are_easy_to_read(self, low: float, high: float, ticks: tuple[float, ...]) -> None:
        assert scale_of(low, high, wanted=2, widen=True).ticks == pytest.approx(ticks)

    def test_counts_have_no_fractions(self) -> None:
        assert scale_of(0, 4, wanted=8, widen=False, whole=True).ticks == (0, 1, 2, 3, 4)
        assert 2.5 in scale_of(0, 10, wanted=4, widen=False).ticks

    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            (0, "0"),
            (0.25, "0.25"),
            (-3, "−3"),
            (1200, "1,200"),
            (1.5e6, "1.5M"),
            (2e9, "2G"),
            (3e12, "3T"),
            (-2.5e6, "−2.5M"),
            (1e-7, "1e-07"),
        ],
    )
    def test_short_numbers(self, value: float, shown: str) -> None:
        assert number(value) == shown

    @given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9), st.integers(1, 12), st.booleans())
    @example(-1.3e-12, 1e-6, 1, True)
    def test_an_axis_holds_its_values(self, low: float, size: float, wanted: int, whole: bool) -> None:
        scale = scale_of(low, low + size, wanted=wanted, widen=True, whole=whole)
        # A value may stick out by less than a cell could ever show.
        slack = 1e-6 * (abs(low) + size)
        assert scale.low <= low + slack
        assert scale.high >= low + size - slack
        assert list(scale.ticks) == sorted(scale.ticks)
        assert 2 <= len(scale.ticks) <= 3 * wanted + 3
        assert scale.part(scale.low) == 0
        assert scale.part(scale.high) == 1

    def test_labels_numbers_and_legend_stand_there(self) -> None:
        lines = text(plot(RISING))
        assert lines[0] == "USD"
        assert lines[1].startswith("10 ┤")
        assert any(line.startswith(" 0 ┤") for line in lines)
        assert lines[-4].strip().startswith("└")
        assert lines[-3].split()[-1] == "10"
        assert lines[-2].strip() == "pods"
        assert lines[-1] == "● rising"


class TestLines:
    def test_a_rising_line_rises(self) -> None:
        rows = field(text(plot(RISING)))
        firsts = [
            min(place for place, letter in enumerate(row) if letter != " ") for row in rows if row.strip()
        ]
        assert firsts == sorted(firsts, reverse=True)
        assert rows[-1][0] != " "
        assert rows[0][-1] != " "

    def test_a_step_is_flat_and_then_upright(self) -> None:
        points = ((0.0, 0.0), (5.0, 10.0), (10.0, 10.0))
        rows = field(text(plot(Series("s", points, "step"))))
        middle = {place for row in rows[1:-1] for place, letter in enumerate(row) if letter != " "}
        assert len(middle) == 1
        assert len(rows[0].strip()) == pytest.approx(len(rows[-1].strip()), abs=2)

    def test_a_lonely_point_is_seen(self) -> None:
        assert any("●" in row for row in field(text(plot(Series("s", ((3.0, 7.0),))))))

    def test_every_series_has_its_mark_on_its_line_and_in_the_legend(self) -> None:
        both = plot(RISING, Series("flat", ((0.0, 2.0), (10.0, 2.0)), "step"))
        lines = text(both)
        assert lines[-1] == "● rising  ▲ flat"
        assert sum(row.count("●") for row in field(lines)) >= 2
        assert sum(row.count("▲") for row in field(lines)) >= 2

    def test_nothing_far_from_zero_is_cut_off(self) -> None:
        placed = frame(plot(Series("s", ((0.0, 1000.0), (1.0, 1010.0)))), 50, ROWS)
        assert placed is not None
        assert placed.y.low >= 990
        near = frame(plot(Series("s", ((0.0, 1.0), (1.0, 10.0)))), 50, ROWS)
        assert near is not None
        assert near.y.low == 0

    def test_without_points(self) -> None:
        assert text(plot(Series("s", ()))) == ["No points to draw."]
        assert text(plot(Series("s", ((float("nan"), 1.0), (1.0, float("inf")))))) == ["No points to draw."]

    def test_the_cursor_is_a_line_from_top_to_bottom(self) -> None:
        rows = field(text(plot(RISING), cursor=5.0))
        columns = {row.index("┊") for row in rows if "┊" in row}
        assert len(columns) == 1
        assert sum("┊" in row for row in rows) >= ROWS - 2


class TestBars:
    def test_heights_in_eighths(self) -> None:
        bars = plot(Series("s", ((1.0, 8.0), (2.0, 4.0), (3.0, 0.5)), "bar"))
        rows = field(text(bars, rows=8))
        heights = [
            sum(row[place : place + 1] not in (" ", "") for row in rows) for place in range(len(rows[-1]))
        ]
        assert max(heights) == 7, "the axis goes to 10: 8 of 10 on 8 rows is 6.4 rows"
        assert sorted(set(heights)) == [0, 1, 4, 7]

    def test_series_differ_without_colour(self) -> None:
        bars = plot(
            Series("now", ((1.0, 8.0), (2.0, 4.0)), "bar"), Series("then", ((1.0, 4.0), (2.0, 8.0)), "bar")
        )
        lines = text(bars)
        assert lines[-1] == "█ now  ▒ then"
        assert "██" in "".join(field(lines))
        assert "▒▒" in "".join(field(lines))

    def test_below_zero_they_hang(self) -> None:
        rows = field(text(plot(Series("s", ((1.0, -8.0), (2.0, 8.0)), "bar"))))
        assert rows[1].strip()
        assert rows[-2].strip()
        assert len(rows[1]) > len(rows[-2]), "the second bar stands, the first one hangs"


class TestWidths:
    def test_a_legend_takes_as_many_lines_as_it_needs(self) -> None:
        many = plot(*[Series(f"series number {place}", ((0.0, 1.0),)) for place in range(5)])
        rows = legend(many, 40)
        assert len(rows) == 3
        assert columns_of(rows) <= 40

    def test_ascii_only(self) -> None:
        both = plot(RISING, Series("bars", ((0.0, 2.0), (10.0, 2.0)), "bar"))
        assert all(line.isascii() for line in text(both, glyphs=ASCII, cursor=3.0))
        assert series_mark(both, 0, ASCII) == "*"

    @given(
        st.lists(
            st.tuples(
                st.text(st.characters(exclude_categories=["C", "Z", "M"]), max_size=30),
                st.sampled_from(["line", "step", "bar"]),
                st.lists(st.tuples(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12)), max_size=12),
            ),
            min_size=1,
            max_size=4,
        ),
        st.integers(20, 110),
        st.integers(4, 16),
        st.booleans(),
    )
    def test_any_plot_fits(
        self,
        series: list[tuple[str, PlotStyle, list[tuple[float, float]]]],
        width: int,
        rows: int,
        ascii_only: bool,
    ) -> None:
        made = plot(*[Series(name, tuple(sorted(points)), style) for name, style, points in series])
        drawn = draw(made, width, rows, glyphs=ASCII if ascii_only else UNICODE)
        assert columns_of(drawn) <= width
        if frame(made, width, rows) is not None:
            assert len(drawn) >= rows + 4
