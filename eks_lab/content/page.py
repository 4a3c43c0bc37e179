"""A lesson's body as blocks: what the terminal page, the plain text and the checks all read.

Pure data. `eks_lab.content.markup` makes it from Markdown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

CalloutKind = Literal["note", "tip", "warning", "example", "guide", "try"]
CALLOUT_KINDS: tuple[CalloutKind, ...] = ("note", "tip", "warning", "example", "guide", "try")
DIRECTIVE_NAMES = ("calculator", "diagram", "file", "generate", "lab", "quiz")


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style."""

    text: str
    strong: bool = False
    emphasis: bool = False
    code: bool = False
    href: str = ""
    """Empty, `https://…`, `term:ID`, `lesson:ID`, `lesson:ID#anchor` or `#anchor`."""


Spans = tuple[Span, ...]


def text_of(spans: Spans) -> str:
    """Return the text of spans without their styles."""
    return "".join(span.text for span in spans)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 2 starts a section, level 3 a part of it."""

    level: int
    spans: Spans
    anchor: str
    line: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph."""

    spans: Spans
    line: int


@dataclass(frozen=True, slots=True)
class ItemList:
    """A bulleted or numbered list."""

    items: tuple[tuple[Block, ...], ...]
    ordered: bool
    start: int
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table; every row has as many cells as the header."""

    header: tuple[Spans, ...]
    rows: tuple[tuple[Spans, ...], ...]
    line: int


@dataclass(frozen=True, slots=True)
class Code:
    """A block of code, typed in the page or quoted from a file of the lesson."""

    language: str
    text: str
    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    """From `{key=value}` after the language, such as `needs=aws` or `title="…"`."""
    src: str = ""
    """The quoted file, relative to the lesson's folder; empty for text typed in the page."""


@dataclass(frozen=True, slots=True)
class Callout:
    """A `:::kind{…}` container."""

    kind: CalloutKind
    blocks: tuple[Block, ...]
    line: int
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Directive:
    """A `::name{…}` line: something live in the page."""

    name: str
    line: int
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal rule."""

    line: int


Block = Heading | Paragraph | ItemList | Table | Code | Callout | Directive | Rule


@dataclass(frozen=True, slots=True)
class Page:
    """All blocks of a lesson in order."""

    blocks: tuple[Block, ...]

    @property
    def headings(self) -> tuple[Heading, ...]:
        """The headings in order: the table of contents."""
        return tuple(block for block in self.blocks if isinstance(block, Heading))


def walk(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """Yield every block, containers before what they hold."""
    for block in blocks:
        yield block
        if isinstance(block, Callout):
            yield from walk(block.blocks)
        elif isinstance(block, ItemList):
            for item in block.items:
                yield from walk(item)
