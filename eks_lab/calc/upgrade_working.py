"""The working of an upgrade plan: its steps, tables and plot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from eks_lab.calc.bill import count_text, price_text
from eks_lab.calc.model import Grid, Plot, Series, Step
from eks_lab.calc.node_rollout import Rollout
from eks_lab.calc.upgrade_path import HOURS_PER_DAY, Journey
from eks_lab.calc.upgrade_question import Question
from eks_lab.catalog.kubernetes_versions import KubernetesVersion, calendar


@dataclass(frozen=True, slots=True)
class SupportBill:
    """What extended support costs, for all clusters."""

    usd_per_hour: float
    """Surcharge of one cluster."""
    clusters: int
    """Clusters that pay it."""
    paid_days: int
    """Days in extended support before today."""
    stay_days: int
    """Days in it from today until EKS upgrades the control plane itself."""
    way_days: int
    """Days in it over the same time when the plan is followed."""

    def usd(self, days: int) -> float:
        """Return the surcharge of so many days, for all clusters."""
        return self.clusters * days * HOURS_PER_DAY * self.usd_per_hour

    @property
    def avoided_usd(self) -> float:
        """Return what the plan saves over that time."""
        return self.usd(self.stay_days - self.way_days)


def minutes_text(minutes: float) -> str:
    """Return `45 minutes`, or hours and minutes from 120 minutes on."""
    if minutes < 120:
        return f"{count_text(round(minutes, 1))} minutes"
    hours, rest = divmod(round(minutes), 60)
    return f"{hours:,} hours{f' {rest} minutes' if rest else ''}"


def path_steps(question: Question, plan: Journey) -> list[Step]:
    """Return the steps about versions and moves."""
    start, target, kubelet = question.start, question.target, question.kubelet
    behind = start.minor - kubelet.minor
    return [
        Step(
            formula="upgrades of the control plane = minor of the target − present minor",
            substitution=f"{target.minor} − {start.minor}",
            value=plan.hops,
            unit="upgrades",
            why="EKS moves one minor version at a time; a request that skips one is refused.",
        ),
        Step(
            formula="skew = minor of the control plane − minor of kubelet",
            substitution=f"{start.minor} − {kubelet.minor}",
            value=behind,
            unit="minors",
            why=f"Kubernetes allows 0 to {calendar().rules.kubelet_minors_behind}; EKS asks managed nodes to be"
            " level before each upgrade.",
        ),
        Step(
            formula="moves = upgrades of the control plane + updates of the nodes",
            substitution=f"{plan.hops} + {plan.node_moves}",
            value=len(plan.moves),
            unit="moves",
            why="Nodes follow each minor."
            if question.node_moves == "every-minor"
            else "Nodes follow when kubelet would be too old, and at the end: they may skip minors.",
        ),
    ]


def rollout_steps(question: Question, update: Rollout) -> list[Step]:
    """Return the steps about the rolling update of the nodes."""
    group, budget, rules = question.group, question.budget, calendar().rules
    if group.nodes == 0:
        return []
    steps = []
    if group.strategy == "default":
        steps.append(
            Step(
                formula="surge = max(2 × zones, maxUnavailable)",
                substitution=f"max({rules.surge_nodes_per_zone} × {group.zones}, {group.max_unavailable})",
                value=update.surge_nodes,
                unit="nodes",
                why="The group may grow by so many: a new node has to be Ready in each zone first.",
            )
        )
    steps.append(
        Step(
            formula="waves = ⌈nodes ÷ maxUnavailable⌉",
            substitution=f"⌈{group.nodes} ÷ {group.max_unavailable}⌉",
            value=update.waves,
            unit="waves",
            why="So many nodes are drained side by side.",
        )
    )
    if budget.pods_per_node and update.drain_minutes is not None:
        pods = budget.pods_per_node * update.nodes_at_a_time
        steps.append(
            Step(
                formula="drain = max(drain, ⌈pods under the budget ÷ allowed⌉ × time to ready)",
                substitution=f"max({group.drain_minutes:g}, ⌈{pods} ÷ {budget.allowed_disruptions}⌉ ×"
                f" {budget.ready_minutes:g})",
                value=round(update.drain_minutes, 4),
                unit="minutes",
                why=f"A budget lets pods go one group after another; after {rules.drain_limit_minutes} minutes"
                " the update fails.",
            )
        )
    steps.append(_update_step(question, update))
    return steps


def _update_step(question: Question, update: Rollout) -> Step:
    group, rules = question.group, calendar().rules
    limit = rules.drain_limit_minutes
    if update.fails:
        first = f"{group.start_minutes:g} + " if group.strategy == "default" else ""
        return Step(
            formula="the update fails after = start of nodes + drain limit"
            if first
            else "the update fails after = drain limit",
            substitution=f"{first}{limit}",
            value=round(update.minutes, 4),
            unit="minutes",
            why="PodEvictionFailure: the remaining old nodes go on serving, the group is mixed.",
        )
    drain = limit if update.drain_minutes is None else min(update.drain_minutes, limit)
    each = f"({drain:g} + {rules.wait_after_drain_minutes} + {group.terminate_minutes:g}"
    if group.strategy == "default":
        return Step(
            formula="one update of the nodes = start + waves × (drain + wait + terminate)",
            substitution=f"{group.start_minutes:g} + {update.waves} × {each})",
            value=round(update.minutes, 4),
            unit="minutes",
            why="New nodes start while old ones are drained, except for the first.",
        )
    return Step(
        formula="one update of the nodes = waves × (drain + wait + terminate + start)",
        substitution=f"{update.waves} × {each} + {group.start_minutes:g})",
        value=round(update.minutes, 4),
        unit="minutes",
        why="The minimal strategy starts a node when an old one is gone.",
    )


def time_steps(question: Question, plan: Journey, update: Rollout) -> list[Step]:
    """Return the steps about work and days."""
    rules = calendar().rules
    return [
        Step(
            formula="work = upgrades × (control plane + add-ons) + node updates × time of one",
            substitution=f"{plan.hops} × ({question.control_plane_minutes:g} + {question.add_on_minutes:g}) +"
            f" {plan.node_moves} × {update.minutes:g}",
            value=round(work_minutes(question, plan, update), 4),
            unit="minutes",
            why="By the clock, without tests and without waiting for people.",
        ),
        Step(
            formula="last upgrade = today + (upgrades − 1) × pause",
            substitution=f"{plan.today.isoformat()} + ({plan.hops} − 1) × {plan.pause_days} days",
            value=plan.done.isoformat(),
            unit="",
            why="Time between two upgrades shows which one broke something.",
        ),
        Step(
            formula=f"rollback until = last upgrade + {rules.rollback_days} days",
            substitution=f"{plan.done.isoformat()} + {rules.rollback_days} days",
            value=(plan.done + timedelta(days=rules.rollback_days)).isoformat(),
            unit="",
            why="Only the last upgrade can be undone, by one minor, and only in place.",
        ),
    ]


def work_minutes(question: Question, plan: Journey, update: Rollout) -> float:
    """Return how long all moves take by the clock, in minutes."""
    each = question.control_plane_minutes + question.add_on_minutes
    return plan.hops * each + plan.node_moves * update.minutes


def bill_steps(question: Question, bill: SupportBill, stay_end: date) -> list[Step]:
    """Return the steps about extended support."""
    start = question.start
    price = price_text(bill.usd_per_hour)

    def step(formula: str, days: int, why: str) -> Step:
        return Step(
            formula=f"{formula} = clusters × days × 24 × surcharge",
            substitution=f"{bill.clusters} × {days} × {HOURS_PER_DAY} × {price}",
            value=round(bill.usd(days), 2),
            unit="USD",
            why=why,
        )

    steps = []
    if bill.paid_days:
        steps.append(
            step(
                "paid so far",
                bill.paid_days,
                f"{start.name} left standard support on {start.end_of_standard.isoformat()}; if it ran on it"
                " all the time.",
            )
        )
    steps += [
        step(
            "if you stay",
            bill.stay_days,
            f"Until EKS upgrades {start.name} by itself after {stay_end.isoformat()}.",
        ),
        step(
            "on the way",
            bill.way_days,
            "Over the same days with the plan: what is still extended when it is reached costs too.",
        ),
        Step(
            formula="avoided = if you stay − on the way",
            substitution=f"{bill.usd(bill.stay_days):.2f} − {bill.usd(bill.way_days):.2f}",
            value=round(bill.avoided_usd, 2),
            unit="USD",
            why="What the plan saves in extended support.",
        ),
    ]
    return steps


def moves_grid(plan: Journey, question: Question, update: Rollout) -> Grid:
    """Return the plan as a table: one row a move, add-ons and clients after each upgrade."""
    rows: list[tuple[int | str | float, ...]] = []
    for index, move in enumerate(plan.moves):
        minutes = update.minutes if move.what == "nodes" else question.control_plane_minutes
        rows.append((len(rows) + 1, move.day.isoformat(), move.what, move.start, move.end, round(minutes, 1)))
        following = plan.moves[index + 1].hop if index + 1 < len(plan.moves) else -1
        if move.hop and following != move.hop:
            reached = plan.versions[move.hop].name
            rows.append(
                (
                    len(rows) + 1,
                    move.day.isoformat(),
                    "add-ons, clients",
                    "",
                    f"for {reached}",
                    round(question.add_on_minutes, 1),
                )
            )
    return Grid(
        title="The plan, in this order",
        columns=("Step", "Day", "What", "From", "To", "Minutes"),
        rows=tuple(rows),
    )


def calendar_grid(versions: tuple[KubernetesVersion, ...], today: date) -> Grid:
    """Return the support phase of versions on a day."""
    rows = []
    for version in versions:
        end = version.phase_end(today)
        rows.append(
            (
                version.name,
                version.phase(today),
                version.end_of_standard.isoformat(),
                version.end_of_extended.isoformat(),
                (end - today).days if end else None,
            )
        )
    return Grid(
        title=f"Support on {today.isoformat()}",
        columns=("Version", "Phase", "Standard until", "Extended until", "Days left in phase"),
        rows=tuple(rows),
    )


def bill_plot(question: Question, plan: Journey, bill: SupportBill, stay_end: date) -> Plot | None:
    """Return both bills over the days from today; None when neither costs anything."""
    if not bill.stay_days and not bill.way_days:
        return None
    start, today = question.start, question.today
    days = {0, (stay_end - today).days}
    turns = [start.end_of_standard, *(plan.hop_day(hop) for hop in range(1, plan.hops + 1))]
    turns += [end for version in plan.versions for end in (version.end_of_standard, version.end_of_extended)]
    days |= {(turn - today).days for turn in turns if today < turn < stay_end}
    xs = sorted(days)
    ends = {x: today + timedelta(days=x) for x in xs}
    return Plot(
        title="Extended support from today on",
        x_label="days from today",
        y_label="USD",
        series=(
            Series(
                name=f"stay on {start.name}",
                points=tuple((x, round(bill.usd(start.extended_days(today, ends[x])), 2)) for x in xs),
            ),
            Series(
                name="follow the plan",
                points=tuple((x, round(bill.usd(plan.extended_days(ends[x])), 2)) for x in xs),
            ),
        ),
    )
