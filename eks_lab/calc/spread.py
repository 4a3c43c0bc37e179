"""Replicas over zones: what survives a zone loss, a node loss or a drain, and which drains block forever.

The rules are in `eks_lab.calc.spread_scenario`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eks_lab.calc import node_rollout
from eks_lab.calc import spread_working as working
from eks_lab.calc.disruption_budget import (
    BUDGETS,
    DEPLOYMENTS,
    UNHEALTHY_POLICIES,
    Budget,
    rolling_update,
)
from eks_lab.calc.int_or_percent import IntOrPercent, read_int_or_percent
from eks_lab.calc.model import Answer, Calculator, Input, Value
from eks_lab.calc.spread_scenario import (
    Drain,
    Workload,
    ZoneLoss,
    drain,
    replicas_for_zone_loss,
    zone_loss,
)
from eks_lab.calc.topology_spread import SPREAD, Constraint
from eks_lab.errors import InputError


def _whole(inputs: Mapping[str, Value], name: str) -> int | None:
    value = inputs[name]
    return value if isinstance(value, int) else None


def _share(inputs: Mapping[str, Value], name: str) -> IntOrPercent | None:
    value = inputs[name]
    return read_int_or_percent(name, value) if isinstance(value, str) else None


def _budget(inputs: Mapping[str, Value]) -> Budget:
    least, most = _share(inputs, "min_available"), _share(inputs, "max_unavailable")
    if least is not None and most is not None:
        raise InputError(
            f"max_unavailable: {most} together with min_available {least}; a budget has one of them",
            hint="Leave one of them empty.",
        )
    policy = next(one for one in UNHEALTHY_POLICIES if one == inputs["unhealthy_policy"])
    return Budget(min_available=least, max_unavailable=most, unhealthy_policy=policy)


def _zone_constraint(inputs: Mapping[str, Value]) -> Constraint | None:
    skew, domains = _whole(inputs, "max_skew"), _whole(inputs, "min_domains")
    hard = inputs["when_unsatisfiable"] == "DoNotSchedule"
    if domains is not None and (skew is None or not hard):
        raise InputError(
            f"min_domains: {domains} needs max_skew and DoNotSchedule, Kubernetes takes it only with them",
            hint="Leave min_domains empty, or set both.",
        )
    return Constraint(max_skew=skew, min_domains=domains) if skew is not None and hard else None


def _update_shares(inputs: Mapping[str, Value]) -> tuple[IntOrPercent, IntOrPercent]:
    surge = read_int_or_percent("max_surge", str(inputs["max_surge"]), most_percent=None)
    return surge, read_int_or_percent("rollout_max_unavailable", str(inputs["rollout_max_unavailable"]))


def _workload(inputs: Mapping[str, Value]) -> Workload:
    replicas = _whole(inputs, "replicas") or 1
    unhealthy = _whole(inputs, "unhealthy_replicas") or 0
    if unhealthy > replicas:
        raise InputError(
            f"unhealthy_replicas: {unhealthy} are more than the {replicas} replicas",
            hint=f"Give a number from 0 to {replicas}.",
        )
    host_skew = _whole(inputs, "host_max_skew")
    seconds = inputs["ready_seconds"]
    return Workload(
        replicas=replicas,
        zones=_whole(inputs, "zones") or 1,
        nodes_per_zone=_whole(inputs, "nodes_per_zone") or 1,
        update=rolling_update(replicas, *_update_shares(inputs)),
        budget=_budget(inputs),
        zone_constraint=_zone_constraint(inputs),
        host_constraint=None if host_skew is None else Constraint(max_skew=host_skew),
        taints_policy="Honor" if inputs["node_taints_policy"] == "Honor" else "Ignore",
        unhealthy=unhealthy,
        ready_seconds=float(seconds) if isinstance(seconds, int | float) else 0.0,
    )


def _headline(workload: Workload, needed: int | None, emptied: Drain) -> str:
    ready = workload.ready_without(workload.zone_pods)
    worst = workload.ready_without(workload.worst_zone_pods)
    at_worst = "" if worst == ready else f" ({worst} at worst)"
    text = f"Of {workload.replicas} pods over {workload.zones} zones a zone loss leaves {ready}{at_worst}"
    if needed is not None:
        text += f" of {needed} needed" if ready < needed else f", {needed} are needed"
    if emptied.blocks and workload.blocks_forever:
        return f"{text}; no drain ever ends with this budget."
    if emptied.blocks:
        return f"{text}; a drain stands still with {emptied.left} of {emptied.pods} pods left."
    if not workload.budget.exists:
        return f"{text}; without a budget a drain takes {emptied.pods} at once."
    rounds = "1 round" if emptied.rounds == 1 else f"{emptied.rounds} rounds"
    return f"{text}; a drain ends after {rounds}, with {emptied.lowest_ready} ready at least."


def _figures(workload: Workload, needed: int | None, emptied: Drain, lost: ZoneLoss) -> dict[str, Any]:
    return {
        "placed_pods": workload.placed,
        "healthy_pods": workload.healthy,
        "zone_pods": workload.zone_pods,
        "worst_zone_pods": workload.worst_zone_pods,
        "node_pods": workload.node_pods,
        "worst_node_pods": workload.worst_node_pods,
        "desired_healthy": workload.budget.desired_healthy(workload.replicas)
        if workload.budget.exists
        else None,
        "allowed_disruptions": workload.allowed(workload.healthy),
        "evicts_unhealthy": workload.budget.evicts_unhealthy(workload.replicas, workload.healthy),
        "update_peak_pods": workload.replicas + workload.update.surge,
        "update_lowest_ready": workload.lowest_in_update,
        "ready_after_node_loss": workload.ready_without(workload.node_pods),
        "worst_ready_after_node_loss": workload.ready_without(workload.worst_node_pods),
        "ready_after_zone_loss": workload.ready_without(workload.zone_pods),
        "worst_ready_after_zone_loss": workload.ready_without(workload.worst_zone_pods),
        "evictions_after_zone_loss": workload.allowed(workload.ready_without(workload.zone_pods)),
        "pending_while_nodes_known": lost.pending_while_known,
        "pending_when_nodes_gone": lost.pending_when_gone,
        "drain_rounds": emptied.rounds,
        "drain_blocks": emptied.blocks,
        "drain_blocks_forever": workload.blocks_forever,
        "drain_pods_left": emptied.left,
        "drain_pending": emptied.pending,
        "drain_lowest_ready": emptied.lowest_ready,
        "drain_seconds": None if emptied.blocks else round(emptied.seconds, 4),
        "replicas_for_zone_loss": None if needed is None else replicas_for_zone_loss(needed, workload.zones),
        "survives_zone_loss": workload.ready_without(workload.zone_pods) >= (needed or 1),
    }


def spread(inputs: Mapping[str, Value]) -> Answer:
    """Answer what is left of a workload after each kind of event.

    Args:
        inputs: checked inputs of `CALCULATOR`.

    Returns:
        Ready pods after the loss of a node or zone, with an even layout and with the worst the rules
        permit; the drain of the fullest node: `drain_blocks` now, `drain_blocks_forever` even with every pod
        Ready and room everywhere; `allowed_disruptions` None
        without a budget; `replicas_for_zone_loss` None unless `needed` is given and there are two zones.

    Raises:
        InputError: a number that is neither count nor percentage, both numbers of a budget, a rolling
            update that may neither add nor miss a pod, minDomains without a hard constraint, or more
            unhealthy pods than pods.
    """
    workload = _workload(inputs)
    needed = _whole(inputs, "needed")
    emptied, lost = drain(workload), zone_loss(workload)
    surge, unavailable = _update_shares(inputs)
    return Answer(
        calculator="spread",
        headline=_headline(workload, needed, emptied),
        inputs=dict(inputs),
        result=_figures(workload, needed, emptied, lost),
        steps=working.steps(workload, needed, surge, unavailable, emptied, lost),
        sources=(SPREAD, BUDGETS, DEPLOYMENTS, node_rollout.reference()),
        warnings=working.warnings(workload, needed, emptied, lost),
        grids=(working.events_grid(workload, needed, emptied), working.budgets_grid(workload)),
    )


def _count(name: str, label: str, default: int, span: tuple[int, int], about: str, unit: str) -> Input:
    return Input(
        name=name,
        label=label,
        kind="integer",
        default=default,
        help=about,
        unit=unit,
        minimum=span[0],
        maximum=span[1],
    )


def _optional(name: str, label: str, most: int, about: str, unit: str) -> Input:
    return Input(
        name=name,
        label=label,
        kind="integer",
        default=None,
        help=about,
        unit=unit,
        minimum=1,
        maximum=most,
        optional=True,
    )


def _text(name: str, label: str, default: str | None, about: str) -> Input:
    return Input(name=name, label=label, kind="text", default=default, help=about, optional=default is None)


CALCULATOR = Calculator(
    name="spread",
    title="Spreading and disruption budgets",
    summary="What survives a zone loss, a node loss, a drain or a rolling update, and which drains block forever.",
    inputs=(
        _count("replicas", "Replicas", 3, (1, 5000), "Pods of the Deployment.", "pods"),
        _count("zones", "Zones", 3, (1, 6), "Availability zones with nodes for it.", "zones"),
        _count("nodes_per_zone", "Nodes per zone", 2, (1, 1000), "Nodes in each zone, with room.", "nodes"),
        _optional("needed", "Needed", 5000, "Pods that carry the load; 1 when it is not set.", "pods"),
        _text("min_available", "minAvailable", None, "Of the budget: a number of pods or a percentage."),
        _text("max_unavailable", "maxUnavailable", None, "Of the budget: a number of pods or a percentage."),
        Input(
            name="unhealthy_policy",
            label="Unhealthy pods",
            kind="choice",
            default="IfHealthyBudget",
            help="unhealthyPodEvictionPolicy of the budget.",
            choices=UNHEALTHY_POLICIES,
        ),
        _count("unhealthy_replicas", "Not ready", 0, (0, 5000), "Pods that run but are not Ready.", "pods"),
        _text("max_surge", "maxSurge", "25%", "Of the rolling update: pods or a percentage, rounded up."),
        _text(
            "rollout_max_unavailable",
            "maxUnavailable of the update",
            "25%",
            "Of the rolling update: pods or a percentage, rounded down.",
        ),
        Input(
            name="max_skew",
            label="maxSkew",
            kind="integer",
            default=1,
            help="Of the spread over topology.kubernetes.io/zone; not set: no constraint.",
            unit="pods",
            minimum=1,
            maximum=100,
            optional=True,
        ),
        Input(
            name="when_unsatisfiable",
            label="whenUnsatisfiable",
            kind="choice",
            default="DoNotSchedule",
            help="DoNotSchedule insists; ScheduleAnyway is a wish that binds nothing.",
            choices=("DoNotSchedule", "ScheduleAnyway"),
        ),
        _optional("min_domains", "minDomains", 100, "Zones there have to be, else maxSkew each.", "zones"),
        _optional(
            "host_max_skew",
            "maxSkew over nodes",
            100,
            "Of a spread over kubernetes.io/hostname with DoNotSchedule; not set: none.",
            "pods",
        ),
        Input(
            name="node_taints_policy",
            label="nodeTaintsPolicy",
            kind="choice",
            default="Ignore",
            help="Ignore, the default of Kubernetes, counts lost and cordoned nodes; Honor leaves them out.",
            choices=("Ignore", "Honor"),
        ),
        Input(
            name="ready_seconds",
            label="Time to ready",
            kind="number",
            default=30.0,
            help="From an eviction until the replacement is Ready.",
            unit="s",
            maximum=3600,
        ),
    ),
    compute=spread,
    lesson="practices.reliability-and-cost",
    result_units={
        **dict.fromkeys(
            (
                *("placed_pods", "healthy_pods", "zone_pods", "worst_zone_pods", "node_pods"),
                *("worst_node_pods", "desired_healthy", "allowed_disruptions", "update_peak_pods"),
                *("update_lowest_ready", "ready_after_node_loss", "worst_ready_after_node_loss"),
                *("ready_after_zone_loss", "worst_ready_after_zone_loss", "evictions_after_zone_loss"),
                *("pending_while_nodes_known", "pending_when_nodes_gone", "drain_pods_left"),
                *("drain_pending", "drain_lowest_ready", "replicas_for_zone_loss"),
            ),
            "pods",
        ),
        "drain_rounds": "rounds",
        "drain_seconds": "s",
    },
)
