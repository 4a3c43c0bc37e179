"""What the checker answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    """It would be refused, or would not run."""
    WARNING = "warning"
    """It would run, and hurt later: security, availability, cost."""
    NOTE = "note"
    """Worth knowing."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that is wrong, where, and what to write instead."""

    file: str
    """As the learner named it."""
    line: int
    """Counted from 1; 0 when it concerns the whole file."""
    rule: str
    """`tf-reference-type`, `k8s-unknown-field`, `eks-single-nat` …; stable for ever."""
    severity: Severity
    message: str
    """One sentence that names the place and the value."""
    fix: str
    """One sentence: what to write."""
    lesson: str = ""
    """Id of the lesson that explains it."""


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """What to judge against."""

    today: date
    """Decides which Kubernetes versions are supported."""
    kubernetes_version: str = ""
    """`1.36`; empty means the newest that the catalogue knows."""
    whole_set: bool = True
    """True when the files are everything there is: a name nobody defines is then a finding."""


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of one run."""

    findings: tuple[Finding, ...]
    """Sorted by file, line and rule."""
    files: tuple[str, ...]
    """What was read."""
    unreadable: tuple[Finding, ...] = ()
    """Files that could not be judged, with the reason; they make the exit code 2."""
