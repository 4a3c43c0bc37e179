"""The drawing: what is where, in which style, and that nothing is ever written over."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eks_lab.content.diagram.canvas import MARKERS
from eks_lab.content.diagram.draw import FULL_WIDTH, draw, fits, plan
from eks_lab.content.diagram.frames import frames
from eks_lab.content.diagram.labels import label_lines
from eks_lab.content.diagram.model import Diagram
from eks_lab.content.diagram.words import leaf_lines, wrap
from tests.content.diagram.builders import diagram, diagrams, text

PAIR = {"row": [{"id": "a", "name": "A"}, {"id": "b", "name": "B"}]}
GO = {"id": "go", "from": "a", "to": "b", "label": "calls"}


def lines(sample: Diagram, step: int = 0, **more: Any) -> list[str]:
    return [line.rstrip() for line in text(draw(sample, step, **more))]


def cells(sample: Diagram, step: int) -> dict[str, set[str]]:
    """Return, for each style, the characters drawn in it."""
    found: dict[str, set[str]] = {}
    for row in draw(sample, step):
        for run in row:
            found.setdefault(run.style, set()).update(run.text)
    return found


def assert_all_words_are_there(sample: Diagram, step: int, width: int) -> None:
    """Assert that every visible word stands unbroken at its place."""
    ready = plan(sample, 0, width)
    rows = text(draw(sample, step, width))
    picture = frames(sample, 0)[step]
    for each in ready.outline.elements:
        look, rect = picture.boxes[each.key], ready.layout.rects[each.key]
        if look.state == "hidden" or not each.is_leaf:
            continue
        if each.is_note:
            for at, line in enumerate(wrap(look.text, rect.width - 2)):
                assert rows[rect.y + at][rect.x + 2 :].startswith(line)
        else:
            names, texts = leaf_lines(look.name, look.text, rect.width - 4)
            inside = [row[rect.x + 1 : rect.right].strip() for row in rows[rect.y + 1 : rect.bottom]]
            assert [line for line in inside if line] == [
                line.strip() for line in (*names, *texts) if line.strip()
            ]
    for arrow, shown in zip(sample.arrows, picture.arrows, strict=True):
        if shown.state != "hidden" and arrow.id in ready.spots:
            spot = ready.spots[arrow.id]
            marker = MARKERS[shown.marker - 1] if shown.marker else ""
            for at, line in enumerate(label_lines(spot, shown.label, marker)):
                assert line in rows[spot.y + at][spot.x : spot.x + spot.width]


@given(sample=diagrams(), width=st.integers(40, 100))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=80)
def test_any_diagram_draws_within_its_width_and_loses_no_word(sample: Diagram, width: int) -> None:
    shown = min(width, FULL_WIDTH)
    ready = plan(sample, 0, shown)
    for step in range(len(sample.steps)):
        rows = text(draw(sample, step, width))
        assert len(rows) == ready.layout.height
        assert {len(row) for row in rows} == {ready.layout.width}
        if not ready.layout.problems:
            assert ready.layout.width <= width
            assert_all_words_are_there(sample, step, shown)
        plain = text(draw(sample, step, width, ascii_only=True))
        assert all(row.isascii() for row in plain)
        assert [len(row) for row in plain] == [len(row) for row in rows]


def test_two_boxes_and_an_arrow() -> None:
    sample = diagram({"across": 15, **PAIR}, [GO], [{}, {"focus": ["go", "b"]}])
    assert lines(sample)[1].strip() == "│ A │               │ B │"
    assert [line.strip() for line in lines(sample, 1)] == [
        "┌───┐               ┏━━━┓",
        "│ A ┝━━ ① calls ━━━▶┃ B ┃",
        "└───┘               ┗━━━┛",
    ]
    assert [line.strip() for line in lines(sample, 1, ascii_only=True)] == [
        "+---+               #===#",
        "| A #== 1 calls ===># B #",
        "+---+               #===#",
    ]


def test_an_arrow_appears_only_when_it_is_there() -> None:
    sample = diagram({"across": 15, **PAIR}, [GO], [{}, {"focus": ["go"]}])
    assert "calls" not in "".join(lines(sample, 0))
    assert "calls" in "".join(lines(sample, 1))


def test_focus_shows_without_colour_and_the_rest_is_dim() -> None:
    sample = diagram({"across": 15, **PAIR}, [GO], [{"focus": ["b"]}])
    styles = cells(sample, 0)
    assert styles["focus"] >= {"┏", "┓", "┗", "┛", "━"}
    assert styles["focus-name"] == {"B"}
    assert "A" in styles["dim"]
    assert "┌" in styles["dim-line"]
    assert not styles["dim-line"] & styles["focus"]


def test_ends_of_arrows() -> None:
    def middle(end: str) -> str:
        return lines(diagram({"across": 6, **PAIR}, [{"id": "go", "from": "a", "to": "b", "end": end}]))[
            1
        ].strip()

    assert middle("arrow") == "│ A ├─────▶│ B │"
    assert middle("both") == "│ A │◀────▶│ B │"
    assert middle("line") == "│ A ├──────┤ B │"
    assert middle("blocked") == "│ A ├─────✗│ B │"


def test_a_dashed_arrow() -> None:
    sample = diagram({"across": 6, **PAIR}, [{"id": "go", "from": "a", "to": "b", "dashed": True}])
    assert "╌╌╌▶" in lines(sample)[1]


def test_a_group_carries_its_name_and_who_runs_it() -> None:
    sample = diagram({"id": "g", "name": "Network", "run_by": "aws", **PAIR})
    first = lines(sample)[0]
    assert first.startswith("╭─ Network ─")
    assert first.endswith("─ run by AWS ─╮")


def test_grounds_tell_depth_and_focus() -> None:
    nested = {"id": "g", "name": "G", "row": [{"id": "h", "name": "H", **PAIR}]}
    rows = draw(diagram(nested, steps=[{"focus": ["a"]}]), 0)
    assert {run.ground for row in rows for run in row} == {"group-1", "group-2", "focus"}


def test_a_table_has_junctions_not_double_borders() -> None:
    table = {"joined": True, "grid": [[{"name": "a"}, {"name": "b"}], [{"name": "c"}, {"name": "d"}]]}
    drawn = lines(diagram({"row": [{"id": "t", "width": 13, **table}]}))
    assert [line.strip() for line in drawn] == [
        "┌─────┬─────┐",
        "│  a  │  b  │",
        "├─────┼─────┤",
        "│  c  │  d  │",
        "└─────┴─────┘",
    ]


def test_nothing_moves_between_steps() -> None:
    steps = [{}, {"hide": ["a"]}, {"change": [{"id": "b", "name": "Something else"}]}]
    sample = diagram(PAIR, steps=steps)
    corners = [
        [row.index("┌", 30) for row in text(draw(sample, step)) if "┌" in row[30:]] for step in range(3)
    ]
    assert corners[0] == corners[1] == corners[2]


def test_a_picture_fits_where_it_can_be_read() -> None:
    sample = diagram({"across": 15, **PAIR}, [GO])
    assert fits(sample, FULL_WIDTH)
    assert fits(sample, 500)
    assert fits(sample, 25)
    assert not fits(sample, 24)
