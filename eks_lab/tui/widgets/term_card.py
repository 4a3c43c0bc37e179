"""A glossary entry: name, other names, definition, where it is explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll

from eks_lab.content.page import Paragraph, Span
from eks_lab.tui.typeset import Flow
from eks_lab.tui.widgets.prose import Prose

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from eks_lab.content.model import Term


def card_items(term: Term, lesson_title: str) -> list[Flow]:
    """Return the text of a term's card.

    Args:
        term: the glossary entry.
        lesson_title: title of the lesson that explains it; empty for none.
    """
    items = [Flow(Paragraph((Span(term.name),), 0), style="title")]
    if term.aliases:
        items.append(
            Flow(Paragraph((Span("also " + ", ".join(term.aliases)),), 0), style="muted", tight=True)
        )
    items.append(Flow(Paragraph((Span(term.definition),), 0)))
    if lesson_title:
        link = (Span("Explained in "), Span(lesson_title, href=f"lesson:{term.lesson}"))
        items.append(Flow(Paragraph(link, 0)))
    return items


class TermCard(VerticalScroll, can_focus=True):
    """The card; a click on the lesson's title follows it."""

    BINDING_GROUP_TITLE = "Term"
    DEFAULT_CSS = """
    TermCard { height: auto; }
    """

    def __init__(self, term: Term, lesson_title: str = "", *, classes: str | None = None) -> None:
        """Show a term.

        Args:
            term: the glossary entry.
            lesson_title: title of the lesson that explains it; empty for none.
            classes: of the widget.
        """
        super().__init__(classes=classes)
        self.term = term
        self._lesson_title = lesson_title

    def compose(self) -> ComposeResult:
        """Compose the text."""
        yield Prose(card_items(self.term, self._lesson_title))
