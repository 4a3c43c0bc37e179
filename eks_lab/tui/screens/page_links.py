"""Links and terms of a page as a list, so that the keyboard reaches them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from eks_lab.content.page import Heading, Page, Paragraph, Span, Table, walk
from eks_lab.tui.screens.base import LabModal
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.app import ComposeResult

    from eks_lab.tui.library import Library

_KINDS = {"term": "term", "lesson": "lesson", "https": "address"}


def page_hrefs(page: Page) -> list[tuple[str, str]]:
    """Return each link of a page once, in order, with the text it was written under first."""
    found: dict[str, str] = {}
    for block in walk(page.blocks):
        for span in _spans(block):
            if span.href:
                found.setdefault(span.href, span.text)
    return list(found.items())


def _spans(block: object) -> Iterator[Span]:
    match block:
        case Heading(spans=spans) | Paragraph(spans=spans):
            yield from spans
        case Table():
            for row in (block.header, *block.rows):
                for cell in row:
                    yield from cell


class PageLinks(LabModal[str]):
    """The result is the chosen href."""

    BINDING_GROUP_TITLE = "Links"
    HELP = "Links and terms in the order of the page. Enter follows one."

    def __init__(self, library: Library, page: Page) -> None:
        """List the links of a page.

        Args:
            library: says what they lead to.
            page: the page.
        """
        super().__init__(name="links")
        self._links = page_hrefs(page)
        self._explain = library.explain

    def compose(self) -> ComposeResult:
        """Compose the list."""
        with Vertical(classes="dialog -tall"):
            yield Static("Links and terms on this page", classes="dialog--title", markup=False)
            if self._links:
                yield RowList(*[Option(self._row(href, text)) for href, text in self._links], id="links-list")
            else:
                yield Static("This page links to nothing.", markup=False)
        yield KeyFooter()

    def _row(self, href: str, text: str) -> Content:
        kind = _KINDS.get(href.partition(":")[0], "place")
        detail = href if kind == "address" else self._explain(href).partition(": ")[2] or href
        return Content.assemble((text, "bold"), (f"  {kind}", "$text-accent"), "\n", (detail, "$text-muted"))

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._links[event.option_index][0])
