"""Runs a command that may wait for something only simulated time can bring, and lets that time pass."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from eks_lab.errors import UnavailableError
from eks_lab.grading.target import Done

TICK_SECONDS = 0.015
"""Between two looks at a command that has not ended."""
SHORTEST_STEP, LONGEST_STEP = timedelta(seconds=1), timedelta(seconds=2)
"""Simulated time that passes at each look at a command that waits; longer steps run away from commands that poll in wall
time: kubectl drain asks every second, and five seconds after a refused eviction."""
LONGEST_COMMAND = timedelta(minutes=30)
"""Simulated time after which a command that still waits is ended."""
STUCK_SECONDS = 60.0
"""Wall time after which any command is ended."""
ENDED = 124
"""Exit code of a command that was ended, as of timeout(1)."""


def run_patiently(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    stdin: str,
    *,
    is_waiting: Callable[[float], bool],
    advance: Callable[[timedelta], None],
) -> Done:
    """Run a command to its end.

    Args:
        command: program and arguments.
        folder: where it runs.
        environment: all of its variables.
        stdin: what it reads.
        is_waiting: given the wall seconds it has run for, says whether it seems to wait for simulated time.
        advance: plays simulated time.

    Raises:
        UnavailableError: it cannot be started.
    """
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise UnavailableError(f"{command[0]} cannot be started: {error.strerror or error}") from error
    began, played, step = time.monotonic(), timedelta(0), SHORTEST_STEP
    waiting_input: str | None = stdin
    while True:
        try:
            out, err = process.communicate(waiting_input, timeout=TICK_SECONDS)
        except subprocess.TimeoutExpired:
            # What was given once is sent on by itself.
            waiting_input = None
        else:
            return Done(process.returncode, out, err)
        waited = time.monotonic() - began
        if played >= LONGEST_COMMAND or waited > STUCK_SECONDS:
            process.kill()
            out, err = process.communicate()
            return Done(ENDED, out, f"{err}the command was ended: it waits for ever")
        if is_waiting(waited):
            advance(step)
            played += step
            step = min(step * 1.5, LONGEST_STEP)
