"""`history`: downtime, commands, blast radius and money since the lab began."""

from __future__ import annotations

from eks_lab.content.queries import HistoryQuery
from eks_lab.grading.stage import Stage
from eks_lab.grading.verdict import Verdict


def look(value: HistoryQuery, stage: Stage, check: str) -> Verdict:
    """Look back.

    Args:
        value: what may have happened at most.
        stage: where.
        check: not needed.
    """
    del check
    from eks_lab.grading.watching import downtime, touched

    target = stage.target
    record = target.record()
    resource_of = target.kubernetes.resource_id
    verdicts: list[Verdict] = []
    if value.downtime_seconds is not None:
        if record.dropped:
            verdicts.append(Verdict(False, "too much has happened to be sure; reset the lab"))
        else:
            seconds = downtime(value.workload, record, target.now(), resource_of).total_seconds()
            verdicts.append(Verdict(seconds <= value.downtime_seconds, f"{seconds:.0f} s down"))
    if value.commands_max is not None:
        count = len(record.changes)
        verdicts.append(Verdict(count <= value.commands_max, f"{count} changing requests"))
    if value.blast_radius is not None:
        found = touched(record, value.may_change, resource_of)
        seen = f"{len(found)} other objects touched" + (f": {', '.join(found[:5])}" if found else "")
        verdicts.append(Verdict(len(found) <= value.blast_radius, seen))
    if value.cost_max is not None:
        spent = target.spent_usd()
        verdicts.append(Verdict(spent <= value.cost_max, f"${spent:.2f} spent"))
    return Verdict(all(each.holds for each in verdicts), "; ".join(each.observed for each in verdicts))
