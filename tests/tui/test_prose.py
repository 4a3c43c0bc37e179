"""Running text as a widget."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.geometry import Offset
from textual.message import Message
from textual.selection import Selection

from eks_lab.content.page import Heading, Paragraph, Span
from eks_lab.tui.typeset import Flow
from eks_lab.tui.widgets.prose import Prose

ITEMS = [
    Flow(Heading(2, (Span("Head"),), "head", 1)),
    Flow(
        Paragraph((Span("A "), Span("node", href="term:node"), Span(" runs pods, as many as fit on it.")), 2)
    ),
]


class ProseApp(App[None]):
    def compose(self) -> ComposeResult:
        yield Prose(ITEMS, explain=lambda href: f"about {href}", id="prose")


async def test_it_is_as_high_as_its_lines_at_every_width() -> None:
    app = ProseApp()
    async with app.run_test(size=(60, 20)) as pilot:
        prose = app.query_one(Prose)
        assert prose.size.height == 3
        assert prose.anchor_lines() == {"head": 0}
        await pilot.resize_terminal(20, 20)
        await pilot.pause()
        assert prose.size.height == 4


async def test_a_click_on_a_term_is_told() -> None:
    seen: list[Message] = []
    app = ProseApp()
    async with app.run_test(size=(60, 20), message_hook=seen.append) as pilot:
        await pilot.click(Prose, offset=(3, 2))
        await pilot.pause()
    # The hook sees a message once at every widget it bubbles through.
    assert {message.href for message in seen if isinstance(message, Prose.LinkOpened)} == {"term:node"}


async def test_a_click_beside_it_is_not() -> None:
    seen: list[Message] = []
    app = ProseApp()
    async with app.run_test(size=(60, 20), message_hook=seen.append) as pilot:
        await pilot.click(Prose, offset=(12, 2))
        await pilot.pause()
    assert not [message for message in seen if isinstance(message, Prose.LinkOpened)]


async def test_hovering_over_a_term_prepares_its_definition() -> None:
    app = ProseApp()
    async with app.run_test(size=(60, 20), tooltips=True) as pilot:
        prose = app.query_one(Prose)
        await pilot.hover(Prose, offset=(3, 2))
        await pilot.pause()
        assert prose.tooltip == "about term:node"
        await pilot.hover(Prose, offset=(12, 2))
        await pilot.pause()
        assert prose.tooltip is None


async def test_selected_text_can_be_copied() -> None:
    app = ProseApp()
    async with app.run_test(size=(60, 20)) as pilot:
        prose = app.query_one(Prose)
        app.screen.selections = {prose: Selection(Offset(0, 2), Offset(6, 2))}
        await pilot.pause()
        assert app.screen.get_selected_text() == "A node"
        chosen = app.screen.get_component_rich_style("screen--selection")
        marked = [
            segment
            for segment in prose.render_line(2)
            if segment.style and segment.style.bgcolor == chosen.bgcolor
        ]
        assert "".join(segment.text for segment in marked) == "A node"


async def test_other_text_takes_its_place() -> None:
    app = ProseApp()
    async with app.run_test(size=(60, 20)) as pilot:
        prose = app.query_one(Prose)
        prose.set_items([Flow(Paragraph((Span("new"),), 1))])
        await pilot.pause()
        assert prose.size.height == 1
        assert prose.render_line(0).text.strip() == "new"
