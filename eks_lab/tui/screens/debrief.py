"""The end of a lab: what was done, what we would do, what it costs on real AWS, and what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from eks_lab.tui.lab_view import LabState, debrief_text
from eks_lab.tui.screens.base import LabScreen
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.prose import Prose
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from textual.app import ComposeResult


class DebriefScreen(LabScreen[str]):
    """The result is the id of the lab to go on with; None after escape."""

    BINDING_GROUP_TITLE = "Debrief"
    HELP = "Read what the lab was about; the lab itself is still there behind it."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "n", "next", "Next lab", id="debrief.next", tooltip="Begin the lab that comes after this one"
        ),
        Binding("escape", "leave", "Back", id="debrief.leave", tooltip="Back to the lab"),
    ]

    def __init__(self, state: LabState) -> None:
        """Show the end of a lab.

        Args:
            state: the lab as it stands.
        """
        super().__init__(name="debrief")
        self._state = state

    def compose(self) -> ComposeResult:
        """Compose the text."""
        yield TopBar("Labs", self._state.title, remark=f"{self._state.points} points")
        with VerticalScroll(id="debrief-scroll", classes="page--column"):
            yield Prose(debrief_text(self._state))
        yield KeyFooter()

    def on_mount(self) -> None:
        """Let the arrow keys scroll."""
        self.query_one("#debrief-scroll").focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the next lab only where there is one."""
        return action != "next" or bool(self._state.next_id)

    def action_next(self) -> None:
        """Go on."""
        self.dismiss(self._state.next_id)

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)
