"""A field for several lines: an answer in words, commands, or a manifest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea

if TYPE_CHECKING:
    from textual import events


class AnswerEditor(TextArea):
    """Keeps no way out to itself: escape leaves it, ctrl+s answers."""

    HELP = """
## Your answer

`ctrl+s` answers (in a field of one command `enter` does, too), `escape` leaves the field, so that the keys of the screen
work again. `ctrl+z` takes the last change back. In a manifest `tab` indents.
"""
    BINDING_GROUP_TITLE = "Text"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "submit", "Answer", id="item.submit", tooltip="Answer with this text"),
        Binding("escape", "leave", "Leave the field", id="quiz.leave", tooltip="Leave the field"),
    ]
    DEFAULT_CSS = """
    AnswerEditor {
        height: auto;
        min-height: 3;
        max-height: 50vh;
        border: none;
        padding: 0 1;
        background: $panel;
        scrollbar-size-vertical: 1;
        &:focus { border: none; }
    }
    """

    @dataclass
    class Submitted(Message):
        """The learner answers."""

        editor: AnswerEditor
        text: str

        @property
        def control(self) -> AnswerEditor:
            """The field."""
            return self.editor

    def __init__(
        self, text: str = "", *, is_code: bool = False, most_lines: int = 0, placeholder: str = ""
    ) -> None:
        """Hold a text.

        Args:
            text: to start with.
            is_code: whether it is a file: tab indents, lines have numbers and are not folded.
            most_lines: with 1, enter answers.
            placeholder: shown while it is empty.
        """
        super().__init__(
            text,
            soft_wrap=not is_code,
            show_line_numbers=is_code,
            tab_behavior="indent" if is_code else "focus",
            placeholder=placeholder,
            highlight_cursor_line=is_code,
        )
        self.indent_width = 2
        self._enter_submits = most_lines == 1

    def on_focus(self) -> None:
        """Bring the whole field on the screen: its last lines must not be typed unseen."""
        self.call_after_refresh(self.scroll_visible, animate=False)

    def action_submit(self) -> None:
        """Answer."""
        self.post_message(self.Submitted(self, self.text))

    def action_leave(self) -> None:
        """Move on to the next thing that takes keys."""
        self.screen.focus_next()

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter" and self._enter_submits:
            event.stop()
            event.prevent_default()
            self.action_submit()
            return
        await super()._on_key(event)
