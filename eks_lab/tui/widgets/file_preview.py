"""A generated file, line by line: colours, what the checker finds below its line, a mark where a line has a reason.

Only the lines on the screen are drawn, so that a thousand lines of Terraform cost no more than forty.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content, Span
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from eks_lab.checker.model import Finding, Severity
from eks_lab.content.questions import WRONG
from eks_lab.tui.widgets.highlight import visible

if TYPE_CHECKING:
    from textual import events

    from eks_lab.generate.model import GeneratedFile
    from eks_lab.tui.generation import Colours

MARKS = {Severity.ERROR: WRONG, Severity.WARNING: "▲", Severity.NOTE: "•"}
STYLES = {Severity.ERROR: "$text-error", Severity.WARNING: "$text-warning", Severity.NOTE: "$text-accent"}
REASON = "?"
"""Marks a line that has a reason."""
_POINTER = "▸"
_GUTTER_EXTRA = 4
"""Pointer, mark and the spaces around them."""
_SIDEWAYS = 8


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of the screen."""

    line: int
    """Of the file, counted from 1; of a finding, the line it is about, 0 for the whole file."""
    text: str
    colours: Colours = ()
    finding: Finding | None = None


def finding_text(finding: Finding) -> str:
    """Return a finding as sentences: how bad, what is wrong, what to write."""
    message = finding.message.rstrip(".")
    return f"{MARKS[finding.severity]} {finding.severity}: {message}. {finding.fix}".rstrip()


class FilePreview(ScrollView, can_focus=True):
    """One file with a cursor on one of its lines."""

    HELP = """
## Preview

`up` and `down` go through the lines. `?` in the margin marks a line that says below why it is there; `w` goes to the
next one. `✗`, `▲` and `•` mark an error, a warning and a note of the checker, which stand below their line; `n` goes
to the next one. `left` and `right` move sideways, `[` and `]` to the files before and after.
"""
    BINDING_GROUP_TITLE = "Preview"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False, id="preview.down", tooltip="Next line"),
        Binding("up,k", "move(-1)", "Up", show=False, id="preview.up", tooltip="Line before"),
        Binding("pagedown,space", "page(1)", "Page down", show=False, id="preview.page-down", tooltip="Down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="preview.page-up", tooltip="Up"),
        Binding("home", "go(0)", "Top", show=False, id="preview.top", tooltip="First line"),
        Binding("end", "go(-1)", "End", show=False, id="preview.end", tooltip="Last line"),
        Binding("left", "sideways(-1)", "Left", show=False, id="preview.left", tooltip="Move left"),
        Binding("right", "sideways(1)", "Right", show=False, id="preview.right", tooltip="Move right"),
        Binding(
            "w", "next_reason", "Next why", id="preview.why", tooltip="To the next line that has a reason"
        ),
    ]

    DEFAULT_CSS = """
    FilePreview {
        height: 1fr;
        width: 1fr;
        background: $surface;
        color: $foreground;
        scrollbar-size: 1 1;
        overflow: auto auto;
    }
    """

    line: reactive[int] = reactive(1, init=False)
    """The line with the cursor, counted from 1."""

    @dataclass
    class LineReached(Message):
        """The cursor is on another line, or the line is another one."""

        preview: FilePreview
        line: int

        @property
        def control(self) -> FilePreview:
            """The preview."""
            return self.preview

        def can_replace(self, message: Message) -> bool:
            """Return whether a queued message is out of date."""
            return isinstance(message, FilePreview.LineReached) and message.preview is self.preview

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        """Show nothing yet."""
        super().__init__(id=id, classes=classes)
        self.file: GeneratedFile | None = None
        self.findings: tuple[Finding, ...] = ()
        self._colours: tuple[Colours, ...] = ()
        self._rows: list[_Row] = []
        self._row_of_line: dict[int, int] = {}
        self._width_of_rows = 0
        self._strips: dict[tuple[int, bool, bool], Strip] = {}

    def show(self, file: GeneratedFile, colours: Sequence[Colours], findings: Sequence[Finding] = ()) -> None:
        """Show a file; the cursor stays where it is when it is another version of the same one.

        Args:
            file: what to show.
            colours: of each line.
            findings: what the checker says of this file.
        """
        is_same = self.file is not None and self.file.name == file.name
        self.file, self._colours, self.findings = file, tuple(colours), tuple(findings)
        self._build()
        last = max(1, file.text.rstrip("\n").count("\n") + 1)
        with self.prevent(self.LineReached):
            self.line = min(self.line, last) if is_same else 1
        if not is_same:
            self.scroll_to(0, 0, animate=False, immediate=True)
        self.post_message(self.LineReached(self, self.line))

    @property
    def _digits(self) -> int:
        return max(2, len(str(len(self._rows))))

    @property
    def _gutter(self) -> int:
        return self._digits + _GUTTER_EXTRA

    def _build(self) -> None:
        """Lay out the rows: each line, and below it what was found there."""
        self._strips.clear()
        self._rows, self._row_of_line = [], {}
        if self.file is None:
            return
        self._width_of_rows = self.scrollable_content_region.width
        room = max(20, self._width_of_rows - 6 - _GUTTER_EXTRA)
        by_line: dict[int, list[Finding]] = {}
        lines = self.file.text.rstrip("\n").split("\n")
        for finding in self.findings:
            by_line.setdefault(finding.line if finding.line <= len(lines) else 0, []).append(finding)
        self._add_findings(0, by_line, room)
        for number, text in enumerate(lines, 1):
            self._row_of_line[number] = len(self._rows)
            colours = self._colours[number - 1] if number <= len(self._colours) else ()
            self._rows.append(_Row(number, visible(text), colours))
            self._add_findings(number, by_line, room)
        longest = max((len(row.text) for row in self._rows), default=0)
        self.virtual_size = Size(longest + self._gutter + 1, len(self._rows))
        self.refresh()

    def _add_findings(self, line: int, by_line: dict[int, list[Finding]], room: int) -> None:
        for finding in by_line.get(line, ()):
            self._rows += [
                _Row(line, part if not number else f"  {part}", finding=finding)
                for number, part in enumerate(textwrap.wrap(finding_text(finding), room))
            ]

    def render_line(self, y: int) -> Strip:
        """Return one row of the screen."""
        scroll_x, scroll_y = self.scroll_offset
        width = self.scrollable_content_region.width
        number = y + scroll_y
        if number >= len(self._rows):
            return Strip.blank(width, self.visual_style.rich_style)
        row = self._rows[number]
        key = (number, row.line == self.line and row.finding is None, self.has_focus)
        strip = self._strips.get(key)
        if strip is None:
            wide = max(width, self.virtual_size.width)
            strip = Visual.to_strips(self, self._content(row), wide, 1, self.visual_style, pad=True)[0]
            self._strips[key] = strip
        return strip.crop_extend(scroll_x, scroll_x + width, self.visual_style.rich_style)

    def _content(self, row: _Row) -> Content:
        if row.finding is not None:
            style = STYLES[row.finding.severity]
            return Content.assemble(" " * self._gutter, (row.text, style))
        assert self.file is not None
        is_current = row.line == self.line
        number = f"{row.line:>{self._digits}}"
        mark, style = self._mark(row.line)
        content = Content.assemble(
            (_POINTER if is_current else " ", "bold $text-accent"),
            (number, "bold" if is_current else "$text-muted"),
            " ",
            (mark, style),
            " ",
            Content(row.text, [Span(first, last, colour) for first, last, colour in row.colours]),
        )
        if is_current:
            width = max(self.scrollable_content_region.width, self.virtual_size.width)
            content = content.pad_right(max(0, width - content.cell_length))
            content = content.stylize_before("on $panel" if self.has_focus else "on $boost")
        return content

    def _mark(self, line: int) -> tuple[str, str]:
        worst = sorted(
            (finding.severity for finding in self.findings if finding.line == line), key=list(Severity).index
        )
        if worst:
            return MARKS[worst[0]], f"bold {STYLES[worst[0]]}"
        if self.file is not None and line in self.file.reasons:
            return REASON, "$text-primary"
        return " ", ""

    def watch_line(self) -> None:
        """Show the cursor on its line."""
        if (row := self._row_of_line.get(self.line)) is not None:
            self._strips.clear()
            self.refresh()
            x = self.scroll_offset.x
            self.scroll_to_region(Region(x, row, 1, 1), animate=False, immediate=True, x_axis=False)
            self.post_message(self.LineReached(self, self.line))

    def watch_has_focus(self, value: bool) -> None:
        """Show that the keys work."""
        super().watch_has_focus(value)
        self.refresh()

    def go_to(self, line: int) -> None:
        """Put the cursor on a line; one that is not there becomes the nearest.

        Args:
            line: counted from 1.
        """
        self.line = max(1, min(line, max(self._row_of_line, default=1)))

    def action_move(self, by: int) -> None:
        """Go to another line."""
        self.go_to(self.line + by)

    def action_page(self, by: int) -> None:
        """Go a screen on."""
        self.go_to(self.line + by * max(1, self.scrollable_content_region.height - 2))

    def action_go(self, line: int) -> None:
        """Go to the first line, or with -1 to the last."""
        self.go_to(max(self._row_of_line, default=1) if line < 0 else 1)

    def action_sideways(self, direction: int) -> None:
        """Move along long lines."""
        self.scroll_relative(x=direction * _SIDEWAYS, animate=False, immediate=True)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the line that was clicked."""
        number = event.y + self.scroll_offset.y
        if 0 <= number < len(self._rows):
            self.go_to(self._rows[number].line)

    def on_resize(self) -> None:
        """Fold findings anew."""
        if self.scrollable_content_region.width != self._width_of_rows:
            self._build()

    def notify_style_update(self) -> None:
        """Draw in the colours of another theme."""
        super().notify_style_update()
        self._strips.clear()
