"""Know that an app under test has nothing left to do, instead of sleeping until it seems so.

Textual's pilot takes a process for idle that has used little of the processor in the last 20 ms, and looks twice after
each key: most of the time of the tests of screens was spent asleep, and on a busy machine what looked idle was not.
Here the event loop is asked. Only what it cannot know (another process or machine that will answer, a thread of
somebody else's) is waited for as Textual does.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import thread as pool_threads
from time import monotonic, process_time
from typing import Any

import pytest
import textual._wait
import textual.app
import textual.pilot

SOON_SECONDS = textual._wait.SLEEP_GRANULARITY
"""A timer due sooner is waited for, as Textual's own way would."""
FIRST_LOOK_SECONDS = 0.0005
"""Until the first look at threads that work; each pause is twice the one before, for looking is work as well."""
_by_the_processor: Callable[[float, float], Awaitable[None]] = textual._wait.wait_for_idle
_from_before = frozenset(threading.enumerate())


async def wait_for_idle(min_sleep: float = SOON_SECONDS, max_sleep: float = 1) -> None:
    """Return when nothing is ready, due soon, or being worked on by a thread; the arguments are Textual's own.

    Args:
        min_sleep: seconds to wait at least.
        max_sleep: seconds after which it returns even if there is something to do.
    """
    loop: Any = asyncio.get_running_loop()
    began = monotonic()
    if min_sleep:
        await asyncio.sleep(min_sleep)
    while (left := began + max_sleep - monotonic()) > 0:
        # Once to let happen what is ready, and the look at sockets and pipes that goes with it.
        await asyncio.sleep(0)
        if loop._ready:
            continue
        threads = _threads()
        if len(loop._selector.get_map()) > 1 or any(_is_somebody_elses(thread) for thread in threads):
            await _by_the_processor(0, left)
            return
        if any(_works(thread) for thread in threads):
            if await _hangs(min(left, SOON_SECONDS)):
                return
        elif (due := _due_in(loop)) < SOON_SECONDS:
            await asyncio.sleep(max(due, 0))
        elif not loop._ready:
            return


def ask_the_loop(patch: pytest.MonkeyPatch) -> None:
    """Let the pilots of all apps wait in this way."""
    patch.setattr(textual.app, "wait_for_idle", wait_for_idle)
    patch.setattr(textual.pilot, "wait_for_idle", wait_for_idle)


async def _hangs(seconds: float) -> bool:
    """Wait for the threads of pools; return whether they only wait for something themselves, as Textual's way would tell."""
    until, used, pause = monotonic() + seconds, process_time(), FIRST_LOOK_SECONDS
    while (left := until - monotonic()) > 0:
        await asyncio.sleep(min(pause, left))
        pause *= 2
        if not any(_works(thread) for thread in _threads()):
            return False
    return process_time() - used < textual._wait.SLEEP_IDLE * seconds / SOON_SECONDS


def _due_in(loop: Any) -> float:
    """Return the seconds until the next timer of a loop."""
    times = [handle.when() for handle in loop._scheduled if not handle.cancelled()]
    return min(times) - loop.time() if times else float("inf")


def _threads() -> list[threading.Thread]:
    """Return the threads that came since the tests were loaded, without this one."""
    here = threading.current_thread()
    return [thread for thread in threading.enumerate() if thread is not here and thread not in _from_before]


def _is_somebody_elses(thread: threading.Thread) -> bool:
    """Return whether a thread is not one of a pool, so that nobody knows what it waits for."""
    return thread not in pool_threads._threads_queues


def _works(thread: threading.Thread) -> bool:
    """Return whether a thread of a pool has something to do."""
    queue = pool_threads._threads_queues.get(thread)
    if queue is None or thread.ident is None:
        return False
    if queue.qsize():
        return True
    # A thread that waits for work stands in the pool's own loop; one that works is further in.
    frame = sys._current_frames().get(thread.ident)
    return frame is not None and frame.f_code is not pool_threads._worker.__code__
