"""An honest box where a feature will be: what it will do, that it is not built, what works today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalGroup

from eks_lab.content.page import Directive, Paragraph, Span
from eks_lab.tui.typeset import Flow
from eks_lab.tui.widgets.prose import Prose

if TYPE_CHECKING:
    from textual.app import ComposeResult

MARK = "◇"


_INSTEAD = "The text of this page does not need it."


class NotYet(VerticalGroup):
    """Stands in a page where something is announced that does not exist yet."""

    DEFAULT_CSS = """
    NotYet {
        padding: 0 1;
        border-left: outer $foreground-muted;
        background: $surface;
        Prose { background: $surface; }
    }
    """

    def __init__(self, feature: str, instead: str, *, will: str = "", id: str | None = None) -> None:
        """Say that a feature is missing.

        Args:
            feature: its name, such as `Lab max-pods`.
            instead: what works today, as a sentence.
            will: what it will do, as a sentence; empty when the name says it.
            id: of the widget.
        """
        super().__init__(id=id)
        self.feature = feature
        self.instead = instead
        self.will = will

    @classmethod
    def for_directive(cls, directive: Directive) -> NotYet:
        """Return the box for a directive that this version does not know."""
        name = (
            directive.attributes.get("title")
            or directive.attributes.get("id")
            or directive.attributes.get("name")
        )
        return cls(f"::{directive.name} {name}" if name else f"::{directive.name}", _INSTEAD)

    def compose(self) -> ComposeResult:
        """Compose the box as one text."""
        lines = [
            Flow(Paragraph((Span(f"{MARK} Not built yet · {self.feature}"),), 0), style="kicker", tight=True)
        ]
        if self.will:
            lines.append(Flow(Paragraph((Span(self.will),), 0), style="muted", tight=True))
        today = (Span("Today: ", strong=True), Span(self.instead))
        lines.append(Flow(Paragraph(today, 0), tight=True))
        yield Prose(lines)
