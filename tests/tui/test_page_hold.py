"""A page that is still being filled stays with the reader who moves in it."""

from __future__ import annotations

import pytest

from eks_lab.content.page import Code, Page
from eks_lab.tui.page_window import Window
from eks_lab.tui.widgets.page_view import PageView
from tests.builders import settle
from tests.tui.test_page_view import PageApp, open_page


@pytest.mark.parametrize("line", [4, 10, 150], ids=["mounted", "just below", "far below"])
async def test_a_key_between_mounting_and_laying_out_moves_by_what_it_says(
    monkeypatch: pytest.MonkeyPatch, line: int
) -> None:
    """What is mounted but not laid out is nowhere, and what stands for the rest moves down."""

    async def not_yet(view: PageView) -> None:
        """Leave the rest of the page to the test."""

    monkeypatch.setattr(PageView, "_fill", not_yet)
    page = Page(tuple(Code("text", f"Code {number}.", number) for number in range(100)))
    app = PageApp(page=page)
    async with app.run_test(size=(60, 12)) as pilot:
        await open_page(pilot)
        view = app.view
        assert len(view._made) < len(view._slots)
        with app.batch_update():
            await view._grow(Window(0, len(view._slots)))
            view.scroll_to(y=line, animate=False, immediate=True)
        await settle(pilot)
        assert view.is_complete
        assert view.scroll_offset.y == line
