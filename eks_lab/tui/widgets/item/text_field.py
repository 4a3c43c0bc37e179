"""The field of a question that is answered with text: words, commands or a manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Static, TextArea

from eks_lab.content.items.given import LONGEST_TEXT, Given
from eks_lab.content.items.model import CommandItem, ManifestItem
from eks_lab.content.items.variant import Variant, in_all_texts
from eks_lab.errors import InputError
from eks_lab.tui.widgets.item.answer_editor import AnswerEditor
from eks_lab.tui.widgets.item.answer_field import AnswerField

if TYPE_CHECKING:
    from textual.app import ComposeResult


class TextField(AnswerField):
    """An editor; below it, what it holds so far."""

    DEFAULT_CSS = """
    TextField .text--about { color: $text-muted; }
    """

    def __init__(self, variant: Variant, given: Given | None) -> None:
        """Ask for a text.

        Args:
            variant: of a recall, command or manifest question.
            given: an earlier answer.
        """
        super().__init__(variant)
        item = variant.item
        text = given if isinstance(given, str) else ""
        if isinstance(item, ManifestItem):
            if not text:
                text = in_all_texts(item.given, variant.values, item.id)
            self._editor = AnswerEditor(text, is_code=True)
        elif isinstance(item, CommandItem):
            self._editor = AnswerEditor(text, most_lines=item.lines, placeholder="kubectl … or aws …")
        else:
            self._editor = AnswerEditor(text, placeholder="type your answer")
        self._about = Static("", classes="text--about", markup=False)

    def compose(self) -> ComposeResult:
        """Compose editor and remark."""
        yield self._editor
        yield self._about

    def on_mount(self) -> None:
        """Say what is there."""
        self._say()

    @property
    def target(self) -> AnswerEditor:
        """The editor."""
        return self._editor

    def given(self) -> Given:
        """Return the text.

        Raises:
            InputError: there is none, or far too much of it.
        """
        text = self._editor.text
        if not text.strip():
            raise InputError("Nothing is typed yet.", hint="")
        if len(text) > LONGEST_TEXT:
            raise InputError(
                f"The text has {len(text):,} characters; {LONGEST_TEXT:,} are taken.", hint="Shorten it."
            )
        item = self.variant.item
        if isinstance(item, CommandItem):
            return "\n".join(line for line in text.splitlines() if line.strip())
        return text

    @on(AnswerEditor.Submitted)
    def _submitted(self, event: AnswerEditor.Submitted) -> None:
        event.stop()
        self.post_message(self.Entered(self))

    @on(TextArea.Changed)
    def _changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._say()
        self.post_message(self.Changed(self))

    def _say(self) -> None:
        text, item = self._editor.text, self.variant.item
        if isinstance(item, ManifestItem):
            self._about.update(f"{item.file}, {len(text.splitlines())} lines")
        elif isinstance(item, CommandItem):
            count = sum(bool(line.strip()) for line in text.splitlines())
            self._about.update("" if item.lines == 1 else f"{count} of {item.lines} commands")
        else:
            words = len(text.split())
            self._about.update(f"{words} word{'' if words == 1 else 's'}")
