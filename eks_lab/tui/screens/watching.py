"""A screen that looks again and again at something outside the program, and has things done to it by workers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.message import Message
from textual.worker import Worker

from eks_lab.errors import EksLabError
from eks_lab.tui.sandbox_view import Activity, Said
from eks_lab.tui.screens.base import LabScreen, Result
from eks_lab.tui.status_rows import Tone
from eks_lab.tui.widgets.activity_panel import ActivityPanel

if TYPE_CHECKING:
    from eks_lab.tui.sandbox_access import Tell


@dataclass
class Looked(Message):
    """A worker has seen what there is."""

    found: object
    generation: int
    """Of the look; one that began before something was changed does not count."""


@dataclass
class LookFailed(Message):
    """A worker could not see what there is."""

    error: EksLabError
    generation: int


@dataclass
class Progressed(Message):
    """A worker has come further."""

    activity: Activity


@dataclass
class Finished(Message):
    """A worker has done what it was asked."""

    said: Said


class WatchingScreen(LabScreen[Result]):
    """Looks while it is in front, does one thing at a time, and says what came of it in its panel."""

    LOOK_EVERY_SECONDS: ClassVar[float] = 1.0

    def __init__(self, *, name: str) -> None:
        """Look at nothing yet.

        Args:
            name: of the screen.
        """
        super().__init__(name=name)
        self._generation = 0
        self._looker: Worker[None] | None = None
        self._doer: Worker[None] | None = None
        self._is_over = threading.Event()

    @property
    def panel(self) -> ActivityPanel:
        """Where activity, answer and trouble are shown."""
        return self.query_one(ActivityPanel)

    @property
    def is_busy(self) -> bool:
        """Whether something is under way that takes a while."""
        return self._doer is not None

    def looking(self) -> Callable[[], object]:
        """Return what a worker thread calls to see what there is; it may raise an `EksLabError`."""
        raise NotImplementedError

    def show_found(self, found: object) -> None:
        """Show what a look brought."""
        raise NotImplementedError

    # Looking

    def on_mount(self) -> None:
        """Look again and again."""
        self.set_interval(self.LOOK_EVERY_SECONDS, self.look)

    def on_screen_resume(self) -> None:
        """Look at once."""
        self.look()

    def on_unmount(self) -> None:
        """Let nothing go on for a screen that is gone."""
        self._is_over.set()

    def look(self) -> None:
        """See what there is, unless the screen is hidden or a look is under way."""
        # A dialog lets the screen below shine through; another full screen hides it.
        is_seen = self.is_active or (self.is_current and self.app.screen.is_modal)
        if is_seen and (self._looker is None or self._looker.is_finished):
            work = partial(self._look, self._generation, self.looking())
            self._looker = self.run_worker(work, group="look", thread=True, exit_on_error=False)

    def look_again(self) -> None:
        """Look at once; what a look under way finds is from before."""
        self._generation += 1
        self._looker = None
        self.look()

    def _look(self, generation: int, call: Callable[[], object]) -> None:
        try:
            self.post_message(Looked(call(), generation))
        except EksLabError as error:
            self.post_message(LookFailed(error, generation))

    @on(Looked)
    def _looked(self, event: Looked) -> None:
        event.stop()
        if event.generation == self._generation:
            if self.panel.trouble is not None:
                self.panel.trouble = None
                self.refresh_bindings()
            self.show_found(event.found)

    @on(LookFailed)
    def _look_failed(self, event: LookFailed) -> None:
        event.stop()
        # While something is under way it may well not answer.
        if event.generation == self._generation and not self.is_busy:
            self.panel.trouble = Said(event.error.message, Tone.BAD, event.error.hint)
            self.refresh_bindings()

    # Doing

    def do(self, text: str, call: Callable[[Tell], Said], hint: str = "") -> None:
        """Have something done by a worker; one thing at a time.

        Args:
            text: what is done, for the panel.
            call: does it; gets a function that shows how far it is.
            hint: how it can be ended.
        """
        if self.is_busy:
            return
        self._is_over.clear()
        self.panel.said = self.panel.trouble = None
        self.panel.activity = Activity(text, 0.0, hint)

        def tell(step: str, part: float) -> None:
            self.post_message(Progressed(Activity(f"{text}: {step}", part, hint)))

        def work() -> None:
            try:
                said = call(tell)
            except EksLabError as error:
                said = Said(error.message, Tone.BAD, error.hint)
            self.post_message(Finished(said))

        self._doer = self.run_worker(work, group="do", thread=True, exit_on_error=False)
        self.refresh_bindings()

    @on(Progressed)
    def _progressed(self, event: Progressed) -> None:
        event.stop()
        if self.is_busy:
            self.panel.activity = event.activity

    @on(Finished)
    def _finished(self, event: Finished) -> None:
        event.stop()
        # Without a text it speaks for itself.
        self.panel.said = event.said if event.said.text else None
        self._end()

    def _end(self) -> None:
        self._doer = None
        self.panel.activity = None
        self.look_again()
        self.refresh_bindings()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Free the screen after a defect; the base class, whose handler runs as well, tells the app."""
        if event.worker is self._doer and event.worker.error is not None:
            self._end()

    def stop_doing(self) -> bool:
        """Ask what is under way to end, where it can be ended; say whether there was something."""
        activity = self.panel.activity
        if activity is None or not activity.hint or self._is_over.is_set():
            return False
        self._is_over.set()
        return True
