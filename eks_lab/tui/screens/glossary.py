"""The glossary: filter as you type, read the definition beside the list, go to the lesson."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from eks_lab.tui.screens.base import LabScreen
from eks_lab.tui.summaries import line
from eks_lab.tui.widgets.filter_box import FilterBox
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.prose import Prose
from eks_lab.tui.widgets.term_card import card_items
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from eks_lab.content.model import Term


def matching(terms: Sequence[Term], query: str, here: Sequence[str]) -> list[Term]:
    """Return the terms that fit what was typed, best first.

    Args:
        terms: the glossary, by name.
        query: typed text; every word must begin a word of name, aliases or definition.
        here: ids of the terms of the page, which come first while nothing is typed.
    """
    words = query.casefold().split()
    if not words:
        first = [term for term in terms if term.id in here]
        return [*first, *(term for term in terms if term.id not in here)]

    typed = " ".join(words)

    def rank(term: Term) -> int | None:
        name = term.name.casefold()
        names = " ".join([name, term.id, *term.aliases]).casefold()
        if not all(_begins(word, f"{names} {term.definition.casefold()}") for word in words):
            return None
        if name == typed or typed in (alias.casefold() for alias in term.aliases):
            return 0
        if name.startswith(typed):
            return 1
        return 2 if all(_begins(word, names) for word in words) else 3

    ranked = [(rank(term), number, term) for number, term in enumerate(terms)]
    fitting = [(place, number, term) for place, number, term in ranked if place is not None]
    return [term for _, _, term in sorted(fitting, key=lambda found: found[:2])]


def _begins(word: str, text: str) -> bool:
    """Return whether a word of the text begins with what was typed."""
    return re.search(rf"(?<!\w){re.escape(word)}", text) is not None


class GlossaryScreen(LabScreen[str]):
    """The result is the link to the lesson of the chosen term."""

    BINDING_GROUP_TITLE = "Glossary"
    HELP = "Type to filter; the arrow keys choose a term; Enter opens the lesson that explains it."
    AUTO_FOCUS = "#glossary-filter"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Down", show=False, id="glossary.down", tooltip="Next term"),
        Binding("up", "move(-1)", "Up", show=False, id="glossary.up", tooltip="Term before"),
        Binding(
            "enter",
            "lesson",
            "Read its lesson",
            id="glossary.lesson",
            tooltip="Open the lesson that explains it",
        ),
        Binding("escape", "leave", "Back", id="glossary.leave", tooltip="Clear what was typed, then back"),
    ]

    def __init__(self, here: Sequence[str] = ()) -> None:
        """List terms.

        Args:
            here: ids of the terms of the page below.
        """
        super().__init__(name="glossary")
        self._here = tuple(here)
        self._shown: list[Term] = []

    def compose(self) -> ComposeResult:
        """Compose filter, list and card."""
        yield TopBar("Glossary")
        yield FilterBox(placeholder="Type to filter", id="glossary-filter")
        with Horizontal(id="glossary-panes"):
            yield OptionList(id="glossary-list", classes="list")
            with VerticalScroll(id="glossary-card", can_focus=False):
                yield Prose((), explain=self.library.explain, id="glossary-about")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Show everything."""
        self._filter("")

    @on(Input.Changed, "#glossary-filter")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._filter(event.value)

    def _filter(self, query: str) -> None:
        terms = self.library.course.terms
        self._shown = matching(terms, query, self._here)
        options = self.query_one("#glossary-list", OptionList)
        options.clear_options()
        options.add_options([Option(self._row(term, query)) for term in self._shown])
        self.query_one(TopBar).remark = f"{len(self._shown)} of {len(terms)} terms"
        if self._shown:
            options.highlighted = 0
        else:
            nothing = [line("Nothing fits.", "title"), line("Try fewer letters, or / to search the lessons.")]
            self.query_one("#glossary-about", Prose).set_items(nothing)
        self.refresh_bindings()

    def _row(self, term: Term, query: str) -> Content:
        here = " · on this page" if term.id in self._here and not query else ""
        return Content(f"{term.name}{here}")

    def _present(self) -> Term | None:
        number = self.query_one("#glossary-list", OptionList).highlighted
        return self._shown[number] if number is not None and number < len(self._shown) else None

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if (term := self._present()) is not None:
            lesson = self.library.lesson(term.lesson)
            items = card_items(term, lesson.title if lesson is not None else "")
            self.query_one("#glossary-about", Prose).set_items(items)
            self.refresh_bindings()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_lesson()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_lesson()

    def on_prose_link_opened(self, event: Prose.LinkOpened) -> None:
        """Follow the card's link."""
        event.stop()
        self.dismiss(event.href)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the lesson only when there is one."""
        if action == "lesson" and self.is_mounted:
            term = self._present()
            return True if term is not None and self.library.lesson(term.lesson) is not None else None
        return True

    def action_move(self, by: int) -> None:
        """Move the cursor of the list while the filter has the focus."""
        options = self.query_one("#glossary-list", OptionList)
        if self._shown:
            options.highlighted = max(0, min(len(self._shown) - 1, (options.highlighted or 0) + by))

    def action_lesson(self) -> None:
        """Open the lesson that explains the term."""
        term = self._present()
        if term is not None and self.library.lesson(term.lesson) is not None:
            self.dismiss(f"lesson:{term.lesson}")

    def action_leave(self) -> None:
        """Clear the filter, or go back."""
        box = self.query_one("#glossary-filter", Input)
        if box.value:
            box.value = ""
        else:
            self.dismiss(None)
