"""What a lab looks at: one module a kind, listed by name; a look changes nothing."""

from __future__ import annotations

import importlib
from typing import Any, Protocol

from eks_lab.content.queries import Query
from eks_lab.grading.kubernetes_client import StatusError
from eks_lab.grading.model import Check
from eks_lab.grading.query_kinds import QUERY_KINDS, kind_of
from eks_lab.grading.stage import Stage
from eks_lab.grading.verdict import Verdict, shortened


class Module(Protocol):
    """What each module of this package offers."""

    def look(self, value: Any, stage: Stage, check: str) -> Verdict:
        """Look; `check` is the id of the check that asks, empty outside of checks."""
        ...


def look(query: Query, stage: Stage) -> Verdict:
    """Return whether a query holds now.

    Args:
        query: a sound one.
        stage: where.

    Raises:
        UnavailableError: cluster or account do not answer.
        ContentError: the query names something that does not exist (a rule, a calculator, an operation).
    """
    kind = kind_of(query)
    assert kind in QUERY_KINDS
    module: Module = importlib.import_module(f"eks_lab.grading.checks.{_MODULES.get(kind, kind)}")
    check = query.id if isinstance(query, Check) else ""
    value = {kind: getattr(query, kind)} if kind in _MODULES else getattr(query, kind)
    try:
        found = module.look(value, stage, check)
    except StatusError as error:
        found = Verdict(False, f"the API server says: {error.message}")
    return Verdict(found.holds, shortened(found.observed))


_MODULES = {"all": "combined", "any": "combined", "none": "combined"}


def otherwise_text(check: Check, verdict: Verdict) -> str:
    """Return what to say of a check that does not hold."""
    return check.otherwise.replace("{observed}", verdict.observed)


__all__ = ["Verdict", "look", "otherwise_text"]
