"""One command of a run with what it printed: long output is cut, wide output can be moved sideways."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.containers import HorizontalScroll, VerticalGroup
from textual.content import Content
from textual.widgets import Static

from eks_lab.tui.try_words import outcome
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
_GAP = re.compile(r"\S(?: {2,}|\t)\S")
_OVERWRITTEN = re.compile(r"[^\n]*\r(?!\n)")


def readable(text: str) -> str:
    """Return output as a terminal would leave it: no escape sequences, and of overwritten lines the last state.

    Args:
        text: as a program printed it.
    """
    return displayed(_OVERWRITTEN.sub("", _ESCAPES.sub("", text).replace("\r\n", "\n")).translate(_EIGHT_BIT))


def is_table(lines: list[str]) -> bool:
    """Return whether lines have columns, as most of what kubectl prints has; folding would tear them apart.

    Args:
        lines: as `readable` returns them.
    """
    filled = [line for line in lines if line.strip()]
    return 2 * sum(bool(_GAP.search(line)) for line in filled) > len(filled)


class OutputText(CodeText):
    """Text that grows while a command runs."""

    def __init__(self) -> None:
        """Start empty."""
        super().__init__("", "text")

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

    def __init__(self, line: TryLine, note: str = "", open_key: str = "o") -> None:
        """Show a command that has begun.

        Args:
            line: the command.
            note: what to know when it takes too long; may be empty.
            open_key: the key that shows all of the output, as a person reads it.
        """
        super().__init__()
        self.line = line
        self.ending: Ending | None = None
        self._note = note
        self._open_key = open_key
        self._printed: list[str] = []
        self._is_open = False
        self._wants_folds: bool | None = None
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
    def width(self) -> int:
        """Cells of the longest line."""
        return self._text.longest

    @property
    def is_folded(self) -> bool:
        """Whether long lines are folded."""
        return self._text.is_folded

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

    def fold(self, wanted: bool | None) -> None:
        """Fold long lines, or let them run off to the right.

        Args:
            wanted: None leaves tables in their columns and folds everything else.
        """
        self._wants_folds = wanted
        self._scroller.scroll_to(x=0, animate=False)
        self._draw()

    def move(self, cells: int) -> None:
        """Move sideways."""
        self._scroller.scroll_relative(x=cells, animate=False, immediate=True)

    def _draw(self) -> None:
        output = self.output
        lines = output.split("\n") if output else []
        room = MOST_LINES if self._is_open else SHOWN_LINES
        # One line more is shown rather than announced.
        shown = lines if len(lines) <= room + 1 else lines[:room]
        left = self._hidden = len(lines) - len(shown)
        self._scroller.display = bool(lines)
        self._text.show(shown)
        self._text.is_folded = not is_table(shown) if self._wants_folds is None else self._wants_folds
        more = f"… {left} more line{'s' if left > 1 else ''}" if left else ""
        if left and not self._is_open:
            more += f": {self._open_key} opens all"
        dropped = self.ending.dropped if self.ending is not None else 0
        if dropped:
            more += f"{'; ' if more else '… '}{_size(dropped)} more were printed and not kept"
        self._more.update(Content.styled(more, "$text-muted"))
        self._more.display = bool(more)
        said, style = outcome(self.line, self.ending, self._note, has_output=bool(lines))
        self._outcome.update(Content.styled(said, style))
        self._outcome.display = bool(said)


def _size(count: int) -> str:
    """Return a number of bytes as a person says it."""
    return f"{count / 1024**2:.1f} MiB" if count >= 1024**2 else f"{max(1, round(count / 1024))} KiB"
