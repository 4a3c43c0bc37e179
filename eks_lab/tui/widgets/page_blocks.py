"""Blocks of a page as slots: runs of text become one `Prose`, everything live its own widget.

A slot knows roughly how high and how heavy its widget will be before the widget exists, so that a
page can begin with what is on the screen and fill in the rest afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from textual.widget import Widget

from eks_lab.content.page import Block, Callout, Code, Directive, Heading
from eks_lab.tui.typeset import Flow, Live, parts, typeset
from eks_lab.tui.widgets.prose import Prose

_DEEPEST_INDENT = 8
_CODE_PADDING = 4
_LIVE_ROWS = {"calculator": 50, "diagram": 20, "generate": 34, "quiz": 12}
_LIVE_WEIGHT = {"calculator": 80, "diagram": 2, "generate": 60, "quiz": 14}
_OTHER_ROWS, _OTHER_WEIGHT = 3, 2
_TRY_ROWS, _TRY_WEIGHT = 3, 6
"""What runs the commands of a try box, below its text."""


@dataclass(frozen=True, slots=True)
class PageContext:
    """What a page needs from outside to become widgets."""

    code: Callable[[Code], Widget]
    """Makes the widget of a block of code."""
    live: Callable[[Directive], Widget]
    """Makes the widget of a directive; one that cannot be shown says so."""
    for_try: Callable[[Callout], Iterable[Widget]]
    """Makes what a `try` box shows below its text."""
    explain: Callable[[str], str]
    """Returns the tooltip of an href, empty for none."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A widget of the page that may not exist yet."""

    make: Callable[[], Widget]
    rows: Callable[[int], int]
    """Height at a width in cells, with the space above it; exact for prose, an estimate for the others."""
    weight: int = 1
    """Roughly how many widgets it is."""
    anchors: tuple[str, ...] = ()
    """Headings in it."""


def slots(blocks: Iterable[Block], context: PageContext, *, opening: Sequence[Flow] = ()) -> Iterator[Slot]:
    """Yield the slots of blocks in order.

    Args:
        blocks: blocks of a page or of a box.
        context: makes the live ones.
        opening: text that comes first, in the same widget as the text that follows it.
    """
    pending = tuple(opening)
    for part in parts(blocks):
        if isinstance(part, tuple):
            # A label and the first paragraph below it belong together: no empty line between them.
            first = (replace(part[0], tight=True), *part[1:]) if pending else part
            yield prose_slot((*pending, *first), context)
            pending = ()
            continue
        if pending:
            yield prose_slot(pending, context)
            pending = ()
        yield _live_slot(part, context)
    if pending:
        yield prose_slot(pending, context)


def block_widgets(
    blocks: Iterable[Block], context: PageContext, *, opening: Sequence[Flow] = ()
) -> Iterator[Widget]:
    """Yield the widgets of blocks in order, all of them at once; see `slots`."""
    return (slot.make() for slot in slots(blocks, context, opening=opening))


def prose_slot(items: tuple[Flow, ...], context: PageContext, classes: str = "") -> Slot:
    """Return the slot of running text.

    Args:
        items: the text.
        context: explains its links.
        classes: of the widget.
    """

    def make() -> Widget:
        return Prose(items, explain=context.explain, classes=classes or None)

    def rows(width: int) -> int:
        return 1 + len(typeset(items, width).lines)

    anchors = tuple(item.block.anchor for item in items if isinstance(item.block, Heading))
    return Slot(make, rows, 1, anchors)


def _live_slot(part: Live, context: PageContext) -> Slot:
    block = part.block

    def make() -> Widget:
        widget = _live_widget(block, context)
        widget.add_class("page--live")
        if part.indent:
            widget.add_class(f"-indent-{min(part.indent, _DEEPEST_INDENT)}")
        return widget

    match block:
        case Code():
            return Slot(make, lambda width: 2 + _code_rows(block, width - part.indent), 4)
        case Directive():
            guess = _LIVE_ROWS.get(block.name, _OTHER_ROWS)
            return Slot(make, lambda width: 1 + guess, _LIVE_WEIGHT.get(block.name, _OTHER_WEIGHT))
        case Callout():
            inner = list(slots(block.blocks, context))
            more_rows, more_weight = (_TRY_ROWS, _TRY_WEIGHT) if block.kind == "try" else (0, 0)
            return Slot(
                make,
                lambda width: 1 + more_rows + sum(slot.rows(max(1, width - 3)) for slot in inner),
                1 + more_weight + sum(slot.weight for slot in inner),
            )


def _code_rows(block: Code, width: int) -> int:
    room = max(1, width - _CODE_PADDING)
    return sum(max(1, -(-len(line) // room)) for line in block.text.strip("\n").split("\n"))


def _live_widget(block: Code | Directive | Callout, context: PageContext) -> Widget:
    match block:
        case Code():
            return context.code(block)
        case Directive():
            return context.live(block)
        case Callout():
            from eks_lab.tui.widgets.callout_box import CalloutBox

            return CalloutBox(block, context)
