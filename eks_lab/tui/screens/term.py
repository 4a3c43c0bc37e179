"""A glossary entry as a card above the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from eks_lab.tui.screens.base import LabModal
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.prose import Prose
from eks_lab.tui.widgets.term_card import TermCard

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from eks_lab.content.model import Term


class TermDialog(LabModal[str]):
    """Shows a term; the result is the link to its lesson, or nothing."""

    BINDING_GROUP_TITLE = "Term"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "lesson", "Read its lesson", id="term.lesson", tooltip="Open the lesson that explains it"
        ),
    ]

    def __init__(self, term: Term) -> None:
        """Show a term.

        Args:
            term: the glossary entry.
        """
        super().__init__(name="term")
        self._term = term

    def compose(self) -> ComposeResult:
        """Compose the card."""
        lesson = self.library.lesson(self._term.lesson)
        yield TermCard(self._term, lesson.title if lesson is not None else "", classes="dialog")
        yield KeyFooter()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the lesson only when there is one."""
        if action == "lesson":
            return self.library.lesson(self._term.lesson) is not None
        return super().check_action(action, parameters)

    def action_lesson(self) -> None:
        """Open the lesson that explains the term."""
        self.dismiss(f"lesson:{self._term.lesson}")

    def on_prose_link_opened(self, event: Prose.LinkOpened) -> None:
        """Follow the link of the card."""
        event.stop()
        self.dismiss(event.href)
