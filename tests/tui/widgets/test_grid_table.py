"""A table shows its columns whole, whenever it was drawn first."""

from __future__ import annotations

import pytest
from rich.text import Text
from textual.app import App, ComposeResult

from eks_lab.tui.widgets.grid_view import GridTable


class Holder(App[None]):
    CSS = "GridTable { height: 6; }"

    def compose(self) -> ComposeResult:
        yield GridTable()


async def test_columns_are_whole_though_the_table_was_drawn_before_they_were_measured() -> None:
    app = Holder()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        table = app.query_one(GridTable)
        table.add_column(Text("NODE"))
        table.add_column(Text("PODS"))
        table.add_row(Text("ip-10-0-1-17.ec2.internal"), Text("110"))
        for line in range(table.size.height):
            assert "ec2.internal" not in table.render_line(line).text
        await pilot.pause()
        shown = [table.render_line(line).text for line in range(2)]
    assert shown[0].split() == ["NODE", "PODS"]
    assert shown[1].split() == ["ip-10-0-1-17.ec2.internal", "110"]


@pytest.mark.parametrize("key", ["pagedown", "pageup", "down", "up", "home", "end", "ctrl+end", "right"])
async def test_a_table_without_rows_has_its_cursor_on_the_first_all_the_same(key: str) -> None:
    app = Holder()
    async with app.run_test(size=(40, 10)) as pilot:
        table = app.query_one(GridTable)
        table.cursor_type = "row"
        table.focus()
        await pilot.press(key)
        assert table.cursor_row == 0
        table.add_column(Text("NODE"))
        await pilot.press(key)
        assert table.cursor_row == 0
