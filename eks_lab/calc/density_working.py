"""The working of a density answer: steps of the cheapest type, warnings, tables and the plot."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from eks_lab.calc import eni, reservations
from eks_lab.calc.model import Grid, Plot, Series, Step
from eks_lab.calc.node_density import ROOT_VOLUMES, Fleet, attached_enis, fit, fleet_addresses
from eks_lab.calc.type_comparison import ANY_ARCHITECTURE, Comparison, Question

HOURS_A_MONTH = 730
_COMPARED_IN_PLOT = 3
_MOST_POINTS = 50
LIMIT_NAMES = {
    "cpu": "CPU",
    "memory": "memory",
    "max pods": "max pods",
    "addresses": "addresses",
    "volumes": "volumes",
    "gpus": "GPUs",
}
"""Limit -> as a sentence or a heading names it."""


def decided_by(nodes: Fleet) -> str:
    """Return the limits that decide how many pods a node carries, as words."""
    return " and ".join(LIMIT_NAMES[name] for name in nodes.fit.binding)


def steps(comparison: Comparison) -> tuple[Step, ...]:
    """Return the working for the cheapest type, in order."""
    question, best = comparison.question, comparison.fleets[0]
    found = best.fit
    limits = ", ".join(str(pods) for pods in found.limits.values())
    price = comparison.usd_per_hour[found.instance.name]
    return (
        *_resource_steps(question, best),
        *_slot_steps(question, best),
        Step(
            formula="pods a node = the smallest limit",
            substitution=f"min({limits})",
            value=found.pods,
            unit="pods",
            why=f"Decided by {decided_by(best)}.",
        ),
        Step(
            formula="nodes = max(nodes at least, ⌈pods ÷ pods a node⌉)",
            substitution=f"max({question.least_nodes}, ⌈{question.pods} ÷ {found.pods}⌉)",
            value=best.nodes,
            unit="nodes",
            why="All nodes alike; a mix of types may do it for less (calculator packing).",
        ),
        Step(
            formula="price = nodes × price of a node",
            substitution=f"{best.nodes} × {price:.10g}",
            value=best.usd_per_hour,
            unit="USD/h",
            why="On demand, Linux; disks, traffic and the control plane come on top.",
        ),
    )


def _resource_steps(question: Question, best: Fleet) -> list[Step]:
    found, setup, shape = best.fit, question.setup, question.shape
    instance = found.instance
    capacity = reservations.expected_capacity_mib(instance.memory_mib, setup.memory_overhead_percent)
    steps = []
    if "cpu" in found.limits:
        steps.append(
            Step(
                formula="by CPU = ⌊(1000 × vCPUs − kube-reserved − DaemonSets) ÷ request⌋",
                substitution=f"⌊max(0, 1000 × {instance.vcpus} − {found.left.kube_reserved_cpu_millicores}"
                f" − {setup.daemonset_cpu_millicores}) ÷ {shape.cpu_millicores}⌋",
                value=found.limits["cpu"],
                unit="pods",
                why="Requests count, not use.",
            )
        )
    if "memory" in found.limits:
        steps.append(
            Step(
                formula="by memory = ⌊(capacity − kube-reserved − eviction − DaemonSets) ÷ request⌋",
                substitution=f"⌊max(0, {capacity} − {found.left.kube_reserved_memory_mib}"
                f" − {found.left.reserved_memory_mib - found.left.kube_reserved_memory_mib}"
                f" − {setup.daemonset_memory_mib}) ÷ {shape.memory_mib}⌋",
                value=found.limits["memory"],
                unit="pods",
                why=f"Capacity is guessed: {instance.memory_mib} MiB less"
                f" {setup.memory_overhead_percent:.10g} %.",
            )
        )
    return steps


def _slot_steps(question: Question, best: Fleet) -> list[Step]:
    found, setup, shape = best.fit, question.setup, question.shape
    instance = found.instance
    cap = eni.pod_cap(instance.vcpus)
    usable = eni.usable_enis(instance.default_card_enis, custom_networking=setup.custom_networking)
    mode = eni.address_mode(instance, prefix_delegation=setup.prefix_delegation)
    sixteen = f" × {eni.ADDRESSES_PER_PREFIX}" if mode == "prefix" else ""
    steps = [
        Step(
            formula="by max pods = ceiling − 2 − DaemonSet pods",
            substitution=f"max(0, {cap} − {eni.HOST_NETWORK_PODS} − {setup.daemonset_pods})",
            value=found.limits["max pods"],
            unit="pods",
            why="aws-node, kube-proxy and DaemonSets take slots too.",
        ),
        Step(
            formula=f"by addresses = ENIs for pods × (P − 1){sixteen} − DaemonSet pods",
            substitution=f"max(0, {usable} × ({instance.ipv4_per_eni} − 1){sixteen} − {setup.daemonset_pods})",
            value=found.limits["addresses"],
            unit="pods",
            why="P is the number of addresses of an ENI; its first is not for pods.",
        ),
    ]
    if "volumes" in found.limits:
        steps.append(_volume_step(question, best))
    if "gpus" in found.limits:
        steps.append(
            Step(
                formula="by GPUs = ⌊GPUs ÷ request⌋",
                substitution=f"⌊{instance.gpus} ÷ {shape.gpus}⌋",
                value=found.limits["gpus"],
                unit="pods",
                why="A GPU is given to one pod as a whole.",
            )
        )
    return steps


def _volume_step(question: Question, best: Fleet) -> Step:
    found, volumes = best.fit, question.shape.volumes
    instance = found.instance
    attachments = instance.ebs_attachments or 0
    pods = found.limits["volumes"]
    if instance.ebs_limit == "shared":
        further = attached_enis(instance, pods + question.setup.daemonset_pods, question.setup) - 1
        return Step(
            formula="by volumes = ⌊(attachments − root disk − further ENIs) ÷ volumes⌋, or fewer",
            substitution=f"min({pods}, ⌊max(0, {attachments} − {ROOT_VOLUMES} − {further}) ÷ {volumes}⌋)",
            value=pods,
            unit="pods",
            why="ENIs share the attachments, and more pods need more ENIs: the most that fit together.",
        )
    return Step(
        formula="by volumes = ⌊(attachments − root disk) ÷ volumes⌋",
        substitution=f"⌊({attachments} − {ROOT_VOLUMES}) ÷ {volumes}⌋",
        value=pods,
        unit="pods",
        why="This type has attachments for volumes alone.",
    )


def warnings(comparison: Comparison) -> tuple[str, ...]:
    """Return what a learner should know before choosing, prices aside."""
    question, best = comparison.question, comparison.fleets[0]
    instance, found = best.fit.instance, []
    if question.architecture == ANY_ARCHITECTURE and "arm64" in instance.architectures:
        found.append(f"{instance.name} is arm64: every image must be built for it, those of DaemonSets too.")
    if best.nodes == 1:
        found.append("One node carries everything: when it goes, all pods go. Ask for least_nodes 2 or 3.")
    if instance.is_burstable:
        found.append(
            f"{instance.name} is burstable: steady load above its CPU baseline costs extra or is throttled."
        )
    if question.shape.cpu_millicores == 0 or question.shape.memory_mib == 0:
        found.append("A pod without requests looks small to the scheduler; its real use still needs room.")
    if question.shape.volumes:
        found.append(
            "NVMe disks of types such as m5d and g5 also take attachments where they are shared; their number is"
            " not on record here, so such types hold fewer volumes than shown."
        )
    if "addresses" in best.fit.binding and not question.setup.prefix_delegation:
        dense = fit(instance, question.shape, replace(question.setup, prefix_delegation=True))
        if dense.pods > best.fit.pods:
            found.append(
                f"Addresses decide on {instance.name}: with prefix delegation it carries {dense.pods} pods"
                f" instead of {best.fit.pods}."
            )
    found.append(
        "The memory of a node is guessed (7.5 % less than nominal is Karpenter's first guess): a limit by memory"
        " may be a pod off."
        if question.setup.memory_overhead_percent == reservations.KARPENTER_OVERHEAD_PERCENT
        else "The memory of a node is reckoned with your own overhead: a limit by memory may be a pod off."
    )
    if comparison.without_price:
        found.append(
            f"{len(comparison.without_price)} types are not compared: no price of them is on record. Give one"
            " with prices."
        )
    return tuple(found)


def grids(comparison: Comparison, shown: int) -> tuple[Grid, ...]:
    """Return the cheapest types, the limits of each, and what could not be compared.

    Args:
        comparison: all that could be compared.
        shown: how many types to show.
    """
    rows = [_row(comparison, nodes) for nodes in comparison.fleets[:shown]]
    limits = [name for name in LIMIT_NAMES if name in comparison.fleets[0].fit.limits]
    found = [
        Grid(
            title=f"Cheapest of {len(comparison.fleets)} types for {comparison.question.pods} pods",
            columns=(
                "Type",
                "Pods a node",
                "Decided by",
                "Nodes",
                "USD/h",
                "USD/month",
                "Addresses",
                "CPU %",
                "Memory %",
            ),
            rows=tuple(rows),
        ),
        Grid(
            title="Pods a node by each limit",
            columns=("Type", "USD/h a node", *(LIMIT_NAMES[name] for name in limits)),
            rows=tuple(
                (
                    nodes.fit.instance.name,
                    comparison.usd_per_hour[nodes.fit.instance.name],
                    *(nodes.fit.limits.get(name) for name in limits),
                )
                for nodes in comparison.fleets[:shown]
            ),
        ),
    ]
    if comparison.without_price:
        found.append(_not_compared(comparison))
    return tuple(found)


def _row(comparison: Comparison, nodes: Fleet) -> tuple[str | int | float, ...]:
    question, found = comparison.question, nodes.fit
    cpu = question.pods * question.shape.cpu_millicores / (nodes.nodes * found.left.cpu_millicores)
    memory = question.pods * question.shape.memory_mib / (nodes.nodes * max(1, found.left.memory_mib))
    return (
        found.instance.name,
        found.pods,
        ", ".join(LIMIT_NAMES[name] for name in found.binding),
        nodes.nodes,
        round(nodes.usd_per_hour, 4),
        round(nodes.usd_per_hour * HOURS_A_MONTH, 2),
        fleet_addresses(nodes, question.setup),
        round(100 * cpu, 1),
        round(100 * memory, 1),
    )


def _not_compared(comparison: Comparison) -> Grid:
    families = Counter(instance.family for instance in comparison.without_price)
    categories: dict[str, list[str]] = {}
    for family in sorted(families):
        # The letters in front: c of c5ad, u of u-6tb1.
        letters = family[: next((i for i, letter in enumerate(family) if not letter.isalpha()), len(family))]
        categories.setdefault(letters, []).append(family)
    return Grid(
        title="Not comparable: no price on record",
        columns=("Begins with", "Types", "Families"),
        rows=tuple(
            (letters, sum(families[family] for family in named), ", ".join(named))
            for letters, named in sorted(categories.items())
        ),
    )


def plot(comparison: Comparison) -> Plot:
    """Return the price of the three cheapest types against the number of pods."""
    question = comparison.question
    last = max(1, 2 * question.pods)
    pods = sorted({*range(0, last + 1, max(1, last // _MOST_POINTS)), question.pods, last})
    series = []
    for nodes in comparison.fleets[:_COMPARED_IN_PLOT]:
        price = comparison.usd_per_hour[nodes.fit.instance.name]
        each, least = nodes.fit.pods, question.least_nodes
        points = tuple((count, round(max(least, -(-count // each)) * price, 4)) for count in pods)
        series.append(Series(name=nodes.fit.instance.name, points=points, style="step"))
    return Plot(
        title="Price against the number of pods",
        x_label="Pods",
        y_label="Price (USD/h)",
        series=tuple(series),
    )
