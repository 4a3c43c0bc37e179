"""What is announced but not built says so in its place."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from eks_lab.content.page import Directive
from eks_lab.tui.widgets.not_yet import NotYet


class Host(App[None]):
    def __init__(self, box: NotYet) -> None:
        super().__init__()
        self.box = box

    def compose(self) -> ComposeResult:
        yield self.box


async def text_of(box: NotYet, width: int = 80) -> str:
    app = Host(box)
    async with app.run_test(size=(width, 24)) as pilot:
        await pilot.pause()
        assert box.region.right <= width
        assert not box.focusable
        rows = [strip.text for strip in app.screen._compositor.render_strips(app.screen.size)]
        return " ".join(" ".join(rows).replace("▌", " ").split())


@pytest.mark.parametrize("width", [40, 80, 120])
async def test_says_what_it_will_be_and_what_works_today(width: int) -> None:
    text = await text_of(
        NotYet("Lab max-pods", "Use your own cluster.", will="Tasks on a live cluster."), width
    )
    assert text == "◇ Not built yet · Lab max-pods Tasks on a live cluster. Today: Use your own cluster."


@pytest.mark.parametrize(
    ("directive", "name"),
    [
        (Directive("terminal", 1, {"id": "one"}), "::terminal one"),
        (Directive("terminal", 1, {"name": "two"}), "::terminal two"),
        (Directive("terminal", 1), "::terminal"),
    ],
)
async def test_directives_that_this_version_does_not_know(directive: Directive, name: str) -> None:
    box = NotYet.for_directive(directive)
    assert box.feature == name
    assert "does not need it" in await text_of(box)
