"""Facts about the learner's own sandbox for interview questions: whether one can be asked, and what it names.

Reads only; nothing of the learner's is changed, and simulated time stands where it stood.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from eks_lab.content.items.model import RecallItem
from eks_lab.content.queries import Query, ResourceQuery
from eks_lab.errors import ContentError
from eks_lab.grading.checks import look
from eks_lab.grading.checks.resource import objects_of
from eks_lab.grading.kubernetes_client import StatusError
from eks_lab.grading.lab_file import Lab
from eks_lab.grading.model import LabFile
from eks_lab.grading.pack import Pack
from eks_lab.grading.query_kinds import given_kinds, parts
from eks_lab.grading.stage import Stage
from eks_lab.grading.target import Target
from eks_lab.grading.workspace import Workspace
from eks_lab.kube.jsonpath import find

Facts = dict[str, list[Any]]
"""Name -> values, one for each object and place in it; none is an empty list."""

LAB_KINDS = frozenset({"terraform", "manifest", "answer", "history", "invariant"})
"""Forms of a query that `needs` cannot have: they look at what a learner did in a lab."""


def facts_of(items: Iterable[RecallItem], target: Target, folder: Path, today: date) -> dict[str, Facts]:
    """Return for each question about the sandbox what it may name; only for those that can be asked now.

    Args:
        items: interview questions; those that are not about the sandbox are passed over.
        target: the sandbox.
        folder: any; nothing is written.
        today: decides which Kubernetes versions count as supported.

    Returns:
        Question id -> name of a fact -> its values in the order of `kubectl get`. A question whose `needs` does
        not hold is not in it.

    Raises:
        UnavailableError: the sandbox does not answer.
        ContentError: a query cannot be used here; the message names the question.
    """
    stage = _stage(target, folder, today)
    found: dict[str, Facts] = {}
    for item in items:
        interview = item.interview
        if interview is None or (interview.needs is None and not interview.facts):
            continue
        if interview.needs is not None:
            for _, part in parts(interview.needs):
                _refuse_lab_kinds(item.id, part)
            if not look(interview.needs, stage).holds:
                continue
        found[item.id] = {name: _values(query, stage) for name, query in interview.facts.items()}
    return found


def _values(query: ResourceQuery, stage: Stage) -> list[Any]:
    """Return what a query finds: the values of its path, or the names of its objects."""
    try:
        objects = objects_of(query, stage)
    except StatusError:
        # Asked for an object that nobody may read or that is going just now: there is nothing to name.
        return []
    if not query.path:
        return [each["metadata"]["name"] for each in objects]
    return [value for each in objects for value in find(query.path, each) if value is not None]


def _refuse_lab_kinds(item_id: str, query: Query) -> None:
    given = [name for name in given_kinds(query) if name in LAB_KINDS]
    if given:
        raise ContentError(
            f"{item_id}: interview.needs uses {given[0]!r}, which needs a lab that runs.",
            hint="Use a query that looks at a cluster or an account as it stands, such as resource or event.",
        )


def _stage(target: Target, folder: Path, today: date) -> Stage:
    """Return a stage without a lab: only looks at what is there are made from it."""
    file = LabFile(
        id="interview",
        title="Interview",
        chapter=0,
        skills=[],
        difficulty=1,
        minutes=1,
        steps=[],
        checks=[],
        solutions=[],
    )
    return Stage(Lab(file, Pack(folder, ()), 0), target, Workspace(folder), today=today)
