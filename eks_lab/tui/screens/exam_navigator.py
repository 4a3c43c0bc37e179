"""All tasks of a sitting in a box: where one is, what is answered, flagged and open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from eks_lab.tui.screens.base import LabModal
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.task_grid import GridCell, TaskGrid

if TYPE_CHECKING:
    from textual.app import ComposeResult


class ExamNavigator(LabModal[int]):
    """The result is the number of the task to go to; None after escape."""

    BINDING_GROUP_TITLE = "All tasks"
    AUTO_FOCUS = "#navigator-grid"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "next_flagged", "Flagged", id="navigator.flagged", tooltip="The next flagged task"),
        Binding("u", "next_open", "Open", id="navigator.open", tooltip="The next open task"),
    ]

    def __init__(self, cells: Sequence[GridCell], standing: str) -> None:
        """Show the tasks.

        Args:
            cells: in order.
            standing: how many are answered and flagged, in words.
        """
        super().__init__(name="exam-navigator")
        self._cells = tuple(cells)
        self._standing = standing

    def compose(self) -> ComposeResult:
        """Compose the grid."""
        with Vertical(classes="dialog"):
            yield Static(self._standing, classes="dialog--title", markup=False)
            yield TaskGrid(self._cells, id="navigator-grid")
        yield KeyFooter()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what there is."""
        if action == "next_flagged":
            return any(cell.is_flagged for cell in self._cells)
        if action == "next_open":
            return any(not cell.is_answered for cell in self._cells)
        return True

    def action_next_flagged(self) -> None:
        """Mark the next flagged task."""
        self._mark([cell.is_flagged for cell in self._cells])

    def action_next_open(self) -> None:
        """Mark the next task without an answer."""
        self._mark([not cell.is_answered for cell in self._cells])

    def _mark(self, wanted: Sequence[bool]) -> None:
        grid = self.query_one(TaskGrid)
        count = len(wanted)
        for step in range(1, count + 1):
            place = (grid.cursor + step) % count
            if wanted[place]:
                grid.cursor = place
                return

    @on(TaskGrid.Chosen)
    def _chosen(self, event: TaskGrid.Chosen) -> None:
        event.stop()
        self.dismiss(event.number)
