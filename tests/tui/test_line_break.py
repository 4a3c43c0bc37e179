"""Breaking text into lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from eks_lab.content.page import Span
from eks_lab.tui.line_break import Line, Piece, break_lines, style_of


def texts(lines: list[Line]) -> list[str]:
    return ["".join(piece.text for piece in line) for line in lines]


def broken(text: str, width: int) -> list[str]:
    return texts(break_lines((Span(text),), width))


def test_words_stay_whole_and_lines_have_no_trailing_space() -> None:
    assert broken("one two three four", 9) == ["one two", "three", "four"]


def test_nothing_gives_no_lines() -> None:
    assert broken("", 10) == []
    assert broken("   ", 10) == []


def test_a_line_break_of_the_author_is_kept() -> None:
    assert broken("one\ntwo", 20) == ["one", "two"]


def test_a_word_wider_than_a_line_is_cut_after_punctuation() -> None:
    assert broken("arn:aws:iam::111122223333:role/node", 20) == [
        "arn:aws:iam::",
        "111122223333:role/",
        "node",
    ]


def test_wide_characters_count_two_cells() -> None:
    assert broken("語語語 語", 6) == ["語語語", "語"]


def test_a_word_may_change_style_halfway() -> None:
    lines = break_lines((Span("see "), Span("max", strong=True), Span("-pods now")), 12)
    assert texts(lines) == ["see max-pods", "now"]
    assert lines[0] == (Piece("see "), Piece("max", "strong"), Piece("-pods"))


def test_links_keep_their_target_across_lines() -> None:
    lines = break_lines((Span("a long link text", href="term:eni"),), 8)
    assert {piece.href for line in lines for piece in line if piece.text.strip()} == {"term:eni"}


def test_styles_are_words() -> None:
    assert style_of(Span("x", strong=True, code=True)) == "code strong"
    assert style_of(Span("x", href="term:eni")) == "term"
    assert style_of(Span("x", href="lesson:a.b")) == "link"


SPANS = st.lists(
    st.builds(
        Span,
        st.text(alphabet="ab-/. é語", max_size=30),
        st.booleans(),
        st.booleans(),
        st.booleans(),
    ),
    max_size=6,
).map(tuple)


@given(SPANS, st.integers(min_value=2, max_value=40))
def test_no_line_is_too_wide_and_no_letter_is_lost(spans: tuple[Span, ...], width: int) -> None:
    lines = texts(break_lines(spans, width))
    assert all(cell_len(line) <= width for line in lines)
    kept = "".join(lines).replace(" ", "")
    assert kept == "".join(span.text for span in spans).replace(" ", "")


@given(SPANS)
def test_enough_room_gives_one_line(spans: tuple[Span, ...]) -> None:
    assert len(break_lines(spans, 1000)) <= 1
