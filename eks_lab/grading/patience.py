"""Runs a command that may wait for something only simulated time can bring, and lets that time pass."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from eks_lab.content.duration import parse_duration
from eks_lab.errors import InputError, UnavailableError
from eks_lab.grading.target import Done

TICK_SECONDS = 0.015
"""Between two looks at a command that has not ended."""
SHORTEST_STEP, LONGEST_STEP = timedelta(seconds=1), timedelta(seconds=2)
"""Simulated time that passes at each look at a command that waits; longer steps run away from commands that poll in wall
time: kubectl drain asks every second, and five seconds after a refused eviction."""
LONGEST_COMMAND = timedelta(minutes=30)
"""Simulated time after which a command that still waits is ended."""
LEAST_SECONDS = 1.0
"""Wall time that a command has in any case, however much simulated time it was given."""
LEAST_DRAIN_SECONDS = 6.0
"""The same for kubectl drain, which asks again five seconds after a refused eviction, watching nothing."""
STUCK_SECONDS = 60.0
"""Wall time after which any command is ended."""
ENDED = 124
"""Exit code of a command that was ended, as of timeout(1)."""
_TIMEOUT = re.compile(r"--timeout=(\S+)")


def longest_wait(command: Sequence[str]) -> timedelta:
    """Return the simulated time after which a command is ended: its own `--timeout`, which it counts in wall time."""
    for word in command:
        match = _TIMEOUT.fullmatch(word)
        if match:
            try:
                return min(parse_duration(match.group(1)), LONGEST_COMMAND) or LONGEST_COMMAND
            except InputError:
                break
    return LONGEST_COMMAND


def run_patiently(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    stdin: str,
    *,
    is_waiting: Callable[[float], bool],
    advance: Callable[[timedelta], None],
    longest: timedelta = LONGEST_COMMAND,
) -> Done:
    """Run a command to its end.

    Args:
        command: program and arguments.
        folder: where it runs.
        environment: all of its variables.
        stdin: what it reads.
        is_waiting: given the wall seconds it has run for, says whether it seems to wait for simulated time.
        advance: plays simulated time.
        longest: simulated time after which the command is ended.

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
    longest = min(longest, longest_wait(command))
    least = LEAST_DRAIN_SECONDS if "drain" in command else LEAST_SECONDS
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
        is_late = played >= longest
        if (is_late and waited > least) or waited > STUCK_SECONDS:
            process.kill()
            out, err = process.communicate()
            return Done(ENDED, out, f"{err}the command was ended: it waits for ever")
        if not is_late and is_waiting(waited):
            advance(step)
            played += step
            step = min(step * 1.5, LONGEST_STEP)
