"""The tables of a packing answer: comparison, nodes, what EC2 may choose from, consolidation, unplaced pods."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from eks_lab.calc.model import Grid, Plot, Series, Value
from eks_lab.calc.packer.consolidation import Outcome
from eks_lab.calc.packer.nodes import PlannedNode, launch_options
from eks_lab.calc.packer.plan import Plan
from eks_lab.calc.packer.pods import CPU, MEMORY, PODS
from eks_lab.calc.packer.question import Question, Result

HOURS_PER_MONTH = 730
MOST_NODES_SHOWN = 200
MOST_LAUNCHES_SHOWN = 20
_MOST_NAMES = 4


def grids(question: Question, result: Result) -> tuple[Grid, ...]:
    """Return the tables."""
    plan = result.plan
    found = [comparison(question, result), by_type(plan), nodes(plan)]
    if question.has_own_pool or plan.nodes:
        found.append(launches(plan))
    if result.outcome is not None:
        found += consolidation(result.outcome)
    found += [
        unplaced("Pods without a node", plan),
        unplaced("Pods the node groups cannot take", result.on_groups),
    ]
    return tuple(grid for grid in found if grid.rows)


def comparison(question: Question, result: Result) -> Grid:
    """Return costs side by side."""
    bound, plan, groups = result.bound_usd_per_hour, result.plan, result.on_groups
    rows: list[tuple[Value, ...]] = [
        ("lower bound", None, None, round(bound, 4), round(bound * HOURS_PER_MONTH, 2), plan.placed, None),
        _compared("Karpenter", plan, bound),
        _compared(f"Cluster Autoscaler on {', '.join(question.groups)}", groups, bound),
    ]
    columns = ("what", "nodes", "vCPUs", "USD/h", "USD/month (730 h)", "pods placed", "above the bound %")
    return Grid("Comparison", columns, tuple(rows))


def _compared(name: str, plan: Plan, bound: float) -> tuple[Value, ...]:
    shapes = plan.problem.filters.shapes
    usd = plan.usd_per_hour
    return (
        name,
        len(plan.nodes),
        sum(shapes[node.shape].machine.instance.vcpus for node in plan.nodes),
        round(usd, 4),
        round(usd * HOURS_PER_MONTH, 2),
        plan.placed,
        gap_percent(usd, bound),
    )


def gap_percent(usd: float, bound: float) -> float | None:
    """Return how far a cost lies above the bound; None without a bound."""
    return round(100 * (usd / bound - 1), 2) if bound > 0 else None


def by_type(plan: Plan) -> Grid:
    """Return the nodes by type, capacity type and NodePool."""
    shapes = plan.problem.filters.shapes
    counts: Counter[tuple[str, str, str, float]] = Counter()
    for node in plan.nodes:
        shape = shapes[node.shape]
        counts[shape.type_name, shape.capacity_type, shape.owner, shape.usd_per_hour] += 1
    rows = [
        (name, kind, owner, count, round(usd, 6), round(usd * count, 4))
        for (name, kind, owner, usd), count in sorted(
            counts.items(), key=lambda item: (-item[0][3] * item[1], item[0])
        )
    ]
    columns = ("type", "capacity", "NodePool", "nodes", "USD/h each", "USD/h")
    return Grid("Nodes by type", columns, tuple(rows))


def nodes(plan: Plan) -> Grid:
    """Return every node, the first `MOST_NODES_SHOWN` of them."""
    filters = plan.problem.filters
    vectors = [filters.vector(each.spec) for each in plan.problem.classes]
    rows: list[tuple[Value, ...]] = []
    for node in plan.nodes[:MOST_NODES_SHOWN]:
        shape = filters.shapes[node.shape]
        load = dict(zip(filters.resources, node.load(vectors), strict=True))
        room = dict(zip(filters.resources, shape.room, strict=True))
        rows.append(
            (
                node.name,
                shape.type_name,
                filters.zones[node.zone],
                shape.capacity_type,
                load[PODS],
                *(_percent(load[name], room[name]) for name in (CPU, MEMORY)),
                round(shape.usd_per_hour, 6),
                _content(node, plan),
            )
        )
    title = "Nodes"
    if len(plan.nodes) > MOST_NODES_SHOWN:
        title = f"Nodes (the first {MOST_NODES_SHOWN} of {len(plan.nodes)})"
    columns = ("node", "type", "zone", "capacity", "pods", "CPU %", "memory %", "USD/h", "what runs there")
    return Grid(title, columns, tuple(rows))


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


def _content(node: PlannedNode, plan: Plan) -> str:
    counts: Counter[str] = Counter()
    for index, count in node.pods.items():
        counts[plan.problem.classes[index].name] += count
    named = [f"{name} ×{count}" for name, count in counts.most_common(_MOST_NAMES)]
    more = len(counts) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")


def launches(plan: Plan) -> Grid:
    """Return the types EC2 may choose from, at most 60 a launch, for launches that differ."""
    filters = plan.problem.filters
    rows: list[tuple[Value, ...]] = []
    seen: set[tuple[int, tuple[tuple[int, int], ...]]] = set()
    for node in plan.nodes:
        if len(rows) == MOST_LAUNCHES_SHOWN:
            break
        key = (node.shape, tuple(sorted(node.pods.items())))
        if key in seen:
            continue
        seen.add(key)
        options = launch_options(node, plan.problem)
        names = list(dict.fromkeys(filters.shapes[index].type_name for index in options))
        rows.append((node.name, filters.shapes[node.shape].capacity_type, len(names), ", ".join(names)))
    columns = ("like", "capacity", "types", "the cheapest first")
    return Grid("What EC2 may choose from", columns, tuple(rows))


def consolidation(outcome: Outcome) -> list[Grid]:
    """Return the commands, and why the rest stays."""
    rows: list[tuple[Value, ...]] = []
    for number, step in enumerate(outcome.steps, start=1):
        replacement = "–"
        if step.replacement is not None:
            shape = step.replacement.shape
            replacement = f"{shape.type_name} {shape.capacity_type} ({shape.usd_per_hour:.10g} USD/h)"
        rows.append(
            (
                number,
                step.method,
                len(step.removed),
                _short([f"{node.name} {node.shape.type_name}" for node in step.removed]),
                replacement,
                step.moved,
                step.allowed,
                round(step.saves_usd_per_hour, 4),
            )
        )
    columns = (
        "step",
        "method",
        "nodes",
        "which",
        "replaced by",
        "pods moved",
        "budget (nodes)",
        "saves USD/h",
    )
    stay = [
        (len(names), why, _short(names))
        for why, names in sorted(outcome.skipped.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    return [
        Grid("Consolidation, command after command", columns, tuple(rows)),
        Grid("Why the other nodes stay", ("nodes", "reason", "which"), tuple(stay)),
    ]


def _short(names: list[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def unplaced(title: str, plan: Plan) -> Grid:
    """Return pods without a node and the reason in the scheduler's words."""
    rows: list[tuple[Value, ...]] = []
    silent = 0
    for each in sorted(plan.unplaced, key=lambda one: (not one.why, -one.count, one.pod_class)):
        if each.why:
            rows.append((plan.problem.classes[each.pod_class].name, each.count, each.why, each.why_no_node))
        else:
            silent += each.count
    if silent:
        rows.append(("others", silent, "for reasons such as those above", ""))
    return Grid(title, ("workload", "pods", "scheduler", "why no node is launched"), tuple(rows))


def plots(result: Result) -> tuple[Plot, ...]:
    """Return the cost over the commands of a consolidation."""
    outcome = result.outcome
    if outcome is None or not outcome.steps:
        return ()
    cost = outcome.usd_per_hour + sum(step.saves_usd_per_hour for step in outcome.steps)
    points = [(0.0, round(cost, 4))]
    for number, step in enumerate(outcome.steps, start=1):
        cost -= step.saves_usd_per_hour
        points.append((float(number), round(cost, 4)))
    return (
        Plot(
            "Cost while nodes are consolidated",
            "command",
            "USD/h",
            (Series("nodes that run", tuple(points), "step"),),
        ),
    )


def used_percent(plan: Plan, resource: str) -> float | None:
    """Return how much of a resource of all nodes together pods ask for; None without nodes."""
    filters = plan.problem.filters
    if not plan.nodes:
        return None
    place = filters.resources.index(resource)
    vectors = [filters.vector(each.spec) for each in plan.problem.classes]
    asked = sum(vectors[index][place] * count for node in plan.nodes for index, count in node.pods.items())
    there = sum(filters.shapes[node.shape].room[place] for node in plan.nodes)
    return _percent(asked, there)


def totals(pods: Mapping[int, int], plan: Plan, resource: str) -> int:
    """Return what pods ask for together."""
    filters = plan.problem.filters
    place = filters.resources.index(resource)
    return sum(
        filters.vector(plan.problem.classes[index].spec)[place] * count for index, count in pods.items()
    )
