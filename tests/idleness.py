"""Know that an app under test has nothing left to do, instead of sleeping until it seems so.

Textual's pilot takes a process for idle that has used little of the processor in the last 20 ms, and looks twice after
each key: most of the time of the tests of screens was spent asleep, and on a busy machine what looked idle was not.
Here the event loop is asked. Only what it cannot know (another process or machine that will answer, a thread of
somebody else's) is waited for as Textual does.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import thread as pool_threads
from pathlib import Path
from time import monotonic, process_time, thread_time
from typing import Any

import pytest
import textual._wait
import textual.app
import textual.notifications
import textual.pilot

PATIENCE_SECONDS = 60.0
"""A machine that is busy may take seconds for what is ready; only an app that never comes to rest takes so long."""
ELSEWHERE_SECONDS = 1.0
"""What the event loop cannot know is waited for so long at most, as Textual does."""
SOON_SECONDS = textual._wait.SLEEP_GRANULARITY
"""A timer due sooner is waited for, as Textual's own way would."""
STAY_SECONDS = 3600.0
"""For how much longer than it should a message stays."""
FIRST_LOOK_SECONDS = 0.0005
"""Until the first look at threads that work; each pause is twice the one before, for looking is work as well."""
_TASKS = Path("/proc/self/task")
"""What Linux tells about the threads of this process."""
_by_the_processor: Callable[[float, float], Awaitable[None]] = textual._wait.wait_for_idle
_from_before = frozenset(threading.enumerate())


async def wait_for_idle(min_sleep: float = SOON_SECONDS, max_sleep: float = PATIENCE_SECONDS) -> None:
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
            await _by_the_processor(0, min(left, ELSEWHERE_SECONDS))
            # It takes a process for idle that has used no processor; on a busy machine it may have been given none.
            if not loop._ready and not _another_wants_the_processor():
                return
            if monotonic() - began >= ELSEWHERE_SECONDS:
                return
            continue
        if any(_works(thread) for thread in threads):
            if await _hangs():
                return
        elif (due := _due_in(loop)) < SOON_SECONDS:
            await asyncio.sleep(max(due, 0))
        elif not loop._ready:
            return


def ask_the_loop(patch: pytest.MonkeyPatch) -> None:
    """Let the pilots of all apps wait in this way."""
    patch.setattr(textual.app, "wait_for_idle", wait_for_idle)
    patch.setattr(textual.pilot, "wait_for_idle", wait_for_idle)


def keep_messages(patch: pytest.MonkeyPatch) -> None:
    """Let messages that come and go stay for longer than any test takes: five seconds are little on a busy machine."""
    patch.setattr(
        textual.notifications.Notification, "time_left", property(lambda self: self.timeout + STAY_SECONDS)
    )


async def _hangs() -> bool:
    """Wait for the threads of pools; return whether they only wait for something themselves, as Textual's way would tell."""
    used, pause = _used_by_others(), FIRST_LOOK_SECONDS
    # So many looks, not so many milliseconds: a machine that is busy may take the processor away for longer than that,
    # and a thread that was not given it has had no chance to show that it works.
    while pause < SOON_SECONDS:
        await asyncio.sleep(pause)
        pause *= 2
        if not any(_works(thread) for thread in _threads()) or _another_wants_the_processor():
            return False
    return _used_by_others() - used < textual._wait.SLEEP_IDLE


def _used_by_others() -> float:
    """Return the seconds for which the other threads of this process have had the processor."""
    return process_time() - thread_time()


def _another_wants_the_processor() -> bool:
    """Return whether another thread has the processor, waits for it or for a disk; False where nobody can tell."""
    here = str(threading.get_native_id())
    for thread in _TASKS.glob("[0-9]*"):
        # A thread may end between the two looks.
        with contextlib.suppress(OSError):
            if thread.name != here and (thread / "stat").read_text().rpartition(")")[2].split()[0] in "RD":
                return True
    return False


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
