"""The line above a code block: what it is, what it needs, what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from eks_lab.content.console import failing_words

if TYPE_CHECKING:
    from textual.geometry import Size

    from eks_lab.content.page import Code

LANGUAGE_LABELS = {
    "bash": "Shell",
    "console": "Commands",
    "dockerfile": "Dockerfile",
    "hcl": "Terraform",
    "ini": "INI",
    "json": "JSON",
    "markdown": "Markdown",
    "text": "Text",
    "toml": "TOML",
    "yaml": "YAML",
}
NEEDS = {
    "nothing": "runs anywhere",
    "tools": "needs: command-line tools",
    "sandbox": "needs: sandbox",
    "aws": "needs: a real AWS account",
    "internet": "needs: internet",
}
NEEDS_HELP = {
    "nothing": "These commands run on any machine.",
    "tools": "kubectl, aws or terraform must be installed; no cluster is needed. `eks-lab doctor` says what you have.",
    "sandbox": "A cluster is needed: your own, or a sandbox.",
    "aws": "Only a real AWS account will do, and it may cost money.",
    "internet": "Something is downloaded.",
}


def title_of(code: Code) -> str:
    """Return what stands above the code: its title and its file, or else its language."""
    name = PurePosixPath(code.src).name or LANGUAGE_LABELS.get(code.language, code.language or "Text")
    title = code.attributes.get("title", "")
    return " · ".join(dict.fromkeys(part for part in (title, name) if part))


def notes_of(code: Code) -> str:
    """Return what to know before using the code: what it needs, that it fails, that it is a piece."""
    return " · ".join(text for text, _ in _notes(code))


def _notes(code: Code) -> list[tuple[str, bool]]:
    """Return the notes, each with whether it deserves to stand out: it costs money or ends in an error."""
    attributes = code.attributes
    notes = []
    if needs := attributes.get("needs", ""):
        notes.append((NEEDS.get(needs, f"needs: {needs}"), needs == "aws"))
    if words := failing_words(attributes.get("expect-error")):
        notes.append((words, True))
    if "example" in attributes:
        notes.append(("an example", False))
    if is_set(attributes.get("fragment")):
        notes.append(("a fragment", False))
    return notes


def notes_help(code: Code) -> str:
    """Return the notes in whole sentences, for a tooltip."""
    attributes = code.attributes
    sentences = [NEEDS_HELP.get(attributes.get("needs", ""), "")]
    if is_set(attributes.get("expect-error")):
        sentences.append("What is meant to fail ends with an error on purpose.")
    if "example" in attributes:
        sentences.append(f"An example that cannot be run as it is: {attributes['example']}.")
    if is_set(attributes.get("fragment")):
        sentences.append("A part of a larger file; it does not work alone.")
    return " ".join(sentence for sentence in sentences if sentence)


def is_set(value: str | None) -> bool:
    """Return whether a flag of a fence is set: present, and not `false`."""
    return value is not None and value.lower() not in ("false", "no")


@dataclass(frozen=True, slots=True)
class Word:
    """Something to do: a key and a word to click."""

    key: str
    label: str
    action: str


class CodeHeader(Widget):
    """One line where there is room, two or three where there is not."""

    DEFAULT_CSS = """
    CodeHeader {
        height: auto;
        width: 1fr;
        background: $panel;
        text-wrap: nowrap;
        text-overflow: clip;
        link-color: $text-muted;
        link-style: none;
        link-background: transparent;
        link-color-hover: $text;
        link-style-hover: underline;
        link-background-hover: transparent;
        &.-lit { link-color: $foreground; }
    }
    """

    words: reactive[tuple[Word, ...]] = reactive((), layout=True)
    """What can be done, in order."""
    is_lit: reactive[bool] = reactive(False, toggle_class="-lit")
    """Whether the keys work now, because the block has the focus."""

    @dataclass
    class Clicked(Message):
        """A word was clicked."""

        header: CodeHeader
        action: str

        @property
        def control(self) -> CodeHeader:
            """The header with the word."""
            return self.header

    def __init__(self, code: Code, words: Sequence[Word]) -> None:
        """Show the header of a block.

        Args:
            code: the block.
            words: what can be done with it.
        """
        super().__init__()
        self._title = title_of(code)
        self._notes = Content(" · ").join(
            Content.styled(text, "$text-warning" if stands_out else "$text-muted")
            for text, stands_out in _notes(code)
        )
        self.tooltip = notes_help(code) or None
        self.set_reactive(CodeHeader.words, tuple(words))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the number of lines at a width."""
        return len(self._set(width))

    def render(self) -> Content:
        """Return the header for the present width."""
        return Content("\n").join(self._set(self.content_size.width))

    def action_do(self, action: str) -> None:
        """Pass a click on."""
        self.post_message(self.Clicked(self, action))

    def _set(self, width: int) -> list[Content]:
        title = Content.styled(self._title, "bold")
        notes = self._notes
        words = self._words()
        used = title.cell_length + words.cell_length + (notes.cell_length + 3 if notes else 0)
        if used + 2 <= width:
            left = Content.assemble(title, "   " if notes else "", notes)
            return [_spread(left, words, width)]
        if title.cell_length + words.cell_length + 2 <= width:
            lines = [_spread(title, words, width)]
        else:
            lines = [*title.wrap(width), words.truncate(width)]
        return lines + (notes.wrap(width) if notes else [])

    def _words(self) -> Content:
        parts: list[Content] = []
        for word in self.words:
            key = Content.styled(word.key, "bold" if self.is_lit else "")
            click = Style.from_meta({"@click": f"do('{word.action}')"})
            parts.append(Content.assemble(key, " ", word.label).stylize(click))
        return Content("  ").join(parts)


def _spread(left: Content, right: Content, width: int) -> Content:
    gap = width - left.cell_length - right.cell_length
    return Content.assemble(left, " " * gap, right)
