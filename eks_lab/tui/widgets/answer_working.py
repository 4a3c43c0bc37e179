"""How an answer comes about, below the form; takes the focus, so that it can be reached and copied by key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.containers import VerticalGroup

from eks_lab.tui.typeset import Flow
from eks_lab.tui.widgets.prose import Prose

if TYPE_CHECKING:
    from textual.app import ComposeResult


class AnswerWorking(VerticalGroup, can_focus=True):
    """Warnings, steps, figures and sources of an answer."""

    HELP = """
## Working

`c` copies the answer with its working as text, `r` puts the page's values back into the form.
"""
    BINDING_GROUP_TITLE = "Working"

    DEFAULT_CSS = """
    AnswerWorking {
        padding: 0 0 0 1;
        &:focus { border-left: wide $primary; padding: 0; }
    }
    """

    def __init__(self) -> None:
        """Wait for an answer."""
        super().__init__()
        self._prose = Prose([])

    def compose(self) -> ComposeResult:
        """Compose the text."""
        yield self._prose

    def show(self, flows: Sequence[Flow]) -> None:
        """Show the working of an answer."""
        self._prose.set_items(flows)
