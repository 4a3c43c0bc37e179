"""The end of a lesson: mark it as finished, go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on
from textual.containers import VerticalGroup
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Button, Static

if TYPE_CHECKING:
    from textual.app import ComposeResult


class LessonEnd(VerticalGroup):
    """Offers what a reader does at the bottom of a page."""

    DEFAULT_CSS = """
    LessonEnd {
        margin: 2 0 1 0;
        Static { color: $text-muted; }
        Button { width: auto; max-width: 100%; margin: 0 0 1 0; text-align: left; }
        Button.-hidden { display: none; }
    }
    """

    finished: reactive[bool] = reactive(False, init=False)
    """Whether the lesson is marked as finished."""

    @dataclass
    class FinishToggled(Message):
        """The button that marks the lesson was pressed."""

        lesson_end: LessonEnd

        @property
        def control(self) -> LessonEnd:
            """The end of the lesson."""
            return self.lesson_end

    @dataclass
    class NextWanted(Message):
        """The button to the next lesson was pressed."""

        lesson_end: LessonEnd

        @property
        def control(self) -> LessonEnd:
            """The end of the lesson."""
            return self.lesson_end

    def __init__(
        self, *, finished: bool, next_title: str, finish_key: str = "f", next_key: str = "n"
    ) -> None:
        """Offer the end of a lesson.

        Args:
            finished: whether it is marked as finished.
            next_title: title of the next lesson; empty for the last one.
            finish_key: key that does what the first button does, as shown.
            next_key: key that does what the second button does, as shown.
        """
        super().__init__()
        self.set_reactive(LessonEnd.finished, finished)
        self._next_title = next_title
        self._finish_key = finish_key
        self._next_key = next_key

    def compose(self) -> ComposeResult:
        """Compose the remark and both buttons."""
        yield Static(self._remark(), markup=False, id="end-remark")
        yield Button(self._finish_label(), compact=True, id="end-finish", variant="success")
        next_label = f"Next: {self._next_title} ({self._next_key}) →"
        yield Button(
            next_label,
            compact=True,
            id="end-next",
            variant="primary",
            classes="" if self._next_title else "-hidden",
        )

    def _remark(self) -> str:
        if self.finished:
            return "✓ You finished this lesson."
        return "You have reached the end of this lesson."

    def _finish_label(self) -> str:
        return (
            f"Mark as unfinished ({self._finish_key})"
            if self.finished
            else f"✓ Mark as finished ({self._finish_key})"
        )

    def watch_finished(self) -> None:
        """Say the new state and offer the way back."""
        self.query_one("#end-remark", Static).update(self._remark())
        button = self.query_one("#end-finish", Button)
        button.label = self._finish_label()
        # A button does not ask for another width by itself when its label changes.
        button.refresh(layout=True)

    @on(Button.Pressed, "#end-finish")
    def _finish(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(self.FinishToggled(self))

    @on(Button.Pressed, "#end-next")
    def _next(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(self.NextWanted(self))
