"""Markdown with directives becomes a `Page`; what the format does not allow becomes a problem."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import cast

from markdown_it import MarkdownIt
from markdown_it.token import Token

from eks_lab.content.directives import AttributeSyntaxError, directive_plugin, parse_attributes
from eks_lab.content.files import HEEDED, code_of
from eks_lab.content.findings import Problem
from eks_lab.content.page import (
    CALLOUT_KINDS,
    DIRECTIVE_NAMES,
    Block,
    Callout,
    CalloutKind,
    Code,
    Directive,
    Heading,
    ItemList,
    Page,
    Paragraph,
    Rule,
    Span,
    Spans,
    Table,
    text_of,
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A page and what is wrong with it."""

    page: Page
    problems: tuple[Problem, ...]


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table").use(directive_plugin)


def parse_body(text: str, first_line: int = 1) -> Parsed:
    """Return the page of a lesson's body.

    Args:
        text: Markdown, front matter removed.
        first_line: line of the text's first line in its file.
    """
    return _Reader(text, first_line).read()


def parse_inline(text: str) -> Spans:
    """Return the styled runs of one paragraph's text (a prompt, an explanation, a definition).

    Block syntax means nothing here: `1. x` is text that starts with a number.
    """
    reader = _Reader(text.strip(), 1)
    tokens = _parser().parseInline(text.strip())
    return tuple(span for token in tokens for span in reader.inline(token))


def anchor_of(title: str, taken: set[str]) -> str:
    """Return a link anchor for a heading, made unique among those taken."""
    base = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "section"
    anchor, number = base, 2
    while anchor in taken:
        anchor, number = f"{base}-{number}", number + 1
    taken.add(anchor)
    return anchor


@dataclass
class _Reader:
    text: str
    first_line: int
    problems: list[Problem] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    tokens: Sequence[Token] = ()
    at: int = 0
    box: str = ""
    """Kind of the box that is being read."""

    def read(self) -> Parsed:
        self.tokens = _parser().parse(self.text)
        self.source_lines = self.text.split("\n")
        blocks = self._blocks(until="")
        return Parsed(Page(tuple(blocks)), tuple(self.problems))

    def _line(self, token: Token) -> int:
        return self.first_line + (token.map[0] if token.map else 0)

    def _problem(self, token: Token, rule: str, message: str, fix: str) -> None:
        self.problems.append(Problem(self._line(token), rule, message, fix))

    def _blocks(self, until: str) -> list[Block]:
        found: list[Block] = []
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            if token.type == until:
                return found
            block = self._block(token)
            if block is not None:
                found.append(block)
        return found

    def _block(self, token: Token) -> Block | None:
        match token.type:
            case "heading_open":
                return self._heading(token)
            case "paragraph_open":
                inline = self._take()
                self.at += 1
                return Paragraph(self.inline(inline), self._line(token))
            case "bullet_list_open" | "ordered_list_open":
                return self._list(token)
            case "table_open":
                return self._table(token)
            case "fence":
                return self._fence(token)
            case "code_block":
                self._problem(
                    token, "fence", "code by indentation", "Use a fence with a language: ```console"
                )
                return Code("text", token.content.rstrip("\n"), self._line(token))
            case "container_box_open":
                return self._callout(token)
            case "directive":
                return self._directive(token)
            case "hr":
                return Rule(self._line(token))
            case "blockquote_open":
                self._problem(token, "quote", "a block quote", "Use a box: :::note … :::")
                return Callout("note", tuple(self._blocks("blockquote_close")), self._line(token))
            case "html_block":
                self._problem(token, "html", "raw HTML", "Write it in Markdown, or put it in a code fence.")
                return None
            case _:
                self._problem(token, "markup", f"unsupported Markdown: {token.type}", "Write it another way.")
                return None

    def _take(self) -> Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def _heading(self, token: Token) -> Heading:
        level = int(token.tag[1])
        spans = self.inline(self._take())
        self.at += 1
        if level not in (2, 3):
            self._problem(
                token, "heading-level", f"a heading of level {level}", "Use ## for sections, ### below."
            )
        title = text_of(spans)
        return Heading(level, spans, anchor_of(title, self.anchors), self._line(token))

    def _list(self, token: Token) -> ItemList:
        close = token.type.replace("_open", "_close")
        items: list[tuple[Block, ...]] = []
        while self.tokens[self.at].type != close:
            self.at += 1
            items.append(tuple(self._blocks("list_item_close")))
        self.at += 1
        start = token.attrGet("start")
        return ItemList(tuple(items), token.type.startswith("ordered"), int(start or 1), self._line(token))

    def _table(self, token: Token) -> Table:
        rows: list[tuple[Spans, ...]] = []
        row: list[Spans] = []
        while True:
            part = self._take()
            if part.type == "table_close":
                break
            if part.type == "tr_open":
                row = []
            elif part.type == "inline":
                row.append(self.inline(part))
            elif part.type == "tr_close":
                rows.append(tuple(row))
        return Table(rows[0] if rows else (), tuple(rows[1:]), self._line(token))

    def _fence(self, token: Token) -> Code:
        language, _, rest = token.info.strip().partition(" ")
        if "{" in language:
            language, brace, more = language.partition("{")
            rest = brace + more + (" " + rest if rest else "")
        attributes = self._attributes(token, rest)
        if not language:
            self._problem(
                token, "fence", "a code fence without a language", "Write ```console, ```yaml, ```text …"
            )
        return Code(language or "text", token.content.rstrip("\n"), self._line(token), attributes)

    def _attributes(self, token: Token, text: str) -> dict[str, str]:
        try:
            return parse_attributes(text)
        except AttributeSyntaxError as problem:
            self._problem(
                token, "attributes", str(problem), 'For example {needs=sandbox} or {title="By hand"}.'
            )
            return {}

    def _callout(self, token: Token) -> Callout:
        params = token.info.strip()
        match = re.match(r"([A-Za-z-]*)\s*(.*)$", params, re.DOTALL)
        name, rest = (match[1], match[2]) if match else (params, "")
        end = token.map[1] if token.map else 0
        closing = self.source_lines[end] if end < len(self.source_lines) else ""
        if set(closing.strip()) != {":"}:
            self._problem(token, "box-open", f"the box :::{name} is never closed", "Close it with a line :::")
        elif self.box:
            # Two boxes and one closing line: it closes the outer one, and the inner one swallows the rest of that.
            message = f"the box :::{name} begins inside :::{self.box}"
            self._problem(token, "box-open", message, f"Close :::{self.box} with a line ::: before it.")
        if name not in CALLOUT_KINDS:
            kinds = ", ".join(CALLOUT_KINDS)
            self._problem(
                token, "box-kind", f"unknown box :::{name or '(no name)'}", f"Known boxes: {kinds}."
            )
            name = "note"
        attributes = self._attributes(token, rest)
        around, self.box = self.box, name
        blocks = tuple(self._blocks("container_box_close"))
        self.box = around
        return Callout(cast(CalloutKind, name), blocks, self._line(token), attributes)

    def _directive(self, token: Token) -> Directive:
        name = token.meta["name"]
        if name not in DIRECTIVE_NAMES:
            known = ", ".join("::" + known for known in DIRECTIVE_NAMES)
            self._problem(token, "directive", f"unknown directive ::{name}", f"Known directives: {known}.")
        return Directive(name, self._line(token), self._attributes(token, token.meta["rest"]))

    def inline(self, inline: Token) -> Spans:
        """Return the styled runs of one inline token; what is not allowed in it becomes a problem."""
        spans: list[Span] = []
        style = Span("")
        stack: list[Span] = []
        for child in inline.children or []:
            match child.type:
                case "text":
                    spans.append(replace(style, text=child.content))
                case "softbreak":
                    spans.append(replace(style, text=" "))
                case "hardbreak":
                    spans.append(replace(style, text="\n"))
                case "code_inline":
                    spans.append(replace(style, text=child.content, code=True))
                case "strong_open":
                    stack.append(style)
                    style = replace(style, strong=True)
                case "em_open":
                    stack.append(style)
                    style = replace(style, emphasis=True)
                case "link_open":
                    stack.append(style)
                    style = replace(style, href=str(child.attrGet("href") or ""))
                    if not style.href:
                        fix = "Write https://…, lesson:ID, term:ID or #heading."
                        self._problem(inline, "link", "a link that leads nowhere", fix)
                case "strong_close" | "em_close" | "link_close":
                    style = stack.pop()
                case "html_inline":
                    self._problem(
                        inline,
                        "html",
                        f"raw HTML {child.content!r}",
                        "Put placeholders in backticks: `<name>`.",
                    )
                    spans.append(replace(style, text=child.content))
                case "image":
                    self._problem(
                        inline, "image", "an image", "Describe it, or make a diagram: ::diagram{id=…}."
                    )
                    spans.append(replace(style, text=child.content))
                case _:
                    self._problem(
                        inline, "markup", f"unsupported Markdown: {child.type}", "Write it another way."
                    )
        merged = _merge(spans)
        if (heeded := HEEDED.search(text_of(merged))) is not None:
            what = f"the invisible character {code_of(heeded[0])}"
            self._problem(inline, "markup", what, "Delete it: terminals obey it.")
        return merged


def _merge(spans: Sequence[Span]) -> Spans:
    merged: list[Span] = []
    for span in spans:
        if not span.text:
            continue
        if merged and replace(merged[-1], text="") == replace(span, text=""):
            merged[-1] = replace(span, text=merged[-1].text + span.text)
        else:
            merged.append(span)
    return tuple(merged)
