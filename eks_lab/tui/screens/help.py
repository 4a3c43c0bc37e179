"""Every key that works on the screen below, generated from its bindings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from eks_lab.content.page import Code, Paragraph, Span
from eks_lab.tui.screens.base import LabModal
from eks_lab.tui.summaries import line
from eks_lab.tui.typeset import Flow, Live, flow
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.prose import Prose

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.dom import DOMNode
    from textual.screen import Screen

_WIDEST_KEYS = 24
_PLAINER = {
    "Focus Next": "To the next thing that can be used",
    "Focus Previous": "To the thing before it",
    "Copy selected text": "Copy what is selected with the mouse",
    "Press button": "Press the button",
}
"""Descriptions of Textual's own keys in the words of this program."""


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One action with all its keys."""

    keys: tuple[str, ...]
    """As a person reads them."""
    description: str
    tooltip: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class KeyGroup:
    """The keys of one widget or screen."""

    title: str
    about: str
    """Its own help, as Markdown; may be empty."""
    lines: tuple[KeyLine, ...]


def gather(screen: Screen[object]) -> list[KeyGroup]:
    """Return the keys that work on a screen now, innermost first: focused widget, screen, app."""
    found: dict[DOMNode, dict[tuple[str, str], KeyLine]] = {}
    for node, binding, enabled, tooltip in screen.active_bindings.values():
        if not binding.description or binding.system:
            continue
        group = found.setdefault(node, {})
        key = (binding.action.removeprefix("app."), binding.description)
        keys = (*(group[key].keys if key in group else ()), screen.app.get_key_display(binding))
        group[key] = KeyLine(keys, binding.description, tooltip, enabled)
    groups = []
    for node, lines in found.items():
        title = getattr(node, "BINDING_GROUP_TITLE", None) or type(node).__name__
        about = getattr(node, "HELP", None) or ""
        groups.append(KeyGroup(title, about, tuple(lines.values())))
    return groups


def as_prose(groups: list[KeyGroup]) -> list[Flow]:
    """Return the keys as lists under headings."""
    items: list[Flow] = []
    for group in groups:
        items.append(line(group.title, "heading2"))
        items += _about(group.about)
        room = min(_WIDEST_KEYS, max(len("  ".join(entry.keys)) for entry in group.lines)) + 2
        for number, entry in enumerate(group.lines):
            says = [Span(_PLAINER.get(entry.description, entry.tooltip or entry.description))]
            if not entry.enabled:
                says.append(Span(" (not now)", emphasis=True))
            keys = "  ".join(entry.keys).ljust(room - 1)
            items.append(Flow(Paragraph(tuple(says), 0), room, keys, tight=number > 0))
    return items


def _about(markdown: str) -> list[Flow]:
    """Return a widget's own help; its first heading repeats the title and is left out."""
    if not markdown.strip():
        return []
    from eks_lab.content.markup import parse_body

    blocks = parse_body(markdown, 1).page.blocks
    texts: list[Flow] = []
    for item in flow(blocks[1:] if len(blocks) > 1 and not isinstance(blocks[0], Paragraph) else blocks):
        if isinstance(item, Live):
            if isinstance(item.block, Code):
                texts.append(line(item.block.text, "muted"))
            continue
        texts.append(item)
    return texts


class HelpScreen(LabModal[None]):
    """A scrolling list of keys; any of the usual keys closes it."""

    BINDING_GROUP_TITLE = "Help"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,q,enter", "close", "Close", show=False, id="help.close", tooltip="Back"),
    ]

    def __init__(self, groups: list[KeyGroup]) -> None:
        """Show keys.

        Args:
            groups: what `gather` found on the screen below.
        """
        super().__init__(name="help")
        self._groups = groups

    def compose(self) -> ComposeResult:
        """Compose the list."""
        with Vertical(classes="dialog -tall"):
            yield Static("Keys that work here", classes="dialog--title", markup=False)
            with VerticalScroll(id="help-scroll"):
                yield Prose(as_prose(self._groups), id="help-keys")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Let the arrow keys scroll."""
        self.query_one("#help-scroll").focus()
