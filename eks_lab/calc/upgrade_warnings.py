"""What to know before an upgrade plan is relied on."""

from __future__ import annotations

from eks_lab.calc.node_rollout import Rollout
from eks_lab.calc.upgrade_path import Journey
from eks_lab.calc.upgrade_question import Question
from eks_lab.catalog.kubernetes_versions import Calendar, KubernetesVersion, calendar

SOON_DAYS = 60
"""AWS announces the end of a phase at least so many days ahead."""


def path_warnings(question: Question, plan: Journey) -> list[str]:
    """Return what to know about versions and dates."""
    start, target = question.start, question.target
    found = []
    if plan.hops > 1:
        way = " → ".join(version.name for version in plan.versions)
        found.append(
            f"EKS upgrades one minor at a time: {way}. A request for {target.name} straight from {start.name}"
            " is refused."
        )
    found += _phase_warnings(question, plan)
    found += [f"Entering {version.name}: {version.note}." for version in plan.versions[1:] if version.note]
    if target.karpenter_from:
        found.append(f"If Karpenter runs here: {target.name} needs {target.karpenter_from} or newer.")
    if plan.hops > 1 and plan.pause_days < calendar().rules.rollback_days:
        found.append(
            f"With {_days(plan.pause_days)} between upgrades an earlier one cannot be undone any more once the"
            " next has begun: only the last can."
        )
    if question.node_moves == "when-forced" and plan.hops > 1:
        found.append(
            "EKS asks for managed and Fargate nodes on the version of the control plane before each upgrade;"
            " insights flag those that lag."
        )
    found.append(
        f"Each upgrade may need {calendar().rules.control_plane_addresses} free addresses in the cluster"
        " subnets, and insights look back only 30 days: ask them before each."
    )
    return [*found, *_record_warnings(question, plan)]


def _phase_warnings(question: Question, plan: Journey) -> list[str]:
    start, target, today = question.start, question.target, question.today
    found = []
    left = (start.end_of_extended - today).days
    if start.phase(today) == "extended":
        if left <= SOON_DAYS:
            found.append(
                f"{start.name} leaves extended support in {_days(left)} ({start.end_of_extended.isoformat()}):"
                " after that EKS upgrades the control plane at a moment nobody announces, without the nodes,"
                " and that cannot be rolled back."
            )
        if question.policy == "standard":
            found.append(
                f"The upgrade policy does not lead out of extended support: {start.name} is in it until the"
                " control plane is upgraded."
            )
    elif question.policy == "standard":
        found.append(
            "With the policy STANDARD EKS upgrades the control plane after"
            f" {start.end_of_standard.isoformat()}: no surcharge, and no choice of the moment."
        )
    if target.phase(today) == "extended":
        found.append(
            f"{target.name} is in extended support itself, until {target.end_of_extended.isoformat()}: the"
            " surcharge goes on."
        )
    elif (left := (target.end_of_standard - plan.done).days) <= SOON_DAYS:
        found.append(
            f"{target.name} leaves standard support on {target.end_of_standard.isoformat()}, {_days(left)} after"
            " the last upgrade of this plan."
            if left > 0
            else f"{target.name} has left standard support ({target.end_of_standard.isoformat()}) before this"
            " plan ends."
        )
    for hop in range(2, plan.hops + 1):
        held = plan.versions[hop - 1]
        if plan.hop_day(hop) > held.end_of_extended:
            found.append(
                f"{held.name} leaves extended support on {held.end_of_extended.isoformat()}, before its upgrade"
                f" on {plan.hop_day(hop).isoformat()}: shorten the pause."
            )
    return found


def _record_warnings(question: Question, plan: Journey) -> list[str]:
    known = calendar()
    found = [
        f"{version.name}: {version.doubt}; the ends of its support are not in doubt."
        for version in plan.versions
        if version.doubt
    ]
    found += [
        f"The dates of {version.name} are {version.certainty}, not read at AWS."
        for version in plan.versions
        if version.certainty != "verified"
    ]
    found += newest_warnings(question.target, known)
    stale = known.staleness_warning(question.today)
    return [*found, stale] if stale else found


def newest_warnings(target: KubernetesVersion, known: Calendar) -> list[str]:
    """Return that a newer version may exist, when the target is the newest on record."""
    if target is not known.newest:
        return []
    return [
        f"Whether EKS offers 1.{minor} was unknown on {checked.isoformat()}: {why}. Ask aws eks"
        " describe-cluster-versions."
        for minor, (checked, why) in known.unconfirmed.items()
    ]


def rollout_warnings(question: Question, update: Rollout) -> list[str]:
    """Return what to know about the update of the nodes."""
    group, rules = question.group, calendar().rules
    if group.nodes == 0:
        return []
    found = []
    if update.fails and update.drain_minutes is None:
        found.append(
            "The budget allows no disruption, so its pods can never be evicted: the drain waits"
            f" {rules.drain_limit_minutes} minutes and the update fails with PodEvictionFailure. Give it room"
            " (maxUnavailable: 1, or one replica more)."
        )
    elif update.fails and update.drain_minutes is not None:
        found.append(
            f"Draining takes {update.drain_minutes:g} minutes, more than the {rules.drain_limit_minutes} that a"
            " node group grants: the update fails with PodEvictionFailure. Allow more disruptions, start pods"
            " faster, or lower maxUnavailable."
        )
    elif group.force:
        late = update.drain_minutes is None or update.drain_minutes > rules.drain_limit_minutes
        found.append(
            f"--force deletes what is left after {rules.drain_limit_minutes} minutes, whatever the budget"
            f" says{': here that happens on every node with such pods' if late else ''}."
        )
    if group.strategy == "minimal":
        found.append(
            f"The minimal strategy runs with {update.lowest_nodes} of {group.nodes} nodes while it replaces"
            f" {update.nodes_at_a_time}: the rest has to carry the load."
        )
    if 1 < group.nodes <= group.max_unavailable:
        found.append(
            f"maxUnavailable {group.max_unavailable} drains all {group.nodes} nodes at once; only budgets hold"
            " pods back."
        )
    return found


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
