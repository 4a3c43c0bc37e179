"""`all`, `any`, `none`: several queries at once."""

from __future__ import annotations

from eks_lab.content.queries import Query
from eks_lab.grading.checks import look as look_at
from eks_lab.grading.stage import Stage
from eks_lab.grading.verdict import Verdict


def look(value: dict[str, list[Query]], stage: Stage, check: str) -> Verdict:
    """Look at each of them.

    Args:
        value: `all`, `any` or `none` -> queries.
        stage: where.
        check: not needed.
    """
    del check
    ((how, queries),) = value.items()
    return combined(how, [look_at(each, stage) for each in queries])


def combined(how: str, verdicts: list[Verdict]) -> Verdict:
    """Return several verdicts as one.

    Args:
        how: `all`, `any` or `none`.
        verdicts: at least one.
    """
    right = [each for each in verdicts if each.holds]
    wrong = [each for each in verdicts if not each.holds]
    holds = not wrong if how == "all" else bool(right) if how == "any" else not right
    telling = (wrong if how == "all" else wrong if how == "any" else right) if not holds else verdicts
    return Verdict(holds, "; ".join(dict.fromkeys(each.observed for each in telling)))
