"""The working of the calculator spread: its steps, tables and warnings."""

from __future__ import annotations

from dataclasses import replace

from eks_lab.calc.disruption_budget import Budget
from eks_lab.calc.int_or_percent import IntOrPercent
from eks_lab.calc.model import Grid, Step, Value
from eks_lab.calc.spread_scenario import Drain, Workload, ZoneLoss, drain, replicas_for_zone_loss
from eks_lab.catalog.kubernetes_versions import calendar

EVICTION_REFUSED = "Cannot evict pod as it would violate the pod's disruption budget."


def _step(formula: str, substitution: str, value: Value, unit: str, why: str) -> Step:
    return Step(formula=formula, substitution=substitution, value=value, unit=unit, why=why)


def steps(
    workload: Workload,
    needed: int | None,
    surge: IntOrPercent,
    unavailable: IntOrPercent,
    emptied: Drain,
    lost: ZoneLoss,
) -> tuple[Step, ...]:
    """Return the working, in order."""
    return (
        *_layout_steps(workload),
        *_budget_steps(workload, emptied),
        *_update_steps(workload, surge, unavailable),
        *_survival_steps(workload, needed, lost),
    )


def _layout_steps(workload: Workload) -> list[Step]:
    pods, zones = workload.placed, workload.zones
    constraint = workload.zone_constraint
    found = []
    if pods < workload.replicas and constraint is not None:
        found.append(
            _step(
                "pods that find a place = zones × maxSkew",
                f"{zones} × {constraint.max_skew}",
                pods,
                "pods",
                f"{zones} zones are fewer than minDomains {constraint.min_domains}: the smallest count is taken"
                " as 0.",
            )
        )
    found.append(
        _step(
            "pods of the fullest zone, spread evenly = ⌈pods ÷ zones⌉",
            f"⌈{pods} ÷ {zones}⌉",
            workload.zone_pods,
            "pods",
            "The best that can be had.",
        )
    )
    if constraint is None:
        found.append(
            _step(
                "pods of the fullest zone at worst = all",
                f"{pods}",
                workload.worst_zone_pods,
                "pods",
                "No constraint with DoNotSchedule: the scheduler prefers to spread, nothing makes it.",
            )
        )
    elif constraint.lacks_domains(zones):
        found.append(
            _step(
                "pods of the fullest zone at worst = min(pods, maxSkew)",
                f"min({pods}, {constraint.max_skew})",
                workload.worst_zone_pods,
                "pods",
                f"{zones} zones are fewer than minDomains {constraint.min_domains}: skew is measured from 0, not"
                " from the emptiest zone.",
            )
        )
    else:
        skew = constraint.max_skew
        found.append(
            _step(
                "pods of the fullest zone at worst = min(pods, ⌊(pods + (zones − 1) × maxSkew) ÷ zones⌋)",
                f"min({pods}, ⌊({pods} + ({zones} − 1) × {skew}) ÷ {zones}⌋)",
                workload.worst_zone_pods,
                "pods",
                "A zone may hold maxSkew more than the emptiest; looked at only when a pod is scheduled.",
            )
        )
    found.append(
        _step(
            "pods of the fullest node = ⌈pods of the zone ÷ nodes in it⌉",
            f"⌈{workload.zone_pods} ÷ {workload.nodes_per_zone}⌉",
            workload.node_pods,
            "pods",
            f"Spread evenly; the rules allow up to {workload.worst_node_pods} on one node.",
        )
    )
    return found


def _budget_steps(workload: Workload, emptied: Drain) -> list[Step]:
    budget, replicas = workload.budget, workload.replicas
    if not budget.exists:
        return []
    desired = budget.desired_healthy(replicas)
    allowed = workload.allowed(workload.healthy) or 0
    number = budget.min_available or budget.max_unavailable
    share = f"⌈{replicas} × {number.number} ÷ 100⌉" if number and number.is_percent else f"{number}"
    if budget.min_available is not None:
        formula, substitution = "must stay healthy = minAvailable", share
    else:
        formula = "must stay healthy = max(0, replicas − maxUnavailable)"
        substitution = f"max(0, {replicas} − {share})"
    found = [
        _step(
            formula,
            substitution,
            desired,
            "pods",
            "Both numbers of a budget round percentages up." if number and number.is_percent else "",
        ),
        _step(
            "evictions allowed at once = max(0, healthy − must stay healthy)",
            f"max(0, {workload.healthy} − {desired})",
            allowed,
            "pods",
            "What kubectl get pdb shows as ALLOWED DISRUPTIONS.",
        ),
    ]
    if allowed and not emptied.blocks and not emptied.pending and emptied.pods:
        found.append(
            _step(
                "drain of the fullest node = ⌈pods on it ÷ allowed⌉ × time to ready",
                f"⌈{emptied.pods} ÷ {allowed}⌉ × {workload.ready_seconds:g}",
                round(emptied.seconds, 4),
                "s",
                f"A managed node group grants {calendar().rules.drain_limit_minutes} minutes.",
            )
        )
    return found


def _update_steps(workload: Workload, surge: IntOrPercent, unavailable: IntOrPercent) -> list[Step]:
    replicas, update = workload.replicas, workload.update
    above = f"⌈{replicas} × {surge.number} ÷ 100⌉" if surge.is_percent else f"{surge.number}"
    below = (
        f"⌊{replicas} × {unavailable.number} ÷ 100⌋" if unavailable.is_percent else f"{unavailable.number}"
    )
    forced = surge.of(replicas, round_up=True) == 0 and unavailable.of(replicas, round_up=False) == 0
    return [
        _step(
            "pods at most in a rolling update = replicas + maxSurge",
            f"{replicas} + {above}",
            replicas + update.surge,
            "pods",
            "maxSurge rounds up; so many pods need room at once.",
        ),
        _step(
            "may be missing in a rolling update = 1, as both round to 0"
            if forced
            else "may be missing in a rolling update = min(replicas, maxUnavailable)",
            "1" if forced else f"min({replicas}, {below})",
            update.unavailable,
            "pods",
            "maxUnavailable rounds down; a rolling update does not ask the budget.",
        ),
    ]


def _survival_steps(workload: Workload, needed: int | None, lost: ZoneLoss) -> list[Step]:
    zones = workload.zones
    found = [
        _step(
            "ready after a node is lost = max(0, healthy − pods of the fullest node)",
            f"max(0, {workload.healthy} − {workload.node_pods})",
            workload.ready_without(workload.node_pods),
            "pods",
            "Budgets do not stop failures; they count what failed.",
        ),
        _step(
            "ready after a zone is lost = max(0, healthy − pods of the fullest zone)",
            f"max(0, {workload.healthy} − {workload.zone_pods})",
            workload.ready_without(workload.zone_pods),
            "pods",
            "Until replacements run: pods of lost nodes are evicted after about five minutes.",
        ),
    ]
    if lost.pending_while_known or lost.pending_when_gone:
        found.append(
            _step(
                "replacements that stay Pending while the lost nodes are known",
                f"{lost.pending_while_known} of {workload.zone_pods}",
                lost.pending_while_known,
                "pods",
                "Nodes that are lost but still listed count as an empty zone.",
            )
        )
    if needed is not None and (replicas := replicas_for_zone_loss(needed, zones)) is not None:
        found.append(
            _step(
                "replicas for a zone loss = needed + ⌈needed ÷ (zones − 1)⌉",
                f"{needed} + ⌈{needed} ÷ ({zones} − 1)⌉",
                replicas,
                "pods",
                "So many that, evenly spread, the needed ones are left.",
            )
        )
    return found


def events_grid(workload: Workload, needed: int | None, emptied: Drain) -> Grid:
    """Return what is left after each kind of event."""
    node, zone = workload.node_pods, workload.zone_pods
    worst_node, worst_zone = workload.worst_node_pods, workload.worst_zone_pods
    dip = workload.healthy - workload.lowest_in_update
    found = [
        ("nothing", workload.healthy, workload.healthy),
        ("one node is drained", emptied.lowest_ready, None),
        ("rolling update", workload.lowest_in_update, workload.lowest_in_update),
        ("one node is lost", workload.ready_without(node), workload.ready_without(worst_node)),
        ("one zone is lost", workload.ready_without(zone), workload.ready_without(worst_zone)),
        (
            "a zone is lost in an update",
            workload.ready_without(zone + dip),
            workload.ready_without(worst_zone + dip),
        ),
    ]
    rows: list[tuple[Value, ...]] = []
    for event, ready, worst in found:
        allowed = workload.allowed(ready)
        rows.append(
            (
                event,
                ready,
                worst,
                "yes" if ready >= (needed or 1) else "no",
                "all" if allowed is None else str(allowed),
            )
        )
    enough = "At least 1" if needed is None else f"At least {needed}"
    return Grid(
        title="Ready pods after an event",
        columns=("Event", "Spread evenly", "At worst", enough, "Evictions then"),
        rows=tuple(rows),
    )


def budgets_grid(workload: Workload) -> Grid:
    """Return what usual budgets would do to a drain of the fullest node."""
    replicas = workload.replicas
    usual = (
        ("maxUnavailable: 1", Budget(max_unavailable=IntOrPercent(1, is_percent=False))),
        ("maxUnavailable: 25%", Budget(max_unavailable=IntOrPercent(25, is_percent=True))),
        ("minAvailable: 50%", Budget(min_available=IntOrPercent(50, is_percent=True))),
        (
            f"minAvailable: {replicas - 1}",
            Budget(min_available=IntOrPercent(replicas - 1, is_percent=False)),
        ),
        ("minAvailable: 100%", Budget(min_available=IntOrPercent(100, is_percent=True))),
    )
    rows: list[tuple[Value, ...]] = []
    for words, budget in usual:
        protected = replace(workload, budget=budget)
        emptied = drain(protected)
        rows.append(
            (
                words,
                budget.desired_healthy(replicas),
                protected.allowed(protected.healthy),
                "blocks" if emptied.blocks else f"{emptied.rounds} × {workload.ready_seconds:g} s",
            )
        )
    return Grid(
        title="Usual budgets for these pods",
        columns=("Budget", "Stay healthy", "Evictions at once", "Drain of the fullest node"),
        rows=tuple(rows),
    )


def warnings(workload: Workload, needed: int | None, emptied: Drain, lost: ZoneLoss) -> tuple[str, ...]:
    """Return what to know before relying on the answer."""
    return (
        *_drain_warnings(workload, emptied),
        *_unhealthy_warnings(workload),
        *_layout_warnings(workload, needed, lost),
    )


def _drain_warnings(workload: Workload, emptied: Drain) -> list[str]:
    budget, replicas = workload.budget, workload.replicas
    if not budget.exists:
        return ["There is no budget: a drain evicts all pods of a node at once, and two drains may take all."]
    found: list[str] = []
    limit_seconds = 60 * calendar().rules.drain_limit_minutes
    never = workload.blocks_forever
    if never:
        found.append(
            f"Every drain blocks forever: the budget wants {budget.desired_healthy(replicas)} of {replicas} pods"
            f" healthy, so none may leave. The API answers: {EVICTION_REFUSED}"
        )
    elif workload.allowed(workload.healthy) == 0:
        found.append(
            f"Drains block until more pods are Ready: {workload.healthy} are, and the budget wants"
            f" {budget.desired_healthy(replicas)}."
        )
    elif emptied.blocks:
        found.append(
            f"The drain stands still with {emptied.left} of {emptied.pods} pods left: {emptied.pending} of the"
            " replacements find no place while the node is cordoned, and the budget counts them as missing. It"
            " goes on when a new node is there."
        )
    elif emptied.pending:
        found.append(
            f"The drain ends, but {emptied.pending} of {emptied.pods} replacements stay Pending until a new node"
            f" is there; until then {workload.allowed(workload.healthy - emptied.pending)} more may be evicted."
        )
    if emptied.seconds > limit_seconds and not emptied.blocks:
        found.append(
            f"The drain takes {emptied.seconds:g} s, more than the {limit_seconds} s that a managed node group"
            " grants: PodEvictionFailure."
        )
    if budget.min_available is not None and not never:
        word = "a percentage of" if budget.min_available.is_percent else "a fixed number of"
        found.append(
            f"minAvailable is {word} pods that must be there; maxUnavailable says how many may be missing and"
            " stays right when the number of replicas changes."
        )
    if workload.update.unavailable:
        during = workload.allowed(workload.lowest_in_update)
        if during == 0 and not never:
            found.append("While a rolling update runs, drains may be refused: its missing pods count too.")
    return found


def _unhealthy_warnings(workload: Workload) -> list[str]:
    if not workload.unhealthy:
        return []
    if workload.budget.evicts_unhealthy(workload.replicas, workload.healthy):
        return []
    sentence = (
        f"Pods that are not Ready ({workload.unhealthy}) cannot be evicted either: with IfHealthyBudget they may"
        " go only while enough others are healthy. A drain of their node blocks until they recover; AlwaysAllow"
        " lets them go."
    )
    return [sentence]


def _layout_warnings(workload: Workload, needed: int | None, lost: ZoneLoss) -> list[str]:
    constraint, zones = workload.zone_constraint, workload.zones
    found = []
    if constraint is not None and workload.placed < workload.replicas:
        found.append(
            f"{workload.replicas - workload.placed} pods stay Pending from the start: minDomains"
            f" {constraint.min_domains} needs more zones than {zones}."
        )
    if zones == 1:
        found.append("One zone: when it fails, nothing is left.")
    if constraint is None and zones > 1 and workload.replicas > 1:
        found.append(
            "Nothing makes the scheduler spread: set maxSkew 1 with DoNotSchedule over"
            " topology.kubernetes.io/zone, or accept the column At worst."
        )
    if lost.pending_when_gone and zones > 1 and constraint is not None:
        found.append(
            f"After a zone loss {lost.pending_when_gone} of {workload.zone_pods} replacements stay Pending for"
            f" good: fewer zones than minDomains {constraint.min_domains} hold {constraint.max_skew} each."
        )
    elif lost.pending_while_known and zones > 1:
        found.append(
            f"After a zone loss {lost.pending_while_known} of {workload.zone_pods} replacements stay Pending as"
            " long as the lost nodes are listed: an empty zone still counts. nodeTaintsPolicy Honor leaves such"
            " nodes out."
        )
    if constraint is not None:
        found.append(
            "Skew is looked at when a pod is scheduled, never afterwards: scaling down can leave it uneven, and"
            " old and new pods count together unless matchLabelKeys names pod-template-hash."
        )
    if needed is not None and zones > 1 and workload.ready_without(workload.zone_pods) < needed:
        wanted = replicas_for_zone_loss(needed, zones)
        found.append(
            f"{needed} pods are needed and a zone loss leaves {workload.ready_without(workload.zone_pods)}:"
            f" {wanted} replicas would survive it."
        )
    if needed is not None and workload.lowest_in_update < needed:
        found.append(
            f"A rolling update may go down to {workload.lowest_in_update} pods, {needed} are needed: set"
            " maxUnavailable 0."
        )
    return found
