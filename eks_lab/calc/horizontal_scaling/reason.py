"""A decision of the HPA controller in one sentence."""

from __future__ import annotations

from eks_lab.calc.horizontal_scaling.autoscaler import Metric
from eks_lab.calc.horizontal_scaling.decision import Decision
from eks_lab.calc.horizontal_scaling.proposal import Proposal
from eks_lab.calc.horizontal_scaling.quantity import shown_quantity


def metric_label(metric: Metric) -> str:
    """Return how a sentence names a metric: `cpu`, `cpu of container api`, `queue_length`."""
    return f"{metric.name} of container {metric.container}" if metric.container else metric.name


def shown_target(metric: Metric) -> str:
    """Return a target with its unit: `70 %`, `250m`."""
    return shown_amount(metric, metric.target)


def shown_amount(metric: Metric, amount: int) -> str:
    """Return an amount of a metric with its unit.

    Args:
        metric: whose target says what is counted.
        amount: percent for Utilization, otherwise milli-units.
    """
    return f"{amount} %" if metric.target_kind == "Utilization" else shown_quantity(amount)


def shown_ratio(ratio: float) -> str:
    """Return a ratio with up to three decimals."""
    return "∞" if ratio == float("inf") else f"{ratio:.3f}".rstrip("0").rstrip(".")


def measurement(proposal: Proposal) -> str:
    """Return what a metric showed, as `cpu 105 % of 70 %`, with the assumed average where there is one."""
    metric = proposal.metric
    label = metric_label(metric)
    if proposal.measured is None or proposal.ratio is None:
        return f"{label} cannot be read ({proposal.error})"
    text = f"{label} {shown_amount(metric, proposal.measured)} against {shown_target(metric)}"
    if proposal.adjusted_average is not None:
        assumed = shown_amount(metric, proposal.adjusted_average.value)
        text += f", {assumed} with missing and unready pods assumed"
    return text


def reason(decision: Decision) -> str:
    """Return why the number of replicas changes or stays, as one sentence."""
    current, desired, winner = decision.current, decision.desired, decision.winner
    match decision.outcome:
        case "disabled":
            return "The target stands at 0 replicas, which switches its autoscaler off."
        case "above-maximum":
            return f"{current} is above the maximum: down to {desired} at once, windows and policies aside."
        case "below-minimum":
            return f"{current} is below the minimum: up to {desired} at once, windows and policies aside."
        case "unreadable":
            return f"No metric can be read ({decision.proposals[0].error}): nothing changes."
        case _:
            pass
    if winner is None:
        return "Nothing changes."
    seen = measurement(winner)
    match decision.outcome:
        case "blocked":
            broken = next(found for found in decision.proposals if found.replicas is None)
            return (
                f"{seen} asks for {winner.replicas}, but {metric_label(broken.metric)} cannot be read:"
                " no way down."
            )
        case "tolerance":
            ratio = winner.ratio if winner.adjusted_ratio is None else winner.adjusted_ratio
            return f"{seen}: ratio {shown_ratio(ratio or 0)} is inside the tolerance."
        case "reversed":
            return f"{seen}: the assumption turns the direction round, so nothing changes."
        case "steady":
            return f"{seen}: just the replicas there are."
        case _:
            return f"{seen} asks for {decision.recommendation}{_restraint(decision)}."


def _restraint(decision: Decision) -> str:
    """Return what became of the recommendation."""
    recommendation, stabilised = decision.recommendation, decision.stabilised
    parts = []
    if recommendation is not None and stabilised is not None and stabilised != recommendation:
        if stabilised > recommendation:
            parts.append(f"the window down still holds a wish for {stabilised}")
        else:
            parts.append(f"the window up still holds a wish for {stabilised}")
    match decision.scaling_limited:
        case "ScaleUpLimit":
            parts.append(f"no more than {decision.desired} at once")
        case "ScaleDownLimit":
            parts.append(f"no fewer than {decision.desired} at once")
        case "TooManyReplicas":
            parts.append(f"the maximum is {decision.desired}")
        case "TooFewReplicas":
            parts.append(f"the minimum is {decision.desired}")
        case _:
            pass
    return "".join(f"; {part}" for part in parts)
