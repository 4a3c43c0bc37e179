"""The table of contents of a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from eks_lab.content.page import Span
from eks_lab.tui.list_rows import RowPart, row

if TYPE_CHECKING:
    from collections.abc import Sequence

_USUAL_CELLS = 26


@dataclass(frozen=True, slots=True)
class ContentsRow:
    """A heading as the contents show it."""

    anchor: str
    """Empty for the top of the page."""
    text: str
    level: int
    """2 or 3; 1 for the top of the page."""


class Contents(OptionList):
    """Headings of the page with a mark at the one being read; Enter or a click goes there."""

    BINDING_GROUP_TITLE = "Contents"
    HELP = "The headings of this lesson. Enter goes to one; the arrow head marks the one you are reading."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "cursor_down", "Down", show=False, id="contents.down", tooltip="Next heading"),
        Binding("up,k", "cursor_up", "Up", show=False, id="contents.up", tooltip="Heading before"),
        Binding("enter", "select", "Go there", id="contents.go", tooltip="Go to the heading"),
    ]
    DEFAULT_CSS = """
    Contents { border: none; height: 1fr; background: transparent; padding: 0 1; scrollbar-size-vertical: 1; }
    """

    section: reactive[str] = reactive("", init=False)
    """Anchor of the heading being read."""

    @dataclass
    class HeadingChosen(Message):
        """The reader wants to go to a heading."""

        contents: Contents
        anchor: str

        @property
        def control(self) -> Contents:
            """The contents."""
            return self.contents

    def __init__(self, *, id: str | None = None) -> None:
        """Start empty; `show` fills the list."""
        super().__init__(id=id)
        self._rows: tuple[ContentsRow, ...] = ()
        self._labelled_for = 0

    def show(self, rows: Sequence[ContentsRow], section: str = "") -> None:
        """Show the headings of a page.

        Args:
            rows: the top of the page and its headings, in order.
            section: anchor of the one being read.
        """
        self._rows = tuple(rows)
        self.set_reactive(Contents.section, section)
        self.clear_options()
        self.add_options([Option(self._label(row)) for row in self._rows])
        if self._rows:
            self.highlighted = self._index(section)

    def _index(self, anchor: str) -> int:
        return next((number for number, row in enumerate(self._rows) if row.anchor == anchor), 0)

    def _label(self, row_: ContentsRow) -> Content:
        is_here = row_.anchor == self.section
        indent = "  " * max(0, row_.level - 2)
        spans = (Span(row_.text, strong=is_here),)
        part = RowPart(
            spans,
            "" if is_here or row_.level < 3 else "muted",
            indent + ("▸ " if is_here else "  "),
            indent + "  ",
        )
        return row([part], self.scrollable_content_region.width or _USUAL_CELLS)

    def on_resize(self) -> None:
        """Break the headings anew."""
        if self.scrollable_content_region.width != self._labelled_for:
            self._labelled_for = self.scrollable_content_region.width
            for number, entry in enumerate(self._rows):
                self.replace_option_prompt_at_index(number, self._label(entry))

    def watch_section(self, before: str, now: str) -> None:
        """Move the mark, and the cursor with it unless the reader is using it."""
        for anchor in (before, now):
            number = self._index(anchor)
            if number < len(self._rows):
                self.replace_option_prompt_at_index(number, self._label(self._rows[number]))
        if self._rows and not self.has_focus:
            self.highlighted = self._index(now)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Say it in the page's terms."""
        event.stop()
        self.post_message(self.HeadingChosen(self, self._rows[event.option_index].anchor))
