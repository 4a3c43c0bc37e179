"""`absent`: Kubernetes objects that must not be there."""

from __future__ import annotations

from typing import Any

from eks_lab.content.queries import AbsentQuery
from eks_lab.grading.checks.expectation import listed
from eks_lab.grading.checks.resource import described, objects_of
from eks_lab.grading.stage import Stage
from eks_lab.grading.verdict import Verdict


def look(value: AbsentQuery, stage: Stage, check: str) -> Verdict:
    """Look for objects.

    Args:
        value: which.
        stage: where.
        check: not needed.
    """
    del check
    return judged(value, objects_of(value, stage))


def judged(query: AbsentQuery, objects: list[dict[str, Any]]) -> Verdict:
    """Return whether there are none.

    Args:
        query: which.
        objects: those that were found.
    """
    return Verdict(not objects, listed(objects) if objects else f"no {described(query)}")
