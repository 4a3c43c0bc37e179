"""What every screen of the app has: its app by name, breakpoints, and one way for failures."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen, Screen

from eks_lab.tui.screen_stack import uncover

if TYPE_CHECKING:
    from textual import events
    from textual.geometry import Offset
    from textual.widget import Widget
    from textual.worker import Worker

    from eks_lab.tui.app import EksLabApp
    from eks_lab.tui.library import Library

PORTRAIT_BELOW = 84
"""Columns under which panes are stacked or hidden."""
CONTENTS_FROM = 112
"""Columns from which the reader's contents stand beside the page: a diagram keeps its 74 columns then."""
LOW_BELOW = 18
"""Rows under which decoration is left out."""

Result = TypeVar("Result")


def still_there(widget: Widget | None, offset: Offset | None) -> tuple[Widget | None, Offset | None]:
    """Return what a click is on, or nothing where that has been taken away since it was drawn.

    Textual looks for the parent of what is clicked on, and ends the program when there is none.
    """
    if widget is None or widget.parent is None:
        return None, None
    return widget, offset


class LabScreen(Screen[Result]):
    """A full screen of the app."""

    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 (Textual declares it without ClassVar)
        (0, "-portrait"),
        (PORTRAIT_BELOW, "-landscape"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-low"),
        (LOW_BELOW, "-high"),
    ]

    @property
    def lab(self) -> EksLabApp:
        """The app."""
        return cast("EksLabApp", self.app)

    @property
    def library(self) -> Library:
        """The course and the learner's progress; only screens that need no course come before it."""
        return self.lab.library

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """Return what is at a place, and where in its text."""
        return still_there(*super().get_widget_and_offset_at(x, y))

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Leave, once, and take nothing away but this screen and what was in front of it."""
        return super().dismiss(result) if uncover(self) else AwaitComplete()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Hand failures of this screen's workers to the app."""
        self.lab.worker_changed(event)


class LabModal(ModalScreen[Result]):
    """A box above a screen; escape closes it without a result, and so does a click beside it if it has no field."""

    HORIZONTAL_BREAKPOINTS = LabScreen.HORIZONTAL_BREAKPOINTS
    VERTICAL_BREAKPOINTS = LabScreen.VERTICAL_BREAKPOINTS

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", id="dialog.close", tooltip="Back to the screen below"),
        Binding("question_mark,f1", "app.help", "Help", show=False, id="dialog.help", tooltip="Every key"),
        Binding(
            "ctrl+q", "app.quit", "Quit", show=False, id="dialog.quit", tooltip="Leave; your place is kept"
        ),
    ]

    @property
    def lab(self) -> EksLabApp:
        """The app."""
        return cast("EksLabApp", self.app)

    @property
    def library(self) -> Library:
        """The course and the learner's progress."""
        return self.lab.library

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """Return what is at a place, and where in its text."""
        return still_there(*super().get_widget_and_offset_at(x, y))

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Leave, once: the second of two quick clicks finds the box gone."""
        return super().dismiss(result) if uncover(self) else AwaitComplete()

    def action_close(self) -> None:
        """Close without a result."""
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        """Close at a click beside the box, as escape does; not where a slip of the mouse would lose typed text."""
        if event.widget is self and not self.query("Input, TextArea"):
            event.stop()
            self.action_close()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Hand failures of this box's workers to the app."""
        self.lab.worker_changed(event)
