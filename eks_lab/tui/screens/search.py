"""Search: results as you type, best first, with what matched marked in bold and underline."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from eks_lab.content.page import Span
from eks_lab.tui.list_rows import RowPart, row
from eks_lab.tui.screens.base import LabScreen
from eks_lab.tui.widgets.filter_box import FilterBox
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from eks_lab.content.search import Hit

LIMIT = 20
_LIST_FRAME = 5
"""Padding and scroll bar of the list."""


class Found(Message):
    """A worker has searched."""

    def __init__(self, query: str, hits: list[Hit]) -> None:
        """Carry results to the event loop.

        Args:
            query: what was searched.
            hits: what was found, best first.
        """
        super().__init__()
        self.query = query
        self.hits = hits

    def can_replace(self, message: Message) -> bool:
        """Return whether queued results are out of date."""
        return isinstance(message, Found)


class SearchScreen(LabScreen[str]):
    """The result is the link to the chosen place."""

    BINDING_GROUP_TITLE = "Search"
    HELP = "Type words: each matches from its beginning and all must occur. Enter opens the marked result."
    AUTO_FOCUS = "#search-box"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Down", show=False, id="search.down", tooltip="Next result"),
        Binding("up", "move(-1)", "Up", show=False, id="search.up", tooltip="Result before"),
        Binding(
            "pagedown", "move(5)", "Page down", show=False, id="search.page-down", tooltip="Five results down"
        ),
        Binding("pageup", "move(-5)", "Page up", show=False, id="search.page-up", tooltip="Five results up"),
        Binding("enter", "open", "Open", id="search.open", tooltip="Open the place"),
        Binding("escape", "leave", "Back", id="search.leave", tooltip="Clear what was typed, then back"),
    ]

    def __init__(self) -> None:
        """Start with an empty box."""
        super().__init__(name="search")
        self._hits: list[Hit] = []
        self.shown_query = ""
        """What the results on the screen are for."""

    def compose(self) -> ComposeResult:
        """Compose box and results."""
        yield TopBar("Search")
        yield FilterBox(placeholder="Search lessons, headings and terms", id="search-box")
        yield OptionList(id="search-hits", classes="list")
        yield Static("", id="search-status", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        """Say what can be typed, and have the index ready by then."""
        self._show("", [])
        self.search("")

    @on(Input.Changed, "#search-box")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.search(event.value)

    @work(thread=True, exclusive=True, group="search", exit_on_error=False)
    def search(self, query: str) -> None:
        """Search in a thread; the results arrive as `Found`."""
        index = self.lab.search_index()
        self.post_message(Found(query, index.search(query, LIMIT) if query.strip() else []))

    @on(Found)
    def _found(self, event: Found) -> None:
        event.stop()
        # A slow answer to an old question must not replace a newer one.
        if event.query == self.query_one("#search-box", Input).value:
            self._show(event.query, event.hits)

    def _show(self, query: str, hits: list[Hit]) -> None:
        self._hits = hits
        self.shown_query = query
        options = self.query_one("#search-hits", OptionList)
        options.clear_options()
        options.add_options([Option(self._row(hit)) for hit in hits])
        options.display = bool(hits)
        if hits:
            options.highlighted = 0
        status = self.query_one("#search-status", Static)
        status.display = not hits
        if not query.strip():
            status.update(
                "Type a word, such as prefix, IRSA or taint. Every word must occur; endings do not matter."
            )
        elif not hits:
            status.update(f"Nothing found for “{query.strip()}”. Try fewer or shorter words.")
        count = f"{len(hits)}{'+' if len(hits) == LIMIT else ''}"
        self.query_one(TopBar).remark = f"{count} found" if hits else ""
        self.refresh_bindings()

    def _row(self, hit: Hit) -> Content:
        title = Span(hit.title, strong=True)
        where = f"Term: {hit.place}" if hit.kind == "term" else hit.place
        snippet = tuple(Span(text, strong=is_match) for text, is_match in hit.snippet)
        parts = [
            RowPart((title,)),
            RowPart((Span(where),), "accent", "  ", "  ", most_lines=1),
            RowPart(snippet, "muted", "  ", "  ", most_lines=2),
        ]
        return row(parts, self.size.width - _LIST_FRAME)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show what cannot be done now as such."""
        if action == "open":
            return True if self._hits else None
        return True

    def action_move(self, by: int) -> None:
        """Move the cursor of the results while the box has the focus."""
        options = self.query_one("#search-hits", OptionList)
        if self._hits:
            options.highlighted = max(0, min(len(self._hits) - 1, (options.highlighted or 0) + by))

    def on_resize(self) -> None:
        """Break the rows anew for the new width."""
        if self._hits and self.is_mounted:
            options = self.query_one("#search-hits", OptionList)
            for number, hit in enumerate(self._hits):
                options.replace_option_prompt_at_index(number, self._row(hit))

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_open()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Open the marked result."""
        number = self.query_one("#search-hits", OptionList).highlighted
        if number is None or number >= len(self._hits):
            return
        hit = self._hits[number]
        if hit.kind == "term":
            self.dismiss(f"term:{hit.id}")
        else:
            self.dismiss(f"lesson:{hit.id}#{hit.anchor}")

    def action_leave(self) -> None:
        """Clear the box, or go back."""
        box = self.query_one("#search-box", Input)
        if box.value:
            box.value = ""
        else:
            self.dismiss(None)
