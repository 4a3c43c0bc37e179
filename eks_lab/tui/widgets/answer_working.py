"""How an answer comes about, below the form; takes the focus, so that it can be reached and copied by key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.containers import VerticalGroup

from eks_lab.calc.model import Plot
from eks_lab.tui.typeset import Flow
from eks_lab.tui.widgets.plot_view import PlotView
from eks_lab.tui.widgets.prose import Prose

if TYPE_CHECKING:
    from textual.app import ComposeResult


class PlotGroup(VerticalGroup):
    """The plots of an answer, drawn again rather than made again when the answer changes."""

    DEFAULT_CSS = """
    PlotGroup PlotView { margin: 0 0 1 0; }
    """

    def show(self, plots: Sequence[Plot]) -> None:
        """Show plots."""
        views = list(self.query_children(PlotView))
        for view, plot in zip(views, plots, strict=False):
            view.show(plot)
        for view in views[len(plots) :]:
            view.remove()
        self.mount_all(PlotView(plot) for plot in plots[len(views) :])


class AnswerWorking(VerticalGroup, can_focus=True):
    """Plots, warnings, steps, tables, figures and sources of an answer."""

    HELP = """
## Working

`c` copies the answer with its working as text, `r` puts the page's values back into the form, `o` opens the
calculator on a screen of its own. `tab` goes on to the plots.
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
        self._plots = PlotGroup()

    def compose(self) -> ComposeResult:
        """Compose the pictures and the text."""
        yield self._plots
        yield self._prose

    def show(self, flows: Sequence[Flow], plots: Sequence[Plot] = ()) -> None:
        """Show the working of an answer.

        Args:
            flows: its text.
            plots: its pictures.
        """
        self._prose.set_items(flows)
        self._plots.show(plots)
