"""`status.currentMetrics`: what was measured, metric by metric."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from eks_lab.calc.horizontal_scaling.proposal import Proposal
from eks_lab.kube.quantity import Quantity
from eks_lab.sim.objects import Obj


def current_metrics(proposals: Sequence[Proposal]) -> list[Obj]:
    """Return the entries of the status, one for each metric.

    A metric that could not be read leaves an entry without anything but an empty type, as the controller does.
    """
    return [_entry(each) for each in proposals]


def _entry(proposal: Proposal) -> Obj:
    metric = proposal.metric
    if proposal.replicas is None or proposal.measured is None:
        return {"type": ""}
    if metric.target_kind == "Utilization":
        average = proposal.average
        each = average.usage // average.pods if average is not None and average.pods else 0
        current: Obj = {"averageUtilization": proposal.measured, "averageValue": _quantity(each)}
    else:
        current = {"averageValue": _quantity(proposal.measured)}
    if metric.kind == "ContainerResource":
        body = {"container": metric.container, "current": current, "name": metric.name}
        return {"containerResource": body, "type": "ContainerResource"}
    return {"resource": {"current": current, "name": metric.name}, "type": "Resource"}


def _quantity(milli: int) -> str:
    return str(Quantity(Fraction(milli, 1000)))
