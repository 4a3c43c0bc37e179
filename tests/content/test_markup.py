"""Markdown with directives becomes blocks; what the format forbids is reported with its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.content.directives import AttributeSyntaxError, parse_attributes
from eks_lab.content.markup import anchor_of, parse_body, parse_inline
from eks_lab.content.page import (
    Callout,
    Code,
    Directive,
    Heading,
    ItemList,
    Paragraph,
    Span,
    Table,
    text_of,
    walk,
)


def problems(text: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.rule) for problem in parse_body(text).problems]


def test_inline_styles_and_links() -> None:
    (block,) = parse_body("See *all* of **the** `code` in [ENI](term:eni).").page.blocks
    assert isinstance(block, Paragraph)
    assert block.spans == (
        Span("See "),
        Span("all", emphasis=True),
        Span(" of "),
        Span("the", strong=True),
        Span(" "),
        Span("code", code=True),
        Span(" in "),
        Span("ENI", href="term:eni"),
        Span("."),
    )


def test_boxes_hold_blocks_and_attributes() -> None:
    text = ':::example{title="By hand"}\nA sum.\n\n```text\n17\n```\n:::\n'
    (box,) = parse_body(text, 10).page.blocks
    assert isinstance(box, Callout)
    assert (box.kind, box.attributes, box.line) == ("example", {"title": "By hand"}, 10)
    assert [type(part) for part in box.blocks] == [Paragraph, Code]
    assert parse_body(text).problems == ()


def test_directives_between_paragraphs() -> None:
    blocks = parse_body("Before\n::calculator{name=max-pods prefix-delegation}\nAfter").page.blocks
    assert [type(block) for block in blocks] == [Paragraph, Directive, Paragraph]
    directive = blocks[1]
    assert isinstance(directive, Directive)
    assert directive.attributes == {"name": "max-pods", "prefix-delegation": "true"}
    assert directive.line == 2


def test_fences_carry_language_attributes_and_line() -> None:
    (code,) = parse_body(
        "```console {needs=aws expect-error}\n$ aws sts get-caller-identity\n```", 5
    ).page.blocks
    assert code == Code(
        "console", "$ aws sts get-caller-identity", 5, {"needs": "aws", "expect-error": "true"}
    )


def test_lists_nest_and_tables_keep_cells() -> None:
    blocks = parse_body("3. one\n4. two\n   - deep\n\n| a | b |\n|---|---|\n| `1` | 2 |").page.blocks
    items, table = blocks
    assert isinstance(items, ItemList)
    assert (items.ordered, items.start, len(items.items)) == (True, 3, 2)
    assert any(isinstance(block, ItemList) and not block.ordered for block in walk(items.items[1]))
    assert isinstance(table, Table)
    assert text_of(table.header[1]) == "b"
    assert table.rows[0][0] == (Span("1", code=True),)


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        ("ok\n\n::video{id=x}", 3, "directive"),
        (":::danger\nx\n:::", 1, "box-kind"),
        (":::note\nnever closed", 1, "box-open"),
        ("```\nno language\n```", 1, "fence"),
        ("# Top", 1, "heading-level"),
        ("#### Deep", 1, "heading-level"),
        ("text <b>bold</b>", 1, "html"),
        ("<div>\nx\n</div>", 1, "html"),
        ("![alt](x.png)", 1, "image"),
        ("> quoted", 1, "quote"),
        ("::quiz{id=}", 1, "attributes"),
        ("::quiz id=3", 1, "attributes"),
        ("para\n\n    indented", 3, "fence"),
    ],
)
def test_what_is_not_allowed_is_reported(text: str, line: int, rule: str) -> None:
    assert (line, rule) in problems(text)


def test_anchors_are_unique() -> None:
    page = parse_body("## Same\n\n## Same\n\n## ???").page
    assert [heading.anchor for heading in page.headings] == ["same", "same-2", "section"]
    assert all(isinstance(heading, Heading) for heading in page.headings)
    assert anchor_of("Max pods: the +2", set()) == "max-pods-the-2"


def test_inline_text_of_prompts() -> None:
    assert text_of(parse_inline("What does `+ 2` mean?")) == "What does + 2 mean?"
    assert text_of(parse_inline("1. first or - dash")) == "1. first or - dash"
    assert parse_inline("") == ()


@pytest.mark.parametrize(
    ("text", "attributes"),
    [
        ("", {}),
        ("{}", {}),
        ("{a=1 b='two words' c=\"three more words\" flag}",
         {"a": "1", "b": "two words", "c": "three more words", "flag": "true"}),
        ("{src=manifests/a.yaml part=spec.template}", {"src": "manifests/a.yaml", "part": "spec.template"}),
    ],
)  # fmt: skip
def test_attributes(text: str, attributes: dict[str, str]) -> None:
    assert parse_attributes(text) == attributes


@pytest.mark.parametrize("text", ["a=1", "{a=1", '{a="open}', "{a=1 a=2}", "{=x}", "{a==b}"])
def test_attributes_that_cannot_be_read(text: str) -> None:
    with pytest.raises(AttributeSyntaxError):
        parse_attributes(text)


@given(st.text(max_size=300))
def test_no_text_breaks_the_parser(text: str) -> None:
    parsed = parse_body(text)
    assert all(problem.line >= 1 for problem in parsed.problems)


@given(st.lists(st.sampled_from([":::note", ":::", "::quiz", "```", "```console {", "|a|", "|-|", "- x", "1. y", "text",
                                 "  - z", "## H", "{", "<b>", "[x](", "![", "***", "", "    code"]), max_size=25))  # fmt: skip
def test_no_mixture_of_constructs_breaks_the_parser(lines: list[str]) -> None:
    parse_body("\n".join(lines))
