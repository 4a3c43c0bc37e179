"""A single decision of the HPA, worked out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from eks_lab.calc.horizontal_scaling.autoscaler import (
    DEFAULT_BEHAVIOUR,
    Autoscaler,
    ScalingRules,
    tolerances,
    window_seconds,
)
from eks_lab.calc.horizontal_scaling.decision import Decision, decide
from eks_lab.calc.horizontal_scaling.proposal import Average, Proposal
from eks_lab.calc.horizontal_scaling.reason import (
    metric_label,
    reason,
    shown_amount,
    shown_ratio,
    shown_target,
)
from eks_lab.calc.horizontal_scaling.restraint import History, replicas_at_start
from eks_lab.calc.hpa_question import Question, Scene, question_of, scene_of
from eks_lab.calc.hpa_sources import sources, warnings
from eks_lab.calc.model import Answer, Grid, Step, Value


def decision_answer(inputs: Mapping[str, Value]) -> Answer:
    """Answer what the HPA does at one look.

    Args:
        inputs: checked inputs of the calculator hpa.

    Returns:
        `desired_replicas` is what the controller writes, `recommended_replicas` what the metrics ask for
        (None when they decide nothing), `settled_replicas` what it writes once both windows hold nothing but
        this recommendation.

    Raises:
        InputError: an input cannot be used.
    """
    question = question_of(inputs)
    scene = scene_of(inputs, question)
    decision = _decide(question, scene, question.autoscaler)
    settled = _settled(question, scene, decision)
    winner = decision.winner
    return Answer(
        calculator="hpa",
        headline=_headline(decision, settled),
        inputs=dict(inputs),
        result={
            "current_replicas": decision.current,
            "desired_replicas": decision.desired,
            "recommended_replicas": decision.recommendation,
            "stabilised_replicas": decision.stabilised,
            "settled_replicas": settled,
            "policy_limit": decision.limit,
            "outcome": decision.outcome,
            "metric": metric_label(winner.metric) if winner else None,
            "ratio": _finite(winner.ratio if winner else None),
            "adjusted_ratio": _finite(winner.adjusted_ratio if winner else None),
            "able_to_scale": decision.able_to_scale,
            "scaling_active": decision.scaling_active or None,
            "scaling_limited": decision.scaling_limited or None,
        },
        steps=_steps(question, scene, decision),
        sources=sources(question),
        warnings=(*_own_warnings(question, scene, decision), *warnings(question)),
        grids=_grids(decision),
    )


def _finite(ratio: float | None) -> float | None:
    return None if ratio is None or ratio == float("inf") else round(ratio, 6)


def _decide(question: Question, scene: Scene, autoscaler: Autoscaler) -> Decision:
    decision, _ = decide(
        autoscaler,
        question.flags,
        scene.history,
        scene.pods,
        scene.readings,
        question.current_replicas,
        now=0.0,
    )
    return decision


def _settled(question: Question, scene: Scene, decision: Decision) -> int:
    """Return the replicas once the windows hold no other wish than this one."""
    if decision.recommendation is None:
        return decision.desired
    alone = History((0.0,), (decision.recommendation,), scene.history.added, scene.history.removed)
    return _decide(question, replace(scene, history=alone), question.autoscaler).desired


def _headline(decision: Decision, settled: int) -> str:
    current, desired = decision.current, decision.desired
    move = (
        f"stays at {current} replicas" if desired == current else f"goes from {current} to {desired} replicas"
    )
    if settled != desired:
        later = "come" if settled == decision.recommendation else f"{settled} of them come"
        if settled > (decision.recommendation or 0):
            later = f"{settled} come"
        return f"The HPA {move}: {decision.recommendation} are wanted, and {later} when the windows let go."
    if decision.recommendation is not None and decision.recommendation != desired:
        return f"The HPA {move}: {decision.recommendation} are wanted."
    return f"The HPA {move}."


def _steps(question: Question, scene: Scene, decision: Decision) -> tuple[Step, ...]:
    steps: list[Step] = []
    for proposal in decision.proposals:
        steps += _proposal_steps(question, proposal, decision.current)
    if len(decision.proposals) > 1:
        found = [proposal.replicas for proposal in decision.proposals if proposal.replicas is not None]
        if found:
            steps.append(
                Step(
                    formula="recommendation = the largest proposal",
                    substitution=f"max({', '.join(str(replicas) for replicas in found)})",
                    value=max(found),
                    unit="replicas",
                    why="Enough for every metric. One that cannot be read forbids the way down, not the way up.",
                )
            )
    if decision.recommendation is not None:
        steps += _restraint_steps(question, scene, decision)
    if not steps or decision.recommendation is None:
        steps.append(
            Step(
                formula="desired = replicas now, or the bound that they break",
                substitution=str(decision.desired),
                value=decision.desired,
                unit="replicas",
                why=reason(decision),
            )
        )
    return tuple(steps)


def _proposal_steps(question: Question, proposal: Proposal, current: int) -> list[Step]:
    metric, label = proposal.metric, metric_label(proposal.metric)
    if proposal.replicas is None:
        return [
            Step(
                formula=f"{label}: no proposal",
                substitution="–",
                value=None,
                unit="",
                why=f"It cannot be read: {proposal.error}.",
            )
        ]
    band = tolerances(question.autoscaler, question.flags)
    steps = []
    if proposal.average is not None:
        steps.append(_average_step(label, proposal.average, "of the pods with a sample that counts"))
    measured, target = proposal.measured or 0, metric.target
    if metric.target_kind == "AverageValue" and not metric.is_per_pod:
        steps.append(
            Step(
                formula=f"{label}: ratio = total ÷ (target × replicas)",
                substitution=f"{measured} ÷ ({target} × {proposal.counted_pods})",
                value=_finite(proposal.ratio),
                unit="",
                why="In thousandths. The replicas matter for the tolerance only.",
            )
        )
    else:
        steps.append(
            Step(
                formula=f"{label}: ratio = measured ÷ target",
                substitution=f"{measured} ÷ {target}",
                value=_finite(proposal.ratio),
                unit="",
                why=f"Between {shown_ratio(1 - band.down)} and {shown_ratio(1 + band.up)} nothing is to change.",
            )
        )
    if proposal.adjusted_average is not None:
        steps.append(_average_step(label, proposal.adjusted_average, _assumption(question, proposal)))
        steps.append(
            Step(
                formula=f"{label}: ratio with the pods assumed",
                substitution=f"{proposal.adjusted_average.value} ÷ {target}",
                value=_finite(proposal.adjusted_ratio),
                unit="",
                why="The missing are assumed on the side that changes less.",
            )
        )
    return [*steps, _number_step(proposal, current)]


def _average_step(label: str, average: Average, whose: str) -> Step:
    if average.request:
        return Step(
            formula=f"{label}: utilisation = ⌊100 × usage ÷ request⌋",
            substitution=f"⌊100 × {average.usage} ÷ {average.request}⌋",
            value=average.value,
            unit="%",
            why=f"Sums in thousandths {whose}; whole percent, the rest is cut off.",
        )
    return Step(
        formula=f"{label}: average = ⌊usage ÷ pods⌋",
        substitution=f"⌊{average.usage} ÷ {average.pods}⌋",
        value=average.value,
        unit="thousandths",
        why=f"The sum {whose}; the rest is cut off.",
    )


def _assumption(question: Question, proposal: Proposal) -> str:
    if (proposal.ratio or 0) > 1:
        aside = proposal.missing_pods + proposal.unready_pods
        return f"with {aside} missing or unready pods at 0"
    metric = proposal.metric
    if (proposal.ratio or 0) == 1:
        return "as before: at a ratio of 1 nothing is assumed"
    if metric.target_kind != "Utilization":
        return f"with {proposal.missing_pods} missing pods at the target"
    percent = metric.target if question.flags.missing_as_target else max(100, metric.target)
    return f"with {proposal.missing_pods} missing pods at {percent} % of their request"


def _number_step(proposal: Proposal, current: int) -> Step:
    metric, label = proposal.metric, metric_label(proposal.metric)
    formula, why = (
        f"{label}: proposal = ⌈ratio × pods counted⌉",
        "Rounded up, so that the target is not exceeded.",
    )
    measured = proposal.measured if proposal.adjusted_average is None else proposal.adjusted_average.value
    substitution = f"⌈{measured} ÷ {metric.target} × {proposal.counted_pods}⌉"
    if proposal.outcome == "tolerance":
        formula, substitution = f"{label}: proposal = replicas now", str(proposal.replicas)
        why = "The ratio is inside the tolerance."
    elif proposal.outcome == "reversed":
        formula, substitution = f"{label}: proposal = replicas now", str(current)
        why = "With the pods assumed it would go the other way, so nothing is to change."
    elif metric.target_kind == "AverageValue" and not metric.is_per_pod:
        formula = f"{label}: proposal = ⌈total ÷ target⌉"
        substitution = f"⌈{measured} ÷ {metric.target}⌉"
    elif proposal.outcome == "from-zero":
        why = "From 0 replicas the ratio itself is the number."
    elif not metric.is_per_pod:
        why = "Multiplied with the pods that run and are ready."
    return Step(formula=formula, substitution=substitution, value=proposal.replicas, unit="replicas", why=why)


def _restraint_steps(question: Question, scene: Scene, decision: Decision) -> list[Step]:
    current, wanted, stabilised = decision.current, decision.recommendation, decision.stabilised
    if wanted is None or stabilised is None or decision.span is None:
        return []
    up, down = window_seconds(question.autoscaler, question.flags)
    low, high = decision.span.lowest, decision.span.highest
    has_behaviour = question.autoscaler.behaviour is not None
    steps = [
        Step(
            formula="after the windows = min(max(replicas now, lowest wish up), highest wish down)"
            if has_behaviour
            else "after the window = highest wish down",
            substitution=f"min(max({current}, {low}), {high})" if has_behaviour else str(high),
            value=stabilised,
            unit="replicas",
            why=f"Wishes of the last {up} s on the way up and {down} s on the way down, this one included;"
            " an autoscaler without a past begins with the replicas it finds.",
        )
    ]
    if decision.limit is not None:
        steps.append(_limit_step(question, scene, decision, stabilised > current))
    least, most = question.autoscaler.min_replicas, question.autoscaler.max_replicas
    bounds = [stabilised]
    if stabilised > current:
        bounds += [most] if decision.limit is None else [most, decision.limit]
        formula = "desired = the smallest of wish, maximum and policies"
    else:
        bounds += [least] if decision.limit is None else [least, decision.limit]
        formula = "desired = the largest of wish, minimum and policies"
    word = "min" if stabilised > current else "max"
    steps.append(
        Step(
            formula=formula,
            substitution=f"{word}({', '.join(str(bound) for bound in bounds)})",
            value=decision.desired,
            unit="replicas",
            why=reason(decision),
        )
    )
    return steps


def _limit_step(question: Question, scene: Scene, decision: Decision, is_up: bool) -> Step:
    current, behaviour = decision.current, question.autoscaler.behaviour
    if behaviour is None:
        return Step(
            formula="most after one look without behavior = max(2 × replicas now, 4)",
            substitution=f"max(2 × {current}, 4)",
            value=decision.limit,
            unit="replicas",
            why="A manifest without the field goes an older way than the documented default policies.",
        )
    rules = behaviour.up if is_up else behaviour.down
    way = "up" if is_up else "down"
    if rules.select == "Disabled":
        return Step(
            formula=f"policies {way} = disabled",
            substitution=str(current),
            value=decision.limit,
            unit="replicas",
            why="selectPolicy Disabled forbids the direction.",
        )
    takes_larger = (rules.select == "Max") == is_up
    return Step(
        formula=f"policies {way} = {'largest' if takes_larger else 'smallest'} of what each allows,"
        " from the start of its period",
        substitution=f"{_policies_text(rules, scene, current, is_up, takes_larger)}",
        value=decision.limit,
        unit="replicas",
        why=f"selectPolicy {rules.select}; a period counts the steps of its last seconds, this is why the start"
        " can differ from the replicas now. A limit that is passed already means no change.",
    )


def _policies_text(rules: ScalingRules, scene: Scene, current: int, is_up: bool, takes_larger: bool) -> str:
    terms = []
    for policy in rules.policies:
        start = replicas_at_start(policy, scene.history, current, 0.0)
        sign = "+" if is_up else "−"
        if policy.kind == "Pods":
            terms.append(f"{start} {sign} {policy.value}")
        elif is_up:
            terms.append(f"⌈{start} × (1 + {policy.value} ÷ 100)⌉")
        else:
            terms.append(f"⌊{start} × (1 − {policy.value} ÷ 100)⌋")
    inner = terms[0] if len(terms) == 1 else f"{'max' if takes_larger else 'min'}({', '.join(terms)})"
    return f"{'max' if is_up else 'min'}({current}, {inner})"


def _own_warnings(question: Question, scene: Scene, decision: Decision) -> list[str]:
    found = []
    flags = question.flags
    other = replace(flags, missing_as_target=not flags.missing_as_target)
    turned = _decide(replace(question, flags=other), scene, question.autoscaler)
    if turned.recommendation != decision.recommendation:
        here, there = (
            ("documentation", "controller") if flags.missing_as_target else ("controller", "documentation")
        )
        found.append(
            f"Sources disagree on missing pods on the way down: by the {here} the recommendation is"
            f" {decision.recommendation}, by the {there} {turned.recommendation}. The controller's code counts a"
            " missing pod at 100 % of its request (or the target, if higher), the documentation at the target."
        )
    if question.autoscaler.behaviour is None:
        documented = _decide(question, scene, replace(question.autoscaler, behaviour=DEFAULT_BEHAVIOUR))
        if documented.desired != decision.desired:
            found.append(
                f"Without the field behavior the controller allows max(2 × {decision.current}, 4) replicas, so"
                f" {decision.desired}; the documented default policies, written out, would give"
                f" {documented.desired}."
            )
    return found


def _grids(decision: Decision) -> tuple[Grid, ...]:
    if not decision.proposals:
        return ()
    return (
        Grid(
            title="What each metric asks for",
            columns=("Metric", "Measured", "Target", "Ratio", "With pods assumed", "Replicas", "How"),
            rows=tuple(_proposal_row(proposal) for proposal in decision.proposals),
        ),
    )


_HOW = {
    "ratio": "by the ratio",
    "adjusted": "by the ratio, pods assumed",
    "tolerance": "inside the tolerance",
    "reversed": "the assumption turns it round",
    "from-zero": "from 0 replicas",
}


def _proposal_row(proposal: Proposal) -> tuple[Value, ...]:
    metric = proposal.metric
    return (
        metric_label(metric),
        None if proposal.measured is None else shown_amount(metric, proposal.measured),
        shown_target(metric),
        None if proposal.ratio is None else shown_ratio(proposal.ratio),
        None if proposal.adjusted_ratio is None else shown_ratio(proposal.adjusted_ratio),
        proposal.replicas,
        _HOW.get(proposal.outcome, proposal.error),
    )
