"""A box beside the text: note, tip, warning, worked example, the guide against today, something to try."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from textual.containers import VerticalGroup

from eks_lab.content.page import Block, Callout, CalloutKind, Paragraph, Span, text_of
from eks_lab.tui.typeset import Flow
from eks_lab.tui.widgets.page_blocks import PageContext, block_widgets

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widget import Widget

LABELS: dict[CalloutKind, str] = {
    "note": "✎ Note",
    "tip": "★ Tip",
    "warning": "▲ Warning",
    "example": "◆ Worked example",
    "guide": "❝ The guide says",
    "try": "▶ Try it",
}
TODAY = "✓ Today"
_TODAY_PREFIX = "Today:"


def label(text: str, kind: str) -> Flow:
    """Return the first line of a box of some kind."""
    return Flow(Paragraph((Span(text),), 0), style=f"kicker-{kind}", tight=True)


def split_guide(blocks: tuple[Block, ...]) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """Split a guide box where its paragraph `Today:` starts.

    Args:
        blocks: everything in the box.

    Returns:
        What the guide says, and what is true today without the word that starts it; the second part
        is empty when no paragraph starts with it.
    """
    for number, block in enumerate(blocks):
        if isinstance(block, Paragraph) and text_of(block.spans).lstrip().startswith(_TODAY_PREFIX):
            return blocks[:number], (
                replace(block, spans=_without_prefix(block.spans)),
                *blocks[number + 1 :],
            )
    return blocks, ()


def _without_prefix(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    left = len(_TODAY_PREFIX)
    rest: list[Span] = []
    for span in spans:
        text = span.text.lstrip() if not rest and left == len(_TODAY_PREFIX) else span.text
        cut = min(left, len(text))
        left -= cut
        kept = text[cut:].lstrip() if not rest else text[cut:]
        if kept:
            rest.append(replace(span, text=kept))
    if rest:
        rest[0] = replace(rest[0], text=rest[0].text[:1].upper() + rest[0].text[1:])
    return tuple(rest)


class CalloutBox(VerticalGroup):
    """A callout with its icon and its word; a guide box has two halves."""

    DEFAULT_CSS = """
    CalloutBox {
        margin: 1 0 0 0;
        padding: 0 1;
        border-left: outer $primary;
        background: $surface;
        Prose { background: $surface; }
    }
    CalloutBox.-guide { padding: 0; border-left: none; background: transparent; }
    CalloutBox .callout--half { height: auto; padding: 0 1; border-left: outer $foreground-muted; }
    CalloutBox .callout--today { border-left: outer $success; }
    """

    def __init__(self, callout: Callout, context: PageContext) -> None:
        """Show a callout.

        Args:
            callout: the box as parsed.
            context: makes the live widgets in it.
        """
        super().__init__(classes=f"-{callout.kind}")
        self._callout = callout
        self._page_context = context

    def compose(self) -> ComposeResult:
        """Compose the label and what the box holds."""
        callout = self._callout
        title = callout.attributes.get("title", "")
        heading = LABELS[callout.kind] + (f" · {title}" if title else "")
        if callout.kind != "guide":
            blocks = block_widgets(
                callout.blocks, self._page_context, opening=(label(heading, callout.kind),)
            )
            more = self._page_context.for_try(callout) if callout.kind == "try" else ()
            yield from _spaced(chain(blocks, more))
            return
        says, today = split_guide(callout.blocks)
        with VerticalGroup(classes="callout--half callout--says"):
            yield from _spaced(
                block_widgets(says, self._page_context, opening=(label(heading, callout.kind),))
            )
        if today:
            with VerticalGroup(classes="callout--half callout--today -follows"):
                yield from _spaced(block_widgets(today, self._page_context, opening=(label(TODAY, "today"),)))


def _spaced(widgets: Iterable[Widget]) -> Iterator[Widget]:
    """Yield widgets with a blank line before each but the first."""
    for number, widget in enumerate(widgets):
        yield widget.add_class("-follows") if number else widget
