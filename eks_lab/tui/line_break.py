"""Breaking text into lines: words stay whole, only one that is wider than a line is cut.

Pure: no Textual, no colours. A style is a set of words (`strong`, `code`, `term` …). Measures are
terminal cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from rich.cells import cell_len

from eks_lab.content.page import Span, Spans

_BREAK_AFTER = "/-._:=,;@"
_WORDS = re.compile(r"\s+|\S+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters on one line in one style."""

    text: str
    style: str = ""
    """Space-separated words, sorted; empty for plain text."""
    href: str = ""


Line = tuple[Piece, ...]


def join_styles(*styles: str) -> str:
    """Return the words of several styles, sorted, each once."""
    return " ".join(sorted({word for style in styles for word in style.split()}))


def style_of(span: Span) -> str:
    """Return the style words of a span."""
    words = []
    if span.strong:
        words.append("strong")
    if span.emphasis:
        words.append("emphasis")
    if span.code:
        words.append("code")
    if span.href:
        words.append("term" if span.href.startswith("term:") else "link")
    return " ".join(sorted(words))


def break_lines(spans: Spans, width: int, *, style: str = "") -> list[Line]:
    """Break spans into lines at spaces; only a word that is wider than a line is cut.

    Args:
        spans: the text.
        width: cells of a line.
        style: words that apply to all of it.

    Returns:
        Lines without trailing spaces; empty when there is no text.
    """
    width = max(1, width)
    lines: list[Line] = []
    line: list[Piece] = []
    used = 0
    space: list[Piece] = []
    space_width = 0
    for word in words(spans, style):
        if word[0].text.isspace():
            space, space_width = [replace(word[0], text=" ")], 1
            if "\n" in word[0].text:
                # A line break that the author asked for.
                lines.append(tuple(line))
                line, used, space, space_width = [], 0, [], 0
            continue
        word_width = sum(cell_len(piece.text) for piece in word)
        if line and used + space_width + word_width > width:
            lines.append(_joined(line))
            line, used, space, space_width = [], 0, [], 0
        if word_width > width:
            for chunk in _cut(word, width - used - space_width if line else width, width):
                if line and used + space_width + sum(cell_len(p.text) for p in chunk) > width:
                    lines.append(_joined(line))
                    line, used, space, space_width = [], 0, [], 0
                line.extend(space if line else [])
                line.extend(chunk)
                used += space_width + sum(cell_len(piece.text) for piece in chunk)
                space, space_width = [], 0
            continue
        if line:
            line.extend(space)
            used += space_width
        line.extend(word)
        used += word_width
        space, space_width = [], 0
    if line:
        lines.append(_joined(line))
    return lines


def _joined(pieces: list[Piece]) -> Line:
    """Merge neighbours in one style, so that a line stays a few segments long."""
    merged: list[Piece] = []
    for piece in pieces:
        if merged and (merged[-1].style, merged[-1].href) == (piece.style, piece.href):
            merged[-1] = replace(piece, text=merged[-1].text + piece.text)
        else:
            merged.append(piece)
    return tuple(merged)


def words(spans: Spans, style: str) -> Iterator[list[Piece]]:
    """Yield words and the white space between them; a word may change style halfway."""
    word: list[Piece] = []
    for span in spans:
        own = join_styles(style, style_of(span))
        for found in _WORDS.finditer(span.text):
            piece = Piece(found.group(), own, span.href)
            if piece.text.isspace():
                if word:
                    yield word
                    word = []
                yield [piece]
            else:
                word.append(piece)
    if word:
        yield word


def _cut(word: list[Piece], first: int, width: int) -> Iterator[list[Piece]]:
    """Cut a word that is wider than a line, after punctuation where there is some."""
    room = first if first >= 8 else width
    chunk: list[Piece] = []
    used = 0
    for piece in word:
        text = piece.text
        while text:
            fits = _fitting(text, room - used)
            if fits == len(text):
                chunk.append(replace(piece, text=text))
                used += cell_len(text)
                break
            if fits:
                best = max((text.rfind(mark, 0, fits) + 1 for mark in _BREAK_AFTER), default=0)
                cut = best if best > fits // 2 else fits
                chunk.append(replace(piece, text=text[:cut]))
                text = text[cut:]
            if not chunk:
                # A character that is wider than the whole line: nothing better can be done.
                chunk.append(replace(piece, text=text[:1]))
                text = text[1:]
            yield chunk
            chunk, used, room = [], 0, width
    if chunk:
        yield chunk


def _fitting(text: str, width: int) -> int:
    """Return how many characters of a text fit into a width."""
    used = 0
    for number, character in enumerate(text):
        used += cell_len(character)
        if used > width:
            return number
    return len(text)
