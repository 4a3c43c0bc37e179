"""What a check says about an author's file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at a line of a text whose file the finder does not know."""

    line: int
    rule: str
    message: str
    fix: str
    severity: Severity = "error"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something wrong in a file: where, what, and what to write."""

    path: str
    """Relative to the checked folder, with forward slashes."""
    line: int
    """From 1."""
    rule: str
    """Stable id, such as `link-lesson`."""
    message: str
    """What is wrong, with the offending value."""
    fix: str
    """What to write instead."""
    severity: Severity = "error"
    """Warnings do not fail the check."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.severity}: {self.message} [{self.rule}]\n    {self.fix}"


def locate(path: str, problem: Problem) -> Finding:
    """Return the finding for a problem in a file."""
    return Finding(path, problem.line, problem.rule, problem.message, problem.fix, problem.severity)
