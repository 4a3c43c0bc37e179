"""A table of an answer: rows and columns that scroll under their headings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.containers import VerticalGroup
from textual.coordinate import Coordinate
from textual.widgets import DataTable, Static

from eks_lab.calc.model import Grid, Value
from eks_lab.tui.widgets.answer_text import value_text

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.widgets.data_table import RowKey

MOST_ROWS = 500
"""More rows are for a file, not for reading; saving the table as CSV has all of them."""
_WIDEST_CELL = 48
"""A longer text is cut in its cell and shown whole below the table while the cursor is on its row."""


class GridTable(DataTable[Text]):
    """The rows, with a cursor on one of them."""

    HELP = """
## Table

`up` and `down` go through the rows, `left` and `right` show columns that do not fit.
"""
    BINDING_GROUP_TITLE = "Table"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "cursor_down", "Next row", show=False, id="grid.down", tooltip="Next row"),
        Binding("up,k", "cursor_up", "Row before", show=False, id="grid.up", tooltip="Row before"),
        Binding(
            "right", "cursor_right", "Right", show=False, id="grid.right", tooltip="Columns on the right"
        ),
        Binding("left", "cursor_left", "Left", show=False, id="grid.left", tooltip="Columns on the left"),
    ]
    # Enter chooses nothing here: it stays free for whoever holds the table.
    DEFAULT_CSS = """
    GridTable {
        height: auto;
        max-height: 16;
        scrollbar-size: 1 1;
        background: $surface;
        & > .datatable--header { background: $panel; color: $text-primary; text-style: bold; }
        & > .datatable--cursor { background: $block-cursor-blurred-background; color: $foreground; }
        &:focus > .datatable--cursor {
            background: $block-cursor-background;
            color: $block-cursor-foreground;
            text-style: bold;
        }
    }
    """

    def validate_cursor_coordinate(self, value: Coordinate) -> Coordinate:
        """Keep the cursor inside; in an empty table Textual moves it to row -1, which is a list's last one."""
        row, column = super().validate_cursor_coordinate(value)
        return Coordinate(max(0, row), max(0, column))

    def _update_dimensions(self, new_rows: Iterable[RowKey]) -> None:
        """Measure the columns, and draw anew what was drawn while they were not measured yet.

        Textual measures when it finds the time, and keeps the lines that it drew before with columns too narrow.
        """
        super()._update_dimensions(new_rows)
        self._clear_caches()
        self.refresh()


class GridView(VerticalGroup):
    """A titled table."""

    DEFAULT_CSS = """
    GridView {
        padding: 0 0 0 1;
        border-left: outer transparent;
        &:focus-within { border-left: outer $accent; }
        .grid--title { text-style: bold; color: $text-accent; }
        .grid--note, .grid--whole { color: $text-muted; display: none; }
        .grid--note.-shown, .grid--whole.-shown { display: block; }
    }
    """

    def __init__(self, grid: Grid) -> None:
        """Show a table.

        Args:
            grid: the table.
        """
        super().__init__()
        self._grid = grid
        self._title_line = Static(grid.title, classes="grid--title", markup=False)
        self._table = GridTable(cursor_type="row", zebra_stripes=False)
        self._whole = Static("", classes="grid--whole", markup=False)
        self._note = Static("", classes="grid--note", markup=False)

    def compose(self) -> ComposeResult:
        """Compose title, rows, the long texts of a row, and what is left out."""
        yield self._title_line
        yield self._table
        yield self._whole
        yield self._note

    def on_mount(self) -> None:
        """Fill the table."""
        self._fill()

    @property
    def grid(self) -> Grid:
        """What is shown."""
        return self._grid

    def show(self, grid: Grid) -> None:
        """Show another table; the cursor stays in its row while there is one."""
        if grid == self._grid:
            return
        self._grid = grid
        if self._title_line.content != grid.title:
            self._title_line.update(grid.title)
        if self.is_attached:
            self._fill()

    def _fill(self) -> None:
        row, x = self._table.cursor_row, self._table.scroll_x
        grid = self._grid
        numeric = [is_numeric([cells[place] for cells in grid.rows]) for place in range(len(grid.columns))]
        self._table.clear(columns=True)
        for name, is_number in zip(grid.columns, numeric, strict=True):
            self._table.add_column(Text(name, justify="right" if is_number else "left"))
        decimals = [
            _decimals([cells[place] for cells in grid.rows]) if is_number else 0
            for place, is_number in enumerate(numeric)
        ]
        for cells in grid.rows[:MOST_ROWS]:
            self._table.add_row(
                *(
                    _cell(value, is_number, places)
                    for value, is_number, places in zip(cells, numeric, decimals, strict=True)
                )
            )
        self._table.move_cursor(row=min(row, max(0, self._table.row_count - 1)), animate=False)
        self._table.scroll_to(x=x, animate=False)
        left_out = len(grid.rows) - MOST_ROWS
        self._note.set_class(left_out > 0 or not grid.rows, "-shown")
        self._note.update(
            f"The first {MOST_ROWS} of {len(grid.rows):,} rows; saving the table as CSV has all of them."
            if left_out > 0
            else "No rows."
        )

    @on(DataTable.RowHighlighted)
    def _highlighted(self, event: DataTable.RowHighlighted) -> None:
        event.stop()
        self._show_whole(event.cursor_row)

    def _on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._show_whole(self._table.cursor_row)

    def _on_descendant_blur(self, event: events.DescendantBlur) -> None:
        self._whole.remove_class("-shown")

    def _show_whole(self, row: int) -> None:
        """Show what does not fit into the cells of a row."""
        cells = self._grid.rows[row] if row < len(self._grid.rows) else ()
        long = [
            f"{name}: {value}"
            for name, value in zip(self._grid.columns, cells, strict=False)
            if isinstance(value, str) and len(_line(value)) > _WIDEST_CELL
        ]
        self._whole.update("\n".join(long))
        self._whole.set_class(bool(long) and self._table.has_focus, "-shown")


def is_numeric(values: Sequence[Value]) -> bool:
    """Return whether a column holds numbers only, apart from cells that are not set."""
    return all(
        value is None or (isinstance(value, int | float) and not isinstance(value, bool)) for value in values
    )


def _decimals(values: Sequence[Value]) -> int:
    """Return the decimals of a column, so that its points stand below each other."""
    texts = [value_text(value) for value in values if isinstance(value, float)]
    return max((len(text.partition(".")[2]) for text in texts if "e" not in text), default=0)


def _cell(value: Value, is_number: bool, decimals: int) -> Text:
    if value is None:
        return Text("–", justify="right" if is_number else "left")
    if is_number and isinstance(value, int | float):
        text = f"{value:,.{decimals}f}" if abs(value) < 1e15 else value_text(value)
        return Text(text.replace("-", "\u2212", 1) if value < 0 else text, justify="right")
    text = _line(value_text(value))
    return Text(text if len(text) <= _WIDEST_CELL else f"{text[: _WIDEST_CELL - 1]}…")


def _line(text: str) -> str:
    return " ".join(text.split())
