"""One calculator or diagram on a screen of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import ScrollableContainer, VerticalGroup

from eks_lab.tui.screens.base import LabScreen
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widget import Widget


class LiveScreen(LabScreen[str]):
    """Holds a live widget; the result is a link to follow."""

    BINDING_GROUP_TITLE = "Screen"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="live.leave", tooltip="Back to where you were"),
    ]

    def __init__(self, title: str, widget: Widget) -> None:
        """Show a widget.

        Args:
            title: for the line above.
            widget: what to show.
        """
        super().__init__(name="live")
        self._title_text = title
        self._widget = widget

    def compose(self) -> ComposeResult:
        """Compose the widget in a scrolling column."""
        yield TopBar(self._title_text)
        with ScrollableContainer(id="live-scroll", can_focus=False), VerticalGroup(classes="page--column"):
            yield self._widget
        yield KeyFooter()

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)
