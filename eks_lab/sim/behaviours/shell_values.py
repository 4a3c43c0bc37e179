"""What commands of the simulated shell share: numbers, escapes, waiting for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eks_lab.sim.behaviours.shell import Shell

FOREVER = 3600.0
"""Period in seconds of a loop in which nothing happens."""


def escaped(text: str) -> str:
    """Return a text with the escapes of newline, tab and backslash filled in."""
    for mark, value in (("\\n", "\n"), ("\\t", "\t"), ("\\\\", "\\")):
        text = text.replace(mark, value)
    return text


def forever(shell: Shell, busy: float = 0.0) -> int:
    """Let a command go on for ever without printing anything.

    Args:
        shell: which runs it.
        busy: cores it keeps busy.

    Raises:
        Endless: always.
    """
    from eks_lab.sim.behaviours.shell import Endless

    shell.timeline.loop_at, shell.timeline.period = shell.at, FOREVER
    shell.timeline.rounds, shell.timeline.busy = [], busy * FOREVER
    raise Endless


def number(text: str) -> int:
    """Return a whole number; 0 for what is none."""
    text = text.strip()
    digits = text.removeprefix("-")
    return int(text) if digits.isdecimal() and len(digits) < 19 else 0
