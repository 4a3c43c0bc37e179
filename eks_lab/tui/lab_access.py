"""What the lab screens ask of whoever runs labs: calls that wait, for worker threads only."""

from __future__ import annotations

from typing import Protocol

from eks_lab.tui.lab_view import LabRow, LabState
from eks_lab.tui.sandbox_access import Tell


class LabAccess(Protocol):
    """The labs as the screens use them; every call may raise an `EksLabError`."""

    def rows(self) -> tuple[LabRow, ...]:
        """Return every lab with the learner's standing, in the order of the course."""
        ...

    def about(self, lab_id: str) -> LabRow:
        """Return one lab with the learner's standing."""
        ...

    def running(self) -> str:
        """Return the id of the lab that runs; empty when none does."""
        ...

    def start(self, lab_id: str, tell: Tell) -> None:
        """Begin a lab in place of what is in the sandbox; a lab that ran is stopped."""
        ...

    def look(self) -> LabState | None:
        """Judge the lab that runs; None when none does."""
        ...

    def hint(self) -> str:
        """Take the next hint and return it; its cost is taken from the points."""
        ...

    def answer(self, check_id: str, text: str) -> None:
        """Answer the question of a check."""
        ...

    def solve(self, tell: Tell) -> str:
        """Have the solution typed step by step; return its steps. The lab brings no points then."""
        ...

    def reset(self, tell: Tell) -> None:
        """Go back to the lab's start."""
        ...

    def stop(self) -> None:
        """End the lab; what was reached is kept."""
        ...

    def close(self) -> None:
        """Hang up; a lab that runs goes on."""
        ...

    def shell(self) -> list[str]:
        """Return the command of an interactive shell in the lab's folder, pointed at the sandbox."""
        ...
