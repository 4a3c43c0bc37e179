"""One command of a run with what it printed: long output is cut, wide output can be moved sideways."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.containers import HorizontalScroll, VerticalGroup
from textual.content import Content
from textual.widgets import Static

from eks_lab.tui.widgets.code_text import CodeText
from eks_lab.tui.widgets.highlight import displayed

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from eks_lab.tui.try_access import Ending
    from eks_lab.tui.try_block import TryLine

SHOWN_LINES = 12
"""Of one command, until the learner opens all."""
MOST_LINES = 1000
"""Of one command, when all is opened; copying takes everything that was kept."""
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_EIGHT_BIT = dict.fromkeys(range(0x80, 0xA0), "\N{REPLACEMENT CHARACTER}")
"""Control characters that some terminals heed."""
_OVERWRITTEN = re.compile(r"[^\n]*\r(?!\n)")


def readable(text: str) -> str:
    """Return output as a terminal would leave it: no escape sequences, and of overwritten lines the last state.

    Args:
        text: as a program printed it.
    """
    return displayed(_OVERWRITTEN.sub("", _ESCAPES.sub("", text).replace("\r\n", "\n")).translate(_EIGHT_BIT))


class OutputText(CodeText):
    """Text that grows while a command runs; tables stay in their columns unless lines are folded."""

    def __init__(self) -> None:
        """Start empty."""
        super().__init__("", "text")
        self.set_reactive(CodeText.is_folded, False)
        self.add_class("-unfolded")

    def show(self, lines: list[str]) -> None:
        """Show other lines.

        Args:
            lines: as `readable` returns them.
        """
        self._lines = lines or [""]
        self._text = "\n".join(self._lines)
        self._longest = max(map(cell_len, self._lines))
        self.refresh(layout=True)


class TryPart(VerticalGroup):
    """A command, its output, and how it ended."""

    DEFAULT_CSS = """
    TryPart {
        height: auto;
        margin-top: 1;
        HorizontalScroll {
            height: auto;
            scrollbar-size-horizontal: 1;
            scrollbar-background: $surface;
            scrollbar-background-hover: $surface;
            scrollbar-background-active: $surface;
        }
        Static { height: auto; }
    }
    """

    def __init__(self, line: TryLine, note: str = "") -> None:
        """Show a command that has begun.

        Args:
            line: the command.
            note: what to know when it takes too long; may be empty.
        """
        super().__init__()
        self.line = line
        self.ending: Ending | None = None
        self._note = note
        self._printed: list[str] = []
        self._is_open = False
        self._hidden = 0
        self._text = OutputText()
        self._scroller = HorizontalScroll(self._text, can_focus=False)
        self._more = Static(classes="try--more", markup=False)
        self._outcome = Static(classes="try--outcome", markup=False)

    def compose(self) -> ComposeResult:
        """Compose command, output and outcome."""
        yield CodeText(f"$ {self.line.text}", "console")
        yield self._scroller
        yield self._more
        yield self._outcome

    def on_mount(self) -> None:
        """Begin without output."""
        self._draw()

    @property
    def output(self) -> str:
        """All that was kept of the output, readable."""
        return readable("".join(self._printed))

    @property
    def has_failed(self) -> bool:
        """Whether it ended otherwise than the page says."""
        if self.ending is None:
            return False
        return bool(self.ending.reason) or (self.ending.code != 0) != self.line.is_meant_to_fail

    @property
    def width(self) -> int:
        """Cells of the longest line."""
        return self._text.longest

    @property
    def is_wide(self) -> bool:
        """Whether there is more to the side."""
        return self._scroller.max_scroll_x > 0

    @property
    def hidden_lines(self) -> int:
        """How many lines are there and not shown."""
        return self._hidden

    def add(self, text: str) -> None:
        """Take more output.

        Args:
            text: as it was printed.
        """
        self._printed.append(text)
        self._draw()

    def end(self, ending: Ending) -> None:
        """Show how it ended.

        Args:
            ending: code, time and reason.
        """
        self.ending = ending
        self._draw()

    def open(self, is_open: bool) -> None:
        """Show all of the output, or its beginning.

        Args:
            is_open: whether all is wanted.
        """
        self._is_open = is_open
        self._draw()

    def fold(self, is_folded: bool) -> None:
        """Fold long lines, or let them run off to the right."""
        self._text.is_folded = is_folded
        self._scroller.scroll_to(x=0, animate=False)

    def move(self, cells: int) -> None:
        """Move sideways."""
        self._scroller.scroll_relative(x=cells, animate=False)

    def _draw(self) -> None:
        output = self.output
        lines = output.split("\n") if output else []
        room = MOST_LINES if self._is_open else SHOWN_LINES
        # One line more is shown rather than announced.
        shown = lines if len(lines) <= room + 1 else lines[:room]
        left = self._hidden = len(lines) - len(shown)
        self._scroller.display = bool(lines)
        self._text.show(shown)
        more = f"… {left} more line{'s' if left > 1 else ''}" if left else ""
        if left and not self._is_open:
            more += ": o opens all"
        dropped = self.ending.dropped if self.ending is not None else 0
        if dropped:
            more += f"{'; ' if more else '… '}{_size(dropped)} more were printed and not kept"
        self._more.update(Content.styled(more, "$text-muted"))
        self._more.display = bool(more)
        outcome = self._said(bool(lines))
        self._outcome.update(outcome)
        self._outcome.display = bool(outcome)

    def _said(self, has_output: bool) -> Content:
        ending = self.ending
        if ending is None:
            return Content("")
        if ending.reason == "stopped":
            return Content.styled("■ stopped", "$text-warning")
        if ending.reason == "time":
            note = f" {self._note}" if self._note else ""
            return Content.styled(
                f"✗ ended after {ending.seconds:.0f} s: it was still running.{note}", "$text-error"
            )
        if ending.reason == "output":
            return Content.styled("✗ ended: it printed without end", "$text-error")
        if ending.code and self.line.is_meant_to_fail:
            return Content.styled(f"✓ exit code {ending.code}, as the page says", "$text-success")
        if ending.code:
            return Content.styled(f"✗ exit code {ending.code}", "$text-error")
        if self.line.is_meant_to_fail:
            return Content.styled("▲ exit code 0, although the page says that it fails", "$text-warning")
        return Content("") if has_output else Content.styled("(no output)", "$text-muted")


def _size(count: int) -> str:
    """Return a number of bytes as a person says it."""
    return f"{count / 1024**2:.1f} MiB" if count >= 1024**2 else f"{max(1, round(count / 1024))} KiB"
