"""Starts and ends the sandbox process."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from eks_lab.errors import DataError, EksLabError, InputError, UnavailableError
from eks_lab.sandbox.client import Client, Process, running
from eks_lab.sandbox.process_identity import identity_of
from eks_lab.sandbox.process_lock import is_held
from eks_lab.sandbox.state_directory import StateDirectory

START_SECONDS = 60.0
STOP_SECONDS = 15.0
DYING_SECONDS = 3.0
POLL_SECONDS = 0.01

_ERRORS: dict[int, type[EksLabError]] = {2: InputError, 3: UnavailableError, 4: DataError}


def start(directory: StateDirectory, wishes: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """Start the process unless it runs, and wait until clients can connect.

    Args:
        directory: of the sandbox; made when it is missing.
        wishes: `nodes`, `instance`, `version`, `seed`, `speed`, `port`; what is missing takes what is kept,
            or the default.

    Returns:
        The sandbox's status, and whether this call started it.

    Raises:
        EksLabError: it cannot run as wished; the message says why.
    """
    directory.create()
    if is_held(directory.lock):
        try:
            return _joined(directory, wishes), False
        except UnavailableError:
            # A killed process lets go of its lock a moment after its sockets.
            if not _wait(lambda: not is_held(directory.lock), DYING_SECONDS):
                raise
    command = [sys.executable, "-m", "eks_lab.sandbox", str(directory.root), json.dumps(wishes)]
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        cwd="/" if os.name == "posix" else None,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        answer = _first_line(process)
        if answer.get("already") or "error" in answer:
            process.wait(STOP_SECONDS)
    finally:
        process.stdout.close()
        process.stderr.close()
        # It goes on without us; forgetting it here spares a warning about a child that still runs.
        process.returncode = process.returncode if process.returncode is not None else 0
    if answer.get("already"):
        return _joined(directory, wishes), False
    if "error" in answer:
        kind = _ERRORS.get(answer["code"], EksLabError)
        hint = answer["hint"] or f"Its log is {directory.log}."
        raise kind(answer["error"], hint=hint)
    return answer, True


def stop(directory: StateDirectory) -> bool:
    """End the process and wait until it is gone; one that does not answer is killed.

    Returns:
        False when none ran.

    Raises:
        UnavailableError: it cannot be ended.
    """
    process = running(directory)
    if process is None:
        if is_held(directory.lock):
            process = _awaited(directory)
        if process is None:
            return False
    try:
        Client(directory, process).stop()
    except EksLabError:
        _signal(process, signal.SIGTERM)

    def is_gone() -> bool:
        return not is_held(directory.lock) and identity_of(process.pid) != process.identity

    if not _wait(is_gone, STOP_SECONDS):
        _signal(process, getattr(signal, "SIGKILL", signal.SIGTERM))
        if not _wait(is_gone, STOP_SECONDS):
            raise UnavailableError(f"process {process.pid} does not end", hint=f"Its log is {directory.log}.")
    if running(directory) is None:  # somebody may have started another one by now
        directory.process.unlink(missing_ok=True)
    return True


def forget(directory: StateDirectory) -> None:
    """Remove the kept account and clusters of a sandbox that does not run; keys, ports and log stay.

    Raises:
        DataError: it cannot be removed.
    """
    try:
        for folder in (directory.clusters, directory.account):
            if folder.exists():
                shutil.rmtree(folder)
    except OSError as error:
        raise DataError(f"{directory.root}: cannot be removed: {error.strerror or error}") from error


def _joined(directory: StateDirectory, wishes: dict[str, Any]) -> dict[str, Any]:
    """Return the status of the sandbox that runs already, if it is what is wished for."""
    process = _awaited(directory)
    if process is None:
        raise UnavailableError(
            "another sandbox process holds the state directory but does not say where it listens",
            hint=f"Its log is {directory.log}.",
        )
    status = Client(directory, process).status()
    options = status["options"]
    changed = [name for name in options if wishes.get(name) is not None and wishes[name] != options[name]]
    if changed:
        wanted = " ".join(f"--{name} {wishes[name]}" for name in changed)
        raise InputError(
            f"the sandbox runs already with {' and '.join(f'{name} {options[name]}' for name in changed)}",
            hint=f"Go on with it, or begin anew: eks-lab sandbox reset {wanted}",
        )
    return status


def _awaited(directory: StateDirectory) -> Process | None:
    """Return the running process; one that is just starting or ending is waited for."""
    found: list[Process] = []

    def has_come() -> bool:
        process = running(directory)
        if process is not None:
            found.append(process)
        return bool(found) or not is_held(directory.lock)

    _wait(has_come, START_SECONDS)
    return found[0] if found else None


def _first_line(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    assert process.stdout is not None
    assert process.stderr is not None
    if os.name == "posix":
        readable, _, _ = select.select([process.stdout], [], [], START_SECONDS)
        if not readable:
            process.kill()
            raise UnavailableError(f"the sandbox was not ready after {START_SECONDS:g} s")
    line = process.stdout.readline()
    if line:
        answer: dict[str, Any] = json.loads(line)
        return answer
    process.wait()
    last = process.stderr.read().decode(errors="replace").strip().splitlines()[-1:]
    raise UnavailableError(
        f"the sandbox ended before it was ready (exit code {process.returncode}): {' '.join(last)}"
    )


def _signal(process: Process, number: int) -> None:
    """Send a signal, unless the number belongs to another process by now."""
    if process.identity and identity_of(process.pid) == process.identity:
        try:
            os.kill(process.pid, number)
        except ProcessLookupError:
            return


def _wait(is_done: Callable[[], bool], seconds: float) -> bool:
    pause = threading.Event()
    end = time.monotonic() + seconds
    while not is_done():
        if time.monotonic() > end:
            return False
        pause.wait(POLL_SECONDS)
    return True
