"""Arrows get there: around boxes, straight where they can, at right angles through borders."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from eks_lab.content.diagram.draw import Plan, plan
from eks_lab.content.diagram.model import Diagram
from tests.content.diagram.builders import diagram, diagrams


def box(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "name": name, **more}


def arrow(source: str, target: str, **more: Any) -> dict[str, Any]:
    return {"id": f"{source}-{target}", "from": source, "to": target, **more}


def planned(picture: dict[str, Any], *arrows: dict[str, Any], width: int = 74) -> Plan:
    return plan(diagram(picture, arrows), 0, width)


def check(drawn: Plan, sample: Diagram) -> None:
    """Assert what holds for every route."""
    rects = drawn.layout.rects
    leaves = [rects[each.key] for each in drawn.outline.elements if each.is_leaf]
    straight: dict[tuple[int, int], list[int]] = {}
    for each in sample.arrows:
        if each.id not in drawn.routes:
            continue
        route = drawn.routes[each.id]
        ends = drawn.outline.ends(each)
        assert ends is not None
        path = [route.start, *route.cells, route.finish]
        assert all(abs(a[0] - b[0]) + abs(a[1] - b[1]) == 1 for a, b in pairwise(path))
        for cell, end in ((route.start, ends[0]), (route.finish, ends[1])):
            rect = rects[end.key]
            on_border = cell[0] in (rect.x, rect.right) or cell[1] in (rect.y, rect.bottom)
            assert on_border
            assert rect.x <= cell[0] <= rect.right
            assert rect.y <= cell[1] <= rect.bottom
        for x, y in route.cells:
            assert not any(leaf.x <= x <= leaf.right and leaf.y <= y <= leaf.bottom for leaf in leaves)
            straight.setdefault((x, y), []).append(1)
    assert all(len(lines) <= 2 for lines in straight.values())


@given(sample=diagrams())
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=80)
def test_any_route_is_a_way_around_the_boxes(sample: Diagram) -> None:
    check(plan(sample, 0, 74), sample)


def test_neighbours_are_joined_by_a_straight_line() -> None:
    route = planned({"row": [box("a"), box("b")]}, arrow("a", "b")).routes["a-b"]
    assert len({y for _, y in route.cells}) == 1


def test_a_box_in_between_is_gone_around() -> None:
    picture = {"down": 2, "column": [{"row": [box("a"), box("wall"), box("b")]}, box("floor")]}
    drawn = planned(picture, arrow("a", "b"))
    wall = drawn.layout.rects[next(each.key for each in drawn.outline.elements if each.box.id == "wall")]
    cells = drawn.routes["a-b"].cells
    assert any(y > wall.bottom for _, y in cells)
    assert not drawn.problems


@pytest.mark.parametrize("side", ["top", "right", "bottom", "left"])
def test_the_author_may_choose_a_side(side: str) -> None:
    picture = {
        "grid": [[{}, {}, {}], [{}, {"row": [box("a")]}, {}], [{}, {}, {}], [box("b"), {}, {}]],
        "across": 8,
    }
    drawn = planned(picture, arrow("a", "b", leave=side))
    rect = drawn.layout.rects[next(each.key for each in drawn.outline.elements if each.box.id == "a")]
    x, y = drawn.routes["a-b"].start
    assert {"top": y == rect.y, "right": x == rect.right, "bottom": y == rect.bottom, "left": x == rect.x}[
        side
    ]


def test_lines_cross_at_right_angles_only() -> None:
    picture = {"down": 4, "across": 20, "grid": [[box("a"), box("b")], [box("c"), box("d")]]}
    drawn = planned(picture, arrow("a", "d"), arrow("b", "c"))
    assert not drawn.problems
    shared = set(drawn.routes["a-d"].cells) & set(drawn.routes["b-c"].cells)
    for cell in shared:
        directions = []
        for route in drawn.routes.values():
            at = route.cells.index(cell)
            before, after = route.directions()[at], route.directions()[at + 1]
            assert before == after
            directions.append(before % 2)
        assert sorted(directions) == [0, 1]


def test_an_arrow_enters_a_group_through_its_border() -> None:
    picture = {"down": 2, "column": [box("a"), {"id": "g", "name": "G", "row": [box("b")]}]}
    drawn = planned(picture, arrow("a", "b"))
    group = drawn.layout.rects[next(each.key for each in drawn.outline.elements if each.box.id == "g")]
    assert [y for _, y in drawn.routes["a-b"].cells if y == group.y] == [group.y]


def test_no_way_is_a_problem_that_names_the_arrow() -> None:
    picture = {"down": 0, "column": [box("a"), box("b")]}
    drawn = planned(picture, arrow("a", "b"), width=5)
    assert [problem.subject for problem in drawn.problems] == ["a-b"]
    assert "finds no way from `a` to `b`" in drawn.problems[0].message
