"""What differs between the present files, the guide's original, and the learner's last saved version."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from eks_lab.errors import InputError
from eks_lab.generate.model import Bundle, Generator
from eks_lab.tui.documents import read_document
from eks_lab.tui.screens.base import LabModal
from eks_lab.tui.widgets.highlight import visible
from eks_lab.tui.widgets.key_footer import KeyFooter

if TYPE_CHECKING:
    from textual.app import ComposeResult

_MOST_LINES = 2000
_STYLES = {"+": "$text-success", "-": "$text-error", "@": "$text-accent"}


class Compared(Message):
    """A worker has read the learner's files."""

    def __init__(self, lines: list[str]) -> None:
        """Carry the difference to the event loop.

        Args:
            lines: of a unified diff, with a line before each file.
        """
        super().__init__()
        self.lines = lines


def differences(bundle: Bundle, saved: Mapping[str, Path]) -> list[str]:
    """Return what differs from the files on the disk, as lines of a unified diff.

    Args:
        bundle: the present files.
        saved: where each file was saved last, by name.

    Returns:
        Empty when nothing was saved yet or everything is the same. A file that cannot be read any more
        has one line that says so; one that was saved and is no longer made has one as well.
    """
    lines: list[str] = []
    made = {file.name: file.text for file in bundle.files}
    for name, path in saved.items():
        try:
            there = read_document(name, str(path))
        except InputError as error:
            lines.append(f"! {error.message}")
            continue
        if name not in made:
            lines.append(f"! {path} is no longer made by these choices.")
            continue
        lines += [
            visible(line)
            for line in difflib.unified_diff(
                there.splitlines(), made[name].splitlines(), str(path), "these choices", lineterm="", n=2
            )
        ]
    if saved:
        lines += [f"! {name} is new: it was not saved before." for name in made if name not in saved]
    return lines


class DifferenceDialog(LabModal[None]):
    """Two parts: the guide, and the last saved version."""

    BINDING_GROUP_TITLE = "Compare"
    HELP = (
        "`-` is what stands in your file, `+` what these choices make. Arrow keys move it, escape closes it."
    )
    AUTO_FOCUS = "#difference-scroll"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "close", "Close", show=False, id="difference.close", tooltip="Close"),
    ]
    DEFAULT_CSS = """
    DifferenceDialog {
        #difference-scroll { height: 1fr; scrollbar-size-vertical: 1; }
        #difference-scroll > Static { height: auto; margin: 0 0 1 0; }
        .difference--title { text-style: bold; }
    }
    """

    def __init__(self, generator: Generator, bundle: Bundle, saved: Mapping[str, Path]) -> None:
        """Compare.

        Args:
            generator: which made the files.
            bundle: the present files.
            saved: where each file was saved last, by name.
        """
        super().__init__(name="difference")
        self._generator = generator
        self._bundle = bundle
        self._saved = dict(saved)

    def compose(self) -> ComposeResult:
        """Compose both parts."""
        with Vertical(classes="dialog -tall"):
            yield Static("Compare", classes="dialog--title")
            with VerticalScroll(id="difference-scroll"):
                yield Static("With the guide", classes="difference--title")
                yield Static(self._guide(), markup=False)
                yield Static("With what you saved last", classes="difference--title")
                yield Static(
                    "Reading your files…" if self._saved else "Nothing was saved yet: s saves.",
                    id="difference-saved",
                    markup=False,
                )
        yield KeyFooter()

    def _guide(self) -> Content:
        original = self._generator.original
        if original is None:
            return Content("The guide has no version of its own.")
        parts: list[str | tuple[str, str]] = [(f"{original.place}. Today:", "$text-muted")]
        parts += [f"\n• {change}" for change in original.changes]
        return Content.assemble(*parts)

    def on_mount(self) -> None:
        """Read the learner's files off the event loop."""
        if self._saved:
            self._compare()

    @work(thread=True, exclusive=True, group="difference", exit_on_error=False)
    def _compare(self) -> None:
        self.post_message(Compared(differences(self._bundle, self._saved)))

    @on(Compared)
    def _compared(self, event: Compared) -> None:
        event.stop()
        lines = event.lines[:_MOST_LINES]
        if not lines:
            said = Content(f"No difference: {len(self._saved)} files are as these choices make them.")
        else:
            said = Content("\n").join(Content.styled(line, _STYLES.get(line[:1], "")) for line in lines)
        if len(event.lines) > _MOST_LINES:
            said = Content.assemble(said, f"\n… {len(event.lines) - _MOST_LINES} more lines")
        self.query_one("#difference-saved", Static).update(said)
