"""The commands of a lesson that need the sandbox or nothing, block by block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eks_lab.content.console import chosen, numbered_commands
from eks_lab.content.page import Block, Callout, Code, ItemList, Page

RUN = ("sandbox", "nothing")
"""What a block may need to be run in a proof."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a block."""

    line: int
    """In the lesson's file."""
    text: str
    """Without the prompt, its continuation lines included."""
    is_failing: bool = False
    """Whether the block says that it fails."""
    is_empty: bool = False
    """Whether the block says that it answers with nothing."""


@dataclass(frozen=True, slots=True)
class CommandBlock:
    """A `console` block that says `needs=sandbox` or `needs=nothing`."""

    line: int
    """Of its fence."""
    commands: tuple[Command, ...]
    is_try: bool
    """Whether it stands in a try box: it is run in a world of its own, as readers run it."""
    example: str = ""
    """Why its commands are an example that a new sandbox does not match; empty for commands that are run."""
    after: str = ""
    """Id of the lesson whose try box a reader has run before; empty for a new sandbox."""


def command_blocks(page: Page) -> list[CommandBlock]:
    """Return the blocks of a page in order.

    Args:
        page: of a lesson, its quoted files put in.
    """
    return [
        CommandBlock(
            code.line,
            _commands(code),
            is_try,
            code.attributes.get("example", ""),
            code.attributes.get("after", ""),
        )
        for code, is_try in _codes(page.blocks, is_try=False)
        if code.language == "console" and not code.src and code.attributes.get("needs") in RUN
    ]


def _codes(blocks: tuple[Block, ...], *, is_try: bool) -> Iterator[tuple[Code, bool]]:
    for block in blocks:
        if isinstance(block, Code):
            yield block, is_try
        elif isinstance(block, Callout):
            yield from _codes(block.blocks, is_try=is_try or block.kind == "try")
        elif isinstance(block, ItemList):
            for item in block.items:
                yield from _codes(item, is_try=is_try)


def _commands(code: Code) -> tuple[Command, ...]:
    failing = chosen(code.attributes.get("expect-error"))
    empty = chosen(code.attributes.get("empty"))
    return tuple(
        Command(code.line + line, text, is_failing=failing(number), is_empty=empty(number))
        for number, (line, text) in enumerate(numbered_commands(code.text), 1)
    )
