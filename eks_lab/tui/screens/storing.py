"""A watching screen whose every key is stored at once: in order, by a worker, and nobody waits for it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import on
from textual.message import Message

from eks_lab.errors import EksLabError
from eks_lab.learning.exams.sitting import NotRunningError, TimeOverError
from eks_lab.tui.sandbox_view import Said
from eks_lab.tui.screens.base import Result
from eks_lab.tui.screens.watching import WatchingScreen
from eks_lab.tui.status_rows import Tone

if TYPE_CHECKING:
    from textual.worker import Worker


class Sent(Message):
    """A worker has stored what was to be stored."""


class NotSent(Message):
    """A worker could not store something."""

    def __init__(self, error: EksLabError) -> None:
        """Carry the reason to the event loop.

        Args:
            error: why.
        """
        super().__init__()
        self.error = error


class StoringScreen(WatchingScreen[Result]):
    """Looks anew when everything is stored; what comes too late is left to that look."""

    def __init__(self, *, name: str) -> None:
        """Have nothing to store.

        Args:
            name: of the screen.
        """
        super().__init__(name=name)
        self._to_send: deque[Callable[[], object]] = deque()
        self._sender: Worker[None] | None = None

    @property
    def is_sending(self) -> bool:
        """Whether something is still on its way to the disk."""
        return bool(self._to_send)

    def send(self, call: Callable[[], object]) -> None:
        """Have something stored; calls keep their order.

        Args:
            call: stores it, from a worker thread.
        """
        self._to_send.append(call)
        self.send_all()

    def send_all(self) -> None:
        """Go on with what waits, if nobody does."""
        if self._to_send and (self._sender is None or self._sender.is_finished):
            self._sender = self.run_worker(self._drain, thread=True, group="send", exit_on_error=False)

    def send_quietly(self, call: Callable[[], object]) -> None:
        """Have something done that takes long, beside what is stored.

        Args:
            call: does it, from a worker thread of its own.
        """
        self.run_worker(lambda: self._try(call), thread=True, group="beside", exit_on_error=False)

    def not_sent(self) -> None:
        """Prepare to store again what could not be stored; subclasses know what."""

    def _drain(self) -> None:
        while self._to_send:
            try:
                self._try(self._to_send[0])
            finally:
                self._to_send.popleft()
        self.post_message(Sent())

    def _try(self, call: Callable[[], object]) -> None:
        try:
            call()
        except (TimeOverError, NotRunningError):
            # The next look says so.
            return
        except EksLabError as error:
            self.post_message(NotSent(error))

    @on(Sent)
    def _sent(self, event: Sent) -> None:
        event.stop()
        self.send_all()
        self.look_again()

    @on(NotSent)
    def _not_sent(self, event: NotSent) -> None:
        event.stop()
        self.panel.said = Said(event.error.message, Tone.BAD, event.error.hint)
        self.not_sent()
