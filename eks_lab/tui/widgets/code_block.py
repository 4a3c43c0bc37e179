"""A block of code in a page: read it, copy it, save it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.containers import HorizontalScroll, Vertical
from textual.message import Message

from eks_lab.content.page import Code
from eks_lab.tui.widgets.code_header import CodeHeader, Word, title_of
from eks_lab.tui.widgets.code_text import CodeText
from eks_lab.tui.widgets.console import commands

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

_EXTENSIONS = {
    "bash": ".sh",
    "console": ".sh",
    "dockerfile": ".dockerfile",
    "hcl": ".tf",
    "ini": ".ini",
    "json": ".json",
    "markdown": ".md",
    "toml": ".toml",
    "yaml": ".yaml",
}
_LONGEST_NAME = 60
_SCROLL_STEP = 8


def usable_text(code: Code) -> str:
    """Return what copying and saving give: the commands of a console block, else the code as written.

    A console block that is all output gives that output.
    """
    typed = commands(code.text) if code.language == "console" else []
    return "\n".join(typed) if typed else code.text.strip("\n")


def suggested_name(code: Code) -> str:
    """Return a file name for the code: that of the quoted file, else made of its title and language."""
    if code.src:
        return PurePosixPath(code.src).name
    if code.language == "dockerfile" and "title" not in code.attributes:
        return "Dockerfile"
    stem = re.sub(r"[^a-z0-9]+", "-", code.attributes.get("title", "").lower()).strip("-")[:_LONGEST_NAME]
    is_commands = code.language == "console" and bool(commands(code.text))
    extension = (
        ".txt" if code.language == "console" and not is_commands else _EXTENSIONS.get(code.language, ".txt")
    )
    return (stem or ("commands" if is_commands else "snippet")) + extension


class CodeBlock(Vertical, can_focus=True):
    """Code with its header; as high as its content."""

    HELP = """
## Code

`c` copies and `s` saves. Of a block of commands only the commands are taken, without `$` and output.
`w` stops folding long lines; `left` and `right` then move sideways.

Copying goes through the terminal (OSC 52). Where pasting gives nothing, the terminal does not allow it: save instead.
"""
    BINDING_GROUP_TITLE = "Code"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy", "Copy", id="code.copy", tooltip="Copy the code, or only the commands"),
        Binding("s", "save", "Save", id="code.save", tooltip="Save the code as a file"),
        Binding("w", "toggle_fold", "Fold", id="code.fold", tooltip="Fold long lines, or let them run on"),
        Binding(
            "left", "sideways(-1)", "Left", id="code.left", show=False, tooltip="Move left in long lines"
        ),
        Binding(
            "right", "sideways(1)", "Right", id="code.right", show=False, tooltip="Move right in long lines"
        ),
    ]

    DEFAULT_CSS = """
    CodeBlock {
        height: auto;
        width: 1fr;
        background: $surface;
        CodeHeader { padding: 0 1 0 2; }
        HorizontalScroll {
            height: auto;
            padding: 0 1 0 2;
            scrollbar-size-horizontal: 1;
            scrollbar-background: $surface;
            scrollbar-background-hover: $surface;
            scrollbar-background-active: $surface;
        }
        /* The bar takes the place of a blank column, so that nothing moves. */
        &:focus {
            border-left: wide $primary;
            background-tint: $foreground 3%;
            CodeHeader { padding: 0 1; }
            HorizontalScroll { padding: 0 1; }
        }
    }
    """

    @dataclass
    class SaveRequested(Message):
        """The learner wants the code as a file."""

        block: CodeBlock
        code: Code
        suggested_name: str
        """A file name without folders."""
        text: str
        """What to write: ends with a line end; of a console block only the commands."""

        @property
        def control(self) -> CodeBlock:
            """The block to save."""
            return self.block

    def __init__(self, code: Code, *, id: str | None = None, classes: str | None = None) -> None:
        """Show code.

        Args:
            code: the block of the page.
            id: of the widget.
            classes: of the widget.
        """
        super().__init__(id=id, classes=classes)
        self.code = code
        self._text = CodeText(code.text, code.language)
        self._scroller = HorizontalScroll(self._text, can_focus=False)
        self._header = CodeHeader(code, self._words())

    def compose(self) -> ComposeResult:
        """Put the header above the code."""
        yield self._header
        yield self._scroller

    @property
    def is_folded(self) -> bool:
        """Whether long lines are folded."""
        return self._text.is_folded

    def action_copy(self) -> None:
        """Copy to the clipboard of the terminal."""
        text = usable_text(self.code)
        self.app.copy_to_clipboard(text)
        typed = commands(self.code.text) if self.code.language == "console" else []
        if typed:
            what = "1 command" if len(typed) == 1 else f"{len(typed)} commands"
        else:
            lines = text.count("\n") + 1
            what = "1 line" if lines == 1 else f"{lines} lines"
        self.notify(what, title=f"Copied: {title_of(self.code)}", markup=False)

    def action_save(self) -> None:
        """Ask for the code to be saved."""
        self.post_message(
            self.SaveRequested(self, self.code, suggested_name(self.code), usable_text(self.code) + "\n")
        )

    def action_toggle_fold(self) -> None:
        """Fold long lines or let them run off to the right."""
        self._text.is_folded = not self._text.is_folded
        self._scroller.scroll_to(x=0, animate=False)
        self._header.words = self._words()

    def action_sideways(self, direction: int) -> None:
        """Move along lines that run off to the right; else the key is for somebody else."""
        if self.is_folded or self._scroller.max_scroll_x == 0:
            raise SkipAction
        self._scroller.scroll_relative(x=direction * _SCROLL_STEP, animate=False, immediate=True)

    def watch_has_focus(self, value: bool) -> None:
        """Show that the keys work."""
        super().watch_has_focus(value)
        self._header.is_lit = value

    @on(CodeHeader.Clicked)
    async def _do(self, event: CodeHeader.Clicked) -> None:
        event.stop()
        self.focus(scroll_visible=False)
        await self.run_action(event.action)

    def _on_resize(self, event: events.Resize) -> None:
        self._header.words = self._words()

    def _words(self) -> tuple[Word, ...]:
        words = [Word("c", "copy", "copy"), Word("s", "save", "save")]
        if not self.is_folded:
            words.append(Word("w", "fold", "toggle_fold"))
        elif 0 < self._scroller.size.width < self._text.longest:
            words.append(Word("w", "unfold", "toggle_fold"))
        return tuple(words)
