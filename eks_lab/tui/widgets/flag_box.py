"""Yes or no as a box that is drawn, not only coloured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

if TYPE_CHECKING:
    from textual import events


class FlagBox(Widget, can_focus=True):
    """A check box of one line that says yes or no."""

    ALLOW_SELECT = False
    BINDING_GROUP_TITLE = "Yes or no"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "space,enter", "flip", "Change", id="calculator.flip", tooltip="Yes becomes no, no becomes yes"
        ),
    ]

    DEFAULT_CSS = """
    FlagBox {
        width: auto;
        height: 1;
        padding: 0 1;
        pointer: pointer;
        &:focus { text-style: bold; background: $panel; }
    }
    """

    value: reactive[bool] = reactive(False, init=False)
    """Yes or no."""

    @dataclass
    class Changed(Message):
        """The value changed."""

        box: FlagBox
        value: bool

        @property
        def control(self) -> FlagBox:
            """The box."""
            return self.box

    def __init__(self, value: bool, *, classes: str | None = None) -> None:
        """Start with a value.

        Args:
            value: yes or no.
            classes: of the widget.
        """
        super().__init__(classes=classes)
        self.set_reactive(FlagBox.value, value)

    def render(self) -> Content:
        """Return the box and its word."""
        return Content("[x] yes" if self.value else "[ ] no ")

    def get_content_width(self, *_: object) -> int:
        """Return the cells of the longer word."""
        return len("[x] yes")

    def watch_value(self, value: bool) -> None:
        """Tell the change."""
        self.post_message(self.Changed(self, value))

    def action_flip(self) -> None:
        """Turn yes into no and no into yes."""
        self.value = not self.value

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.action_flip()
