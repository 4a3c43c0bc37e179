"""Blocks and a width in, lines out."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from eks_lab.content.body import read_page
from eks_lab.content.load import load_course
from eks_lab.content.page import (
    Block,
    Callout,
    Code,
    Heading,
    ItemList,
    Paragraph,
    Rule,
    Span,
    Table,
)
from eks_lab.tui.typeset import Flow, Live, flow, parts, typeset
from tests.builders import COURSE


def para(text: str) -> Paragraph:
    return Paragraph((Span(text),), 1)


def heading(text: str, level: int = 2) -> Heading:
    return Heading(level, (Span(text),), text.lower().replace(" ", "-"), 1)


def items(*entries: tuple[Block, ...] | str, ordered: bool = False, start: int = 1) -> ItemList:
    return ItemList(
        tuple((para(entry),) if isinstance(entry, str) else entry for entry in entries), ordered, start, 1
    )


def set_text(blocks: list[Block], width: int) -> list[str]:
    only_prose = [item for item in flow(blocks) if isinstance(item, Flow)]
    return [line.rstrip() for line in typeset(only_prose, width).text.split("\n")]


def test_paragraphs_are_apart() -> None:
    assert set_text([para("one"), para("two")], 20) == ["one", "", "two"]


def test_what_follows_a_heading_belongs_to_it() -> None:
    assert set_text([para("x"), heading("Head"), para("y")], 6) == ["x", "", "Head", "──────", "y"]
    assert set_text([heading("Part", 3), para("y")], 6) == ["Part", "y"]


def test_bullets_hang() -> None:
    assert set_text([items("one two three", "four")], 9) == ["• one two", "  three", "• four"]


def test_numbers_are_right_aligned_and_start_where_told() -> None:
    assert set_text([items("a", "b", ordered=True, start=9)], 20) == [" 9. a", "10. b"]


def test_inner_lists_have_another_bullet_and_more_indent() -> None:
    inner = items("in")
    assert set_text([items((para("out"), inner))], 20) == ["• out", "  ◦ in"]


def test_loose_items_are_apart() -> None:
    assert set_text([items((para("a"), para("b")), "c")], 20) == ["• a", "", "  b", "", "• c"]


def test_an_item_that_starts_with_code_keeps_its_marker() -> None:
    code = Code("text", "x", 1)
    found = list(flow([items((code,))]))
    assert [type(item) for item in found] == [Flow, Live]
    assert isinstance(found[0], Flow)
    assert found[0].marker.strip() == "•"


def test_a_marker_without_room_stands_above_its_text() -> None:
    item = Flow(para("what it does"), 4, "Backspace")
    assert typeset([item], 20).text == "Backspace\n    what it does"


def test_headings_say_where_they_are() -> None:
    setting = typeset(
        [item for item in flow([para("x"), heading("Head"), para("y")]) if isinstance(item, Flow)], 20
    )
    assert setting.anchors == {"head": 2}


def test_prose_is_grouped_around_live_blocks() -> None:
    code = Code("text", "x", 1)
    box = Callout("note", (para("n"),), 1)
    grouped = list(parts([para("a"), para("b"), code, box, Rule(1)]))
    assert [type(part).__name__ for part in grouped] == ["tuple", "Live", "Live", "tuple"]


def test_a_table_in_columns() -> None:
    table = Table(((Span("Type"),), (Span("Pods"),)), (((Span("small"),), (Span("11"),)),), 1)
    assert set_text([table], 40) == ["Type    Pods", "━━━━━━━━━━━━", "small   11"]


def test_a_table_that_does_not_fit_wraps_its_cells() -> None:
    words = "several words that have to wrap somewhere"
    table = Table(((Span("A"),), (Span("B"),)), (((Span("x"),), (Span(words),)),), 1)
    lines = set_text([table], 24)
    assert max(cell_len(line) for line in lines) <= 24
    assert len(lines) > 3


def test_a_table_on_a_narrow_terminal_becomes_records() -> None:
    cells = tuple((Span(f"column {number} words"),) for number in range(5))
    row = tuple((Span(f"value {number}"),) for number in range(5))
    lines = set_text([Table(cells, (row,), 1)], 30)
    assert lines[0] == "value 0"
    assert "column 1 words: value 1" in lines


def test_every_page_of_the_small_course_fits_every_width() -> None:
    loaded = load_course(COURSE)
    for lesson in loaded.course.lessons:
        for part in parts(read_page(loaded, lesson.id).blocks):
            if isinstance(part, tuple):
                for width in (1, 8, 20, 36, 60, 88):
                    widest = max(
                        (cell_len(line) for line in typeset(part, width).text.split("\n")), default=0
                    )
                    assert widest <= max(width, 8), (lesson.id, width)


CELL = st.text(alphabet="ab- 語", max_size=24).map(lambda text: (Span(text),))


@settings(max_examples=60)
@given(st.data(), st.integers(min_value=1, max_value=5), st.integers(min_value=10, max_value=60))
def test_tables_of_any_shape_fit(data: st.DataObject, columns: int, width: int) -> None:
    row = st.tuples(*[CELL] * columns)
    table = Table(data.draw(row), tuple(data.draw(st.lists(row, max_size=4))), 1)
    lines = typeset([Flow(table)], width).lines
    assert all(sum(cell_len(piece.text) for piece in line) <= width for line in lines)
