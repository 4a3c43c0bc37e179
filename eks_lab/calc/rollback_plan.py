"""The way back: one minor version, within seven days, nodes first.

Source: the EKS user guide's page on rollbacks; the limits are data of
`eks_lab.catalog.kubernetes_versions`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from eks_lab.calc.bill import HOURS_PER_MONTH, price_text, usd_text
from eks_lab.calc.model import Grid, Step
from eks_lab.calc.node_rollout import Rollout
from eks_lab.calc.upgrade_path import check_skew
from eks_lab.calc.upgrade_question import Question
from eks_lab.catalog.kubernetes_versions import calendar, rollback_deadline
from eks_lab.errors import InputError


@dataclass(frozen=True, slots=True)
class Rollback:
    """A rollback that the rules do not forbid."""

    question: Question
    """Who goes back where."""
    deadline: date | None
    """Last day on which it may begin; None when the day of the upgrade is not known."""
    surcharge_begins: bool
    """Whether the older version is in extended support and the present one is not."""

    @property
    def days_left(self) -> int | None:
        """Return the days until the deadline; None when it is not known."""
        return None if self.deadline is None else (self.deadline - self.question.today).days

    @property
    def node_moves(self) -> int:
        """Return how many updates of the nodes have to come first: 0 or 1."""
        return int(self.question.kubelet.minor > self.question.target.minor)


def rollback(question: Question) -> Rollback:
    """Return the rollback from a version to the one before it.

    Args:
        question: with a target one minor below the present version.

    Raises:
        InputError: it goes back further than one minor, the window is over, or the older version has
            left EKS.
    """
    start, target, today = question.start, question.target, question.today
    check_skew(start, question.kubelet)
    back = start.minor - target.minor
    if back > 1:
        raise InputError(
            f"to_version: {target.name} is {back} minors below {start.name}; a rollback goes back one",
            hint=f"Only 1.{start.minor - 1} can be reached, and only within"
            f" {calendar().rules.rollback_days} days of the upgrade.",
        )
    if start.phase(today) == "not released":
        raise InputError(
            f"from_version: {start.name} came to EKS on {start.released.isoformat()}, after"
            f" {today.isoformat()}",
            hint="Give an older version, or a later day as today.",
        )
    if target.phase(today) == "ended":
        raise InputError(
            f"to_version: {target.name} left extended support on {target.end_of_extended.isoformat()}, so no"
            " control plane can go back to it",
            hint="Roll forward: repair what broke, or upgrade to a newer version.",
        )
    deadline = None
    if question.upgraded_on is not None:
        if question.upgraded_on > today:
            raise InputError(
                f"upgraded_on: {question.upgraded_on.isoformat()} is after today ({today.isoformat()})",
                hint="Give the day on which the control plane came to its present version.",
            )
        deadline = rollback_deadline(question.upgraded_on)
        if today > deadline:
            raise InputError(
                f"upgraded_on: {question.upgraded_on.isoformat()} is"
                f" {(today - question.upgraded_on).days} days ago; a rollback has to begin within"
                f" {calendar().rules.rollback_days} days",
                hint="Roll forward: repair what broke, or upgrade to a newer version.",
            )
    return Rollback(
        question=question,
        deadline=deadline,
        surcharge_begins=target.phase(today) == "extended" and start.phase(today) == "standard",
    )


def rollback_steps(plan: Rollback, usd_per_hour: float) -> list[Step]:
    """Return the working.

    Args:
        plan: the rollback.
        usd_per_hour: surcharge of extended support for one cluster.
    """
    question, rules = plan.question, calendar().rules
    steps = [
        Step(
            formula="minors back = present minor − minor of the target",
            substitution=f"{question.start.minor} − {question.target.minor}",
            value=1,
            unit="minors",
            why="One is all a rollback does; after two upgrades only the second can be undone.",
        )
    ]
    if question.upgraded_on is not None and plan.deadline is not None:
        steps.append(
            Step(
                formula=f"rollback until = day of the upgrade + {rules.rollback_days} days",
                substitution=f"{question.upgraded_on.isoformat()} + {rules.rollback_days} days",
                value=plan.deadline.isoformat(),
                unit="",
                why=f"{plan.days_left} days from today.",
            )
        )
    steps.append(
        Step(
            formula="updates of the nodes first = 1 if kubelet is newer than the target, else 0",
            substitution=f"kubelet {question.kubelet.name}, target {question.target.name}",
            value=plan.node_moves,
            unit="updates",
            why="kubelet may never be newer than the API server.",
        )
    )
    if plan.surcharge_begins:
        steps.append(
            Step(
                formula="surcharge = clusters × 730 × price of extended support",
                substitution=f"{question.clusters} × {HOURS_PER_MONTH} × {price_text(usd_per_hour)}",
                value=round(question.clusters * HOURS_PER_MONTH * usd_per_hour, 2),
                unit="USD/month",
                why=f"{question.target.name} is in extended support: it is paid again from the rollback on.",
            )
        )
    return steps


def rollback_grid(plan: Rollback, update: Rollout) -> Grid:
    """Return the moves in their order."""
    question = plan.question
    start, target = question.start.name, question.target.name
    rows: list[tuple[str, str, str, float | None]] = [("insights", "ROLLBACK_READINESS", "no ERROR", None)]
    if plan.node_moves:
        rows.append(("nodes", question.kubelet.name, target, round(update.minutes, 1)))
    rows.append(("add-ons that do not fit", f"for {start}", f"for {target}", question.add_on_minutes))
    rows.append(("control plane", start, target, question.control_plane_minutes))
    return Grid(
        title="The way back, in this order",
        columns=("What", "From", "To", "Minutes"),
        rows=tuple(rows),
    )


def rollback_warnings(plan: Rollback, usd_per_hour: float) -> list[str]:
    """Return what to know before going back.

    Args:
        plan: the rollback.
        usd_per_hour: surcharge of extended support for one cluster.
    """
    question = plan.question
    found = [
        (
            "A rollback restores software, not data: what the new version wrote stays in etcd, and add-ons, node"
            " groups and workloads stay as they are."
        ),
        (
            f"It is for clusters that were upgraded in place: not for one created on {question.start.name}, nor"
            " for one that EKS upgraded at the end of extended support."
        ),
        f"Fargate pods that run {question.start.name} have to be deleted first; --force skips only insights.",
    ]
    if question.upgraded_on is None:
        found.append(
            f"The window of {calendar().rules.rollback_days} days is not judged: give upgraded_on, the day of"
            " the upgrade."
        )
    if plan.surcharge_begins:
        found.append(
            f"{question.target.name} is in extended support: the upgrade policy has to be EXTENDED, and"
            f" {usd_text(usd_per_hour)} USD an hour for each cluster begin again."
        )
    return found
