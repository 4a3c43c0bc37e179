"""Shown while the terminal is too small: how much room is needed, and that q still quits."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Static

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult


class RoomScreen(ModalScreen[None]):
    """Goes away by itself when the terminal is large enough again."""

    BINDING_GROUP_TITLE = "Small terminal"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,ctrl+q", "app.quit", "Quit", id="room.quit", tooltip="Leave; your place is kept"),
    ]

    def __init__(self, columns: int, rows: int) -> None:
        """Ask for room.

        Args:
            columns: how many are needed.
            rows: how many are needed.
        """
        super().__init__()
        self._columns = columns
        self._rows = rows

    def compose(self) -> ComposeResult:
        """Compose one sentence."""
        yield Static(self._said(), markup=False, id="room-said")

    def on_resize(self, event: events.Resize) -> None:
        """Say the present size."""
        self.query_one("#room-said", Static).update(self._said())

    def _said(self) -> str:
        width, height = self.app.size
        return f"eks-lab\nA bit more room, please: {self._columns}×{self._rows}, this is {width}×{height}.\nq quits."
