"""An honest box where a feature will be: what it will do, that it is not built, what works today."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.containers import VerticalGroup

from eks_lab.content.page import Callout, Directive, Paragraph, Span
from eks_lab.tui.typeset import Flow
from eks_lab.tui.widgets.prose import Prose

if TYPE_CHECKING:
    from textual.app import ComposeResult

MARK = "◇"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a directive will be."""

    noun: str
    """Names the thing in the box's first line."""
    will: str
    """What it will do, as a sentence."""
    instead: str
    """What works today, as a sentence."""


_PLANS = {
    "lab": Plan(
        "Lab",
        "A cluster in a given state, with tasks that are checked as you work on them.",
        "The commands of this page work on a cluster of your own: c copies them.",
    ),
}
_OTHER = Plan("Feature", "", "The text of this page does not need it.")
_WHERE = {
    "nothing": "They run in any shell: c on the block copies them.",
    "tools": "They need only the command-line tools on your machine: c on the block copies them.",
    "aws": "They need a real AWS account and may cost money: c on the block copies them.",
    "internet": "They run in any shell that reaches the internet: c on the block copies them.",
}
_OWN_CLUSTER = "Run them against a cluster of your own: c on the block copies them."


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
        """Return the box for a `::lab{id=…}`, a `::generate{name=…}` or another directive without a feature."""
        plan = _PLANS.get(directive.name, _OTHER)
        name = (
            directive.attributes.get("title")
            or directive.attributes.get("id")
            or directive.attributes.get("name")
        )
        noun = plan.noun if plan is not _OTHER else f"::{directive.name}"
        return cls(f"{noun} {name}" if name else noun, plan.instead, will=plan.will)

    @classmethod
    def for_try(cls, callout: Callout) -> NotYet:
        """Return the line below a `:::try` box, whose commands cannot be run from the page yet."""
        where = _WHERE.get(callout.attributes.get("needs", ""), _OWN_CLUSTER)
        return cls("Running these commands from the page", where)

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
