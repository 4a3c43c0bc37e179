"""The navigator of a sitting: every task as a cell, answered, flagged or open, by symbol and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

if TYPE_CHECKING:
    from textual import events

CELL = 7
"""Columns of a cell."""
ANSWERED, OPEN, FLAGGED, HERE = "✓", "·", "⚑", "▶"
LEGEND = (f"{ANSWERED} answered  {OPEN} open", f"{FLAGGED} flagged  {HERE} here")


@dataclass(frozen=True, slots=True)
class GridCell:
    """A task in the navigator."""

    number: int
    """From 1."""
    about: str
    """Kind, points, domain."""
    is_answered: bool
    is_flagged: bool
    is_here: bool

    @property
    def words(self) -> str:
        """All of it in words."""
        answered = "answered" if self.is_answered else "open"
        flagged = ", flagged" if self.is_flagged else ""
        here = ", here" if self.is_here else ""
        return f"Task {self.number}: {answered}{flagged}{here}. {self.about}"


class TaskGrid(Widget, can_focus=True):
    """Cells in rows; arrow keys move, Enter chooses."""

    ALLOW_SELECT = False
    HELP = "Arrow keys move from task to task, Enter goes there."
    BINDING_GROUP_TITLE = "Tasks"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Go there", id="tasks.choose", tooltip="Go to the marked task"),
        Binding("right", "move(1)", "Right", show=False, id="tasks.right", tooltip="The next task"),
        Binding("left", "move(-1)", "Left", show=False, id="tasks.left", tooltip="The task before"),
        Binding("down", "rows(1)", "Down", show=False, id="tasks.down", tooltip="A row down"),
        Binding("up", "rows(-1)", "Up", show=False, id="tasks.up", tooltip="A row up"),
        Binding("home", "edge(0)", "First", show=False, id="tasks.first", tooltip="The first task"),
        Binding("end", "edge(-1)", "Last", show=False, id="tasks.last", tooltip="The last task"),
    ]
    DEFAULT_CSS = """
    TaskGrid { height: auto; width: 1fr; pointer: pointer; }
    """

    cells: reactive[tuple[GridCell, ...]] = reactive((), layout=True)
    """In order."""
    cursor: reactive[int] = reactive(0, layout=True)
    """Place of the cell that the keys act on."""

    @dataclass
    class Chosen(Message):
        """Somebody wants to go to a task."""

        grid: TaskGrid
        number: int

        @property
        def control(self) -> TaskGrid:
            """The navigator."""
            return self.grid

    def __init__(self, cells: Sequence[GridCell] = (), *, id: str | None = None) -> None:
        """Show cells.

        Args:
            cells: in order; the cursor stands on the present task.
            id: of the widget.
        """
        super().__init__(id=id)
        self.set_reactive(TaskGrid.cells, tuple(cells))
        here = next((place for place, cell in enumerate(cells) if cell.is_here), 0)
        self.set_reactive(TaskGrid.cursor, here)

    @property
    def columns(self) -> int:
        """How many cells stand in a row."""
        width = self.content_size.width or self.container_size.width
        return max(1, min(10, width // CELL))

    def watch_cells(self) -> None:
        """Follow the present task while nobody moves the cursor."""
        if not self.has_focus:
            self.cursor = next((place for place, cell in enumerate(self.cells) if cell.is_here), 0)

    def watch_has_focus(self, value: bool) -> None:
        """Show the cursor only where keys act."""
        super().watch_has_focus(value)
        self.refresh(layout=True)

    def render(self) -> Content:
        """Return rows, the words of the marked cell and the legend."""
        columns = self.columns
        rows = [
            Content("").join(
                self._cell(place) for place in range(start, min(start + columns, len(self.cells)))
            )
            for start in range(0, len(self.cells), columns)
        ]
        if self.has_focus and self.cells:
            rows += [Content(""), Content(self.cells[self.cursor].words)]
        is_wide = self.content_size.width >= sum(map(len, LEGEND)) + 2
        legend = ["  ".join(LEGEND)] if is_wide else list(LEGEND)
        return Content("\n").join([*rows, *(Content.styled(each, "$text-muted") for each in legend)])

    def _cell(self, place: int) -> Content:
        cell = self.cells[place]
        here = HERE if cell.is_here else " "
        answered = ANSWERED if cell.is_answered else OPEN
        flagged = FLAGGED if cell.is_flagged else " "
        style = "bold" if cell.is_here else ""
        if self.has_focus and place == self.cursor:
            style = f"{style} reverse".strip()
        text = f"{here}{cell.number:>2}{answered}{flagged} "
        drawn = Content.styled(text, style) if style else Content(text)
        return Content.assemble(drawn, " " * (CELL - drawn.cell_length))

    def action_move(self, step: int) -> None:
        """Move the cursor by cells."""
        self.cursor = min(max(0, self.cursor + step), max(0, len(self.cells) - 1))

    def action_rows(self, step: int) -> None:
        """Move the cursor by rows; at the edge it stays."""
        place = self.cursor + step * self.columns
        if 0 <= place < len(self.cells):
            self.cursor = place

    def action_edge(self, place: int) -> None:
        """Move the cursor to the first or the last cell."""
        self.cursor = place % max(1, len(self.cells))

    def action_choose(self) -> None:
        """Go to the marked task."""
        if self.cells:
            self.post_message(self.Chosen(self, self.cells[self.cursor].number))

    def on_click(self, event: events.Click) -> None:
        """Go to the task that was clicked."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        place = offset.y * self.columns + offset.x // CELL
        if offset.x // CELL < self.columns and place < len(self.cells):
            event.stop()
            self.post_message(self.Chosen(self, self.cells[place].number))
