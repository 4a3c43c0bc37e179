"""A rule of the checker: its stable id, how bad it is, what to write instead and where to read on."""

from __future__ import annotations

from dataclasses import dataclass

from eks_lab.checker.model import Finding, Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing the checker looks for."""

    id: str
    """`eks-single-nat`; stable for ever."""
    severity: Severity
    """How bad it is."""
    summary: str
    """What it finds and why that matters, for the list of rules."""
    fix: str
    """One sentence: what to write."""
    lesson: str = ""
    """Id of the lesson that explains it."""

    def at(
        self, file: str, line: int, message: str, *, fix: str = "", severity: Severity | None = None
    ) -> Finding:
        """Return a finding of this rule.

        Args:
            file: as the learner named it.
            line: counted from 1; 0 for the whole file.
            message: one sentence that names the place and the value.
            fix: what to write here; that of the rule when empty.
            severity: when it is milder here than the rule says.
        """
        return Finding(
            file=file,
            line=line,
            rule=self.id,
            severity=severity or self.severity,
            message=message,
            fix=fix or self.fix,
            lesson=self.lesson,
        )


ERROR = Severity.ERROR
WARNING = Severity.WARNING
NOTE = Severity.NOTE
