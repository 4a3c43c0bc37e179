"""A titled table of things whose status changes while one looks: the cursor stays on its row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual import on
from textual.containers import Vertical
from textual.widgets import DataTable, Static

from eks_lab.tui.status_rows import Row, TableView
from eks_lab.tui.widgets.grid_view import GridTable

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult


class StatusTable(Vertical):
    """Title, and rows below it or a sentence that says why there are none."""

    DEFAULT_CSS = """
    StatusTable {
        .status--title { color: $text-accent; text-style: bold; padding: 0 1; height: 1; text-overflow: ellipsis; text-wrap: nowrap; }
        .status--empty { color: $text-muted; padding: 0 1; display: none; }
        .status--whole { color: $text-muted; padding: 0 1; height: auto; max-height: 3; display: none; }
        GridTable { height: 1fr; max-height: 100%; background: $background; scrollbar-size-horizontal: 0; }
        &.-whole .status--whole { display: block; }
        &.-empty GridTable { display: none; }
        &.-empty .status--empty { display: block; }
        &:focus-within .status--title { text-style: bold underline; }
    }
    """

    def __init__(
        self, columns: tuple[str, ...], bold: int, *, id: str, is_last_shown_whole: bool = False
    ) -> None:
        """Start empty.

        Args:
            columns: headings.
            bold: number of the column that holds the status.
            id: of the widget.
            is_last_shown_whole: whether the last cell of the row with the cursor is shown below the table,
                too, when the table is too narrow.
        """
        super().__init__(id=id)
        self._is_last_shown_whole = is_last_shown_whole
        self._columns = columns
        self._bold = bold
        self._view = TableView("")
        self._title = Static("", classes="status--title", markup=False)
        self._table = GridTable(cursor_type="row", zebra_stripes=False)
        self._empty = Static("", classes="status--empty", markup=False)
        self._whole = Static("", classes="status--whole", markup=False)

    def compose(self) -> ComposeResult:
        """Compose title, rows, what is said without rows, and the last cell of a row that does not fit."""
        yield self._title
        yield self._table
        yield self._empty
        yield self._whole

    @property
    def table(self) -> GridTable:
        """The rows."""
        return self._table

    @property
    def row(self) -> Row | None:
        """The row with the cursor."""
        rows, at = self._view.rows, self._table.cursor_row
        return rows[at] if at < len(rows) else None

    def show(self, view: TableView) -> None:
        """Show other rows; the cursor stays with its row, the scroll where it is.

        Args:
            view: what there is now.
        """
        if view == self._view:
            return
        before, self._view = self._view, view
        self._title.update(view.title)
        self._empty.update(view.empty)
        self.set_class(not view.rows, "-empty")
        if view.rows == before.rows:
            return
        table = self._table
        at, x, y = table.cursor_row, table.scroll_x, table.scroll_y
        held = before.rows[at].key if at < len(before.rows) else ""
        table.clear(columns=True)
        for name in self._columns:
            table.add_column(Text(name))
        for row in view.rows:
            table.add_row(*(self._cell(row, number) for number in range(len(self._columns))))
        # One that looks at the top keeps looking at the top, where problems and new events appear.
        keys = [row.key for row in view.rows]
        place = keys.index(held) if at and held in keys else min(at, max(0, len(keys) - 1))
        table.move_cursor(row=place, animate=False, scroll=False)
        table.scroll_to(x=x, y=y if at else 0, animate=False)

        self._show_whole()

    @on(DataTable.RowHighlighted)
    def _highlighted(self, event: DataTable.RowHighlighted) -> None:
        event.stop()
        self._show_whole()

    def _on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._show_whole()

    def _on_descendant_blur(self, event: events.DescendantBlur) -> None:
        self.remove_class("-whole")

    def _show_whole(self) -> None:
        """Show the last cell of the row with the cursor below the table when it is too long for it."""
        rows, at = self._view.rows, self._table.cursor_row
        is_cut = (
            self._is_last_shown_whole and self._table.virtual_size.width > self.size.width and at < len(rows)
        )
        if is_cut:
            self._whole.update(rows[at].cells[-1])
        self.set_class(is_cut and self._table.has_focus, "-whole")

    def _cell(self, row: Row, number: int) -> Text:
        text = row.cells[number]
        return Text(text, style="bold" if number == self._bold and row.tone in ("bad", "waiting") else "")
