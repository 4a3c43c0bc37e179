"""What the doctor finds, and what it may ask of a machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Status = Literal["ok", "warn", "missing"]
PortState = Literal["free", "taken", "unknown"]


@dataclass(frozen=True, slots=True)
class Check:
    """One finding."""

    group: str
    """Heading it is listed under: `Terminal`, `Program`, `Tools` or `Ports`."""
    name: str
    """What was looked at."""
    status: Status
    """`ok`, `warn` (works, with something to know) or `missing`."""
    found: str
    """What is there, in a few words."""
    needed_for: str
    """What the learner cannot do without it."""
    how_to_get: str = ""
    """The next step when it is not ok."""
    required: bool = False
    """Whether the course cannot be read without it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of running a command."""

    exit_code: int | None
    """None when it could not be started or gave no answer in time."""
    output: str
    """What it printed to standard output."""
    errors: str = ""
    """What it printed to standard error, or why it did not run."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine as the checks see it: values and questions, so that tests can be any machine."""

    system: str
    """`Linux`, `Darwin` or `Windows`."""
    environment: Mapping[str, str]
    """Environment variables."""
    terminal_size: tuple[int, int] | None
    """Columns and rows; None where there is no terminal."""
    output_encoding: str
    """Encoding of standard output."""
    python_version: tuple[int, int, int]
    """Of the interpreter that runs the program."""
    find_program: Callable[[str], Path | None]
    """Where a command is: on PATH, else in the program's own environment."""
    run: Callable[[Sequence[str]], Outcome]
    """Run a command that looks only; comes back within seconds."""
    port_state: Callable[[int], PortState]
    """Whether a port of 127.0.0.1 can be listened on."""
    package_version: Callable[[str], str | None]
    """Version of an installed Python package, or None."""
    is_writable: Callable[[Path], bool]
    """Whether something that exists may be written."""
    free_bytes: Callable[[Path], int]
    """Free space of the disk that holds an existing folder; raises OSError."""
