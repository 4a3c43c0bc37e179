"""Entry point of the process: `python -m eks_lab.sandbox`, started by `eks_lab.sandbox.launch`.

Says on standard output, in one line of JSON, that it is ready or why it will not be.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import logging
import logging.handlers
import os
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from eks_lab.errors import EksLabError
from eks_lab.sandbox.collection import collect_rarely

LOG_BYTES = 5_000_000
LOCK_TRIES = 20
LOCK_PAUSE_SECONDS = 0.05


def main(arguments: list[str]) -> int:
    """Run until stopped.

    Args:
        arguments: the state directory, and the wishes as JSON.
    """
    # Nothing of what is imported and wired goes again; looking for cycles in it would take a fifth of a second.
    gc.disable()
    root, wishes = Path(arguments[0]), json.loads(arguments[1])
    try:
        _run(root, wishes)
    except EksLabError as error:
        _say({"error": error.message, "hint": error.hint, "code": error.exit_code})
        return error.exit_code
    except Exception as error:
        logging.getLogger(__name__).exception("the sandbox failed")
        _say({"error": f"{type(error).__name__}: {error}", "hint": "", "code": 70})
        return 70
    return 0


def _run(root: Path, document: dict[str, Any]) -> None:
    from eks_lab.sandbox.process_lock import ProcessLock
    from eks_lab.sandbox.state_directory import StateDirectory

    directory = StateDirectory(root)
    directory.create()
    lock = ProcessLock(directory.lock)
    for _ in range(LOCK_TRIES):
        # Somebody who asks whether the lock is held holds it for a moment.
        if lock.acquire():
            break
        threading.Event().wait(LOCK_PAUSE_SECONDS)
    else:
        _say({"already": True})
        return
    try:
        # Of a process that was killed: whoever waits for this one would take its ports for ours.
        with contextlib.suppress(OSError):
            directory.process.unlink(missing_ok=True)
        _log_to(directory.log)
        _serve(directory, document)
    finally:
        lock.release()


def _serve(directory: Any, document: dict[str, Any]) -> None:
    from eks_lab.clock import SystemClock
    from eks_lab.sandbox.daemon import Sandbox, Wishes

    wishes = Wishes(**document)
    logging.getLogger(__name__).info("starting with %s", asdict(wishes))

    async def serve() -> None:
        sandbox = Sandbox(directory, SystemClock(), wishes)
        # What start-up made stays: collections need not look at it, not even once.
        collect_rarely()
        await sandbox.run(_say)

    with asyncio.Runner(loop_factory=_loop) as runner:
        runner.run(serve())


def _loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def _log_to(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        handler = logging.handlers.RotatingFileHandler(
            path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8"
        )
    except OSError as error:
        from eks_lab.sandbox.state_directory import unwritable

        raise unwritable(path, error) from error
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def _say(document: dict[str, Any]) -> None:
    """Write the one line, then let go of standard output: whoever started us may be gone."""
    if sys.stdout.closed:
        return
    try:
        sys.stdout.write(json.dumps(document) + "\n")
        sys.stdout.flush()
    except OSError:
        pass
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
