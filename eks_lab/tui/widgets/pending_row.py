"""Says that an answer is being computed, for how long, and offers to stop; or to begin again."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from textual import on
from textual.containers import HorizontalGroup
from textual.message import Message
from textual.widgets import Button, Static

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.timer import Timer

_TICK_SECONDS = 0.5


class PendingRow(HorizontalGroup):
    """Hidden while there is nothing to wait for."""

    DEFAULT_CSS = """
    PendingRow {
        display: none;
        height: auto;
        margin: 1 0 0 0;
        &.-shown { display: block; }
        Static { width: 1fr; color: $text-warning; }
    }
    """

    @dataclass
    class Pressed(Message):
        """The learner wants the calculation to stop, or to begin again."""

        row: PendingRow

        @property
        def control(self) -> PendingRow:
            """The row."""
            return self.row

    def __init__(self) -> None:
        """Start hidden."""
        super().__init__()
        self._said = Static("", markup=False)
        self._ticker: Timer | None = None
        self._began = 0.0
        self._last_seconds = 0.0

    def compose(self) -> ComposeResult:
        """Compose what is said and the button."""
        yield self._said
        yield Button("Stop", id="stop", compact=True, tooltip="Stop computing (Esc)")

    def start(self) -> None:
        """Count the seconds from now on."""
        self._began = perf_counter()
        self._tick()
        if self._ticker is None:
            self._ticker = self.set_interval(_TICK_SECONDS, self._tick)

    def finish(self, *, took: bool = False) -> None:
        """Hide the row.

        Args:
            took: whether the calculation came to its end, so that its time says something about the next one.
        """
        if self._ticker is not None:
            self._ticker.stop()
            self._ticker = None
            if took:
                self._last_seconds = perf_counter() - self._began
        self.remove_class("-shown")

    def offer_again(self) -> None:
        """Say that the calculation was stopped, and offer to begin it again."""
        self.finish()
        self._say("Stopped. A change computes again, and so does the button.", "Compute")

    def _tick(self) -> None:
        seconds = int(perf_counter() - self._began)
        last = f", {self._last_seconds:.0f} s the last time" if self._last_seconds >= 1 else ""
        self._say(f"Computing … {seconds} s{last}. Esc stops it.", "Stop")

    def _say(self, text: str, button: str) -> None:
        self._said.update(text)
        self.query_one(Button).label = button
        self.add_class("-shown")

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(self.Pressed(self))
