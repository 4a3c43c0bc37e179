"""Everything that actions and checks work with while a lab runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol

from eks_lab.errors import EksLabError
from eks_lab.grading.lab_file import Lab
from eks_lab.grading.target import Done, Target
from eks_lab.grading.workspace import Workspace


class StepError(EksLabError):
    """An action of a lab failed."""


class RunsCourse(Protocol):
    """Runs `eks-lab …` of this program in process."""

    def __call__(self, words: list[str], folder: str) -> Done:
        """Run a command line.

        Args:
            words: after `eks-lab`.
            folder: where.
        """
        ...


@dataclass
class Stage:
    """One run of a lab."""

    lab: Lab
    target: Target
    workspace: Workspace
    answers: dict[str, str] = field(default_factory=dict)
    """Check id -> what the learner answered."""
    remembered: dict[str, str] = field(default_factory=dict)
    """Name -> what a command printed."""
    course: RunsCourse | None = None
    """Runs eks-lab's own commands; None where nobody does."""
    typed: Callable[[str], None] = lambda _line: None
    """Told of each line that a learner would type, before it is done."""
    today: date = date(2026, 11, 23)
    """Decides which Kubernetes versions the checker takes for supported."""

    def wait(
        self, holds: Callable[[], bool], most: timedelta, step: timedelta = timedelta(seconds=2)
    ) -> bool:
        """Let simulated time run until something holds.

        Args:
            holds: what is waited for.
            most: longest simulated time.
            step: between two looks; it grows while nothing happens.

        Returns:
            Whether it holds.
        """
        left = most
        while not holds():
            if left <= timedelta(0):
                return False
            by = min(step, left)
            self.target.advance(by)
            left -= by
            step = min(step * 1.5, timedelta(seconds=20))
        return True
