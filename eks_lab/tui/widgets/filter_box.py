"""A line to type into above a list; its keys say what Enter does there."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input


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
        super().__init__(placeholder=placeholder, id=id, compact=True)
