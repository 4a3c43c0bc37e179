"""Where boxes go: inside each other, never over each other, within the width."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eks_lab.content.diagram.layout import Layout, Rect, lay_out
from eks_lab.content.diagram.model import Diagram
from eks_lab.content.diagram.outline import outline
from eks_lab.content.diagram.words import wrap
from tests.content.diagram.builders import diagram, diagrams


def rects(drawn: Diagram, width: int = 74) -> dict[str, Rect]:
    """Return where everything with an id is."""
    placed = lay_out(drawn, width)
    return {each.box.id: placed.rects[each.key] for each in outline(drawn).elements if each.box.id}


def box(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "name": name, **more}


def inner(rect: Rect) -> set[tuple[int, int]]:
    """Return the cells within a border."""
    return {(x, y) for x in range(rect.x + 1, rect.right) for y in range(rect.y + 1, rect.bottom)}


def check(drawn: Diagram, placed: Layout) -> None:
    """Assert what holds for every picture that fits."""
    plan = outline(drawn)
    for each in plan.elements:
        rect = placed.rects[each.key]
        assert rect.x >= 0
        assert rect.y >= 0
        assert rect.right < placed.width
        assert rect.bottom < placed.height
        if each.parent >= 0:
            around = placed.rects[each.parent]
            assert around.x <= rect.x
            assert rect.right <= around.right
            assert around.y <= rect.y
            assert rect.bottom <= around.bottom
    leaves = [each for each in plan.elements if each.is_leaf]
    for first, second in combinations(leaves, 2):
        assert not inner(placed.rects[first.key]) & inner(placed.rects[second.key])


@given(drawn=diagrams(), width=st.integers(30, 90))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=80)
def test_any_picture_nests_and_never_overlaps(drawn: Diagram, width: int) -> None:
    placed = lay_out(drawn, width)
    assert placed.width >= width
    if not placed.problems:
        assert placed.width == width
    check(drawn, placed)


@given(text=st.text(alphabet="ab \n", max_size=60), width=st.integers(1, 20))
def test_wrapping_keeps_every_word_and_the_width(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert " ".join(lines).split() == text.split()
    assert all(len(line) <= width or " " not in line for line in lines)


def test_a_row_stands_side_by_side_and_a_column_below_each_other() -> None:
    row = rects(diagram({"row": [box("a"), box("b")]}))
    assert row["a"].y == row["b"].y
    assert row["a"].right < row["b"].x
    column = rects(diagram({"column": [box("a"), box("b")]}))
    assert column["a"].x == column["b"].x
    assert column["a"].bottom < column["b"].y


def test_columns_of_a_grid_line_up() -> None:
    found = rects(diagram({"grid": [[box("a"), box("longer-name")], [box("c", text="x"), box("d")]]}))
    assert (found["a"].x, found["a"].width) == (found["c"].x, found["c"].width)
    assert (found["longer-name"].x, found["longer-name"].width) == (found["d"].x, found["d"].width)


def test_a_span_covers_columns() -> None:
    found = rects(diagram({"grid": [[box("wide", span=2, align="fill")], [box("a"), box("b")]]}))
    assert (found["wide"].x, found["wide"].width) == (0, 74)
    assert found["a"].right < 37 <= found["b"].x


def test_joined_boxes_share_a_border() -> None:
    found = rects(diagram({"joined": True, "grid": [[box("a"), box("b")], [box("c"), box("d")]]}))
    assert found["a"].right == found["b"].x
    assert found["a"].bottom == found["c"].y


def test_groups_side_by_side_line_up_row_by_row() -> None:
    picture = {
        "row": [
            {"id": "g", "column": [box("a", text="two words"), box("b")]},
            {"id": "h", "column": [{}, box("d")]},
        ]
    }
    found = rects(diagram(picture))
    assert found["b"].y == found["d"].y
    assert found["g"].height == found["h"].height


def test_equal_columns() -> None:
    groups = [{"id": "g", "row": [box("a")]}, {"id": "h", "row": [box("quite-a-long-name")]}]
    found = rects(diagram({"equal": True, "row": groups}))
    assert abs(found["g"].width - found["h"].width) <= 1


def test_a_gap_has_room_for_the_label_between() -> None:
    arrow = {"id": "go", "from": "a", "to": "b", "label": "a long label here"}
    plain = rects(diagram({"row": [{"row": [box("a"), box("b")]}, {"id": "g", "row": [box("c")]}]}))
    labelled = rects(
        diagram({"row": [{"row": [box("a"), box("b")]}, {"id": "g", "row": [box("c")]}]}, [arrow])
    )
    assert labelled["b"].x - labelled["a"].right > plain["b"].x - plain["a"].right


@pytest.mark.parametrize(("align", "place"), [("left", 0), ("right", 2), ("", 1)])
def test_alignment_in_a_larger_place(align: str, place: int) -> None:
    found = rects(
        diagram({"column": [{"id": "g", "row": [box("wide" * 8)]}, box("a", width=9, align=align)]})
    )
    left = found["a"].x - found["g"].x
    right = found["g"].right - found["a"].right
    assert [left == 0, abs(left - right) <= 1, right == 0][place]


def test_a_box_keeps_room_for_all_its_words() -> None:
    steps = [{}, {"change": [{"id": "a", "name": "a much longer name", "text": "and text"}]}]
    small, large = (rects(diagram({"row": [box("a")]}, steps=some))["a"] for some in (steps[:1], steps))
    assert large.width > small.width
    assert large.height > small.height


def test_too_wide_says_how_much_it_needs() -> None:
    placed = lay_out(diagram({"row": [box("x" * 50), box("y" * 50)]}), 74)
    assert placed.width > 74
    assert f"needs {placed.width} columns" in placed.problems[0].message


def test_a_width_too_small_for_a_word_is_a_problem() -> None:
    placed = lay_out(diagram({"row": [box("a", text="incomprehensible", width=10)]}), 74)
    assert "'incomprehensible' does not fit into `a`" in placed.problems[0].message


def test_a_group_has_room_for_title_and_tag() -> None:
    group = {"id": "g", "name": "A rather long title", "run_by": "aws", "row": [box("a")]}
    assert rects(diagram({"row": [group]}))["g"].width >= len("A rather long title") + len("run by AWS") + 6
