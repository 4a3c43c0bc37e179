"""What a cluster costs an hour, a month and a year, what dominates, and how a second scenario differs.

The bill comes from `eks_lab.calc.cluster_bill`, prices from `eks_lab.catalog.service_prices` and
`eks_lab.catalog.prices`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eks_lab.calc.bill import HOURS_PER_MONTH, MONTHS_PER_YEAR, Bill, usd_text
from eks_lab.calc.cluster_bill import cluster_bill
from eks_lab.calc.cluster_inputs import COMPARE, INPUTS, PLAN_INPUTS
from eks_lab.calc.cluster_plan import ClusterPlan
from eks_lab.calc.forms import read_value
from eks_lab.calc.model import Answer, Calculator, Grid, Step, Value
from eks_lab.calc.price_overrides import PriceBook, read_pairs
from eks_lab.catalog.suggestion import did_you_mean
from eks_lab.errors import InputError

GROUPS = (
    "control plane",
    "nodes",
    "Auto Mode",
    "Fargate",
    "hybrid nodes",
    "network",
    "storage",
    "keys",
    "logs",
)
INTERNET_TIER_GB = 10_240
"""Beyond this the price of traffic to the Internet falls."""
LONGEST_QUOTED = 60
"""Characters of the second scenario in the headline."""


def second_scenario(inputs: Mapping[str, Value], text: str) -> dict[str, Value]:
    """Return the inputs of the second scenario.

    Args:
        inputs: checked inputs of the first.
        text: `nodes=5,nat=single`.

    Raises:
        InputError: an unknown input or an unusable value.
    """
    known = {field.name: field for field in PLAN_INPUTS}
    changed = dict(inputs)
    for name, value in read_pairs(COMPARE.name, text).items():
        field = known.get(name.lower().replace("-", "_"))
        if field is None:
            raise InputError(
                f"compare: cluster-cost has no input {name!r:.60}",
                hint=did_you_mean(name.lower(), known) or f"Inputs: {', '.join(known)}.",
            )
        changed[field.name] = read_value(field, value)
    return changed


def _second(inputs: Mapping[str, Value], text: str, book: PriceBook) -> tuple[ClusterPlan, Bill]:
    try:
        plan = ClusterPlan.of(second_scenario(inputs, text))
        return plan, cluster_bill(plan, book)
    except InputError as error:
        message = error.message
        raise InputError(
            message if message.startswith("compare: ") else f"compare: {message}", hint=error.hint
        ) from None


def _steps(bill: Bill) -> list[Step]:
    total = bill.usd_per_month
    return [
        *(item.step() for item in bill.items),
        Step(
            formula="month = sum of all items",
            substitution=" + ".join(f"{item.usd_per_month:.2f}" for item in bill.items),
            value=round(total, 2),
            unit="USD/month",
            why="List prices, without taxes, free tiers and agreed discounts.",
        ),
        Step(
            formula="hour = month ÷ 730",
            substitution=f"{total:.2f} ÷ {HOURS_PER_MONTH}",
            value=round(bill.usd_per_hour, 4),
            unit="USD/h",
            why="What leaving it on costs.",
        ),
        Step(
            formula="year = month × 12",
            substitution=f"{total:.2f} × {MONTHS_PER_YEAR}",
            value=round(bill.usd_per_year, 2),
            unit="USD/year",
        ),
    ]


def _difference_step(bill: Bill, other: Bill) -> Step:
    return Step(
        formula="difference = second scenario − first",
        substitution=f"{other.usd_per_month:.2f} − {bill.usd_per_month:.2f}",
        value=round(other.usd_per_month - bill.usd_per_month, 2),
        unit="USD/month",
        why="Below zero the second is cheaper.",
    )


def _side_by_side(bill: Bill, other: Bill) -> Grid:
    first = {item.what: item.usd_per_month for item in bill.items}
    second = {item.what: item.usd_per_month for item in other.items}
    rows = [
        (
            what,
            round(first.get(what, 0.0), 2),
            round(second.get(what, 0.0), 2),
            _rounded_gap(first, second, what),
        )
        for what in dict.fromkeys([*first, *second])
    ]
    rows.append(
        (
            "Together",
            round(bill.usd_per_month, 2),
            round(other.usd_per_month, 2),
            round(other.usd_per_month - bill.usd_per_month, 2),
        )
    )
    return Grid(
        title="Both scenarios, USD a month",
        columns=("Item", "First", "Second", "Difference"),
        rows=tuple(rows),
    )


def _rounded_gap(first: Mapping[str, float], second: Mapping[str, float], what: str) -> float:
    return round(second.get(what, 0.0) - first.get(what, 0.0), 2)


def _plan_warnings(plan: ClusterPlan, bill: Bill) -> list[str]:
    found = []
    if plan.nodes == 0 and plan.fargate_pods == 0 and plan.hybrid_vcpus == 0:
        found.append("Nothing runs pods here: no node, no Fargate pod, no Hybrid Node.")
    if plan.support == "extended":
        surcharge = next(item for item in bill.items if item.what == "Extended support")
        found.append(
            f"Extended support: {usd_text(surcharge.usd_per_month)} USD a month end with an upgrade to a"
            " version in standard support."
        )
    if plan.nat == "single" and plan.zones > 1:
        found.append(
            "A single NAT gateway stands in one zone: if that zone fails, no private subnet has a way out."
        )
    if plan.nat == "none" and plan.nat_gb > 0:
        found.append(f"nat_gb {plan.nat_gb:g} costs nothing: there is no NAT gateway.")
    if plan.endpoint_gb > 0 and plan.interface_endpoints == 0:
        found.append(f"endpoint_gb {plan.endpoint_gb:g} costs nothing: there is no interface endpoint.")
    if plan.internet_gb > INTERNET_TIER_GB:
        found.append(
            f"Beyond {INTERNET_TIER_GB:,} GB a month traffic to the Internet is cheaper than reckoned here."
        )
    if plan.kept_days != plan.log_retention_days:
        found.append(
            f"CloudWatch cannot keep logs for {plan.log_retention_days} days; the next setting is"
            f" {plan.kept_days}."
        )
    return found


def _headline(plan: ClusterPlan, bill: Bill, other: Bill | None, compare: str) -> str:
    zones = "1 zone" if plan.zones == 1 else f"{plan.zones} zones"
    nodes = f"{plan.nodes} × {plan.instance} in {zones}" if plan.nodes else f"A cluster in {zones}"
    text = (
        f"{nodes}: {usd_text(bill.usd_per_month)} USD a month ({usd_text(bill.usd_per_hour)} an hour,"
        f" {usd_text(bill.usd_per_year)} a year)"
    )
    dominant = bill.dominant()
    text += f"; {dominant[0]} {_are(dominant[0])} {dominant[1]:.0f} % of it." if dominant else "."
    if other is None:
        return text
    gap = other.usd_per_month - bill.usd_per_month
    change = "as much" if round(gap, 2) == 0 else f"{usd_text(abs(gap))} {'more' if gap > 0 else 'less'}"
    changed = compare if len(compare) <= LONGEST_QUOTED else f"{compare[: LONGEST_QUOTED - 1]}…"
    return f"{text} With {changed}: {usd_text(other.usd_per_month)} USD, {change}."


def _are(group: str) -> str:
    return "are" if group.endswith("s") else "is"


def _figures(bill: Bill, other: Bill | None) -> dict[str, Any]:
    dominant = bill.dominant()
    groups = bill.by_group()
    gap = None if other is None else other.usd_per_month - bill.usd_per_month
    other_dominant = other.dominant() if other else None
    return {
        "usd_per_hour": round(bill.usd_per_hour, 4),
        "usd_per_month": round(bill.usd_per_month, 2),
        "usd_per_year": round(bill.usd_per_year, 2),
        "dominant": dominant[0] if dominant else None,
        "dominant_percent": round(dominant[1], 1) if dominant else None,
        **{_figure_name(group): round(groups.get(group, 0.0), 2) for group in GROUPS},
        "compare_usd_per_hour": round(other.usd_per_hour, 4) if other else None,
        "compare_usd_per_month": round(other.usd_per_month, 2) if other else None,
        "compare_usd_per_year": round(other.usd_per_year, 2) if other else None,
        "compare_dominant": other_dominant[0] if other_dominant else None,
        "difference_usd_per_month": None if gap is None else round(gap, 2),
        "difference_percent": round(100 * gap / bill.usd_per_month, 1)
        if gap is not None and bill.usd_per_month > 0
        else None,
    }


def _figure_name(group: str) -> str:
    return f"{group.lower().replace(' ', '_')}_usd_per_month"


def cluster_cost(inputs: Mapping[str, Value]) -> Answer:
    """Answer what a cluster costs.

    Args:
        inputs: checked inputs of `CALCULATOR`.

    Returns:
        `usd_per_hour`, `usd_per_month` (730 h), `usd_per_year`; `dominant` names the dearest group and
        `dominant_percent` its share; one figure a group. The `compare_…` and `difference_…` figures
        are None without a second scenario. `dominant` is None when everything costs nothing.

    Raises:
        InputError: more discounted nodes than nodes, an instance type without a price, a Fargate pod
            that fits no size, or an unusable second scenario or price.
    """
    book = PriceBook.of(inputs)
    plan = ClusterPlan.of(inputs)
    bill = cluster_bill(plan, book)
    other = other_plan = None
    compare = inputs["compare"]
    if isinstance(compare, str):
        other_plan, other = _second(inputs, compare, book)
    bills = [bill] if other is None else [bill, other]
    keys = [key for found in bills for key in found.price_keys]
    instances = [found.instance for found in (plan, other_plan) if found is not None and found.nodes]
    warnings = _plan_warnings(plan, bill)
    if other is not None and other_plan is not None:
        warnings += [
            f"Second scenario: {text}" for text in _plan_warnings(other_plan, other) if text not in warnings
        ]
    grids = [bill.grid("Items, list prices of us-east-1")]
    if other is not None:
        grids = [_side_by_side(bill, other), *grids, other.grid("Items of the second scenario")]
    return Answer(
        calculator="cluster-cost",
        headline=_headline(plan, bill, other, str(compare or "")),
        inputs=dict(inputs),
        result=_figures(bill, other),
        steps=(*_steps(bill), *([] if other is None else [_difference_step(bill, other)])),
        sources=book.references(keys, instances=instances),
        warnings=(*warnings, *book.warnings(keys, instances=instances)),
        grids=tuple(grids),
    )


CALCULATOR = Calculator(
    name="cluster-cost",
    title="Cost of a cluster",
    summary="What a cluster costs an hour, a month and a year, what dominates, and a second scenario beside it.",
    inputs=INPUTS,
    compute=cluster_cost,
    lesson="practices.reliability-and-cost",
    result_units={
        "usd_per_hour": "USD/h",
        "usd_per_month": "USD/month",
        "usd_per_year": "USD/year",
        "dominant_percent": "%",
        **{_figure_name(group): "USD/month" for group in GROUPS},
        "compare_usd_per_hour": "USD/h",
        "compare_usd_per_month": "USD/month",
        "compare_usd_per_year": "USD/year",
        "difference_usd_per_month": "USD/month",
        "difference_percent": "%",
    },
)
