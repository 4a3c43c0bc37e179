"""Which part of a page is mounted first, and how the rest follows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from eks_lab.tui.page_window import BATCH_WEIGHT, Window, first_window, next_batch


def test_the_top_of_a_page_needs_only_its_first_screen() -> None:
    assert first_window([10] * 10, 0, 24) == Window(0, 3)


def test_a_place_in_the_middle_needs_only_its_own_screen() -> None:
    assert first_window([10] * 10, 50, 20) == Window(5, 7)


def test_near_the_top_everything_above_comes_along() -> None:
    assert first_window([10] * 10, 12, 24).start == 0


def test_the_end_fills_the_screen() -> None:
    assert first_window([10] * 10, 99, 20) == Window(8, 10)


def test_nothing_gives_nothing() -> None:
    assert first_window([], 0, 24) == Window(0, 0)


def test_it_grows_downwards_first_then_upwards() -> None:
    weights = [BATCH_WEIGHT] * 6
    seen = [Window(2, 4)]
    while seen[-1] != Window(0, 6):
        seen.append(next_batch(seen[-1], weights))
    assert seen == [Window(2, 4), Window(2, 5), Window(2, 6), Window(1, 6), Window(0, 6)]


ROWS = st.lists(st.integers(min_value=1, max_value=60), min_size=1, max_size=30)


@given(ROWS, st.integers(min_value=0, max_value=2000), st.integers(min_value=1, max_value=80))
def test_the_first_window_covers_the_screen(rows: list[int], line: int, height: int) -> None:
    window = first_window(rows, line, height)
    top = max(0, min(line, sum(rows) - height))
    assert sum(rows[: window.start]) <= top
    assert sum(rows[: window.stop]) >= min(sum(rows), top + height)


@given(st.lists(st.integers(min_value=1, max_value=100), min_size=1, max_size=40), st.data())
def test_growing_always_ends_with_the_whole_page(weights: list[int], data: st.DataObject) -> None:
    start = data.draw(st.integers(min_value=0, max_value=len(weights) - 1))
    window = Window(start, data.draw(st.integers(min_value=start + 1, max_value=len(weights))))
    for _ in range(len(weights) + 1):
        if window == Window(0, len(weights)):
            break
        grown = next_batch(window, weights)
        assert grown.start <= window.start
        assert grown.stop >= window.stop
        assert grown != window
        window = grown
    assert window == Window(0, len(weights))
