"""An upgrade from one Kubernetes version to another: dates, order, nodes, price and the way back.

The control plane moves one minor version at a time, and what waits pays extended support. Sources: the
calendar of `eks_lab.catalog.kubernetes_versions` and `eks_lab.catalog.service_prices`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eks_lab.calc.bill import HOURS_PER_MONTH, usd_text
from eks_lab.calc.model import Answer, Calculator, Reference, Value
from eks_lab.calc.node_rollout import Rollout, rollout
from eks_lab.calc.price_overrides import PriceBook
from eks_lab.calc.rollback_plan import (
    Rollback,
    rollback,
    rollback_grid,
    rollback_steps,
    rollback_warnings,
)
from eks_lab.calc.upgrade_path import Journey, journey, stay_ends
from eks_lab.calc.upgrade_question import INPUTS, Question
from eks_lab.calc.upgrade_warnings import path_warnings, rollout_warnings
from eks_lab.calc.upgrade_working import (
    SupportBill,
    bill_plot,
    bill_steps,
    calendar_grid,
    minutes_text,
    moves_grid,
    path_steps,
    rollout_steps,
    time_steps,
    work_minutes,
)
from eks_lab.catalog.kubernetes_versions import calendar, rollback_deadline
from eks_lab.catalog.source import Source
from eks_lab.errors import InputError

_FEE = "eks_cluster_hour"
_SURCHARGE = "eks_extended_support_hour"
_UNITS = {
    "upgrades": "upgrades",
    "node_moves": "updates",
    "moves": "moves",
    "days_left_in_phase": "days",
    "days_of_standard_left": "days",
    "work_minutes": "minutes",
    "rollback_days_left": "days",
    "surge_nodes": "nodes",
    "peak_nodes": "nodes",
    "lowest_nodes": "nodes",
    "waves": "waves",
    "drain_minutes": "minutes",
    "node_update_minutes": "minutes",
    "fee_usd_per_month": "USD/month",
    "fee_after_usd_per_month": "USD/month",
    "paid_usd": "USD",
    "stay_usd": "USD",
    "way_usd": "USD",
    "avoided_usd": "USD",
}


def _reference(source: Source) -> Reference:
    return Reference(title=source.title, date=source.as_of.isoformat(), url=source.url)


def _fee_usd_per_month(question: Question, book: PriceBook, *, extended: bool) -> float:
    hourly = book.value(_FEE) + (book.value(_SURCHARGE) if extended else 0.0)
    return round(question.clusters * HOURS_PER_MONTH * hourly, 2)


def _figures(question: Question, book: PriceBook, update: Rollout, **own: Any) -> dict[str, Any]:
    """Return every figure in its order; those that do not apply are None."""
    start, target, today = question.start, question.target, question.today
    end = start.phase_end(today)
    known: dict[str, Any] = {
        "from_phase": start.phase(today),
        "to_phase": target.phase(today),
        "days_left_in_phase": (end - today).days if end else None,
        "surge_nodes": update.surge_nodes,
        "peak_nodes": update.peak_nodes,
        "lowest_nodes": update.lowest_nodes,
        "waves": update.waves,
        "drain_minutes": update.drain_minutes,
        "node_update_minutes": round(update.minutes, 4),
        "node_update_fails": update.fails,
        "fee_usd_per_month": _fee_usd_per_month(question, book, extended=start.phase(today) == "extended"),
        "fee_after_usd_per_month": _fee_usd_per_month(
            question, book, extended=target.phase(today) == "extended"
        ),
        **own,
    }
    order = (
        *("upgrades", "node_moves", "moves", "from_phase", "days_left_in_phase", "to_phase"),
        *("days_of_standard_left", "done_on", "work_minutes", "rollback_until", "rollback_days_left"),
        *("surge_nodes", "peak_nodes", "lowest_nodes", "waves", "drain_minutes", "node_update_minutes"),
        *("node_update_fails", "fee_usd_per_month", "fee_after_usd_per_month"),
        *("paid_usd", "stay_usd", "way_usd", "avoided_usd"),
    )
    return {name: known.get(name) for name in order}


def _bill(question: Question, plan: Journey, usd_per_hour: float) -> SupportBill:
    start, today = question.start, question.today
    end = stay_ends(start, today, question.policy)
    return SupportBill(
        usd_per_hour=usd_per_hour,
        clusters=question.clusters,
        paid_days=start.extended_days(start.end_of_standard, today),
        stay_days=start.extended_days(today, end),
        way_days=plan.extended_days(end),
    )


def _headline(question: Question, plan: Journey, update: Rollout, bill: SupportBill) -> str:
    upgrades = "1 upgrade" if plan.hops == 1 else f"{plan.hops} upgrades, one minor at a time"
    text = f"{question.start.name} to {question.target.name}: {upgrades}"
    if plan.node_moves:
        nodes = "1 update" if plan.node_moves == 1 else f"{plan.node_moves} updates"
        text += f" and {nodes} of the nodes"
    if update.fails:
        return f"{text}; the first update of nodes fails after {minutes_text(update.minutes)}."
    text += f", about {minutes_text(work_minutes(question, plan, update))} of work, done on"
    text += f" {plan.done.isoformat()}"
    if bill.avoided_usd > 0:
        return f"{text}; it avoids {usd_text(bill.avoided_usd)} USD of extended support."
    return f"{text}; no extended support is avoided."


def _upgrade(inputs: Mapping[str, Value], question: Question, book: PriceBook) -> Answer:
    plan = journey(
        question.start,
        question.target,
        question.kubelet,
        question.today,
        pause_days=question.pause_days,
        node_moves=question.node_moves,
    )
    update = rollout(question.group, question.budget)
    bill = _bill(question, plan, book.value(_SURCHARGE))
    end = stay_ends(question.start, question.today, question.policy)
    plot = bill_plot(question, plan, bill, end)
    known = calendar()
    until = rollback_deadline(plan.done)
    return Answer(
        calculator="upgrade-plan",
        headline=_headline(question, plan, update, bill),
        inputs=dict(inputs),
        result=_figures(
            question,
            book,
            update,
            upgrades=plan.hops,
            node_moves=plan.node_moves,
            moves=len(plan.moves),
            days_of_standard_left=max(0, (question.target.end_of_standard - plan.done).days),
            done_on=plan.done.isoformat(),
            work_minutes=None if update.fails else round(work_minutes(question, plan, update), 4),
            rollback_until=until.isoformat(),
            rollback_days_left=(until - plan.done).days,
            paid_usd=round(bill.usd(bill.paid_days), 2),
            stay_usd=round(bill.usd(bill.stay_days), 2),
            way_usd=round(bill.usd(bill.way_days), 2),
            avoided_usd=round(bill.avoided_usd, 2),
        ),
        steps=(
            *path_steps(question, plan),
            *rollout_steps(question, update),
            *([] if update.fails else time_steps(question, plan, update)),
            *bill_steps(question, bill, end),
        ),
        sources=(
            _reference(known.source),
            *(_reference(known.rule_sources[name]) for name in ("lifecycle", "skew", "nodes", "rollback")),
            *book.references((_FEE, _SURCHARGE)),
        ),
        warnings=(
            *rollout_warnings(question, update),
            *path_warnings(question, plan),
            *book.warnings((_FEE, _SURCHARGE)),
        ),
        grids=(moves_grid(plan, question, update), calendar_grid(plan.versions, question.today)),
        plots=() if plot is None else (plot,),
    )


def _back_headline(plan: Rollback) -> str:
    question = plan.question
    way = f"{question.start.name} back to {question.target.name}"
    nodes = "nodes first, then the control plane" if plan.node_moves else "the nodes fit already"
    if plan.deadline is None:
        return f"{way}: possible for {calendar().rules.rollback_days} days after the upgrade; {nodes}."
    left = "today is the last day" if plan.days_left == 0 else f"{plan.days_left} days left"
    return f"{way}: possible until {plan.deadline.isoformat()}, {left}; {nodes}."


def _back(inputs: Mapping[str, Value], question: Question, book: PriceBook) -> Answer:
    plan = rollback(question)
    update = rollout(question.group, question.budget)
    surcharge = book.value(_SURCHARGE)
    known = calendar()
    stale = known.staleness_warning(question.today)
    return Answer(
        calculator="upgrade-plan",
        headline=_back_headline(plan),
        inputs=dict(inputs),
        result=_figures(
            question,
            book,
            update,
            upgrades=0,
            node_moves=plan.node_moves,
            moves=1 + plan.node_moves,
            days_of_standard_left=max(0, (question.target.end_of_standard - question.today).days),
            rollback_until=plan.deadline.isoformat() if plan.deadline else None,
            rollback_days_left=plan.days_left,
        ),
        steps=(
            *rollback_steps(plan, surcharge),
            *(rollout_steps(question, update) if plan.node_moves else []),
        ),
        sources=(
            _reference(known.rule_sources["rollback"]),
            _reference(known.source),
            *([_reference(known.rule_sources["nodes"])] if plan.node_moves else []),
            *book.references((_FEE, _SURCHARGE)),
        ),
        warnings=(
            *(rollout_warnings(question, update) if plan.node_moves else []),
            *rollback_warnings(plan, surcharge),
            *([stale] if stale else []),
            *book.warnings((_FEE, _SURCHARGE)),
        ),
        grids=(
            rollback_grid(plan, update),
            calendar_grid((question.target, question.start), question.today),
        ),
    )


def upgrade_plan(inputs: Mapping[str, Value]) -> Answer:
    """Answer how a cluster gets from one version to another.

    Args:
        inputs: checked inputs of `CALCULATOR`; `today` has to be set.

    Returns:
        `upgrades` of the control plane, `node_moves`, `done_on`, `work_minutes` (None when the first
        update of nodes fails), the rolling update (`surge_nodes`, `waves`, `node_update_minutes` until
        it ends or fails, `drain_minutes` None when a budget allows nothing), and extended support in
        USD for all clusters: `paid_usd` until today, `stay_usd` and `way_usd` until EKS would upgrade
        by itself, `avoided_usd` their difference. For a target one minor below, the conditions of a
        rollback, with those figures None.

    Raises:
        InputError: today is not set; a version never existed, has left EKS or is not there yet; the
            target is the present version or more than one below; nodes that do not fit; a price.
    """
    question = Question.of(inputs)
    book = PriceBook.of(inputs)
    if question.start is question.target:
        raise InputError(
            f"to_version: {question.target.name} is the present version, so there is nothing to upgrade",
            hint="Give a newer version, or the one before for a rollback.",
        )
    return (_back if question.is_rollback else _upgrade)(inputs, question, book)


CALCULATOR = Calculator(
    name="upgrade-plan",
    title="Upgrade plan",
    summary="From one Kubernetes version to another: order, dates, nodes, extended support, and the way back.",
    inputs=INPUTS,
    compute=upgrade_plan,
    lesson="architecture.versions",
    result_units=_UNITS,
)
