"""Writes to the learner's record off the event loop, one after the other, and all of them before the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from textual.app import App
    from textual.worker import WorkType

Written = TypeVar("Written")


class Recorder:
    """A queue of writes with one thread behind it."""

    def __init__(self, app: App[Any]) -> None:
        """Serve an app.

        Args:
            app: runs what follows a write, and hears of failures through its workers.
        """
        self._app = app
        self._last: list[Future[Any]] = []
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="record")

    def record(self, write: Callable[[], Written], then: Callable[[Written], None] | None = None) -> None:
        """Queue a write.

        Args:
            write: does it, in the thread; an error becomes that of a worker of the app.
            then: gets the result, on the event loop.
        """
        future = self._writer.submit(write)
        if self._app.is_running:
            # A function, not a coroutine: one that never gets to start must not be left behind.
            work: WorkType[None] = partial(self._after, future, then)
            self._app.run_worker(work, group="record", exit_on_error=False)
        else:
            # The last writes of a program that ends: nobody waits for them but `close`.
            self._last.append(future)

    async def _after(self, future: Future[Written], then: Callable[[Written], None] | None) -> None:
        result = await asyncio.wrap_future(future)
        if then is not None:
            then(result)

    def close(self) -> list[BaseException]:
        """Wait for what is queued, stop, and return what went wrong with the last writes."""
        self._writer.shutdown(wait=True)
        return [error for future in self._last if (error := future.exception()) is not None]
