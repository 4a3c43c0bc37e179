"""Ranges drawn with characters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from eks_lab.tui.interval_bar import interval_bar
from eks_lab.tui.question_rows import RangeRow

SHARE = st.floats(0, 1)


def test_a_range_lies_where_it_should() -> None:
    assert interval_bar(RangeRow(0.2, 0.5, 0.8), 11) == "──━━━●━━━──"
    assert interval_bar(RangeRow(0.2, 0.5, 0.8), 11, 0.7) == "──━━━●━┃━──"
    assert interval_bar(RangeRow(0.2, 0.5, 0.8), 11, 0.5) == "──━━━●━━━──", "the mean is shown"
    assert interval_bar(RangeRow(0.0, 1.0, 1.0), 1) == "━━●"


@given(shares=st.lists(SHARE, min_size=3, max_size=3), width=st.integers(3, 60), line=st.none() | SHARE)
def test_a_bar_has_its_width_and_one_mean(shares: list[float], width: int, line: float | None) -> None:
    low, mean, high = sorted(shares)
    bar = interval_bar(RangeRow(low, mean, high), width, line)
    assert len(bar) == width
    assert bar.count("●") == 1


def test_a_range_is_named_in_percent() -> None:
    assert RangeRow(0.234, 0.5, 0.777).words == "23 to 78 %"
