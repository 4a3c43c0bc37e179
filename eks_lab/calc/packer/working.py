"""The working of a packing answer: steps and warnings."""

from __future__ import annotations

from eks_lab.calc import reservations
from eks_lab.calc.model import Step
from eks_lab.calc.packer.machines import GIB, MIB, Machine, region_of
from eks_lab.calc.packer.plan import Plan
from eks_lab.calc.packer.pods import CPU, MEMORY
from eks_lab.calc.packer.question import Question, Result
from eks_lab.calc.packer.tables import gap_percent, totals
from eks_lab.calc.pod_limit_warnings import EVICTION_HARD_MIB
from eks_lab.catalog.prices import price_list

_MOST_TERMS = 4


def steps(question: Question, result: Result) -> tuple[Step, ...]:
    """Return the working, in order."""
    plan = result.plan
    everything = {each.index: each.count for each in plan.problem.classes}
    pods = question.manifests.pods
    found = [
        Step(
            formula="CPU asked for = Σ pods × effective request",
            substitution=f"{pods} pods",
            value=totals(everything, plan, CPU) / 1000,
            unit="vCPUs",
            why="The larger of containers with sidecars and of each init container; a limit counts where a"
            " request is missing.",
        ),
        Step(
            formula="memory asked for = Σ pods × effective request",
            substitution=f"{pods} pods",
            value=round(totals(everything, plan, MEMORY) / GIB, 3),
            unit="GiB",
            why="Requests decide where pods go; what they use later does not.",
        ),
    ]
    common = _commonest(plan)
    if common is not None:
        found += _node_steps(question, common)
    if any(plan.problem.filters.shapes[node.shape].capacity_type == "spot" for node in plan.nodes):
        found.append(_spot_step(question, plan))
    found += [_cost_step(plan), _bound_step(plan, result.bound_usd_per_hour)]
    gap = gap_percent(plan.usd_per_hour, result.bound_usd_per_hour)
    if gap is not None:
        found.append(
            Step(
                formula="gap = cost ÷ lower bound − 1",
                substitution=f"{plan.usd_per_hour:.6g} ÷ {result.bound_usd_per_hour:.6g} − 1",
                value=gap,
                unit="%",
                why="What is left is due to whole pods and whole nodes, and to rules the bound leaves out.",
            )
        )
    groups = result.on_groups
    found.append(
        Step(
            formula="fixed groups − Karpenter",
            substitution=f"{groups.usd_per_hour:.6g} − {plan.usd_per_hour:.6g}",
            value=round(groups.usd_per_hour - plan.usd_per_hour, 4),
            unit="USD/h",
            why="The Cluster Autoscaler adds nodes of the groups' types, on demand, and packs by first fit"
            " (expander least-waste)."
            + (f" It leaves {_left(groups)} pods waiting." if groups.unplaced else ""),
        )
    )
    outcome = result.outcome
    if outcome is not None:
        saved = sum(step.saves_usd_per_hour for step in outcome.steps)
        found.append(
            Step(
                formula="consolidated cost = cost − Σ savings of the commands",
                substitution=f"{outcome.usd_per_hour + saved:.6g} − {saved:.6g}",
                value=round(outcome.usd_per_hour, 4),
                unit="USD/h",
                why="After scaling down: empty nodes first, then several at once, then one by one.",
            )
        )
    return tuple(found)


def _left(plan: Plan) -> int:
    return sum(each.count for each in plan.unplaced)


def _commonest(plan: Plan) -> Machine | None:
    counts: dict[int, int] = {}
    for node in plan.nodes:
        counts[node.shape] = counts.get(node.shape, 0) + 1
    if not counts:
        return None
    shape = max(counts, key=lambda index: (counts[index], -index))
    return plan.problem.filters.shapes[shape].machine


def _node_steps(question: Question, machine: Machine) -> list[Step]:
    instance = machine.instance
    capacity = reservations.expected_capacity_mib(instance.memory_mib)
    setting = question.setting
    memory = machine.allocatable[MEMORY] // MIB
    return [
        Step(
            formula="allocatable memory = nominal − 7.5 % − (255 + 11 × max pods) − eviction threshold",
            substitution=f"{instance.name}: {capacity} − (255 + 11 × {machine.reserved_pods}) − {EVICTION_HARD_MIB}",
            value=memory,
            unit="MiB",
            why="7.5 % is Karpenter's guess of what hypervisor and kernel keep, the rest is kubelet's.",
        ),
        Step(
            formula="room of a node = allocatable − DaemonSets",
            substitution=f"{instance.name}: {machine.allocatable[CPU]} − {setting.daemon_cpu_millicores} millicores;"
            f" {memory} − {setting.daemon_memory_mib} MiB; {machine.max_pods} − {setting.daemon_pods} pods",
            value=machine.max_pods - setting.daemon_pods,
            unit="pods",
            why="DaemonSet pods come before yours on every node; DaemonSets among the manifests are taken off too.",
        ),
    ]


def _spot_step(question: Question, plan: Plan) -> Step:
    shapes = plan.problem.filters.shapes
    node = next(each for each in plan.nodes if shapes[each.shape].capacity_type == "spot")
    shape = shapes[node.shape]
    discount = question.setting.spot_discount_percent
    return Step(
        formula="Spot price = on-demand price × (1 − discount)",
        substitution=f"{shape.type_name}: {shape.machine.usd_per_hour:.10g} × (1 − {discount:.10g} %)",
        value=shape.usd_per_hour,
        unit="USD/h",
        why="Karpenter takes Spot before on-demand wherever NodePool and pod allow both.",
    )


def _cost_step(plan: Plan) -> Step:
    shapes = plan.problem.filters.shapes
    counts: dict[tuple[str, float], int] = {}
    for node in plan.nodes:
        shape = shapes[node.shape]
        key = (shape.type_name, shape.usd_per_hour)
        counts[key] = counts.get(key, 0) + 1
    largest = sorted(counts.items(), key=lambda item: -item[0][1] * item[1])
    terms = [f"{count} × {usd:.10g} ({name})" for (name, usd), count in largest[:_MOST_TERMS]]
    if len(largest) > _MOST_TERMS:
        terms.append(f"{len(largest) - _MOST_TERMS} more types")
    return Step(
        formula="cost = Σ nodes × price",
        substitution=" + ".join(terms) or "no node",
        value=round(plan.usd_per_hour, 4),
        unit="USD/h",
        why="Of the types that hold a node's pods EC2 starts the cheapest on demand.",
    )


def _bound_step(plan: Plan, bound: float) -> Step:
    return Step(
        formula="lower bound = Σ pods × least any type asks for the pod",
        substitution=f"{plan.placed} pods, weights of CPU, memory and pods found by dual ascent",
        value=round(bound, 4),
        unit="USD/h",
        why="No packing costs less: a node's resources, at these weights, are worth its price and no more.",
    )


def warnings(question: Question, result: Result) -> tuple[str, ...]:
    """Return what to know before relying on the answer."""
    plan = result.plan
    shapes = plan.problem.filters.shapes
    found = []
    if question.is_example:
        found.append("No manifests were given: this is the built-in example.")
    if not question.has_own_pool:
        found.append(
            "No NodePool was given: the built-in one allows amd64, c, m and r from generation 5, on demand."
        )
    found += [*question.manifests.warnings, *question.pool_warnings, *result.warnings]
    types = {shapes[node.shape].type_name for node in plan.nodes}
    groups = result.on_groups.problem.filters.shapes
    types |= {groups[node.shape].type_name for node in result.on_groups.nodes}
    found += question.book.warnings((), instances=sorted(types))
    record = price_list()
    found.append(
        f"Prices are on demand, Linux, {record.region}, of {record.source.as_of.isoformat()}; only types with a"
        " price on record take part."
    )
    region = region_of(question.setting.zones)
    if region != record.region:
        found.append(f"The zones lie in {region or 'several regions'}; prices differ there.")
    if any(shape.capacity_type == "spot" for shape in shapes):
        found.append(
            f"Spot prices vary by type, zone and hour: {question.setting.spot_discount_percent:.10g} % off is your"
            " assumption, not a price. EC2 may start any of the types listed, the cheapest or not."
        )
    if any(shapes[node.shape].machine.instance.is_burstable for node in plan.nodes):
        found.append(
            "Burstable types are used: steady load above their CPU baseline is throttled or costs extra."
        )
    found += _rule_warnings(plan)
    found += _consolidation_warnings(question, result)
    found.append(
        "Karpenter packs largest first and keeps options open; this packing looks further ahead, so a live"
        " cluster may cost a little more until consolidation has gone round."
    )
    return tuple(dict.fromkeys(found))


def _rule_warnings(plan: Plan) -> list[str]:
    found = []
    classes = plan.problem.classes
    unknown = sorted(
        {
            name
            for each in classes
            for name, _ in each.spec.requests
            if not any(shape.machine.allocatable.get(name) for shape in plan.problem.filters.shapes)
        }
    )
    if unknown and plan.problem.filters.shapes:
        found.append(f"No type that may be launched offers {', '.join(unknown)}.")
    if any(
        each.spec.rather_apart
        or each.spec.rather_near
        or any(not spread.is_required for spread in each.spec.spreads)
        for each in classes
    ):
        found.append(
            "Preferred rules count as a score here. Karpenter treats them as required at first and may launch"
            " more nodes for them."
        )
    shared = [each for each in classes if any(claim.is_shared for claim in each.spec.claims)]
    if shared:
        found.append(
            f"Pods of {shared[0].name} share a zonal volume: they stand in one zone, and with ReadWriteOnce all"
            " but those of one node wait with a Multi-Attach error."
        )
    return found


def _consolidation_warnings(question: Question, result: Result) -> list[str]:
    outcome = result.outcome
    if outcome is None:
        if question.removals() and not question.consolidates:
            return ["Pods were scaled down, but consolidation is switched off: nothing is removed."]
        return []
    found = ["consolidateAfter is taken as passed, and each replacement as Ready before pods move."]
    found.append("Disruption budgets do not hold back expiry.")
    if outcome.is_cut_short:
        found.append(f"More commands would follow the {len(outcome.steps)} shown.")
    bare = sum(
        member.count for each in question.manifests.classes for member in each.members if member.kind == "Pod"
    )
    if bare and any(step.moved for step in outcome.steps):
        found.append(f"{bare} bare Pods: nothing starts them again once they are evicted.")
    return found
