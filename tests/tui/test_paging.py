"""Pages of questions, reports and consent turn with keys that belong to their screen."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from eks_lab.tui.paging import turn


class Holder(App[None]):
    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Static("\n".join(str(number) for number in range(200)))


@pytest.mark.parametrize(("steps", "expected"), [((1,), 20), ((1, 1, 1), 60), ((1, 1, -1), 20), ((-1,), 0)])
async def test_each_step_counts_though_none_is_drawn_yet(steps: tuple[int, ...], expected: int) -> None:
    app = Holder()
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.pause()
        page = app.query_one(VerticalScroll)
        for step in steps:
            turn(page, step)
        assert page.scroll_offset.y == expected
        await pilot.pause()
        assert page.scroll_offset.y == expected
