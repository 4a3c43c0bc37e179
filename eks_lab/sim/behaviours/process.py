"""One run of a container: what it logs, uses and answers at any moment, and when it ends."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Exit:
    """How a run ends."""

    after: float
    """Seconds since its start."""
    code: int
    reason: str = ""
    """OOMKilled, or empty: Completed for code 0, else Error."""


@dataclass(slots=True)
class Process:
    """A run."""

    end: Exit | None = None
    stop_after: float | None = 0.1
    """Seconds from SIGTERM to its end; None when it ignores the signal."""
    stop_code: int = 0
    note: str = ""
    """Said in an event when it starts."""

    def ending(self, seconds: float) -> Exit | None:
        """Return its end when it is known at a moment of its life; None while it goes on."""
        return self.end

    def look_again(self, seconds: float) -> float | None:
        """Return when, in seconds of its life, its end may be known better; None when never."""
        return None

    def exec_seconds(self, command: list[str]) -> float:
        """Return how long a command takes inside."""
        return 0.0
