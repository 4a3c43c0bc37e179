"""Judges a lab: which checks hold, and how many points that makes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from eks_lab.grading.checks import look, otherwise_text
from eks_lab.grading.model import FULL_AWARD, Check
from eks_lab.grading.stage import Stage
from eks_lab.grading.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """One check as it stands now."""

    check: Check
    holds: bool
    observed: str
    """What was seen."""

    @property
    def says(self) -> str:
        """Return what to tell the learner while it does not hold; empty when it does."""
        return "" if self.holds else otherwise_text(self.check, Verdict(self.holds, self.observed))


def judge(stage: Stage) -> tuple[Judged, ...]:
    """Return every check of the stage's lab; nothing is changed.

    Args:
        stage: the running lab.

    Raises:
        UnavailableError: cluster or account do not answer.
    """
    found = []
    for check in stage.lab.file.checks:
        verdict = look(check, stage)
        found.append(Judged(check, verdict.holds, verdict.observed))
    return tuple(found)


def is_solved(judged: Iterable[Judged]) -> bool:
    """Return whether every check holds."""
    return all(each.holds for each in judged)


def points(judged: Iterable[Judged], hint_costs: Iterable[int] = ()) -> int:
    """Return the points: weights of checks that hold, less what hints cost, never below zero."""
    earned = sum(each.check.weight for each in judged if each.holds)
    return max(0, min(earned, FULL_AWARD) - sum(hint_costs))
