"""Everything below the headline of an answer on a calculator's own screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.containers import VerticalGroup
from textual.widgets import Static

from eks_lab.calc.model import Answer, Calculator, Grid
from eks_lab.content.page import Paragraph, Span
from eks_lab.tui.typeset import Flow
from eks_lab.tui.widgets.answer_text import figures_flow, kicker, sources_flow, warnings_flow
from eks_lab.tui.widgets.answer_working import PlotGroup
from eks_lab.tui.widgets.grid_view import GridView
from eks_lab.tui.widgets.prose import Prose
from eks_lab.tui.widgets.step_list import StepList
from eks_lab.tui.widgets.what_if import WhatIf

if TYPE_CHECKING:
    from textual.app import ComposeResult


_FIRST_WARNINGS = 3
"""So many stand above the working; more would hide it."""


class GridGroup(VerticalGroup):
    """The tables of an answer, filled again rather than made again when the answer changes."""

    DEFAULT_CSS = """
    GridGroup GridView { margin: 1 0 0 0; }
    """

    def show(self, grids: Sequence[Grid]) -> None:
        """Show tables."""
        views = list(self.query_children(GridView))
        for view, grid in zip(views, grids, strict=False):
            view.show(grid)
        for view in views[len(grids) :]:
            view.remove()
        self.mount_all(GridView(grid) for grid in grids[len(views) :])


class AnswerDetails(VerticalGroup):
    """What-if, warnings, plots, steps, tables, figures, sources: what differs most stands first."""

    DEFAULT_CSS = """
    AnswerDetails {
        .details--working { text-style: bold; color: $text-accent; padding: 0 0 0 2; }
        .details--text { padding: 0 0 0 2; margin: 1 0 0 0; }
        .details--warnings { padding: 0 0 0 2; margin: 0 0 1 0; display: none; }
        .details--warnings.-shown { display: block; }
        .-hidden { display: none; }
    }
    """

    def __init__(self, calculator: Calculator) -> None:
        """Wait for an answer.

        Args:
            calculator: whose answers are shown.
        """
        super().__init__()
        self._calculator = calculator
        self._what_if = WhatIf(calculator)
        self._warnings = Prose([], classes="details--warnings")
        self._plots = PlotGroup()
        self._working = Static("Working (Enter explains a step)", classes="details--working", markup=False)
        self._steps = StepList()
        self._grids = GridGroup()
        self._rest = Prose([], classes="details--text")

    def compose(self) -> ComposeResult:
        """Compose the parts."""
        yield self._what_if
        yield self._warnings
        yield self._plots
        yield self._working
        yield self._steps
        yield self._grids
        yield self._rest

    @property
    def steps(self) -> StepList:
        """The list of steps."""
        return self._steps

    def show(self, answer: Answer, before: Answer | None, pinned: Answer | None) -> None:
        """Show an answer.

        Args:
            answer: the answer.
            before: an earlier one; what differs from it is said.
            pinned: the answer called A; it takes the place of the earlier one.
        """
        compared = pinned or before
        self._what_if.show(pinned, answer)
        first, others = answer.warnings[:_FIRST_WARNINGS], answer.warnings[_FIRST_WARNINGS:]
        if len(others) == 1:
            first, others = answer.warnings, ()
        self._warnings.set_items([*warnings_flow(first), *_pointer(len(others))])
        self._warnings.set_class(bool(first), "-shown")
        self._plots.show(answer.plots)
        self._working.set_class(not answer.steps, "-hidden")
        self._steps.set_class(not answer.steps, "-hidden")
        self._steps.show(answer.steps, compared)
        self._grids.show(answer.grids)
        self._rest.set_items(
            [
                *([kicker("More warnings"), *warnings_flow(others)] if others else []),
                *figures_flow(self._calculator, answer, compared),
                *sources_flow(answer.sources),
            ]
        )


def _pointer(count: int) -> list[Flow]:
    text = f"{count} more warnings stand below the working."
    return [Flow(Paragraph((Span(text),), 0), indent=2, tight=True, style="muted")] if count else []
