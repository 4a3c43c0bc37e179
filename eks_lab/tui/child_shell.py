"""Runs one command line in a shell of its own: output as it comes, limits, and an end for all it started."""

from __future__ import annotations

import codecs
import contextlib
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from eks_lab.errors import UnavailableError
from eks_lab.tui.try_access import Ending, Reason

LOOK_EVERY_SECONDS = 0.05
"""Between two looks at whether the learner has had enough."""
GRACE_SECONDS = 1.0
"""Between asking a process group to end and ending it."""
DRAIN_SECONDS = 0.5
"""For what is still in the pipe when a line has ended."""
_CHUNK = 64 * 1024
# Variables and the folder are carried from one line to the next, as in one shell; functions and aliases are not.
# What the line assigns is exported (`set -a`), because only exported variables can be listed in a form that is read back.
_SCRIPT = """
__state=$1 __line=$2
shift 2
[ ! -f "$__state/variables" ] || . "$__state/variables"
[ ! -f "$__state/folder" ] || cd "$(cat "$__state/folder")" 2>/dev/null || :
trap 'set -- "$?"; export -p > "$__state/variables"; pwd > "$__state/folder"; exit "$1"' EXIT
set -a
eval "$__line"
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one command may take."""

    seconds: float = 60.0
    """Wall time after which it is ended."""
    kept_bytes: int = 256 * 1024
    """Output that is handed on; the rest is counted."""
    printed_bytes: int = 16 * 1024 * 1024
    """Output after which it is ended."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a line is run."""

    folder: Path
    """Where the first line of a run begins."""
    environment: Mapping[str, str]
    """All of its variables."""
    state: Path
    """A folder of the run: what a line leaves for the next one."""


def run_line(
    line: str,
    around: Surroundings,
    hear: Callable[[str], None],
    is_over: Callable[[], bool],
    limits: Limits,
) -> Ending:
    """Run a command line with `sh` to its end; it reads nothing.

    Args:
        line: as it is typed; it may have several lines.
        around: where.
        hear: takes what it prints, standard error included, as it comes.
        is_over: asked all the while; a yes ends the line and all it started.
        limits: of time and output.

    Raises:
        UnavailableError: there is no shell, or it cannot be started.
    """
    shell = shutil.which("sh")
    if shell is None or os.name != "posix":
        raise UnavailableError(
            "there is no shell `sh` on this machine", hint="Copy the commands with c and run them elsewhere."
        )
    began = time.monotonic()
    try:
        process = subprocess.Popen(
            [shell, "-c", _SCRIPT, "sh", str(around.state), line],
            cwd=around.folder,
            env=dict(around.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise UnavailableError(f"{shell} cannot be started: {error.strerror or error}") from error
    output = _Output(hear, limits)
    try:
        reason = _watched(process, output, began + limits.seconds, is_over)
    finally:
        _end(process)
    return Ending(_code(process.returncode), time.monotonic() - began, reason, output.dropped)


class _Output:
    """Hands on what may be kept and counts the rest."""

    def __init__(self, hear: Callable[[str], None], limits: Limits) -> None:
        self._hear = hear
        self._limits = limits
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self.printed = 0

    @property
    def dropped(self) -> int:
        return max(0, self.printed - self._limits.kept_bytes)

    @property
    def is_too_much(self) -> bool:
        return self.printed > self._limits.printed_bytes

    def take(self, chunk: bytes) -> None:
        kept = chunk[: max(0, self._limits.kept_bytes - self.printed)]
        self.printed += len(chunk)
        text = self._decoder.decode(kept)
        if text:
            self._hear(text)


def _watched(
    process: subprocess.Popen[bytes], output: _Output, latest: float, is_over: Callable[[], bool]
) -> Reason:
    """Read what a process prints until it has ended, or has to."""
    assert process.stdout is not None
    pipe = process.stdout.fileno()
    is_open, has_ended = True, False
    while True:
        if not has_ended and process.poll() is not None:
            # What it printed last is still in the pipe; what it left behind may hold that open and go on printing.
            has_ended, latest = True, time.monotonic() + DRAIN_SECONDS
        wait = 0.0 if has_ended else LOOK_EVERY_SECONDS
        if is_open and select.select([pipe], [], [], wait)[0]:
            chunk = os.read(pipe, _CHUNK)
            is_open = bool(chunk)
            output.take(chunk)
        elif has_ended:
            return ""
        elif not is_open:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(LOOK_EVERY_SECONDS)
        if is_over():
            return "stopped"
        if output.is_too_much:
            return "output"
        if time.monotonic() > latest:
            return "" if has_ended else "time"


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and whatever it started that is still there."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
    assert process.stdout is not None
    process.stdout.close()


def _code(returncode: int) -> int:
    """Return an exit code as a shell has it."""
    return returncode if returncode >= 0 else 128 - returncode
