"""A line to type into above a list; its keys say what Enter does there."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

if TYPE_CHECKING:
    from textual import events

LONGEST = 200
"""Characters it takes: nobody searches for more, and a key that got stuck must not fill it for minutes."""


class FilterBox(Input):
    """An input whose Enter opens the marked row of the list below."""

    BINDING_GROUP_TITLE = "Typing"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Open", id="filter.open", tooltip="Open the marked row"),
    ]

    def __init__(self, *, placeholder: str, id: str) -> None:
        """Start empty.

        Args:
            placeholder: shown while nothing is typed.
            id: of the widget.
        """
        super().__init__(placeholder=placeholder, id=id, compact=True, max_length=LONGEST)

    def on_paste(self, event: events.Paste) -> None:
        """Leave as much of what is pasted as there is room for: an input takes all of it or nothing."""
        first_line = next(iter(event.text.splitlines()), "")
        selected = abs(self.selection.end - self.selection.start)
        event.text = first_line[: max(0, LONGEST - len(self.value) + selected)]
