"""The files of a result in one line: the present one, those around it, and how many there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget


class FileTabs(Widget):
    """Names to click; a mark stands at those with findings."""

    DEFAULT_CSS = """
    FileTabs {
        height: 1;
        width: 1fr;
        background: $panel;
        padding: 0 1;
        text-wrap: nowrap;
        link-style: none;
        link-background: transparent;
        link-color: $text-muted;
        link-color-hover: $text;
        link-style-hover: underline;
        link-background-hover: transparent;
    }
    """

    present: reactive[int] = reactive(0)
    """Place of the file that is shown, from 0."""

    @dataclass
    class Chosen(Message):
        """A file was clicked."""

        tabs: FileTabs
        place: int

        @property
        def control(self) -> FileTabs:
            """The line."""
            return self.tabs

    def __init__(self) -> None:
        """Show no files yet."""
        super().__init__()
        self._names: tuple[str, ...] = ()
        self._marks: dict[str, str] = {}

    def show(self, names: Sequence[str], marks: Mapping[str, str], present: int) -> None:
        """Show names.

        Args:
            names: of the files, in order.
            marks: what stands at some of them.
            present: place of the one that is shown.
        """
        self._names, self._marks = tuple(names), dict(marks)
        self.present = present
        self.refresh()

    def action_choose(self, place: int) -> None:
        """Pass a click on."""
        self.post_message(self.Chosen(self, place))

    def render(self) -> Content:
        """Return as many names as there is room for, the present one among them."""
        if not self._names:
            return Content("")
        total = len(self._names)
        count = f"{self.present + 1}/{total}" if total > 1 else ""
        room = self.content_size.width - len(count) - 5
        first = last = self.present
        used = len(self._label(first))
        # Alternately to both sides, as far as the line goes.
        while True:
            grown = False
            if last + 1 < total and used + len(self._label(last + 1)) + 2 <= room:
                last += 1
                used += len(self._label(last)) + 2
                grown = True
            if first > 0 and used + len(self._label(first - 1)) + 2 <= room:
                first -= 1
                used += len(self._label(first)) + 2
                grown = True
            if not grown:
                break
        parts: list[Content] = []
        for place in range(first, last + 1):
            if place == self.present:
                parts.append(Content.styled(self._label(place), "bold underline $foreground"))
            else:
                click = Style.from_meta({"@click": f"choose({place})"})
                parts.append(Content(self._label(place)).stylize(click))
        line = Content("  ").join(parts)
        line = Content.assemble("‹ " if first > 0 else "", line, " ›" if last + 1 < total else "")
        gap = max(1, self.content_size.width - line.cell_length - len(count))
        return Content.assemble(line, " " * gap, (count, "$text-muted"))

    def _label(self, place: int) -> str:
        name = self._names[place]
        mark = self._marks.get(name, "")
        return f"{mark} {name}" if mark else name
