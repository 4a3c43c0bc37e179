"""Running text as one widget: many paragraphs, lists and tables, set for the width they get."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from eks_lab.tui.inks import ink
from eks_lab.tui.typeset import Flow, Line, Setting, typeset

if TYPE_CHECKING:
    from textual import events
    from textual.geometry import Size
    from textual.selection import Selection


class Prose(Widget):
    """Text of a page between two live widgets."""

    DEFAULT_CSS = """
    Prose {
        height: auto;
        width: 1fr;
    }
    """

    @dataclass
    class LinkOpened(Message):
        """Somebody clicked a link or a term."""

        prose: Prose
        href: str

        @property
        def control(self) -> Prose:
            """The text that holds the link."""
            return self.prose

    def __init__(
        self,
        items: Sequence[Flow],
        *,
        explain: Callable[[str], str] | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """Show text.

        Args:
            items: the text, flattened by `eks_lab.tui.typeset.flow`.
            explain: returns the tooltip of an href, empty for none.
            id: of the widget.
            classes: of the widget.
        """
        super().__init__(id=id, classes=classes)
        self._items = tuple(items)
        self._explain = explain
        self._settings: dict[int, Setting] = {}
        self._strips: dict[int, Strip] = {}
        self._styles_seen: dict[str, Style] = {}
        self._set_for = 0
        self._hovered = ""

    @property
    def items(self) -> tuple[Flow, ...]:
        """What is shown."""
        return self._items

    def set_items(self, items: Sequence[Flow]) -> None:
        """Show other text."""
        if tuple(items) == self._items:
            return
        self._items = tuple(items)
        self._settings.clear()
        self._strips.clear()
        self.refresh(layout=True)

    def setting(self, width: int) -> Setting:
        """Return the text set for a width in cells."""
        found = self._settings.get(width)
        if found is None:
            if len(self._settings) > 4:
                self._settings.clear()
            found = self._settings[width] = typeset(self._items, width)
        return found

    def anchor_lines(self) -> dict[str, int]:
        """Return the line of each heading, by anchor, at the present width."""
        width = self.content_size.width
        return dict(self.setting(width).anchors) if width else {}

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Return the widest line of the text (Textual asks for `width: auto`)."""
        lines = self.setting(container.width).lines
        return max((sum(len(piece.text) for piece in line) for line in lines), default=0)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the number of lines at a width."""
        return len(self.setting(width).lines)

    def notify_style_update(self) -> None:
        """Forget what was drawn in the old colours."""
        super().notify_style_update()
        self._strips.clear()
        self._styles_seen.clear()

    def selection_updated(self, selection: Selection | None) -> None:
        """Redraw with the new selection."""
        self._strips.clear()
        self.refresh()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected text, as it is laid out."""
        return selection.extract(self.setting(self.content_size.width).text), "\n"

    def render_line(self, y: int) -> Strip:
        """Return one line of the text; Textual draws padding and borders around it."""
        width = self.content_size.width
        if width != self._set_for:
            self._strips.clear()
            self._set_for = width
        strip = self._strips.get(y)
        if strip is None:
            lines = self.setting(width).lines
            strip = self._strips[y] = self._draw(lines[y] if y < len(lines) else (), width, y)
        return strip

    def _style(self, words: str) -> Style:
        style = self._styles_seen.get(words)
        if style is None:
            style = self._styles_seen[words] = self.rich_style + ink(words, self.app.theme_variables)
        return style

    def _draw(self, line: Line, width: int, y: int) -> Strip:
        base = self._style("")
        segments = []
        for piece in line:
            style = self._style(piece.style)
            if piece.href:
                style += Style(meta={"href": piece.href})
                if piece.href == self._hovered:
                    style += ink("hover", {})
            segments.append(Segment(piece.text, style))
        strip = Strip(segments).adjust_cell_length(width, base).simplify()
        if (selection := self.text_selection) is not None and (span := selection.get_span(y)) is not None:
            strip = self._mark(strip, *span)
        return strip.apply_offsets(0, y)

    def _mark(self, strip: Strip, start: int, end: int) -> Strip:
        length = strip.cell_length
        end = length if end == -1 else min(end, length)
        start = min(start, end)
        before, marked, after = strip.crop(0, start), strip.crop(start, end), strip.crop(end, length)
        chosen = self.screen.get_component_rich_style("screen--selection")
        painted = Strip([Segment(text, (style or Style()) + chosen) for text, style, _ in marked])
        return Strip.join([before, painted, after])

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Light up the link under the mouse and prepare its tooltip."""
        self._hover(str(event.style.meta.get("href", "")))

    def on_leave(self, event: events.Leave) -> None:
        """Put the link's light out."""
        self._hover("")

    def _hover(self, href: str) -> None:
        if href == self._hovered:
            return
        self._hovered = href
        self._strips.clear()
        self.refresh()
        self.tooltip = (self._explain(href) or None) if href and self._explain else None

    def on_click(self, event: events.Click) -> None:
        """Tell who follows links that one was clicked."""
        href = str(event.style.meta.get("href", ""))
        if href:
            event.stop()
            self.post_message(self.LinkOpened(self, href))
