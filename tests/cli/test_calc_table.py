"""Tables and plots of answers as plain text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.calc.model import Grid, Plot, Series, Value
from eks_lab.cli.calc_table import grid_lines
from eks_lab.cli.calc_text import document_text, plot_lines, shown, with_unit

WIDTH = 80


def lines(*rows: tuple[Value, ...], columns: tuple[str, ...] = ("Name", "Count")) -> list[str]:
    return list(grid_lines(Grid("T", columns, rows), WIDTH))


def test_numbers_line_up_at_the_point() -> None:
    assert lines(("a", 1.5), ("b", 10), ("c", None), ("d", 0.125)) == [
        "  Name   Count",
        "  ----  ------",
        "  a      1.500",
        "  b     10.000",
        "  c          –",
        "  d      0.125",
    ]


def test_whole_numbers_stay_whole() -> None:
    assert lines(("a", 1500), ("b", 2))[2:] == ["  a      1500", "  b         2"]


def test_words_are_left_and_flags_are_words() -> None:
    assert lines((True, "x"), (False, "y"))[2:] == ["  yes   x", "  no    y"]


def test_long_headings_are_broken_before_cells_are() -> None:
    names = tuple(f"a heading of several words {number}" for number in range(5))
    text = lines((1, 2, 3, 4, 5), columns=names)
    assert max(map(len, text)) <= WIDTH
    assert "a heading of" in text[0]
    assert text[-1].split() == ["1", "2", "3", "4", "5"]


def test_cells_of_text_are_broken_into_three_lines_at_most() -> None:
    text = lines(("word " * 20, "other " * 10))
    assert 3 < len(text) <= 5
    assert max(map(len, text)) <= WIDTH


def test_what_is_too_wide_becomes_one_block_a_row() -> None:
    columns = tuple(f"Column{number}" for number in range(12))
    text = lines(tuple(f"value-{number}" for number in range(12)), columns=columns)
    assert text[0] == "  Column0: value-0"
    assert text[1] == "    Column1: value-1"
    assert len(text) == 12


def test_long_text_becomes_one_block_a_row() -> None:
    text = lines(("word " * 100, 1))
    assert text[0].startswith("  Name: word")
    assert text[-1] == "    Count: 1"


def test_no_rows() -> None:
    assert lines() == ["  No rows."]


VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=60)


@given(
    st.integers(1, 9).flatmap(
        lambda count: st.tuples(
            st.tuples(*[st.text("abc (%)", min_size=1, max_size=25)] * count),
            st.lists(st.tuples(*[VALUES] * count), max_size=5),
        )
    )
)
def test_any_table_keeps_every_value_and_the_width(
    table: tuple[tuple[str, ...], list[tuple[Value, ...]]],
) -> None:
    columns, rows = table
    text = list(grid_lines(Grid("T", columns, tuple(rows)), WIDTH))
    longest_number = max(
        (len(f"{v:.6f}") for row in rows for v in row if isinstance(v, int | float) and abs(v) < 1e15),
        default=0,
    )
    assert max(map(len, text)) <= max(WIDTH, longest_number + 40)
    if rows:
        assert len(text) >= len(rows)


def plot(*series: Series) -> list[str]:
    return list(plot_lines(Plot("P", "x", "y", series)))


class TestPlots:
    def test_series_share_one_scale(self) -> None:
        text = plot(Series("low", ((0, 1), (10, 1))), Series("high", ((0, 8), (10, 8))))
        assert text[0] == "  y from 0 to 8, over x from 0 to 10:"
        assert text[1] == "  low   " + "▂" * 40
        assert text[2] == "  high  " + "█" * 40

    def test_below_zero(self) -> None:
        assert plot(Series("s", ((0, -5), (10, 5))))[0] == "  y from -5 to 5, over x from 0 to 10:"

    def test_a_step_holds_and_a_line_rises(self) -> None:
        points = ((0.0, 0.0), (20.0, 0.0), (40.0, 8.0))
        step = plot(Series("s", points, "step"))[1]
        line = plot(Series("s", points))[1]
        assert step == "  s  " + "▁" * 39 + "█"
        assert line.count("▁") < 30

    def test_a_peak_between_the_cells_is_seen(self) -> None:
        points = tuple((float(x), 100.0 if x == 501 else 0.0) for x in range(1000))
        assert "█" in plot(Series("s", points))[1]

    def test_bars_stand_where_they_are(self) -> None:
        assert plot(Series("s", ((0, 4), (10, 4)), "bar"))[1] == "  s  █" + " " * 38 + "█"

    @pytest.mark.parametrize("points", [(), ((1.0, 5.0),), ((1.0, 0.0), (2.0, 0.0))])
    def test_hardly_any_points(self, points: tuple[tuple[float, float], ...]) -> None:
        text = plot(Series("s", points))
        assert text == ["  No points."] if not points else len(text) >= 4

    def test_a_series_may_begin_later(self) -> None:
        text = plot(Series("a", ((0, 1), (4, 1))), Series("b", ((2, 1), (4, 1))))
        assert text[-4].split() == ["1", "1", "–"] or "–" in text[-3]


class TestValues:
    @pytest.mark.parametrize(
        ("value", "unit", "text"),
        [
            (None, "pods", "–"),
            (True, "", "yes"),
            (1, "pods", "1 pod"),
            (2, "pods", "2 pods"),
            (1.0, "GiB", "1 GiB"),
            (0.1, "%", "0.1%"),
            (73.0, "USD/month", "73 USD/month"),
            ([], "", "–"),
            (["a", "b"], "", "a, b"),
            ([{"a": 1}], "", "1 entry; --json has it"),
            ({"a": 1, "b": [2]}, "", "2 entries; --json has them"),
        ],
    )
    def test_with_unit(self, value: object, unit: str, text: str) -> None:
        assert with_unit(value, unit) == text

    def test_huge_numbers(self) -> None:
        assert shown(1e300) == "1e+300"

    def test_documents(self) -> None:
        assert document_text("a") == "a text of 1 line, 1 character"
        assert document_text("a\nb\n" * 1000) == "a text of 2,000 lines, 4,000 characters"
